// Huge pages for large blocks, where the system has them.
#ifndef SLOTPROOF_CORE_BASE_HUGE_PAGES_H_
#define SLOTPROOF_CORE_BASE_HUGE_PAGES_H_

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstddef>
#include <cstdint>

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

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_BASE_HUGE_PAGES_H_
