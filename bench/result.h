#ifndef SLOTPROOF_BENCH_RESULT_H_
#define SLOTPROOF_BENCH_RESULT_H_

#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>

// How a benchmark program reports a measurement: one line on standard output, which
// bench/measure.py reads.
//
//   RESULT <name> <count> <seconds> <checksum>
//
// The checksum depends on the work alone, so programs that claim to do the same work must print
// the same one.

namespace slotproof {

inline void PrintResult(const char* name, std::uint64_t count, double seconds,
                        std::uint64_t checksum = 0) {
  std::printf("RESULT %s %" PRIu64 " %.9f %" PRIu64 "\n", name, count, seconds, checksum);
}

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_RESULT_H_
