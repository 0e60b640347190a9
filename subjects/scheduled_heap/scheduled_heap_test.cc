#include <cstddef>
#include <iostream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/heap/heap_policy.h"
#include "harness/check/runner.h"
#include "harness/testing/expanded_traces.h"
#include "harness/testing/hunt.h"
#include "harness/trace/text.h"
#include "subjects/scheduled_heap/scheduled_heap_session.h"

namespace slotproof {

const Target& ScheduledHeapTarget();

namespace {

using core::BarrierRules;
using Insertion = BarrierRules::Insertion;

template <BarrierRules kRules>
Target TargetWith() {
  return ScheduledHeapTargetOf("barrier", "of these rules", []() -> std::unique_ptr<Session> {
    return std::make_unique<ScheduledHeapSession>(kRules);
  });
}

struct Rules {
  std::string name;
  Target (*target)();
};
void PrintTo(const Rules& rules, std::ostream* out) { *out << rules.name; }
constexpr auto kNameOfRules = [](const auto& info) { return info.param.name; };

class RightBarrier : public ::testing::TestWithParam<Rules> {};

// Law: nothing that can be reached is freed, and nothing else is kept, whatever the schedule.
TEST_P(RightBarrier, LosesAndKeepsNothing) {
  const Target target = GetParam().target();
  Runner runner(target);
  const testing::Hunt hunt = testing::HuntFailure(runner, 1, 300, 60);
  EXPECT_TRUE(hunt.verdict.passed()) << hunt.verdict.Summary() << "\n"
                                     << PrintTrace(target, hunt.trace);
}

INSTANTIATE_TEST_SUITE_P(
    All, RightBarrier,
    ::testing::Values(Rules{"hybrid", &TargetWith<BarrierRules{}>},
                      Rules{"insertion_while_grey",
                            &TargetWith<BarrierRules{.shades_new = Insertion::kWhileStackIsGrey}>},
                      Rules{
                          "insertion_and_rescan",
                          &TargetWith<BarrierRules{.shades_old = false, .rescans_stacks = true}>}),
    kNameOfRules);

class WrongBarrier : public ::testing::TestWithParam<Rules> {};

// Law: each wrong barrier is found, in a form that replays in the same way a hundred times, of
// which nothing can be left out.
TEST_P(WrongBarrier, IsFoundAndShrunk) {
  const Target target = GetParam().target();
  Runner runner(target);
  const testing::Hunt hunt = testing::HuntFailure(runner, 1, 20'000, 60);
  ASSERT_FALSE(hunt.verdict.passed());
  const ShrinkResult shrunk =
      testing::ShrinkFound(runner, hunt, {.max_runs = 5000, .max_leap_runs = 0});
  const Verdict again = runner.Run(shrunk.trace);
  std::cout << hunt.traces << " traces, " << shrunk.runs << " runs\n"
            << PrintTrace(target, shrunk.trace) << again.Summary() << "\n"
            << runner.session().Draw() << "\n";
  EXPECT_EQ(testing::WhyNotMinimal(runner, shrunk, 100), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongBarrier,
    ::testing::Values(
        Rules{"no_shade_of_the_old", &TargetWith<BarrierRules{.shades_old = false}>},
        Rules{"no_shade_of_the_new", &TargetWith<BarrierRules{.shades_new = Insertion::kNever}>},
        Rules{"white_allocation", &TargetWith<BarrierRules{.allocates_black = false}>}),
    kNameOfRules);

// Law: a run by a strategy does what its switches do when they are written.
TEST(ScheduledHeapTest, ARunIsItsSwitches) {
  const auto compared = testing::CompareExpandedTraces(ScheduledHeapTarget(), 1, 60, 40);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 30u);
}

}  // namespace
}  // namespace slotproof
