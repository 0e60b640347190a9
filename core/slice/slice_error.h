// What a slice operation panics with, as a value.
//
//   s[:12] of a slice with capacity 8
//
//     code  kSliceAcap    which check failed; the names are those of the runtime's boundsErrorCode
//     x     12            the offending number
//     y     8             the bound that it broke
//
//     Message()  "runtime error: slice bounds out of range [:12] with capacity 8"
//
// Message() is the runtime's text to the letter. A negative x is reported without its bound, as
// the runtime does. Two errors are equal exactly if a program could not tell them apart.
// Costs: 24 bytes, trivially copied; the text is made only when asked for.
#ifndef SLOTPROOF_CORE_SLICE_SLICE_ERROR_H_
#define SLOTPROOF_CORE_SLICE_SLICE_ERROR_H_

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace slotproof::core {

enum class SliceErrorCode : std::uint8_t {
  kIndex,       // s[x], 0 <= x < len(s)
  kSliceAlen,   // s[?:x] of a string or an array, 0 <= x <= len(s)
  kSliceAcap,   // s[?:x] of a slice, 0 <= x <= cap(s)
  kSliceB,      // s[x:y], 0 <= x <= y
  kSlice3Alen,  // s[::x] of an array, 0 <= x <= len(s)
  kSlice3Acap,  // s[::x] of a slice, 0 <= x <= cap(s)
  kSlice3B,     // s[:x:y], 0 <= x <= y
  kSlice3C,     // s[x:y:], 0 <= x <= y
  kConvert,     // (*[x]T)(s), 0 <= x <= len(s)
  kMakeSliceLen,
  kMakeSliceCap,
  kGrowSliceCap,
  kCount,
};

namespace internal_slice_error {

// %x and %y stand for the two numbers.
struct Formats {
  SliceErrorCode code;
  std::string_view name;
  std::string_view format;
  std::string_view if_negative;  // empty: the same
};

inline constexpr std::array kFormats = std::to_array<Formats>({
    {SliceErrorCode::kIndex, "index", "index out of range [%x] with length %y",
     "index out of range [%x]"},
    {SliceErrorCode::kSliceAlen, "slice_alen", "slice bounds out of range [:%x] with length %y",
     "slice bounds out of range [:%x]"},
    {SliceErrorCode::kSliceAcap, "slice_acap", "slice bounds out of range [:%x] with capacity %y",
     "slice bounds out of range [:%x]"},
    {SliceErrorCode::kSliceB, "slice_b", "slice bounds out of range [%x:%y]",
     "slice bounds out of range [%x:]"},
    {SliceErrorCode::kSlice3Alen, "slice3_alen", "slice bounds out of range [::%x] with length %y",
     "slice bounds out of range [::%x]"},
    {SliceErrorCode::kSlice3Acap, "slice3_acap",
     "slice bounds out of range [::%x] with capacity %y", "slice bounds out of range [::%x]"},
    {SliceErrorCode::kSlice3B, "slice3_b", "slice bounds out of range [:%x:%y]",
     "slice bounds out of range [:%x:]"},
    {SliceErrorCode::kSlice3C, "slice3_c", "slice bounds out of range [%x:%y:]",
     "slice bounds out of range [%x::]"},
    {SliceErrorCode::kConvert, "convert",
     "cannot convert slice with length %y to pointer to array with length %x", ""},
    {SliceErrorCode::kMakeSliceLen, "makeslice_len", "makeslice: len out of range", ""},
    {SliceErrorCode::kMakeSliceCap, "makeslice_cap", "makeslice: cap out of range", ""},
    {SliceErrorCode::kGrowSliceCap, "growslice_cap", "growslice: cap out of range", ""},
});

consteval bool FormatsAreInOrder() {
  if (kFormats.size() != static_cast<std::size_t>(SliceErrorCode::kCount)) return false;
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].code != static_cast<SliceErrorCode>(i)) return false;
  }
  return true;
}
static_assert(FormatsAreInOrder());

inline constexpr std::string_view kPrefix = "runtime error: ";

// No message is longer.
consteval std::size_t LongestMessage() {
  constexpr std::size_t kLongestNumber = std::string_view("-9223372036854775808").size();
  std::size_t longest = 0;
  for (const Formats& formats : kFormats) {
    longest = std::max({longest, formats.format.size(), formats.if_negative.size()});
  }
  return kPrefix.size() + longest + 2 * kLongestNumber;
}
inline constexpr std::size_t kLongestMessage = LongestMessage();

constexpr const Formats& FormatsOf(SliceErrorCode code) {
  return kFormats[static_cast<std::size_t>(code)];
}

}  // namespace internal_slice_error

// Short and stable, for traces and tables.
constexpr std::string_view SliceErrorName(SliceErrorCode code) {
  return internal_slice_error::FormatsOf(code).name;
}

struct SliceError {
  SliceErrorCode code;
  std::int64_t x = 0;
  std::int64_t y = 0;

  friend constexpr bool operator==(const SliceError&, const SliceError&) = default;

  std::string Message() const {
    const auto& formats = internal_slice_error::FormatsOf(code);
    const bool negative = x < 0 && !formats.if_negative.empty();
    const std::string_view format = negative ? formats.if_negative : formats.format;
    // Built here, so that the string is allocated once.
    std::array<char, internal_slice_error::kLongestMessage> message;
    char* end = std::ranges::copy(internal_slice_error::kPrefix, message.data()).out;
    std::size_t done = 0;
    for (std::size_t at; (at = format.find('%', done)) != format.npos; done = at + 2) {
      end = std::ranges::copy(format.substr(done, at - done), end).out;
      const std::int64_t number = format[at + 1] == 'x' ? x : y;
      end = std::to_chars(end, message.data() + message.size(), number).ptr;
    }
    end = std::ranges::copy(format.substr(done), end).out;
    return std::string(message.data(), end);
  }
};

template <class T>
using Checked = tl::expected<T, SliceError>;

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_SLICE_ERROR_H_
