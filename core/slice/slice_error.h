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
#include <cstring>
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

// A piece of text that is copied in whole, whatever its size, so that no copy needs a loop.
struct Piece {
  std::array<char, 48> text{};
  std::size_t size = 0;
};

// A format cut at its numbers: text[0], a number, text[1], a number, text[2].
struct Pieces {
  std::array<Piece, 3> text;
  std::array<bool, 2> is_x{};
  std::size_t numbers = 0;
};

consteval Pieces Cut(std::string_view format) {
  Pieces pieces;
  const auto add = [](Piece& piece, std::string_view text) {
    for (const char c : text) piece.text.at(piece.size++) = c;
  };
  add(pieces.text[0], kPrefix);
  for (auto at = format.find('%'); at != format.npos; at = format.find('%')) {
    add(pieces.text.at(pieces.numbers), format.substr(0, at));
    pieces.is_x.at(pieces.numbers++) = format[at + 1] == 'x';
    format.remove_prefix(at + 2);
  }
  add(pieces.text.at(pieces.numbers), format);
  return pieces;
}

struct CutFormats {
  Pieces format;
  Pieces if_negative;
};

consteval auto CutAll() {
  std::array<CutFormats, kFormats.size()> cut{};
  for (std::size_t i = 0; i < cut.size(); ++i) {
    cut[i] = {Cut(kFormats[i].format), Cut(kFormats[i].if_negative)};
  }
  return cut;
}
inline constexpr std::array kCutFormats = CutAll();

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
    MessageBuffer buffer;
    return std::string(MessageIn(&buffer));
  }

  // The same, in the caller's memory, which has room for the longest and a whole piece.
  using MessageBuffer = std::array<char, internal_slice_error::kLongestMessage +
                                             sizeof(internal_slice_error::Piece::text)>;
  std::string_view MessageIn(MessageBuffer* buffer) const {
    const auto& formats = internal_slice_error::FormatsOf(code);
    const auto& cut = internal_slice_error::kCutFormats[static_cast<std::size_t>(code)];
    const bool negative = x < 0 && !formats.if_negative.empty();
    const internal_slice_error::Pieces& pieces = negative ? cut.if_negative : cut.format;
    char* const end = buffer->data() + buffer->size();
    char* to = buffer->data();
    for (std::size_t i = 0;; ++i) {
      const internal_slice_error::Piece& piece = pieces.text[i];
      std::memcpy(to, piece.text.data(), piece.text.size());
      to += piece.size;
      if (i == pieces.numbers) return {buffer->data(), to};
      to = std::to_chars(to, end, pieces.is_x[i] ? x : y).ptr;
    }
  }
};

template <class T>
using Checked = tl::expected<T, SliceError>;

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_SLICE_ERROR_H_
