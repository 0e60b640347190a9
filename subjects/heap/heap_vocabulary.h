#ifndef SLOTPROOF_SUBJECTS_HEAP_HEAP_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_HEAP_HEAP_VOCABULARY_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "harness/subject/profile.h"
#include "harness/subject/vocabulary.h"

// The operations of programs on a garbage-collected heap, and of its collector between their steps.
//
//   mutator    r0 r1 ... r7 | r8 .. r11 | r12 .. r15      registers: slots of its stack's frames;
//                             push, pop                    written without a barrier
//   globals    g0 ... g7     handles h0 ... h3     weak handles w0 ... w7
//   object     f0 f1 ...                                   its pointers, in the order of its words
//   map        entries, by number in the order in which their keys' objects came; of numbers: the
//              numbers are counted on
//   slice      a window of cells                           iterators over maps i0 ... i3
//
// Every byte string is a valid trace, so what an operand names need not be there:
//   - a register beyond the stack's end means one within (the number modulo the stack's size);
//   - an object is wanted and the register is nil: the next register that is not, or nothing
//   happens;
//   - a field beyond the object's last one means one within; so do an entry and a cell.
//
// Operations of one step come first, bursts after them; then the same of maps and slices. The
// shrinker prefers earlier ones.

namespace slotproof {

enum class HeapOp : std::uint8_t {
  kAlloc,
  kLoad,
  kStore,
  kMove,
  kNil,
  kStoreNil,
  kSetGlobal,
  kGetGlobal,
  kPush,
  kPop,
  kMutator,
  kInterior,
  kCopy,
  kCopyWithin,
  kClear,
  kHide,
  kKeep,
  kDrop,
  kSetFinalizer,
  kClearFinalizer,
  kRunFinalizers,
  kWeak,
  kStrong,
  kForget,
  kPut,
  kTake,
  kBeginCycle,
  kMark,
  kFinishMarking,
  kSweep,
  kCollect,
  kCollectAt,
  kScavenge,
  kGcPercent,
  kMemoryLimit,
  kPageLimit,
  kList,
  kRing,
  kWeb,
  kGarbage,
  kSieve,
  kFan,
  kDetach,
  kEmpty,
  kReplace,
  kAttach,
  kRenew,
  kMake,
  kInsert,
  kAssign,
  kGet,
  kDelete,
  kWipe,
  kAddNumbers,
  kRange,
  kNext,
  kAppend,
  kAppendAll,
  kWindow,
  kCopyElems,
  kFill,
  kPick,
};
inline constexpr std::size_t kHeapOpCount = 62;

// What an object is made of: `count` neighbours of a type.
struct HeapShape {
  std::string_view name;
  std::size_t type_bytes;
  std::uint64_t pointers;  // bit i: word i of the type is one
  std::size_t count;

  constexpr std::size_t bytes() const { return type_bytes * count; }
  constexpr bool IsTiny() const { return pointers == 0 && bytes() < 16; }
  constexpr std::size_t Fields() const;
  // How many pointers it begins with.
  constexpr std::size_t LeadingFields() const;
  // Of one of kHeapShapes: the word that field number `field` is in.
  constexpr std::size_t WordOf(std::size_t field) const;
};

inline constexpr std::array<HeapShape, 16> kHeapShapes = {{
    {"pair", 16, 0b11, 1},
    {"cell", 8, 0b1, 1},
    {"node", 24, 0b101, 1},
    {"leaf", 24, 0, 1},
    {"tiny8", 8, 0, 1},
    {"tiny1", 1, 0, 1},
    {"tiny6", 6, 0, 1},
    {"tiny12", 12, 0, 1},
    {"mixed", 64, 0b11000010, 1},
    {"row", 512, ~std::uint64_t{0}, 10},
    {"bytes1000", 1000, 0, 1},
    {"pairs", 16, 0b10, 100},
    {"other", 24, 0b10, 1},
    {"large", 20000, std::uint64_t{1} << 63 | 1, 2},
    {"huge", 37888, 0b1001, 8},
    {"bytes40000", 40000, 0, 1},
}};

// What has no shape of its own: the headers of containers, and what these allocate for themselves.
// Objects have these numbers instead of a shape's. Two words, as far as anybody asks.
inline constexpr std::size_t kFirstContainerShape = kHeapShapes.size();
inline constexpr std::size_t kMapShape = kFirstContainerShape;
inline constexpr std::size_t kNumbersShape = kFirstContainerShape + 1;
inline constexpr std::size_t kSliceShape = kFirstContainerShape + 2;
inline constexpr std::size_t kPartShape = kFirstContainerShape + 3;
inline constexpr std::array<HeapShape, 4> kContainerShapes = {{
    {"map", 16, 0, 1},
    {"numbers", 16, 0, 1},
    {"slice", 16, 0, 1},
    {"part", 16, 0, 1},
}};

constexpr std::size_t HeapShape::Fields() const {
  return static_cast<std::size_t>(std::popcount(pointers)) * count;
}

constexpr std::size_t HeapShape::LeadingFields() const {
  const auto leading = static_cast<std::size_t>(std::countr_one(pointers));
  return leading * 8 == type_bytes ? leading * count : leading;
}

// Which word of its type each pointer is in, by shape: what WordOf looks up.
inline constexpr auto kHeapFieldWords = [] {
  std::array<std::array<std::uint8_t, 64>, kHeapShapes.size()> words{};
  for (std::size_t shape = 0; shape < kHeapShapes.size(); ++shape) {
    std::size_t field = 0;
    for (std::size_t word = 0; word < 64; ++word) {
      if ((kHeapShapes[shape].pointers >> word & 1) == 0) continue;
      words[shape][field++] = static_cast<std::uint8_t>(word);
    }
  }
  return words;
}();

constexpr std::size_t HeapShape::WordOf(std::size_t field) const {
  const auto in_type = static_cast<std::size_t>(std::popcount(pointers));
  const auto shape = static_cast<std::size_t>(this - kHeapShapes.data());
  return field / in_type * (type_bytes / 8) + kHeapFieldWords[shape][field % in_type];
}

// The header of a heap's trace, by name.
struct HeapHeader {
  std::size_t mutators;  // 1 to 4
  bool automatic;        // cycles begin by themselves, and allocations assist
  bool has_small_sizes;  // arenas of 16 pages, buffers of 4 pointers

  static HeapHeader From(const Header& header);
};

// Places of the fields in Header.
enum HeapField : std::size_t { kHeapMutatorsField, kHeapCyclesField, kHeapSizesField };

inline constexpr std::size_t kHeapRegisters = 16;
inline constexpr std::size_t kHeapFirstFrame = 8;  // slots
inline constexpr std::size_t kHeapFrame = 4;
inline constexpr std::size_t kHeapGlobals = 8;
inline constexpr std::size_t kHeapHandles = 4;
inline constexpr std::size_t kHeapWeakHandles = 8;
inline constexpr std::size_t kHeapIterators = 4;

// What an operation's 24 bits say, whichever of them it has.
struct HeapOperands {
  explicit HeapOperands(const Op& op);

  std::size_t d;               // a register: destination
  std::size_t a;               // a register: an object
  std::size_t b;               // a register: another one, or a value
  std::size_t c;               // a register: an element
  std::size_t field;           // after a; or an entry, or a cell
  std::size_t shape;           // after d
  std::size_t to, from, many;  // fields of copy_within, and how many
  std::size_t table;           // a global, a handle or a weak handle, after the register
  std::size_t mutator;
  std::size_t word;  // of interior
  std::size_t count, few, some;
  std::size_t choice;
  std::size_t hint;       // of make
  std::size_t low, high;  // of slices: two lengths
  std::size_t iterator;
};

// Operations made by hand: bursts record them as their steps.
Op HeapAlloc(std::size_t d, std::size_t shape);
Op HeapStore(std::size_t a, std::size_t field, std::size_t b);
Op HeapMove(std::size_t d, std::size_t a);
Op HeapNil(std::size_t d);
Op HeapLoad(std::size_t d, std::size_t a, std::size_t field);
Op HeapStoreNil(std::size_t a, std::size_t field);
Op HeapCopy(std::size_t a, std::size_t b);
Op HeapClear(std::size_t a);
Op HeapInsert(std::size_t a, std::size_t b, std::size_t c);
Op HeapGet(std::size_t d, std::size_t a, std::size_t entry);
Op HeapDelete(std::size_t a, std::size_t entry);
Op HeapAppend(std::size_t a, std::size_t b);

inline constexpr std::array<std::int32_t, 8> kHeapPercents = {100, 50, 200, 0, -1, 25, 10, 400};
// Bytes, of the soft limit; the first is none.
inline constexpr std::array<std::uint64_t, 8> kHeapMemoryLimits = {
    (std::uint64_t{1} << 63) - 1, std::uint64_t{8} << 20,
    std::uint64_t{4} << 20,       std::uint64_t{3} << 20,
    std::uint64_t{2} << 20,       std::uint64_t{1} << 20,
    std::uint64_t{1} << 16,       0};
// Pages, of the hard limit.
inline constexpr std::array<std::size_t, 8> kHeapPageLimits = {
    ~std::size_t{0}, 256, 64, 32, 16, 8, 4, 0};

const Vocabulary& HeapVocabulary();
std::span<const Profile> HeapProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_HEAP_VOCABULARY_H_
