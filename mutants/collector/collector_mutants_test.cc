// Each bug that is planted in the heap that threads share is found, made small, and found again.

#include <cstddef>
#include <iostream>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/hunt.h"
#include "mutants/collector/mutated_heap.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

namespace slotproof {
namespace {

constexpr std::size_t kTracesToSurvive = 200;
const testing::HuntLimits kLimits = {
    .traces = kTracesToFind,
    .ops = kOpsOfTrace,
    .shrink = {.max_runs = 1500, .max_leap_runs = 0, .expand = true},
    .short_enough = 24,
    .replays = 20};

// Law: without a bug all traces pass.
TEST(CollectorMutantsTest, TheHeapItselfPasses) {
  const Target target = MutatedHeap();
  Runner runner(target);
  const testing::Hunt hunt = testing::HuntFailure(runner, 1, kTracesToSurvive, kOpsOfTrace);
  EXPECT_TRUE(hunt.verdict.passed()) << hunt.verdict.Summary();
}

// Law: each bug is found in a trace that shrinks and replays.
TEST(CollectorMutantsTest, EachBugIsFoundAndShrunk) {
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    SCOPED_TRACE(flag.mutant);
    std::cout << flag.mutant << ": " << std::flush;
    const mutants::ChosenMutant chosen(flag);
    const Drawing drawing = DrawingFor(flag.mutant);
    const Target target = MutatedHeap(drawing.profile);
    testing::HuntLimits limits = kLimits;
    limits.ops = drawing.ops;
    EXPECT_EQ(testing::WhyNotFoundAndShrunk(target, limits), "");
  }
}

}  // namespace
}  // namespace slotproof
