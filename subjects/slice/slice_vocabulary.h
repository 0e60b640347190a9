#ifndef SLOTPROOF_SUBJECTS_SLICE_SLICE_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_SLICE_SLICE_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/check/target.h"
#include "harness/trace/trace.h"
#include "harness/trace/vocabulary.h"

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
};
inline constexpr std::size_t kSliceOpCount = 23;

enum class SliceElem : std::uint8_t {
  kUint64,
  kUint8,
  kString,
  kEmpty,
  kBytes3,
  kBytes24,
  kBytes136,
  kBytes4096,
};
inline constexpr std::size_t kSliceElemKinds = 8;

enum class SliceGrowth : std::uint8_t { kGo118, kGo117 };

// The header of a slices' trace, by name.
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
  std::size_t t;                       // second source
  std::uint32_t i, j, k;               // places
  std::size_t few, few_after_i, many;  // numbers of elements
};

// The number that a place stands for, in a slice of this length and capacity.
std::int64_t ResolvePlace(std::uint32_t place, std::int64_t len, std::int64_t cap);

// How many places the operation has: i, j, k.
std::size_t PlacesOf(SliceOp op);

const Vocabulary& SliceVocabulary();
std::span<const Profile> SliceProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_SLICE_VOCABULARY_H_
