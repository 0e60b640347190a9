#ifndef SLOTPROOF_SUBJECTS_MAP_BAD_HASH_H_
#define SLOTPROOF_SUBJECTS_MAP_BAD_HASH_H_

#include <cstdint>

#include "subjects/map/map_vocabulary.h"

// Makes a good hash bad in a chosen way. A map reads the low bits (main bucket) and the top byte
// (tophash):
//
//   63      56                                    8        0
//   | tophash |              ...                  | bucket |
//
//   good            as it is
//   constant        all equal: one chain, one tophash
//   equal_low_bits  one main bucket up to B = 16, good tophash
//   equal_tophash   good main buckets, one tophash, from the range that is raised by 5
//   two_clusters    two main buckets and two tophashes

namespace slotproof {

constexpr std::uint64_t SpoilHash(HashKind kind, std::uint64_t hash) {
  switch (kind) {
    case HashKind::kGood:
      return hash;
    case HashKind::kConstant:
      return 0x2a00000000000001;
    case HashKind::kEqualLowBits:
      return (hash & ~std::uint64_t{0xffff}) | 5;
    case HashKind::kEqualTophash:
      return (hash & 0x00ffffffffffffff) | (std::uint64_t{3} << 56);
    case HashKind::kTwoClusters:
      return hash & 0x0100000000000001;
  }
  return hash;
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_BAD_HASH_H_
