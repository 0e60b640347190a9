// What a walk over all spans would find, kept up to date instead, so that neither the end of a
// marking nor statistics take longer the more spans there are.
//
//   New from a cached span    counts nothing: it is the busiest path
//   cache takes a span        its objects are no longer counted
//   cache gives it back       they are again, with those that came meanwhile
//
// So who wants to know adds what the caches' spans say of themselves. The law "stats.counted"
// walks.
#ifndef SLOTPROOF_CORE_HEAP_SPAN_COUNTS_H_
#define SLOTPROOF_CORE_HEAP_SPAN_COUNTS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/heap/size_classes.h"
#include "core/heap/span.h"

namespace slotproof::core {

// Of the spans in use.
struct SpanCounts {
  // Allocated, in spans that no cache has: by size class, large ones at 0.
  std::array<std::uint64_t, kSizeClassBytes.size()> objects{};
  std::uint64_t object_bytes = 0;
  std::uint64_t map_bytes = 0;      // of pointer bits
  std::uint64_t special_bytes = 0;  // set aside for specials
  std::uint64_t weak_targets = 0;   // that a special has; others are their handles'

  void AddObjects(const Span& span, std::size_t count) {
    objects[span.span_class() / 2] += count;
    object_bytes += count * span.object_bytes();
  }
  void RemoveObjects(const Span& span, std::size_t count) {
    objects[span.span_class() / 2] -= count;
    object_bytes -= count * span.object_bytes();
  }

  bool operator==(const SpanCounts&) const = default;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SPAN_COUNTS_H_
