// How one heap behaves; what is the same for all heaps of a type is its policy (heap_policy.h).
#ifndef SLOTPROOF_CORE_HEAP_HEAP_OPTIONS_H_
#define SLOTPROOF_CORE_HEAP_HEAP_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/heap/mark_queue.h"
#include "core/heap/marker.h"
#include "core/heap/mutator.h"
#include "core/heap/pacer.h"
#include "core/heap/page_heap.h"

namespace slotproof::core {

struct HeapOptions {
  std::size_t arena_pages = kArenaPages;
  bool automatic = true;          // cycles begin at the trigger, and allocations assist
  std::int32_t gc_percent = 100;  // GOGC; below 0: off
  std::uint64_t memory_limit = kNoMemoryLimit;  // bytes, soft: collects more often near it
  std::uint64_t heap_minimum = std::uint64_t{4} << 20;
  std::size_t most_backed_pages = std::numeric_limits<std::size_t>::max();  // hard
  // Pointers. Smaller ones let short programs of a test fill them.
  std::size_t mark_buffer = MarkBuffer::kMost;
  std::size_t barrier_buffer = BarrierBuffer::kMost;
  std::size_t walk_spans = kWalkSpans;  // of those with finalizers, in a step
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_OPTIONS_H_
