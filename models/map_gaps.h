#ifndef SLOTPROOF_MODELS_MAP_GAPS_H_
#define SLOTPROOF_MODELS_MAP_GAPS_H_

#include <cstdint>
#include <initializer_list>

// The states in which Go 1.19's own map breaks its promise about iteration (docs/go-map-gaps.md),
// and which of them a model lets pass. What a gap lets pass is said where MapModel judges it, and
// is no more than can be seen of the runtime.

namespace slotproof {

// What an iterator has lived through, and what it may do since.
enum class MapGap : std::uint8_t {
  kCleared,              // the map was cleared: yields what the clear deleted; as kEmptied
  kTwoSameSize,          // two growths of the same size: misses entries, repeats the zero key
  kSameSizeInChain,      // a growth of the same size: misses NaN entries
  kDoublingAndSameSize,  // one of each: yields entries of another bucket, or misses some
  kEmptied,              // the last entry was deleted: repeats what was inserted since
};
inline constexpr int kMapGaps = 5;

// A set of gaps that are let pass.
class MapGaps {
 public:
  constexpr MapGaps() = default;
  constexpr MapGaps(std::initializer_list<MapGap> gaps) {
    for (const MapGap gap : gaps) bits_ |= Bit(gap);
  }
  static constexpr MapGaps All() { return MapGaps((1u << kMapGaps) - 1); }

  constexpr bool Has(MapGap gap) const { return (bits_ & Bit(gap)) != 0; }
  constexpr MapGaps Without(MapGap gap) const { return MapGaps(bits_ & ~Bit(gap)); }

 private:
  explicit constexpr MapGaps(unsigned bits) : bits_(bits) {}
  static constexpr unsigned Bit(MapGap gap) { return 1u << static_cast<unsigned>(gap); }

  unsigned bits_ = 0;
};

// The language's promise, and the runtime's.
inline constexpr MapGaps kSpecGaps;
inline constexpr MapGaps kGo119Gaps = MapGaps::All();

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_MAP_GAPS_H_
