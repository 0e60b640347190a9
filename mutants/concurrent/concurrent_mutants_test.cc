// Each bug that is planted in the maps that threads share is found, made small, and found again.

#include <cstddef>
#include <iostream>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/hunt.h"
#include "mutants/concurrent/mutated_maps.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

namespace slotproof {
namespace {

constexpr std::size_t kTracesToSurvive = 2000;
const testing::HuntLimits kLimits = {.traces = kTracesToFind,
                                     .ops = kOpsOfTrace,
                                     .shrink = {.max_runs = 3000, .max_leap_runs = 0},
                                     .short_enough = 24,
                                     .replays = 20};

// Law: without a bug all traces pass.
TEST(ConcurrentMutantsTest, TheMapsThemselvesPass) {
  for (const Target& target : {SyncMapTarget(), ShardedMapTarget()}) {
    Runner runner(target);
    const testing::Hunt hunt = testing::HuntFailure(runner, 1, kTracesToSurvive, kOpsOfTrace);
    EXPECT_TRUE(hunt.verdict.passed()) << hunt.verdict.Summary();
  }
}

// Law: each bug is found in a trace that shrinks and replays.
TEST(ConcurrentMutantsTest, EachBugIsFoundAndShrunk) {
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    if (IsForRealThreads(flag)) continue;
    const Target target = TargetOf(flag);
    SCOPED_TRACE(flag.mutant);
    std::cout << flag.mutant << ": " << std::flush;
    const mutants::ChosenMutant chosen(flag);
    EXPECT_EQ(testing::WhyNotFoundAndShrunk(target, kLimits), "");
  }
}

}  // namespace
}  // namespace slotproof
