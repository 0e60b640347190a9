// Zeroed memory of any alignment, straight from calloc where that is aligned enough, so that large
// blocks come as untouched pages instead of being written twice.
//
// A hash table is read all over the place. Blocks of several megabytes therefore ask for huge
// pages: a look-up in a large table is one miss of the data cache, not also one of the page tables.
#ifndef SLOTPROOF_CORE_MAP_ZEROED_MEMORY_H_
#define SLOTPROOF_CORE_MAP_ZEROED_MEMORY_H_

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/base/huge_pages.h"

namespace slotproof::core {

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
