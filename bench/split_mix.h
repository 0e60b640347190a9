#ifndef SLOTPROOF_BENCH_SPLIT_MIX_H_
#define SLOTPROOF_BENCH_SPLIT_MIX_H_

#include <cstdint>

// The random numbers of the benchmarks, as the Go programs draw them: number n of the one sequence.

namespace slotproof {

constexpr std::uint64_t SplitMix(std::uint64_t n) {
  std::uint64_t z = (n + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_SPLIT_MIX_H_
