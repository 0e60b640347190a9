#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_PAIR_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_PAIR_H_

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "harness/subject/broken_law.h"
#include "harness/subject/fuse.h"
#include "subjects/map/table_laws.h"

// What two reference maps do with each other, and the laws of their tables (table_laws.cc):
//
//   swap.table      swapped maps have each other's tables, flags and seeds and all
//   swap.random     ... and go on with each other's random numbers
//   copy.table      a copy's table is made for its size, and is no bigger
//   copy.random     a copy draws its seed and goes on where its source would have
//   copy.source     ... and the source turns to other numbers, but keeps its table
//   move.table      the target of a move has the source's table
//   move.random     ... and goes on with its random numbers; the source turns to others
//   move.source     what was moved from holds nothing
//
// A map that is swapped with itself, or assigned to itself, has the same table afterwards. What the
// maps hold is the model's to compare.

namespace slotproof {

template <class Map>
std::optional<BrokenLaw> SwapMaps(Map& a, Map& b) {
  const WholeTable a_before(a);
  const WholeTable b_before(b);
  swap(a, b);
  return CheckSwapped(a_before, b_before, WholeTable(a), WholeTable(b));
}

template <class Map>
std::optional<BrokenLaw> CopyAssignMap(Map& to, const Map& from) {
  const WholeTable before(from);
  CallSubject([&] { to = from; });
  return CheckCopied(before, WholeTable(from), WholeTable(to), &to == &from,
                     Map::Policy::kReflexiveKey);
}

template <class Map>
std::optional<BrokenLaw> MoveAssignMap(Map& to, Map& from) {
  const WholeTable before(from);
  const bool itself = &to == &from;
  to = std::move(from);
  // NOLINTNEXTLINE(bugprone-use-after-move)
  return CheckMoved(before, WholeTable(to), WholeTable(from), itself);
}

// Each entry is moved wholly or not at all, whatever throws: the element is copied where the map
// might drop one that was handed over to it.
template <class Map>
std::size_t MergeMaps(Map& to, Map& from) {
  using Value = typename Map::Value;
  return CallSubject([&] {
    return erase_if(from, [&to](const auto& entry) {
      if constexpr (std::is_copy_constructible_v<Value>) {
        return to.TryEmplace(entry.first, std::as_const(entry.second)).second;
      } else {
        const auto [elem, inserted] = to.TryEmplace(entry.first);
        if (inserted) elem = std::move(entry.second);
        return inserted;
      }
    });
  });
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_REFERENCE_PAIR_H_
