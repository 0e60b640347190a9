// What a heap says of itself: Heap::Stats. Included by heap.h.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_STATS_H_
#define SLOTPROOF_CORE_HEAP_HEAP_STATS_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/heap/heap.h"
#include "core/heap/mem_stats.h"
#include "core/heap/span_counts.h"

namespace slotproof::core {

template <class Policy>
std::uint64_t Heap<Policy>::MetadataBytes() const {
  std::uint64_t bytes = allocator_.MetadataBytes() + marker_.MetadataBytes();
  for (const std::unique_ptr<Mutator>& mutator : mutators_) {
    bytes += sizeof(Mutator) + mutator->stack.MetadataBytes() + mutator->work.MetadataBytes();
  }
  return bytes;
}

template <class Policy>
SpanCounts Heap<Policy>::CountAllocated() const {
  SpanCounts counts = allocator_.counts();
  for (const std::unique_ptr<Mutator>& mutator : mutators_) {
    for (const Span* const span : mutator->cache.spans) {
      if (span != nullptr) counts.AddObjects(*span, span->allocated());
    }
  }
  return counts;
}

template <class Policy>
MemStats Heap<Policy>::Stats() const {
  MemStats stats;
  const FreedCounts& freed = allocator_.freed();
  const SpanCounts allocated = CountAllocated();
  for (std::size_t size_class = 1; size_class < stats.by_size.size(); ++size_class) {
    MemStats::BySize& by_size = stats.by_size[size_class];
    by_size.size = kSizeClassBytes[size_class];
    by_size.frees = freed.objects[size_class];
    by_size.mallocs = by_size.frees + allocated.objects[size_class];
    stats.total_alloc += by_size.frees * by_size.size;
  }
  stats.large_frees = freed.objects[0];
  stats.large_mallocs = stats.large_frees + allocated.objects[0];
  stats.heap_alloc = allocated.object_bytes;
  stats.total_alloc += freed.large_bytes + stats.heap_alloc;
  stats.mallocs = stats.large_mallocs;
  stats.frees = stats.large_frees;
  for (const MemStats::BySize& by_size : stats.by_size) {
    stats.mallocs += by_size.mallocs;
    stats.frees += by_size.frees;
  }
  // A block counts once more for each object that came later; they are all taken for freed.
  for (const std::unique_ptr<Mutator>& mutator : mutators_) {
    stats.mallocs += mutator->cache.tiny_allocs;
    stats.frees += mutator->cache.tiny_allocs;
  }
  stats.heap_objects = stats.mallocs - stats.frees;
  const PageStats& pages = allocator_.pages().stats();
  stats.heap_in_use = pages.in_use * kPageBytes;
  stats.heap_idle = (pages.idle + pages.released) * kPageBytes;
  stats.heap_released = pages.released * kPageBytes;
  stats.heap_sys = pages.mapped * kPageBytes;
  stats.gc_sys = MetadataBytes();
  stats.sys = stats.heap_sys + stats.gc_sys;
  stats.next_gc = goal_;
  stats.num_gc = num_gc_;
  stats.num_forced_gc = num_forced_gc_;
  return stats;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_STATS_H_
