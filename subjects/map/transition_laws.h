#ifndef SLOTPROOF_SUBJECTS_MAP_TRANSITION_LAWS_H_
#define SLOTPROOF_SUBJECTS_MAP_TRANSITION_LAWS_H_

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

std::optional<BrokenLaw> CheckInsertTransition(const TableState& before, const TableState& after);
std::optional<BrokenLaw> CheckDeleteTransition(const TableState& before, const TableState& after);
std::optional<BrokenLaw> CheckClearTransition(const TableState& before, const TableState& after);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_TRANSITION_LAWS_H_
