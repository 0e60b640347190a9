// When a map grows, and to what size. Pure arithmetic.
//
//   entries in 2^B buckets of 8:  B    0    1    2    3    4
//                                 up to 8   13   26   52  104    then it doubles
//
// It also "grows" to the same size when there are about as many overflow buckets as buckets: that
// many entries are not there, so the chains must be sparse, and moving packs them.
#ifndef SLOTPROOF_CORE_MAP_GROWTH_H_
#define SLOTPROOF_CORE_MAP_GROWTH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/heap/size_classes.h"

namespace slotproof::core {

constexpr std::size_t BucketShift(unsigned b) noexcept { return std::size_t{1} << (b & 63); }
constexpr std::size_t BucketMask(unsigned b) noexcept { return BucketShift(b) - 1; }

template <class Policy>
constexpr bool OverLoadFactor(std::size_t count, unsigned b) noexcept {
  if (count <= static_cast<std::size_t>(Policy::kBucketWidth)) return false;
  // Divided first, as the runtime does: with one bucket the limit is the width itself.
  return count > Policy::kLoadFactorNumerator * (BucketShift(b) / Policy::kLoadFactorDenominator);
}

constexpr bool TooManyOverflowBuckets(std::uint16_t noverflow, unsigned b) noexcept {
  return noverflow >= BucketShift(std::min(b, 15U));
}

// The smallest table that holds `hint` entries without growing.
template <class Policy>
constexpr std::uint8_t LogBucketsForHint(std::size_t hint) noexcept {
  std::uint8_t b = 0;
  while (OverLoadFactor<Policy>(hint, b)) ++b;
  return b;
}

// How many buckets an array for 2^b has in all: from b = 4 on, a sixteenth more as spare overflow
// buckets, and whatever else fits into the allocator's rounded block.
constexpr std::size_t BucketsWithSpares(unsigned b, std::size_t bucket_bytes) noexcept {
  const std::size_t base = BucketShift(b);
  if (b < 4) return base;
  const std::size_t buckets = base + BucketShift(b - 4);
  const std::size_t bytes = buckets * bucket_bytes;
  const std::size_t rounded = RoundUpSize(bytes);
  return rounded == bytes ? buckets : rounded / bucket_bytes;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_GROWTH_H_
