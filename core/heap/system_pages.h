// Where a heap gets its address space: anonymous private mappings of the system.
//
// The system backs a page with memory when it is first touched, and with zeroes. A page that is
// released is as it was before that. A heap takes this as a policy, so that a test can refuse.
#ifndef SLOTPROOF_CORE_HEAP_SYSTEM_PAGES_H_
#define SLOTPROOF_CORE_HEAP_SYSTEM_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/base/assert.h"

namespace slotproof::core {

struct SystemPages {
  // Address space that reads as zero, at a multiple of `alignment`, which is a power of two and a
  // multiple of the system's page. Null: the system refuses.
  void* Map(std::size_t bytes, std::size_t alignment) noexcept {
    if (bytes > std::numeric_limits<std::size_t>::max() - alignment) return nullptr;
    void* memory = ::mmap(nullptr, bytes + alignment, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    const auto at = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t aligned = (at + alignment - 1) / alignment * alignment;
    const std::size_t before = aligned - at;
    Unmap(memory, before);
    Unmap(reinterpret_cast<void*>(aligned + bytes), alignment - before);
    return reinterpret_cast<void*>(aligned);
  }

  // Gives the memory back and keeps the address space, which reads as zero from now on.
  void Release(void* memory, std::size_t bytes) noexcept {
    const int result = ::madvise(memory, bytes, MADV_DONTNEED);
    SLOTPROOF_ASSERT(result == 0);
    static_cast<void>(result);
  }

  void Unmap(void* memory, std::size_t bytes) noexcept {
    if (bytes == 0) return;
    const int result = ::munmap(memory, bytes);
    SLOTPROOF_ASSERT(result == 0);
    static_cast<void>(result);
  }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SYSTEM_PAGES_H_
