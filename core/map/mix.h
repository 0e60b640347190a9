// The one mixing step on which hashing and random numbers are built: the two halves of a 128-bit
// product, folded. One multiplication, about 4 cycles.
#ifndef SLOTPROOF_CORE_MAP_MIX_H_
#define SLOTPROOF_CORE_MAP_MIX_H_

#include <cstdint>

namespace slotproof::core {

__extension__ using Uint128 = unsigned __int128;

constexpr std::uint64_t MixHash(std::uint64_t a, std::uint64_t b) noexcept {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_MIX_H_
