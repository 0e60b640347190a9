// Address space for the heap of one trace after another, the same for each.
//
//   stretch   | arena 1 | arena 2 | large run | arena 3 |  never used yet ...   |  16 GiB
//             base                                       next
//
// A heap takes the lowest run that fits, so what a trace does depends on the order of its arenas,
// which the system chooses as the program was loaded. Here each arena lies above those before it,
// and once all are given back the next one is the first again: a trace does the same wherever and
// after whatever it runs. What has no room here, in the end behind heaps that failed and are never
// given back, comes from the system.
//
// A trace touches little of an arena. Small ones keep their memory, since to have it faulted in
// anew would take longer than the trace.
#ifndef SLOTPROOF_SUBJECTS_HEAP_RECYCLED_PAGES_H_
#define SLOTPROOF_SUBJECTS_HEAP_RECYCLED_PAGES_H_

#include <cstddef>
#include <cstring>

#include "core/heap/system_pages.h"

namespace slotproof {

// A heap's policy; all of them share the stretch. Not for several threads at once.
struct RecycledPages : core::SystemPages {
  static constexpr std::size_t kStretchBytes = std::size_t{16} << 30;
  static constexpr std::size_t kMostKeptBytes = std::size_t{128} << 10;

  void* Map(std::size_t bytes, std::size_t alignment) noexcept {
    Stretch& stretch = TheStretch();
    if (stretch.base == nullptr) {
      stretch.base = static_cast<std::byte*>(core::SystemPages::Map(kStretchBytes, kStretchBytes));
    }
    const std::size_t start = (stretch.next + alignment - 1) / alignment * alignment;
    if (stretch.base == nullptr || start > kStretchBytes || bytes > kStretchBytes - start) {
      return core::SystemPages::Map(bytes, alignment);
    }
    stretch.next = start + bytes;
    ++stretch.arenas;
    std::byte* const memory = stretch.base + start;
    Clear(memory, bytes);
    return memory;
  }

  void Unmap(void* memory, std::size_t bytes) noexcept {
    Stretch& stretch = TheStretch();
    const auto* const at = static_cast<const std::byte*>(memory);
    if (stretch.base == nullptr || at < stretch.base || at >= stretch.base + kStretchBytes) {
      return core::SystemPages::Unmap(memory, bytes);
    }
    if (bytes > kMostKeptBytes) Release(memory, bytes);
    if (--stretch.arenas == 0) stretch.next = 0;
  }

 private:
  struct Stretch {
    std::byte* base = nullptr;
    std::size_t next = 0;
    std::size_t arenas = 0;
  };
  static Stretch& TheStretch() {
    static Stretch stretch;
    return stretch;
  }

  void Clear(std::byte* memory, std::size_t bytes) noexcept {
    if (bytes > kMostKeptBytes) {
      Release(memory, bytes);
    } else {
      std::memset(memory, 0, bytes);
    }
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_RECYCLED_PAGES_H_
