#ifndef SLOTPROOF_HARNESS_TESTING_HUNT_H_
#define SLOTPROOF_HARNESS_TESTING_HUNT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "harness/check/runner.h"
#include "harness/shrink/shrinker.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

namespace slotproof::testing {

struct Hunt {
  std::size_t traces = 0;  // with the one that failed, if one did
  Trace trace;             // the last one
  Verdict verdict;
};

// Draws traces until one fails, or so many have passed. Each is run as `change` leaves it.
Hunt HuntFailure(Runner& runner, std::uint64_t seed, std::size_t most_traces, std::size_t max_ops,
                 const std::function<void(Trace&)>& change = {});

// Of a hunt that found something: its trace made small, by runs in this process.
ShrinkResult ShrinkFound(Runner& runner, const Hunt& hunt, ShrinkOptions options = {});

// Empty where the trace fails with the same words so many times, and in another way without any one
// of its operations; else what is not so.
std::string WhyNotMinimal(Runner& runner, const ShrinkResult& shrunk, int replays);

// What it may take to find a bug, and how small its trace must become.
struct HuntLimits {
  std::size_t traces;  // to find it
  std::size_t ops;     // of each, at most
  ShrinkOptions shrink;
  std::size_t short_enough;  // operations
  int replays;               // with the same words
};

// Empty where traces of seed 1 find the bug that the target has, and its trace shrinks and replays;
// else what is not so. Prints how it was found.
std::string WhyNotFoundAndShrunk(const Target& target, const HuntLimits& limits);

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TESTING_HUNT_H_
