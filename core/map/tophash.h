// The byte that stands for a slot: its state, or the top eight bits of its key's hash.
//
//   0 emptyRest       empty, and so is every later slot of the bucket and of its overflow chain
//   1 emptyOne        empty, something may follow
//   2 evacuatedX      moved to the lower half of the larger table
//   3 evacuatedY      moved to the upper half
//   4 evacuatedEmpty  was empty when its bucket was evacuated
//   5..255            live: top byte of the hash; 0..4 are raised by 5 to stay clear of the states
//
// X and Y differ in the low bit only, and that bit is also what decides where a NaN goes.
//
// A bucket's bytes are adjacent, so all are compared at once, the eight of a full bucket with one
// SSE2 instruction where there is SSE2. The result is a SlotMask, one bit a slot. About 3 cycles.
#ifndef SLOTPROOF_CORE_MAP_TOPHASH_H_
#define SLOTPROOF_CORE_MAP_TOPHASH_H_

#include <bit>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace slotproof::core {

inline constexpr std::uint8_t kEmptyRest = 0;
inline constexpr std::uint8_t kEmptyOne = 1;
inline constexpr std::uint8_t kEvacuatedX = 2;
inline constexpr std::uint8_t kEvacuatedY = 3;
inline constexpr std::uint8_t kEvacuatedEmpty = 4;
inline constexpr std::uint8_t kMinTopHash = 5;
static_assert((kEvacuatedX ^ 1) == kEvacuatedY && kEvacuatedX + 1 == kEvacuatedY);

constexpr std::uint8_t TopHash(std::uint64_t hash) noexcept {
  auto top = static_cast<std::uint8_t>(hash >> 56);
  if (top < kMinTopHash) top = static_cast<std::uint8_t>(top + kMinTopHash);
  return top;
}

constexpr bool IsEmpty(std::uint8_t state) noexcept { return state <= kEmptyOne; }
constexpr bool IsLive(std::uint8_t state) noexcept { return state >= kMinTopHash; }
constexpr bool HasMoved(std::uint8_t state) noexcept {
  return state == kEvacuatedX || state == kEvacuatedY;
}
// Asked of a bucket's first byte, it answers for the whole chain.
constexpr bool IsEvacuated(std::uint8_t state) noexcept {
  return state > kEmptyOne && state < kMinTopHash;
}

// A set of slots; iterates from the lowest.
class SlotMask {
 public:
  constexpr explicit SlotMask(std::uint32_t bits) noexcept : bits_(bits) {}

  constexpr explicit operator bool() const noexcept { return bits_ != 0; }
  constexpr int Lowest() const noexcept { return std::countr_zero(bits_); }
  constexpr std::uint32_t bits() const noexcept { return bits_; }

  constexpr SlotMask begin() const noexcept { return *this; }
  constexpr SlotMask end() const noexcept { return SlotMask(0); }
  constexpr int operator*() const noexcept { return Lowest(); }
  constexpr SlotMask& operator++() noexcept {
    bits_ &= bits_ - 1;
    return *this;
  }
  friend constexpr bool operator==(SlotMask, SlotMask) noexcept = default;

 private:
  std::uint32_t bits_;
};

// The comparisons for buckets of any width, one byte at a time.
template <int kWidth>
struct TopHashGroup {
  static constexpr std::uint32_t kAll = (1U << kWidth) - 1;

  static SlotMask Match(const std::uint8_t* tophash, std::uint8_t top) noexcept {
    return Collect(tophash, [top](std::uint8_t state) { return state == top; });
  }
  static SlotMask MatchEmpty(const std::uint8_t* tophash) noexcept {
    return Collect(tophash, [](std::uint8_t state) { return IsEmpty(state); });
  }
  // Slots that an iterator looks at: live ones and those that have moved.
  static SlotMask MatchOccupied(const std::uint8_t* tophash) noexcept {
    return Collect(tophash,
                   [](std::uint8_t state) { return !IsEmpty(state) && state != kEvacuatedEmpty; });
  }

 private:
  template <class Predicate>
  static SlotMask Collect(const std::uint8_t* tophash, Predicate predicate) noexcept {
    std::uint32_t bits = 0;
    for (int slot = 0; slot < kWidth; ++slot) {
      bits |= static_cast<std::uint32_t>(predicate(tophash[slot])) << slot;
    }
    return SlotMask(bits);
  }
};

#if defined(__SSE2__)
// The same for the runtime's own width, all eight bytes at once.
template <>
struct TopHashGroup<8> {
  static constexpr std::uint32_t kAll = 0xff;

  static SlotMask Match(const std::uint8_t* tophash, std::uint8_t top) noexcept {
    return Bits(_mm_cmpeq_epi8(Load(tophash), _mm_set1_epi8(static_cast<char>(top))));
  }
  static SlotMask MatchEmpty(const std::uint8_t* tophash) noexcept {
    const __m128i states = Load(tophash);
    return Bits(_mm_cmpeq_epi8(_mm_min_epu8(states, _mm_set1_epi8(kEmptyOne)), states));
  }
  static SlotMask MatchOccupied(const std::uint8_t* tophash) noexcept {
    const __m128i states = Load(tophash);
    const __m128i empty = _mm_cmpeq_epi8(_mm_min_epu8(states, _mm_set1_epi8(kEmptyOne)), states);
    const __m128i gone = _mm_cmpeq_epi8(states, _mm_set1_epi8(kEvacuatedEmpty));
    return SlotMask(Bits(_mm_or_si128(empty, gone)).bits() ^ kAll);
  }

 private:
  static __m128i Load(const std::uint8_t* tophash) noexcept {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(tophash));
  }
  static SlotMask Bits(__m128i comparison) noexcept {
    return SlotMask(static_cast<std::uint32_t>(_mm_movemask_epi8(comparison)) & kAll);
  }
};
#endif

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_TOPHASH_H_
