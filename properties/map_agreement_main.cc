// The property engine on the map as a program, for the mutants: ends with 1 when it finds a
// failure, and says what it found. The budget is a test's, and seeded.

#include <cstdio>

#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "subjects/map/targets.h"

int main() {
  slotproof::Runner runner(slotproof::MapTarget());
  const bool passed = slotproof::CheckAgreement(runner, {.traces = 6000, .max_ops = 400}).passed;
  std::printf("%s after %llu traces, %llu checked operations\n", passed ? "SURVIVED" : "killed",
              static_cast<unsigned long long>(runner.stats().traces),
              static_cast<unsigned long long>(runner.stats().checked_operations));
  return passed ? 0 : 1;
}
