#ifndef SLOTPROOF_SUBJECTS_SLICE_SLICE_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_SLICE_SLICE_VOCABULARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// The operations on sixteen slices, s0 to s15, their operands, and how often a generator draws
// them.
//
// A trace names an index or a size by a place, not by a number alone: `len`, `cap+1`, `-1`, `max`,
// so that the bounds are met often however long the slices have become. A place is looked up in the
// slice that the operation reads.
//
// Operations with one step come first; idioms and bursts come last. The shrinker prefers earlier
// ones.

namespace slotproof {

enum class SliceOp : std::uint8_t {
  kGet,
  kSet,
  kAppend,
  kSlice,
  kSlice3,
  kShare,
  kNil,
  kMake,
  kCopy,
  kCopyWithin,
  kClear,
  kAppendSlice,
  kPopFront,
  kPopBack,
  kDelete,
  kInsert,
  kFilter,
  kSplit,
  kClone,
  kClip,
  kToArray,
  kAppendEach,
  kAppendMany,
  kFuseAlloc,
  kFuseCopy,
  kInsertSlice,
  kAppendPart,
  kAppendElem,
  kSetElem,
};
inline constexpr std::size_t kSliceOpCount = 29;

constexpr bool IsFuse(SliceOp op) { return op == SliceOp::kFuseAlloc || op == SliceOp::kFuseCopy; }

enum class SliceElem : std::uint8_t {
  kUint64,
  kUint8,
  kString,
  kEmpty,
  kBytes3,
  kBytes24,
  kBytes136,
  kBytes4096,
  kThrowingMove,
  kThrowingCopy,
  kThrowingZero,
};
inline constexpr std::size_t kSliceElemKinds = 11;

constexpr bool IsFragile(SliceElem elem) { return elem >= SliceElem::kThrowingMove; }

enum class SliceGrowth : std::uint8_t { kGo118, kGo117 };

// The header of a slices' trace, by name. Elements that throw grow by the rule of 1.18.
struct SliceHeader {
  SliceElem elem;
  SliceGrowth growth;
  std::size_t slices;  // 2, 4, 8 or 16: operands name those below

  static SliceHeader From(const Header& header);
};

// Places of the fields in Header.
enum SliceField : std::size_t { kSliceElemField, kSliceGrowthField, kSliceCountField };

// What an operation's 24 bits say, whichever of them it has.
struct SliceOperands {
  explicit SliceOperands(const Op& op);

  std::size_t d;                       // destination
  std::size_t s;                       // source
  std::size_t t, t_after_i;            // second source
  std::uint32_t i, j, k;               // places
  std::size_t few, few_after_i, many;  // numbers of elements
  std::uint32_t steps;                 // of a fuse
};

// d = append(s, n new values...), of at most 15 values.
Op AppendOf(std::size_t d, std::size_t s, std::uint32_t n);

// Numbers first; then what is counted from the slice's own bounds; then what no slice has.
struct SlicePlace {
  std::string_view name;
  enum class From : std::uint8_t { kZero, kLen, kCap, kHalf, kBetween } from;
  std::int64_t plus;
};

inline constexpr std::array<SlicePlace, 32> kSlicePlaces = {{
    {"0", SlicePlace::From::kZero, 0},
    {"1", SlicePlace::From::kZero, 1},
    {"2", SlicePlace::From::kZero, 2},
    {"3", SlicePlace::From::kZero, 3},
    {"4", SlicePlace::From::kZero, 4},
    {"5", SlicePlace::From::kZero, 5},
    {"6", SlicePlace::From::kZero, 6},
    {"7", SlicePlace::From::kZero, 7},
    {"8", SlicePlace::From::kZero, 8},
    {"12", SlicePlace::From::kZero, 12},
    {"16", SlicePlace::From::kZero, 16},
    {"len", SlicePlace::From::kLen, 0},
    {"cap", SlicePlace::From::kCap, 0},
    {"len-1", SlicePlace::From::kLen, -1},
    {"len+1", SlicePlace::From::kLen, 1},
    {"cap-1", SlicePlace::From::kCap, -1},
    {"cap+1", SlicePlace::From::kCap, 1},
    {"len/2", SlicePlace::From::kHalf, 0},
    {"(len+cap)/2", SlicePlace::From::kBetween, 0},
    {"len-2", SlicePlace::From::kLen, -2},
    {"len+2", SlicePlace::From::kLen, 2},
    {"cap-2", SlicePlace::From::kCap, -2},
    {"255", SlicePlace::From::kZero, 255},
    {"256", SlicePlace::From::kZero, 256},
    {"1000", SlicePlace::From::kZero, 1000},
    {"1024", SlicePlace::From::kZero, 1024},
    {"-1", SlicePlace::From::kZero, -1},
    {"-2", SlicePlace::From::kZero, -2},
    {"2^48+1", SlicePlace::From::kZero, (std::int64_t{1} << 48) + 1},
    {"max", SlicePlace::From::kZero, std::numeric_limits<std::int64_t>::max()},
    {"max-1", SlicePlace::From::kZero, std::numeric_limits<std::int64_t>::max() - 1},
    {"min", SlicePlace::From::kZero, std::numeric_limits<std::int64_t>::min()},
}};

// The numbers that places stand for, in a slice of this length and capacity.
class PlaceNumbers {
 public:
  PlaceNumbers(std::int64_t len, std::int64_t cap)
      : from_{0, len, cap, len / 2, len + (cap - len) / 2} {}

  std::int64_t operator[](std::uint32_t place) const {
    const SlicePlace& entry = kSlicePlaces[place];
    // Lengths of elements without size reach the largest integer; Go's wrap round.
    return static_cast<std::int64_t>(
        static_cast<std::uint64_t>(from_[static_cast<std::size_t>(entry.from)]) +
        static_cast<std::uint64_t>(entry.plus));
  }

 private:
  std::array<std::int64_t, 5> from_;  // by SlicePlace::From
};

inline std::int64_t ResolvePlace(std::uint32_t place, std::int64_t len, std::int64_t cap) {
  return PlaceNumbers(len, cap)[place];
}

// How many places the operation has: i, j, k.
std::size_t PlacesOf(SliceOp op);

const Vocabulary& SliceVocabulary();
std::span<const Profile> SliceProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_SLICE_VOCABULARY_H_
