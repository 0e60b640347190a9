#ifndef SLOTPROOF_SUBJECTS_MAP_MAP_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_MAP_MAP_VOCABULARY_H_

#include <cstdint>
#include <span>

#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// The operations on a map, their operands, and how often a generator draws them.
//
// Operations that touch one key come first; bursts, which lead to deep states in a few bytes, come
// last. The shrinker prefers earlier operations.

namespace slotproof {

enum class MapOp : std::uint8_t {
  kInsert,
  kFind,
  kDelete,
  kAssign,
  kDeleteInsert,
  kClear,
  kBegin,
  kStep,
  kStepDelete,
  kStepInsert,
  kStepAssign,
  kDrain,
  kRehint,
  kCopy,
  kMove,
  kInsertFresh,
  kDeleteRun,
  kFindRun,
  kChurn,
  kPile,
  kThin,
  kFray,
  kFuseAlloc,
  kFuseCopy,
  kFuseHash,
  kFuseEqual,
  kCompareAndSwap,
  kUpdate,
  kLoadOrStore,
  kGetAndDelete,
  kAssignFrom,
  kEmplaceFrom,
  kAssignSelf,
  kDeleteStored,
  kSwitch,
  kSwap,
  kCopyAssign,
  kMoveAssign,
  kMerge,
  kCompare,
  kEraseAt,
  kEraseRange,
  kInsertHint,
};
inline constexpr std::size_t kMapOpCount = 43;

enum class KeyKind : std::uint8_t {
  kUint64,
  kUint32,
  kString,
  kDouble,
  kBytes136,
  kThrowingMove,
  kThrowingCopy,
};
enum class ElemKind : std::uint8_t {
  kUint64,
  kEmpty,
  kBytes136,
  kString,
  kThrowingMove,
  kThrowingCopy,
  kMoveOnly,
};
enum class HashKind : std::uint8_t { kGood, kConstant, kEqualLowBits, kEqualTophash, kTwoClusters };

inline constexpr std::size_t kKeyKinds = 7;
inline constexpr std::size_t kElemKinds = 7;
inline constexpr std::uint32_t kMostKeys = 4096;

constexpr bool IsFragile(KeyKind kind) { return kind >= KeyKind::kThrowingMove; }
constexpr bool IsFragile(ElemKind kind) { return kind >= ElemKind::kThrowingMove; }

// The header of a map's trace, by name. Keys that throw go with uint64 and with what throws alike,
// keys that do not with every element; but double with one that is only moved is with one that
// throws when copied, because an old bucket keeps its NaNs.
struct MapHeader {
  KeyKind key;
  ElemKind elem;
  HashKind hash;
  std::uint32_t universe;  // number of keys: 8, 16, ..., 4,096; 256 where a bad hash chains them
  std::uint32_t seed;      // of the map's random source
  std::int64_t hint;       // given to the map when it is made

  static MapHeader From(const Header& header);
};

// Places of the fields in Header.
enum MapField : std::size_t {
  kKeyField,
  kElemField,
  kHashField,
  kUniverseField,
  kSeedField,
  kHintField,
};

const Vocabulary& MapVocabulary();
std::span<const Profile> MapProfiles();
// The same, and one that draws the operations on a container's own iterators.
std::span<const Profile> OwnIteratorProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_MAP_VOCABULARY_H_
