// Each bug that is planted in the maps that threads share is found, made small, and found again.

#include <cstddef>
#include <iostream>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/hunt.h"
#include "harness/trace/text.h"
#include "mutants/concurrent/mutated_maps.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

namespace slotproof {
namespace {

constexpr std::size_t kTracesToSurvive = 2000;
constexpr std::size_t kRunsToShrink = 3000;
constexpr std::size_t kShortEnough = 24;
constexpr int kReplays = 20;

// Law: without a bug all traces pass.
TEST(ConcurrentMutantsTest, TheMapsThemselvesPass) {
  for (const Target& target : {SyncMapTarget(), ShardedMapTarget()}) {
    Runner runner(target);
    const testing::Hunt hunt = testing::HuntFailure(runner, 1, kTracesToSurvive, kOpsOfTrace);
    EXPECT_TRUE(hunt.verdict.passed()) << hunt.verdict.Summary();
  }
}

void ExpectFoundAndShrunk(Runner& runner) {
  const testing::Hunt hunt = testing::HuntFailure(runner, 1, kTracesToFind, kOpsOfTrace);
  ASSERT_FALSE(hunt.verdict.passed()) << "not found in " << hunt.traces << " traces";
  const ShrinkResult shrunk =
      testing::ShrinkFound(runner, hunt, {.max_runs = kRunsToShrink, .max_leap_runs = 0});
  std::cout << hunt.traces << " traces, " << shrunk.trace.ops.size() << " operations, "
            << shrunk.runs << " runs: " << shrunk.verdict.Signature() << "\n";
  EXPECT_LE(shrunk.trace.ops.size(), kShortEnough) << PrintTrace(runner.target(), shrunk.trace);
  for (int i = 0; i < kReplays; ++i) {
    ASSERT_EQ(runner.Run(shrunk.trace).Summary(), shrunk.verdict.Summary());
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
    Runner runner(target);
    ExpectFoundAndShrunk(runner);
  }
}

}  // namespace
}  // namespace slotproof
