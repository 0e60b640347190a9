#ifndef SLOTPROOF_SUBJECTS_MAP_TABLE_LAWS_H_
#define SLOTPROOF_SUBJECTS_MAP_TABLE_LAWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/map/hash_map.h"
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

[[gnu::cold, gnu::noinline]] inline BrokenLaw WrongTophash(unsigned actual, std::uint64_t top) {
  return {"tophash.byte",
          "tophash is " + std::to_string(actual) + ", the hash's top byte " + std::to_string(top)};
}

template <class Map>
std::optional<BrokenLaw> CheckBytes(const Map& map, KeyKind kind) {
  std::optional<BrokenLaw> broken;
  const core::MapVitals vitals = map.Vitals();
  map.VisitBuckets([&](const typename Map::View& view) {
    const std::uint8_t first = view.tophash()[0];
    if (view.in_old_array() && view.position() == 0 && view.main_index() == vitals.nevacuate &&
        first >= 2 && first <= 4 && !broken) {
      broken = BrokenLaw{"growth.mark", "the evacuation mark is at an evacuated bucket"};
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

// Of an iteration that has just begun; `random` is what the map's source was before. `plain` says
// that neither keys nor elements hold pointers.
template <class Map>
std::optional<BrokenLaw> CheckStart(const Map& map, const typename Map::Iterator& it,
                                    core::WyRand random, bool plain) {
  if (map.empty()) return std::nullopt;
  if ((map.Vitals().flags & 3) != 3) {
    return BrokenLaw{"flags.iterators", "an iteration began and did not set both flags"};
  }
  if (plain && !map.Shape().overflow_list) {
    return BrokenLaw{"iterate.list", "an iteration began and made no list of overflow buckets"};
  }
  const unsigned b = map.Vitals().b;
  const std::uint64_t r = b > 28 ? random.Rand64() : random.Rand32();
  if (it.start_bucket() == (r & ((std::uint64_t{1} << b) - 1)) &&
      static_cast<std::uint64_t>(it.offset()) == ((r >> b) & 7) &&
      random.state() == map.random().state()) {
    return std::nullopt;
  }
  return BrokenLaw{"iterate.start", "bucket " + std::to_string(it.start_bucket()) + ", slot " +
                                        std::to_string(it.offset()) + ", not those drawn"};
}

// Made before a map is copied or moved from; asked after it.
template <class Map>
class SourceSeeds {
 public:
  explicit SourceSeeds(const Map& source) : seed_(source.Vitals().hash0), source_(source.random()) {
    core::WyRand next = source_.Split();
    next_state_ = next.state();
    drawn_by_copy_ = next.Rand32();
  }

  std::optional<BrokenLaw> CheckCopy(const Map& copy, const Map& source) const {
    core::WyRand random = source_;
    if (copy.Vitals().hash0 == drawn_by_copy_ && source.random().state() == source_.state() &&
        drawn_by_copy_ != random.Rand32()) {
      return std::nullopt;
    }
    return BrokenLaw{"copy.seed",
                     "a copy's seed, or its source's random numbers, are not those "
                     "that follow from the source"};
  }
  std::optional<BrokenLaw> CheckMove(const Map& moved, const Map& source) const {
    core::WyRand random = source_;
    const std::uint32_t drawn = random.Rand32();
    if (moved.Vitals().hash0 == seed_ && moved.random().state() == next_state_ &&
        source.Vitals().hash0 == drawn) {
      return std::nullopt;
    }
    return BrokenLaw{
        "move.seed",
        "a moved map has not kept its seed and its random numbers, or its source drawn a new one"};
  }

 private:
  std::uint32_t seed_;
  core::WyRand source_;           // as it has to be after the split
  std::uint64_t next_state_ = 0;  // of what goes to the other map
  std::uint32_t drawn_by_copy_ = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_TABLE_LAWS_H_
