// Memory that is allocated but must not be touched: cells of a slice's array that no window reaches
// any more, slots of a map whose elements have moved.
//
//   array     | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
//   windows           [ s = a[2:5:6]  )
//   poisoned  |xxxxxxx|               |xxxxxxx|     any access is reported by AddressSanitizer
//
// A window can shrink but never reach further than it did, so such cells are dead, though the
// array is not. Without AddressSanitizer nothing happens. It remembers poison for eight bytes at a
// time: of a group in which a live cell precedes a dead one or follows it, bytes may stay
// accessible, never the other way round.
#ifndef SLOTPROOF_CORE_BASE_POISON_H_
#define SLOTPROOF_CORE_BASE_POISON_H_

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SLOTPROOF_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOTPROOF_POISON 1
#endif
#endif

#if defined(SLOTPROOF_POISON)
#include <sanitizer/asan_interface.h>
#endif

namespace slotproof::core {

#if defined(SLOTPROOF_POISON)

inline constexpr bool kPoisons = true;

inline void PoisonMemory(const void* memory, std::size_t bytes) noexcept {
  if (bytes != 0) __asan_poison_memory_region(memory, bytes);
}
inline void UnpoisonMemory(const void* memory, std::size_t bytes) noexcept {
  if (bytes != 0) __asan_unpoison_memory_region(memory, bytes);
}
inline bool IsPoisoned(const void* memory) noexcept {
  return __asan_address_is_poisoned(memory) != 0;
}

#else

inline constexpr bool kPoisons = false;

inline void PoisonMemory(const void*, std::size_t) noexcept {}
inline void UnpoisonMemory(const void*, std::size_t) noexcept {}
inline bool IsPoisoned(const void*) noexcept { return false; }

#endif

}  // namespace slotproof::core

#undef SLOTPROOF_POISON

#endif  // SLOTPROOF_CORE_BASE_POISON_H_
