#ifndef SLOTPROOF_SUBJECTS_MAP_TABLE_LAWS_H_
#define SLOTPROOF_SUBJECTS_MAP_TABLE_LAWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/map/random.h"
#include "core/map/shape.h"
#include "harness/subject/broken_law.h"
#include "subjects/map/keys.h"

// Laws of the reference map's table, said without the table's code: what a walk sees of tophash
// bytes, and what an iteration, a copy and a move do with the random numbers of a map.
//
//   tophash.byte     a live slot's byte is the highest of its key's hash, raised by 5 if below 5
//   growth.mark      the evacuation mark is at a bucket that has not moved
//   flags.iterators  an iteration sets both flags
//   iterate.start    it begins at the bucket and the slot that it draws
//   iterate.list     it makes the list of overflow buckets, in a table without pointers
//   copy.seed        a copy draws its seed from the numbers of its source, which turns to others
//   move.seed        a moved map keeps its seed; its source turns to others and draws one

namespace slotproof {

// The laws that are not templates are in table_laws.cc: the map has dozens of types.
BrokenLaw WrongTophash(unsigned actual, std::uint64_t top);
BrokenLaw EvacuatedMark();

template <class Map>
std::optional<BrokenLaw> CheckBytes(const Map& map, KeyKind kind) {
  std::optional<BrokenLaw> broken;
  const core::MapVitals vitals = map.Vitals();
  map.VisitBuckets([&](const typename Map::View& view) {
    const std::uint8_t first = view.tophash()[0];
    if (view.in_old_array() && view.position() == 0 && view.main_index() == vitals.nevacuate &&
        first >= 2 && first <= 4 && !broken) {
      broken = EvacuatedMark();
    }
    for (int slot = 0; slot < Map::Policy::kBucketWidth; ++slot) {
      if (!view.live(slot)) continue;
      const KeyIndex index = IndexOfKey(*view.key(slot));
      if (IsUnequalKey(kind, index)) continue;
      const std::uint64_t top = map.HashOf(*view.key(slot)) >> 56;
      const std::uint8_t actual = view.tophash()[static_cast<std::size_t>(slot)];
      if (actual != (top < 5 ? top + 5 : top) && !broken) [[unlikely]]
        broken = WrongTophash(actual, top);
    }
  });
  return broken;
}

// Of an iteration that has just begun.
struct IterationBegun {
  core::MapVitals vitals;
  bool overflow_list;  // whether there is one, or need not be
  std::uint64_t start_bucket;
  std::uint64_t offset;
  std::uint64_t random;  // the state of the map's source
};

// `random` is what the source was before.
std::optional<BrokenLaw> CheckBegun(const IterationBegun& begun, core::WyRand random);

// `plain` says that neither keys nor elements hold pointers.
template <class Map>
std::optional<BrokenLaw> CheckStart(const Map& map, const typename Map::Iterator& it,
                                    core::WyRand random, bool plain) {
  if (map.empty()) return std::nullopt;
  return CheckBegun({.vitals = map.Vitals(),
                     .overflow_list = !plain || map.Shape().overflow_list.has_value(),
                     .start_bucket = it.start_bucket(),
                     .offset = static_cast<std::uint64_t>(it.offset()),
                     .random = map.random().state()},
                    random);
}

// The seed of a table, and where its map's random numbers are.
struct TableSeeds {
  template <class Map>
  explicit TableSeeds(const Map& map) : hash0(map.Vitals().hash0), random(map.random().state()) {}
  std::uint32_t hash0;
  std::uint64_t random;
};

// Made before a map is copied or moved from; asked after it.
class SourceSeeds {
 public:
  template <class Map>
  explicit SourceSeeds(const Map& source) : SourceSeeds(source.Vitals().hash0, source.random()) {}

  std::optional<BrokenLaw> CheckCopy(const TableSeeds& copy, const TableSeeds& source) const;
  std::optional<BrokenLaw> CheckMove(const TableSeeds& moved, const TableSeeds& source) const;

 private:
  SourceSeeds(std::uint32_t seed, core::WyRand source);

  std::uint32_t seed_;
  core::WyRand source_;           // as it has to be after the split
  std::uint64_t next_state_ = 0;  // of what goes to the other map
  std::uint32_t drawn_by_copy_ = 0;
};

// The fields of a header that go with the contents.
struct WholeTable {
  template <class Map>
  explicit WholeTable(const Map& map) : shape(map.Shape()), random(map.random().state()) {}
  core::MapShape shape;
  std::uint64_t random;
};

// Laws of reference_pair.h, of the tables before and after.
std::optional<BrokenLaw> CheckSwapped(const WholeTable& a_before, const WholeTable& b_before,
                                      const WholeTable& a_after, const WholeTable& b_after);
// Of an assignment. `itself`: the map was assigned to itself; `reflexive`: no key of it is a NaN.
std::optional<BrokenLaw> CheckCopied(const WholeTable& before, const WholeTable& source,
                                     const WholeTable& copy, bool itself, bool reflexive);
std::optional<BrokenLaw> CheckMoved(const WholeTable& before, const WholeTable& moved,
                                    const WholeTable& left, bool itself);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_TABLE_LAWS_H_
