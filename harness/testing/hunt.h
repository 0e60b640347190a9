#ifndef SLOTPROOF_HARNESS_TESTING_HUNT_H_
#define SLOTPROOF_HARNESS_TESTING_HUNT_H_

#include <cstddef>
#include <cstdint>

#include "harness/check/runner.h"
#include "harness/shrink/shrinker.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

namespace slotproof::testing {

struct Hunt {
  std::size_t traces = 0;  // with the one that failed, if one did
  Trace trace;             // the last one
  Verdict verdict;
};

// Draws traces until one fails, or so many have passed.
Hunt HuntFailure(Runner& runner, std::uint64_t seed, std::size_t most_traces, std::size_t max_ops);

// Of a hunt that found something: its trace made small, by runs in this process.
ShrinkResult ShrinkFound(Runner& runner, const Hunt& hunt, ShrinkOptions options = {});

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TESTING_HUNT_H_
