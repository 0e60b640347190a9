// How large a slice may be made, and how large it becomes when append runs out of room. Pure
// arithmetic.
//
//   need > 2 cap                   need
//   cap < threshold                2 cap
//   else, until it is enough       Go 1.18:  cap += (cap + 3 * 256) / 4     threshold 256
//                                  Go 1.17:  cap += cap / 4                 threshold 1024
//
//   then bytes = cap * element, rounded up to a size of the allocator, and cap = bytes / element.
//
//   8-byte elements appended one by one, 1.18:  1 2 4 8 16 32 64 128 256 512 848 1280 1792 2560
//                                        1.17:  1 2 4 8 16 32 64 128 256 512 1024 1280 1696 2304
//
// The new rule's step begins as a doubling at 256 and thins out to a quarter, so that capacities
// no longer jump at the threshold; both rules are kept because programs depend on either.
#ifndef SLOTPROOF_CORE_SLICE_GROWTH_H_
#define SLOTPROOF_CORE_SLICE_GROWTH_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/heap/size_classes.h"
#include "core/slice/slice_error.h"

namespace slotproof::core {

enum class GrowthRule : std::uint8_t { kGo117, kGo118 };

// Below this capacity, slices double.
constexpr std::int64_t GrowthThreshold(GrowthRule rule) noexcept {
  return rule == GrowthRule::kGo117 ? 1024 : 256;
}

// The runtime never asks for more memory than there are addresses.
inline constexpr std::uint64_t kMaxArrayBytes = std::uint64_t{1} << 48;

// Which branch a growth took.
enum class GrowthStep : std::uint8_t { kZeroSize, kToNeed, kDoubled, kQuarters };

struct Growth {
  std::int64_t cap = 0;
  std::int64_t wanted = 0;  // before the allocator's rounding
  GrowthStep step = GrowthStep::kToNeed;
  int quarters = 0;  // how many steps of a quarter it took
};

// Go's int wraps around.
constexpr std::int64_t WrappingAdd(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

namespace internal_growth {

// The bytes of `cells` elements, or nothing if there is no such array. A negative count is a very
// large one.
constexpr std::optional<std::uint64_t> ArrayBytes(std::int64_t elem_bytes, std::int64_t cells) {
  const auto size = static_cast<std::uint64_t>(elem_bytes);
  const auto count = static_cast<std::uint64_t>(cells);
  if (size != 0 && count > kMaxArrayBytes / size) return std::nullopt;
  return size * count;
}

constexpr std::int64_t NextQuarter(GrowthRule rule, std::int64_t cap) {
  if (rule == GrowthRule::kGo117) return WrappingAdd(cap, cap / 4);
  return WrappingAdd(cap, WrappingAdd(cap, 3 * GrowthThreshold(rule)) / 4);
}

// What growslice asks the allocator for.
constexpr Growth WantedGrowth(GrowthRule rule, std::int64_t old_cap, std::int64_t need) {
  const std::int64_t doubled = WrappingAdd(old_cap, old_cap);
  if (need > doubled) return {.wanted = need, .step = GrowthStep::kToNeed};
  if (old_cap < GrowthThreshold(rule)) return {.wanted = doubled, .step = GrowthStep::kDoubled};
  Growth growth{.wanted = old_cap, .step = GrowthStep::kQuarters};
  while (growth.wanted > 0 && growth.wanted < need) {
    growth.wanted = NextQuarter(rule, growth.wanted);
    ++growth.quarters;
  }
  if (growth.wanted <= 0) growth.wanted = need;
  return growth;
}

}  // namespace internal_growth

// growslice's arithmetic: a slice of capacity `old_cap` must hold `need` elements. A `need` below
// `old_cap` is a length that has overflowed.
[[nodiscard]] constexpr Checked<Growth> PlanGrowth(GrowthRule rule, std::int64_t elem_bytes,
                                                   std::int64_t old_cap, std::int64_t need) {
  const tl::unexpected<SliceError> out_of_range(SliceError{.code = SliceErrorCode::kGrowSliceCap});
  if (need < old_cap) return out_of_range;
  if (elem_bytes == 0) return Growth{.cap = need, .wanted = need, .step = GrowthStep::kZeroSize};
  Growth growth = internal_growth::WantedGrowth(rule, old_cap, need);
  const auto bytes = internal_growth::ArrayBytes(elem_bytes, growth.wanted);
  if (!bytes) return out_of_range;
  growth.cap = static_cast<std::int64_t>(RoundUpSize(*bytes)) / elem_bytes;
  return growth;
}

[[nodiscard]] constexpr Checked<std::int64_t> GrowCapacity(GrowthRule rule, std::int64_t elem_bytes,
                                                           std::int64_t old_cap,
                                                           std::int64_t need) {
  const Checked<Growth> growth = PlanGrowth(rule, elem_bytes, old_cap, need);
  if (!growth) return tl::unexpected<SliceError>(growth.error());
  return (*growth).cap;  // the arrow of tl::expected is not constexpr
}

// makeslice's arithmetic: what is wrong with make([]T, len, cap), if anything. A capacity that is
// too large is blamed on the length if that alone is.
constexpr std::optional<SliceError> CheckMakeSlice(std::int64_t elem_bytes, std::int64_t len,
                                                   std::int64_t cap) {
  using internal_growth::ArrayBytes;
  if (ArrayBytes(elem_bytes, cap) && len >= 0 && len <= cap) return std::nullopt;
  if (len < 0 || !ArrayBytes(elem_bytes, len)) {
    return SliceError{.code = SliceErrorCode::kMakeSliceLen};
  }
  return SliceError{.code = SliceErrorCode::kMakeSliceCap};
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_GROWTH_H_
