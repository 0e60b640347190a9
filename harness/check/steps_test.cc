#include "harness/check/steps.h"

#include <chrono>

#include <gtest/gtest.h>

#include "harness/testing/expanded_traces.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

using testing::Plant;
using testing::ToyTarget;

Op Push(std::uint16_t key) { return {.code = testing::kPush, .a = key}; }

TEST(Steps, ABurstIsWhatItPerformsAndTheRestIsItself) {
  const Op push_many = {.code = testing::kPushMany, .b = 2, .a = 5};
  const Op pop_many = {.code = testing::kPopMany, .a = 200};
  const Op mark = {.code = testing::kMark, .a = 1};
  const Op pop = {.code = testing::kPop};
  const Trace trace = {.header = {.field = {1, 1, 2, 3}},
                       .ops = {push_many, mark, pop_many, pop_many, pop}};
  const TraceSteps steps = StepsOf(ToyTarget(), trace);
  const std::vector<std::vector<Op>> expected = {
      {Push(5), Push(6), Push(7)}, {mark}, {pop, pop, pop}, {}, {pop}};
  EXPECT_EQ(steps.of, expected);
  EXPECT_EQ(steps.count, 8u);
  EXPECT_TRUE(steps.complete);
  const Trace expanded = {.header = trace.header,
                          .ops = {Push(5), Push(6), Push(7), mark, pop, pop, pop, pop}};
  EXPECT_EQ(steps.Expanded(trace.header), expanded);
}

// Of five pushes, the key that is pushed for the third time running is the last step.
TEST(Steps, EndWhereTheTraceFails) {
  const Op push_many = {.code = testing::kPushMany, .b = 4, .a = 6};
  const Trace trace = {.header = {}, .ops = {Push(6), Push(6), push_many, Push(1)}};
  const std::vector<std::vector<Op>> expected = {{Push(6)}, {Push(6)}, {Push(6)}};
  EXPECT_EQ(StepsOf(ToyTarget(Plant::kFatal), trace).of, expected);
  constexpr std::chrono::milliseconds kLimit{500};
  for (const Plant plant : {Plant::kFatal, Plant::kSegv, Plant::kExit, Plant::kHang}) {
    EXPECT_EQ(StepsOfIsolated(ToyTarget(plant), trace, kLimit).of, expected)
        << ToyTarget(plant).name;
  }
}

TEST(Steps, AreCountedBeyondWhatIsKept) {
  const Op push_many = {.code = testing::kPushMany, .b = 15, .a = 0};
  const Trace trace = {.header = {}, .ops = std::vector<Op>(1000, push_many)};
  const TraceSteps steps = StepsOf(ToyTarget(), trace);
  EXPECT_EQ(steps.count, 16'000u);
  EXPECT_FALSE(steps.complete);
}

TEST(Steps, DoWhatTheBurstDid) {
  const testing::ExpandedTraces compared =
      testing::CompareExpandedTraces(ToyTarget(), /*seed=*/1, /*traces=*/200, /*max_ops=*/40);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 400u);
}

}  // namespace
}  // namespace slotproof
