#ifndef SLOTPROOF_BENCH_FUZZ_REPORT_H_
#define SLOTPROOF_BENCH_FUZZ_REPORT_H_

#include <cstdint>
#include <cstdlib>
#include <optional>

#include "bench/result.h"

// Makes a libFuzzer program say at its end how many operations it ran, and how many results it
// checked, in how long. One object a program, at namespace scope.

namespace slotproof {

class FuzzReport {
 public:
  using Count = std::uint64_t (*)();

  FuzzReport(Count operations, Count checked) {
    state = {.operations = operations, .checked = checked, .watch = Stopwatch()};
    std::atexit([] {
      const double seconds = state->watch.Seconds();
      PrintResult("operations", state->operations(), seconds);
      PrintResult("checked", state->checked(), seconds);
    });
  }

 private:
  struct State {
    Count operations;
    Count checked;
    Stopwatch watch;
  };
  // Set once, by the constructor.
  static inline std::optional<State> state;
};

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_FUZZ_REPORT_H_
