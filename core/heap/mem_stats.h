// What a heap says of itself, with the names and meanings of Go's runtime.MemStats.
//
// All numbers are of one moment, with everything that caches hold counted. At each step:
//
//   mallocs - frees = heap_objects              total_alloc - freed bytes = heap_alloc
//   heap_in_use + heap_idle = heap_sys          heap_released <= heap_idle
//   heap_alloc <= heap_in_use                   heap_sys + gc_sys = sys
//   sums over by_size = mallocs, frees          (tiny objects count as blocks there, as in Go)
#ifndef SLOTPROOF_CORE_HEAP_MEM_STATS_H_
#define SLOTPROOF_CORE_HEAP_MEM_STATS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/heap/size_classes.h"

namespace slotproof::core {

struct MemStats {
  struct BySize {
    std::uint64_t size = 0;
    std::uint64_t mallocs = 0;
    std::uint64_t frees = 0;
  };

  std::uint64_t sys = 0;          // bytes had from the system, or set aside
  std::uint64_t heap_alloc = 0;   // bytes of objects that are reachable or not yet swept
  std::uint64_t total_alloc = 0;  // bytes allocated since the beginning
  std::uint64_t mallocs = 0;      // objects allocated since the beginning, tiny ones each
  std::uint64_t frees = 0;
  std::uint64_t heap_objects = 0;
  std::uint64_t heap_sys = 0;
  std::uint64_t heap_idle = 0;      // bytes of pages without a span
  std::uint64_t heap_in_use = 0;    // bytes of spans
  std::uint64_t heap_released = 0;  // of the idle bytes, those without memory behind them
  std::uint64_t gc_sys = 0;         // bytes of what the heap needs for itself
  std::uint64_t next_gc = 0;        // the goal; kNoGoal when there is none
  std::uint64_t num_gc = 0;         // cycles whose marking has ended
  std::uint64_t num_forced_gc = 0;
  std::uint64_t large_mallocs = 0;
  std::uint64_t large_frees = 0;
  std::array<BySize, kSizeClassBytes.size()> by_size{};  // from class 1 on
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_MEM_STATS_H_
