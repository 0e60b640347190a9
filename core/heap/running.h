// Which heap and which mutator a thread is working with, for code that cannot be told: the copies
// and assignments inside of a container. The runtime finds its P in the same way, by the g that the
// thread runs.
//
//   Running running(heap, mutator, roots);       until the end of the scope
//   map->InsertOrAssign(key, value);             allocates from the heap, with its write barrier
//
// Scopes nest, also those of different heaps.
#ifndef SLOTPROOF_CORE_HEAP_RUNNING_H_
#define SLOTPROOF_CORE_HEAP_RUNNING_H_

#include <cstddef>
#include <new>

#include "core/base/assert.h"
#include "core/heap/heap.h"
#include "core/heap/mutator.h"
#include "core/heap/object_type.h"
#include "core/heap/root_table.h"

namespace slotproof::core {

template <class Policy = DefaultHeapPolicy>
class Running {
 public:
  // `roots` are for what lies outside of the heap and refers into it: iterators.
  Running(Heap<Policy>& heap, Mutator& mutator, RootTable<Policy>& roots)
      : heap_(heap), mutator_(mutator), roots_(roots), outer_(now) {
    now = this;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { now = outer_; }

  static Running& Now() {
    SLOTPROOF_ASSERT(now != nullptr);
    return *now;
  }

  Heap<Policy>& heap() const { return heap_; }
  Mutator& mutator() const { return mutator_; }
  RootTable<Policy>& roots() const { return roots_; }

  // `count` neighbours of the type, zeroed. Where Heap::New answers null, this throws
  // std::bad_alloc, which is what containers promise something for.
  [[nodiscard]] void* New(const ObjectType& type, std::size_t count = 1) {
    void* const object = heap_.New(mutator_, type, count);
    if (object == nullptr) throw std::bad_alloc();
    heap_.probe().OnContainerObject(object, type.bytes() * count);
    return object;
  }

  // *slot = value. What lies outside of the heap needs no barrier: it is on the stack, or a root
  // table's.
  void Store(void** slot, void* value) {
    if (heap_.is_marking() && heap_.allocator().pages().Holds(static_cast<const void*>(slot)))
        [[unlikely]] {
      heap_.Store(mutator_, slot, value);
    } else {
      *slot = value;
    }
  }

 private:
  static inline thread_local Running* now = nullptr;

  Heap<Policy>& heap_;
  Mutator& mutator_;
  RootTable<Policy>& roots_;
  Running* outer_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_RUNNING_H_
