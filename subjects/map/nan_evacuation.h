#ifndef SLOTPROOF_SUBJECTS_MAP_NAN_EVACUATION_H_
#define SLOTPROOF_SUBJECTS_MAP_NAN_EVACUATION_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/map/hash_map.h"
#include "harness/subject/broken_law.h"

namespace slotproof {

// evacuate.nan: while the iterator flag is set, the low bit of a NaN's tophash decides whether a
// doubling sends it to X or to Y, and there it has the tophash of a freshly drawn hash.
//
// Nothing else tells a tophash drawn anew from one that was kept: contents and order are the same,
// and whether NaNs that went together go apart at the next doubling is chance. But random numbers
// are drawn in the order of the slots, so that all that a write may move can be drawn before it.
//
// evacuate.nan_undone: an evacuation that throws leaves that bit as it was.
//
// Made before a write of `key`; asked after it.
template <class Map>
class NanEvacuation {
 public:
  NanEvacuation(const Map& map, const typename Map::Key& key, const typename Map::Hash& hash)
      : vitals_(map.Vitals()) {
    if (!vitals_.growing || vitals_.same_size_grow || (vitals_.flags & core::kIterator) == 0)
      return;
    auto random = map.random();
    const std::size_t newbit = NewBit();
    const std::size_t own = hash(key, vitals_.hash0, random) & (newbit - 1);
    std::size_t mark = vitals_.nevacuate;
    if (!IsEvacuated(map, own)) Draw(map, own, hash, random);
    if (own == mark) {
      do {
        ++mark;
      } while (mark < newbit && IsEvacuated(map, mark));
    }
    if (mark < newbit && mark != own && !IsEvacuated(map, mark)) Draw(map, mark, hash, random);
  }

  std::optional<BrokenLaw> Check(const Map& map) const {
    if (moved_.empty()) return std::nullopt;
    const core::MapVitals now = map.Vitals();
    // Another growth has begun: what was moved is in its old array.
    if (now.b != vitals_.b || now.same_size_grow) return std::nullopt;
    for (const Moved& chain : moved_) {
      for (std::size_t half = 0; half < 2; ++half) {
        const std::vector<std::uint8_t>& expected = chain.tops[half];
        const std::vector<std::uint8_t> actual = Nans(map, chain.index + half * NewBit(), false);
        for (std::size_t i = 0; i < expected.size(); ++i) {
          if (i < actual.size() && actual[i] == expected[i]) continue;
          return BrokenLaw{"evacuate.nan", Describe(chain.index + half * NewBit(), i, expected[i])};
        }
      }
    }
    return std::nullopt;
  }

  // After the write threw.
  std::optional<BrokenLaw> CheckUndone(const Map& map) const {
    const core::MapVitals now = map.Vitals();
    if (!now.growing || now.b != vitals_.b || now.same_size_grow) return std::nullopt;
    for (const Moved& chain : moved_) {
      if (IsEvacuated(map, chain.index)) continue;
      const std::vector<std::uint8_t> actual = Nans(map, chain.index, true);
      const bool kept =
          std::equal(actual.begin(), actual.end(), chain.old_tops.begin(), chain.old_tops.end(),
                     [](std::uint8_t a, std::uint8_t b) { return (a & 1) == (b & 1); });
      if (kept) continue;
      return BrokenLaw{"evacuate.nan_undone",
                       "old bucket " + std::to_string(chain.index) +
                           ": a NaN would go another way than iterators saw it go"};
    }
    return std::nullopt;
  }

 private:
  // The NaNs of an old chain: their tophash bytes there, in X and in Y.
  struct Moved {
    std::size_t index;
    std::vector<std::uint8_t> old_tops;
    std::array<std::vector<std::uint8_t>, 2> tops;
  };

  std::size_t NewBit() const { return std::size_t{1} << (vitals_.b - 1); }

  static bool IsEvacuated(const Map& map, std::size_t old_index) {
    bool evacuated = false;
    map.VisitChain(old_index, [&](const typename Map::View& view) {
      if (view.in_old_array() && view.position() == 0) {
        evacuated = core::IsEvacuated(view.tophash()[0]);
      }
    });
    return evacuated;
  }

  // Tophash bytes of the live NaNs of a chain, in its order.
  static std::vector<std::uint8_t> Nans(const Map& map, std::size_t index, bool in_old) {
    std::vector<std::uint8_t> tops;
    map.VisitChain(index, [&](const typename Map::View& view) {
      if (view.in_old_array() != in_old) return;
      for (int slot = 0; slot < Map::Policy::kBucketWidth; ++slot) {
        if (!view.live(slot) || *view.key(slot) == *view.key(slot)) continue;
        tops.push_back(view.tophash()[static_cast<std::size_t>(slot)]);
      }
    });
    return tops;
  }

  void Draw(const Map& map, std::size_t old_index, const typename Map::Hash& hash,
            typename Map::Random& random) {
    Moved moved = {.index = old_index, .old_tops = Nans(map, old_index, true), .tops = {}};
    const auto nan = std::numeric_limits<typename Map::Key>::quiet_NaN();
    for (const std::uint8_t old_top : moved.old_tops) {
      moved.tops[old_top & 1].push_back(core::TopHash(hash(nan, vitals_.hash0, random)));
    }
    moved_.push_back(std::move(moved));
  }

  static std::string Describe(std::size_t bucket, std::size_t nth, std::uint8_t top) {
    return "bucket " + std::to_string(bucket) + ": its NaN number " + std::to_string(nth) +
           " should be there with tophash " + std::to_string(top);
  }

  core::MapVitals vitals_;
  std::vector<Moved> moved_;  // in the order in which the write moves them
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_NAN_EVACUATION_H_
