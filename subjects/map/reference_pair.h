#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_PAIR_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_PAIR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "harness/subject/broken_law.h"
#include "harness/subject/fuse.h"

// What two reference maps do with each other, and the laws of their tables (core/map/hash_map.h):
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

namespace reference_pair {

// The fields of the header that go with the contents.
template <class Map>
struct Table {
  explicit Table(const Map& map) : shape(map.Shape()), random(map.random().state()) {}
  decltype(std::declval<const Map&>().Shape()) shape;
  std::uint64_t random;
};

// The least number of buckets that hold so many entries, as a logarithm.
inline unsigned LeastBuckets(std::size_t entries) {
  unsigned b = 0;
  while (entries > 8 && 2 * entries > std::size_t{13} << b) ++b;
  return b;
}

}  // namespace reference_pair

template <class Map>
std::optional<BrokenLaw> SwapMaps(Map& a, Map& b) {
  using reference_pair::Table;
  const Table<Map> a_before(a);
  const Table<Map> b_before(b);
  swap(a, b);
  const Table<Map> a_after(a);
  const Table<Map> b_after(b);
  if (a_after.shape != b_before.shape || b_after.shape != a_before.shape) {
    return BrokenLaw{"swap.table", "a swapped map has not the other's table"};
  }
  if (a_after.random != b_before.random || b_after.random != a_before.random) {
    return BrokenLaw{"swap.random", "a swapped map has not the other's random numbers"};
  }
  return std::nullopt;
}

template <class Map>
std::optional<BrokenLaw> CopyAssignMap(Map& to, const Map& from) {
  using reference_pair::Table;
  const Table<Map> before(from);
  CallSubject([&] { to = from; });
  const Table<Map> source(from);
  const Table<Map> copy(to);
  if (source.shape != before.shape) {
    return BrokenLaw{"copy.source", "a map that was copied has another table"};
  }
  if (&to == &from) {
    if (source.random == before.random) return std::nullopt;
    return BrokenLaw{"copy.source", "a map that was assigned to itself draws other numbers"};
  }
  if (source.random == before.random) {
    return BrokenLaw{"copy.source", "a map that was copied goes on with the numbers of its copy"};
  }
  if (copy.shape.b != reference_pair::LeastBuckets(before.shape.count)) {
    return BrokenLaw{"copy.table", "a copy's table is not made for its size"};
  }
  typename Map::Random random(before.random);
  const bool seed_drawn = copy.shape.hash0 == random.Rand32();
  if (seed_drawn && (!Map::Policy::kReflexiveKey || copy.random == random.state())) {
    return std::nullopt;
  }
  return BrokenLaw{"copy.random", "a copy's seed is not its source's next random number"};
}

template <class Map>
std::optional<BrokenLaw> MoveAssignMap(Map& to, Map& from) {
  using reference_pair::Table;
  const Table<Map> before(from);
  const bool to_itself = &to == &from;
  to = std::move(from);
  const Table<Map> moved(to);
  if (moved.shape != before.shape) {
    return BrokenLaw{"move.table", "the target of a move has not the source's table"};
  }
  if (moved.random != before.random) {
    return BrokenLaw{"move.random", "the target of a move draws other numbers"};
  }
  if (to_itself) return std::nullopt;
  // NOLINTNEXTLINE(bugprone-use-after-move)
  const Table<Map> left(from);
  if (left.shape.count != 0 || left.shape.growing) {
    return BrokenLaw{"move.source", "a moved-from map holds entries or is growing"};
  }
  if (left.random != before.random) return std::nullopt;
  return BrokenLaw{"move.random", "a moved-from map draws the numbers of the target"};
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
