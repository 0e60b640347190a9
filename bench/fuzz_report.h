#ifndef SLOTPROOF_BENCH_FUZZ_REPORT_H_
#define SLOTPROOF_BENCH_FUZZ_REPORT_H_

#include <cstdint>
#include <cstdlib>
#include <optional>

#include "bench/result.h"

// Makes a libFuzzer program say at its end how many operations it checked in how long. One object
// a program, at namespace scope.

namespace slotproof {

class FuzzReport {
 public:
  using CountChecked = std::uint64_t (*)();

  explicit FuzzReport(CountChecked count) {
    state = {.count = count, .watch = Stopwatch()};
    std::atexit([] { PrintResult("checked", state->count(), state->watch.Seconds()); });
  }

 private:
  struct State {
    CountChecked count;
    Stopwatch watch;
  };
  // Set once, by the constructor.
  static inline std::optional<State> state;
};

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_FUZZ_REPORT_H_
