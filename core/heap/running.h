// Which heap and which mutator a thread is working with, for code that cannot be told: the copies
// and assignments inside of a container. The runtime finds its P in the same way, by the g that the
// thread runs.
//
//   Running running(heap, mutator, roots);       until the end of the scope
//   map->InsertOrAssign(key, value);             allocates from the heap, with its write barrier
//
// Scopes nest, also those of different heaps. On a heap that threads share, a scope is a thread's
// (core/heap/concurrent/thread_use.h).
#ifndef SLOTPROOF_CORE_HEAP_RUNNING_H_
#define SLOTPROOF_CORE_HEAP_RUNNING_H_

#include <cstddef>
#include <new>

#include "core/base/assert.h"
#include "core/heap/heap.h"
#include "core/heap/heap_use.h"
#include "core/heap/mutator.h"
#include "core/heap/object_type.h"
#include "core/heap/root_table.h"

namespace slotproof::core {

template <class Policy = DefaultHeapPolicy>
class Running {
 public:
  // `roots` are for what lies outside of the heap and refers into it: iterators.
  Running(Heap<Policy>& heap, Mutator& mutator, RootTable<Policy>& roots)
    requires(!Policy::kShared)
      : access_(heap, mutator), roots_(roots), outer_(now) {
    now = this;
  }
  // Of a heap that threads share.
  Running(typename HeapUse<Policy>::Owner& thread, RootTable<Policy>& roots)
    requires(Policy::kShared)
      : access_(thread), roots_(roots), outer_(now) {
    now = this;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { now = outer_; }

  static Running& Now() {
    SLOTPROOF_ASSERT(now != nullptr);
    return *now;
  }

  Mutator& mutator() const { return access_.mutator(); }
  RootTable<Policy>& roots() const { return roots_; }

  // `count` neighbours of the type, zeroed. Where Heap::New answers null, this throws
  // std::bad_alloc, which is what containers promise something for.
  [[nodiscard]] void* New(const ObjectType& type, std::size_t count = 1) {
    void* const object = access_.New(type, count);
    if (object == nullptr) throw std::bad_alloc();
    access_.probe().OnContainerObject(object, type.bytes() * count);
    return object;
  }

  // *slot = value. What lies outside of the heap needs no barrier: it is on the stack, or a root
  // table's.
  void Store(void** slot, void* value) {
    if (access_.is_marking() && access_.Holds(static_cast<const void*>(slot))) [[unlikely]] {
      access_.Store(slot, value);
    } else {
      *slot = value;
    }
  }
  // Zeroes whole words of one object (memclrHasPointers).
  void Clear(void* target, std::size_t bytes) { access_.Clear(target, bytes); }
  // The bytes that an object has.
  std::size_t SizeOf(const void* object) const { return access_.SizeOf(object); }

 private:
  static inline thread_local Running* now = nullptr;

  typename HeapUse<Policy>::Access access_;
  RootTable<Policy>& roots_;
  Running* outer_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_RUNNING_H_
