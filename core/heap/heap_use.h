// What a thread of the program uses a heap through: the heap and one of its mutators. Of a heap
// that threads share it is core/heap/concurrent/thread_use.h that says so.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_USE_H_
#define SLOTPROOF_CORE_HEAP_HEAP_USE_H_

#include <cstddef>

#include "core/heap/heap.h"
#include "core/heap/mutator.h"
#include "core/heap/object_type.h"

namespace slotproof::core {

template <class Policy>
class MutatorUse {
 public:
  MutatorUse(Heap<Policy>& heap, Mutator& mutator) : heap_(heap), mutator_(mutator) {}

  Mutator& mutator() const { return mutator_; }
  typename Policy::Probe& probe() const { return heap_.probe(); }
  bool is_marking() const { return heap_.is_marking(); }
  // Whether the address is one of the heap's.
  bool Holds(const void* address) const { return heap_.allocator().pages().Holds(address); }
  [[nodiscard]] void* New(const ObjectType& type, std::size_t count) const {
    return heap_.New(mutator_, type, count);
  }
  void Store(void** slot, void* value) const { heap_.Store(mutator_, slot, value); }
  void Clear(void* target, std::size_t bytes) const { heap_.Clear(mutator_, target, bytes); }
  std::size_t SizeOf(const void* object) const { return heap_.SizeOf(object); }

 private:
  Heap<Policy>& heap_;
  Mutator& mutator_;
};

template <class Policy, bool kShared = Policy::kShared>
struct HeapUse {
  using Access = MutatorUse<Policy>;
  using Owner = Heap<Policy>;  // of tables of roots
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_USE_H_
