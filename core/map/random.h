// WyRand: the runtime's per-thread random stream.
//
//   state += 0xa0761d6478bd642f
//   p      = state * (state ^ 0xe7037ed1a0b428db)        128-bit product
//   Rand64 = high(p) ^ low(p);   Rand32 = its low half
//
// Each draw advances the state exactly once, which makes the points where map code draws (hash
// seed, NaN hashes, start of an iteration, approximate overflow counts) part of the contract: the
// same seed and operations give the same table, bit for bit.
//
// A draw is one atomic addition, so look-ups of NaN, iterations and copies of a shared const map
// may draw at the same time. About 6 ns, and no map operation on ordinary keys draws at all.
#ifndef SLOTPROOF_CORE_MAP_RANDOM_H_
#define SLOTPROOF_CORE_MAP_RANDOM_H_

#include <chrono>
#include <cstdint>

#include "core/map/mix.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

class WyRand {
 public:
  // Seeded from the clock and the address: different from map to map and from run to run.
  WyRand() noexcept : state_(Entropy(this)) {}
  explicit WyRand(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t Rand64() noexcept {
    const std::uint64_t state = state_.FetchAdd(kIncrement) + kIncrement;
    return MixHash(state, state ^ kXor);
  }
  std::uint32_t Rand32() noexcept { return static_cast<std::uint32_t>(Rand64()); }

  // A source that goes on where this one is; this one turns to other numbers. So the maps that are
  // copied from one map, in any threads, have numbers of their own.
  WyRand Split() noexcept {
    std::uint64_t state = state_.Load();
    while (!state_.CompareExchange(state, MixHash(state ^ kXor, kSplit))) {
    }
    return WyRand(state);
  }

  std::uint64_t state() const noexcept { return state_.Load(); }

 private:
  static constexpr std::uint64_t kIncrement = 0xa0761d6478bd642f;
  static constexpr std::uint64_t kXor = 0xe7037ed1a0b428db;
  static constexpr std::uint64_t kSplit = 0x8ebc6af09c88c6e3;

  static std::uint64_t Entropy(const void* address) noexcept {
    const auto ticks = std::chrono::steady_clock::now().time_since_epoch().count();
    return MixHash(static_cast<std::uint64_t>(ticks) ^ kIncrement,
                   reinterpret_cast<std::uintptr_t>(address) ^ kXor);
  }

  Relaxed<std::uint64_t> state_;
};

template <class Random>
Random SplitRandom(Random& random) {
  if constexpr (requires { random.Split(); }) {
    return random.Split();
  } else {
    return random;
  }
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_RANDOM_H_
