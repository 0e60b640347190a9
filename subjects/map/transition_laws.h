#ifndef SLOTPROOF_SUBJECTS_MAP_TRANSITION_LAWS_H_
#define SLOTPROOF_SUBJECTS_MAP_TRANSITION_LAWS_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "subjects/map/map_subject.h"

// What one write may do to the table's header, said a second time and without the table's code
// (Go 1.19, map.go). Contents and slots are the model's and the invariants' to check; these laws
// see growth that begins too early, too late or of the wrong kind, that does not move on, and a
// seed that is not drawn anew.
//
//   growth.begins    an insertion that would exceed 6.5 entries a bucket (and 8) doubles the table;
//                    else one that meets too many overflow buckets begins growth of the same size;
//                    nothing else begins a growth, and none begins before another has ended
//   growth.progress  a write during growth moves the evacuation mark on, by 1,025 at most
//   flags.iterators  growth turns the iterator flag into oldIterator; no other write changes either
//   seed.redrawn     the seed changes when the last entry goes, by delete or clear, and never else
//   clear.shape      a clear keeps the number of buckets and ends growth
//
// Each law is a predicate, inline because it is asked at every write; transition_laws.cc puts into
// words which one is broken.

namespace slotproof {

// The header's fields that the laws speak of.
struct TableState {
  std::uint64_t count = 0;
  std::uint64_t noverflow = 0;
  std::uint64_t nevacuate = 0;
  std::uint32_t hash0 = 0;
  std::uint32_t b = 0;
  bool growing = false;
  std::uint32_t growths = 0;  // begun since the map was made
  bool iterator = false;
  bool old_iterator = false;
};

namespace transition {

// Whether one more entry is too many for the table, or its chains are too long.
inline bool IsTooFull(const TableState& state) {
  const std::uint64_t count = state.count + 1;
  return count > 8 && 2 * count > std::uint64_t{13} << state.b;
}
inline bool HasTooManyChains(const TableState& state) {
  return state.noverflow >= std::uint64_t{1} << std::min(state.b, 15u);
}

// What the growth law expects of a write.
struct Growth {
  std::uint32_t growths;
  std::uint32_t b;
};

inline Growth ExpectedGrowth(const TableState& before, const TableState& after, bool inserted) {
  const bool grown = after.growths != before.growths;
  // The write decides about growth when it inserts and no growth is under way. One that was may be
  // finished by this very write.
  const bool decides = inserted && (!before.growing || grown || !after.growing);
  const bool doubles = decides && IsTooFull(before);
  bool begins = doubles || (decides && HasTooManyChains(before));
  // Moving old chains adds overflow buckets before the decision, how many cannot be seen here.
  if (decides && before.growing && !doubles) begins = grown;
  return {before.growths + begins, before.b + doubles};
}

inline bool GrowthHolds(const TableState& before, const TableState& after, bool inserted) {
  const Growth expected = ExpectedGrowth(before, after, inserted);
  return after.growths == expected.growths && after.b == expected.b;
}

inline bool ProgressHolds(const TableState& before, const TableState& after) {
  if (!before.growing || after.growths != before.growths) return true;
  return after.nevacuate > before.nevacuate && after.nevacuate - before.nevacuate <= 1025;
}

inline bool IteratorFlagsHold(const TableState& before, const TableState& after) {
  const bool grown = after.growths != before.growths;
  const bool iterator = !grown && before.iterator;
  const bool old_iterator = grown ? before.iterator : before.old_iterator;
  return after.iterator == iterator && after.old_iterator == old_iterator;
}

inline bool Emptied(const TableState& before, const TableState& after) {
  return before.count != 0 && after.count == 0;
}

inline bool SeedHolds(const TableState& before, const TableState& after) {
  return (before.hash0 != after.hash0) == Emptied(before, after);
}

// Most writes find no growth under way and change nothing that the laws speak of but the count.
inline bool IsQuiet(const TableState& before, const TableState& after) {
  const std::uint32_t changed =
      (before.hash0 ^ after.hash0) | (before.b ^ after.b) | (before.growths ^ after.growths);
  return changed == 0 && !before.growing && before.iterator == after.iterator &&
         before.old_iterator == after.old_iterator;
}

inline bool WriteHolds(const TableState& before, const TableState& after, bool inserted) {
  if (IsQuiet(before, after)) [[likely]] {  // the laws' sum for such a write
    if (Emptied(before, after)) return false;
    return !inserted || !(IsTooFull(before) || HasTooManyChains(before));
  }
  return GrowthHolds(before, after, inserted) && ProgressHolds(before, after) &&
         IteratorFlagsHold(before, after) && SeedHolds(before, after);
}

}  // namespace transition

// Whether all laws hold.
inline bool InsertTransitionHolds(const TableState& before, const TableState& after) {
  return transition::WriteHolds(before, after, after.count != before.count);
}
inline bool DeleteTransitionHolds(const TableState& before, const TableState& after) {
  if (before.count == 0) return true;  // nothing is hashed and nothing moves
  return transition::WriteHolds(before, after, false);
}

// The first law that does not.
std::optional<BrokenLaw> CheckInsertTransition(const TableState& before, const TableState& after);
std::optional<BrokenLaw> CheckDeleteTransition(const TableState& before, const TableState& after);
std::optional<BrokenLaw> CheckClearTransition(const TableState& before, const TableState& after);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_TRANSITION_LAWS_H_
