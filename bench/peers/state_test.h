#ifndef SLOTPROOF_BENCH_PEERS_STATE_TEST_H_
#define SLOTPROOF_BENCH_PEERS_STATE_TEST_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>

#include <rapidcheck.h>

#include "bench/result.h"

// main() of the programs that measure RapidCheck's own state testing.

namespace slotproof {

// PROGRAM TESTS [SEED]: runs so many tests of the property, reports `count` by these names, and
// returns the exit code: 1 if a test failed, which is not shrunk; 2 for wrong usage.
template <class Property>
int RunStateTests(int argc, char** argv, const char* law, const Property& property,
                  std::initializer_list<const char*> names, const std::uint64_t& count) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: %s TESTS [SEED]\n", argv[0]);
    return 2;
  }
  const std::string seed = argc == 3 ? argv[2] : "1";
  const std::string params = "noshrink=1 seed=" + seed + " max_success=" + argv[1];
  setenv("RC_PARAMS", params.c_str(), /*overwrite=*/1);
  const Stopwatch watch;
  const bool passed = rc::check(law, property);
  const double seconds = watch.Seconds();
  for (const char* name : names) PrintResult(name, count, seconds);
  return passed ? 0 : 1;
}

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_PEERS_STATE_TEST_H_
