// Containers (core/heap/collected_map.h, collected_slice.h) on a heap that threads share:
//
//   ConcurrentHeap<>::Thread thread(heap);
//   RootTable<ConcurrentHeapPolicy> roots(thread);          iterators of this thread
//   Running<ConcurrentHeapPolicy> running(thread, roots);
//   frame[0] = NewMap<Map, ConcurrentHeapPolicy>();
//   static_cast<Map*>(frame[0])->InsertOrAssign(a, b);      while another thread marks
//
// A container is for one thread at a time, and comes to safe points wherever it allocates. Several
// take turns under a ParkedLock.
#ifndef SLOTPROOF_CORE_HEAP_CONCURRENT_THREAD_USE_H_
#define SLOTPROOF_CORE_HEAP_CONCURRENT_THREAD_USE_H_

#include "core/heap/concurrent/concurrent_heap.h"
#include "core/heap/heap_use.h"

namespace slotproof::core {

template <class Policy>
struct HeapUse<Policy, true> {
  using Owner = typename ConcurrentHeap<Policy>::Thread;
  using Access = Owner&;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONCURRENT_THREAD_USE_H_
