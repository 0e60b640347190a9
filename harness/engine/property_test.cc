#include "harness/engine/property.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

using testing::Plant;
using testing::ToyTarget;

constexpr PropertyOptions kOptions = {.traces = 2000, .max_ops = 200};

TEST(Property, ACorrectTargetPassesAndReachesItsGoals) {
  Runner runner(ToyTarget());
  EXPECT_TRUE(CheckAgreement(runner, kOptions).passed);
  EXPECT_GT(runner.stats().traces, kOptions.traces / 2);
  EXPECT_TRUE(CheckGoals(ToyTarget(), runner.stats().goals));
}

TEST(Property, AMissedGoalFails) { EXPECT_FALSE(CheckGoals(ToyTarget(), GoalCounts())); }

TEST(Property, APlantedBugIsFoundShrunkPrintedAndSaved) {
  const Target& target = ToyTarget(Plant::kFatal);
  Runner runner(target);
  ::testing::internal::CaptureStderr();
  const PropertyResult result = CheckAgreement(runner, kOptions);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  ASSERT_FALSE(result.passed);
  EXPECT_EQ(result.trace.ops.size(), 3u) << "the same key pushed three times";
  EXPECT_NE(printed.find("Falsified: toy_fatal and its model agree"), std::string::npos);
  EXPECT_NE(printed.find("slotproof-trace 1"), std::string::npos);
  EXPECT_NE(printed.find("replay: bazel run //:slotproof"), std::string::npos);

  const Target* const targets[] = {&target};
  const Expected<LoadedTrace> loaded = LoadTrace(result.file, targets);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace, result.trace);
  EXPECT_EQ(runner.Run(loaded->trace).Signature(), result.verdict.Signature());
}

TEST(Property, TheSameSeedFindsTheSameFailure) {
  Runner one(ToyTarget(Plant::kWrongPop));
  Runner two(ToyTarget(Plant::kWrongPop));
  const PropertyResult first = CheckAgreement(one, kOptions);
  const PropertyResult second = CheckAgreement(two, kOptions);
  ASSERT_FALSE(first.passed);
  EXPECT_EQ(first.trace, second.trace);
}

TEST(Property, ALawThatNothingUpholdsIsFalsifiedByTheSmallestTrace) {
  const TraceLaw too_long = [](const Trace& trace) {
    Verdict verdict;
    if (trace.ops.size() < 3) return verdict;
    verdict.outcome = Outcome::kMismatch;
    verdict.law = "length";
    verdict.op_index = trace.ops.size();
    return verdict;
  };
  ::testing::internal::CaptureStderr();
  const PropertyResult result =
      CheckLaw(ToyTarget(), "traces are shorter than 3", too_long, "//some:law_test", kOptions);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(result.trace.ops.size(), 3u);
  EXPECT_NE(printed.find("replay: bazel test //some:law_test --test_env=SLOTPROOF_TRACE="),
            std::string::npos);
}

TEST(Property, AGivenTraceRunsAlone) {
  const Target& target = ToyTarget(Plant::kFatal);
  Runner runner(target);
  const PropertyResult found = CheckAgreement(runner, kOptions);
  ASSERT_FALSE(found.file.empty());
  ASSERT_EQ(setenv("SLOTPROOF_TRACE", found.file.c_str(), 1), 0);
  Runner again(target);
  const PropertyResult replayed = CheckAgreement(again, kOptions);
  unsetenv("SLOTPROOF_TRACE");
  EXPECT_FALSE(replayed.passed);
  EXPECT_EQ(replayed.verdict.Signature(), found.verdict.Signature());
  EXPECT_EQ(again.stats().traces, 1u);
}

}  // namespace
}  // namespace slotproof
