// Zeroed memory of any alignment, straight from calloc where that is aligned enough, so that large
// blocks come as untouched pages instead of being written twice.
//
// A hash table is read all over the place. Blocks of several megabytes therefore ask for huge
// pages: a look-up in a large table is one miss of the data cache, not also one of the page tables.
#ifndef SLOTPROOF_CORE_MAP_ZEROED_MEMORY_H_
#define SLOTPROOF_CORE_MAP_ZEROED_MEMORY_H_

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace slotproof::core {

// The whole huge pages inside a block, if there are enough for the system call to pay.
inline void AskForHugePages([[maybe_unused]] void* memory,
                            [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  if (bytes < 2 * kHugePage) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t last = (begin + bytes) / kHugePage * kHugePage;
  // Advice: a refusal costs speed, nothing else.
  static_cast<void>(::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE));
#endif
}

inline void* AllocateZeroed(std::size_t bytes, std::size_t alignment) {
  void* memory = nullptr;
  if (alignment <= alignof(std::max_align_t)) {
    memory = std::calloc(1, bytes);
    if (memory != nullptr) AskForHugePages(memory, bytes);
  } else {
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    memory = std::aligned_alloc(alignment, rounded);
    if (memory != nullptr) std::memset(memory, 0, rounded);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

inline void FreeZeroed(void* memory) noexcept { std::free(memory); }

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_ZEROED_MEMORY_H_
