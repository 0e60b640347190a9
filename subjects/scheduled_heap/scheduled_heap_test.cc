#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "core/heap/heap_policy.h"
#include "harness/sched/explore.h"
#include "subjects/scheduled_heap/hunt.h"

namespace slotproof {
namespace {

using core::BarrierRules;
using Insertion = core::BarrierRules::Insertion;

struct Rules {
  std::string name;
  BarrierRules rules;
};

class RightBarrier : public testing::TestWithParam<Rules> {};

// Law: nothing that can be reached is freed, and nothing else is kept, whatever the schedule.
TEST_P(RightBarrier, LosesAndKeepsNothing) {
  const HeapHunt hunt = HuntInHeap(GetParam().rules, 1, 20);
  EXPECT_FALSE(hunt.found.has_value()) << DescribeHunt(hunt, hunt.found->result);
}

INSTANTIATE_TEST_SUITE_P(
    All, RightBarrier,
    testing::Values(Rules{"hybrid", {}},
                    Rules{"insertion_while_grey", {.shades_new = Insertion::kWhileStackIsGrey}},
                    Rules{"insertion_and_rescan", {.shades_old = false, .rescans_stacks = true}}),
    [](const auto& info) { return info.param.name; });

class WrongBarrier : public testing::TestWithParam<Rules> {};

// Law: each wrong barrier is found, in a schedule that shrinks and replays.
TEST_P(WrongBarrier, IsFound) {
  const HeapHunt hunt = HuntInHeap(GetParam().rules, 1, 200);
  ASSERT_TRUE(hunt.found.has_value()) << "in " << hunt.schedules << " schedules";
  const sched::Program program = ScheduledHeapProgram(hunt.program, GetParam().rules);
  const sched::Found minimal = sched::MinimalFailure(program, hunt.found->result, kHeapRunOptions);
  std::cout << hunt.schedules << " schedules: " << DescribeHunt(hunt, minimal.result) << "\n";
  for (int i = 0; i < 100; ++i) {
    const sched::Replayed again =
        sched::ReplaySchedule(program, minimal.result.schedule, kHeapRunOptions);
    ASSERT_FALSE(again.moved);
    ASSERT_EQ(again.result.message, minimal.result.message);
  }
}

INSTANTIATE_TEST_SUITE_P(All, WrongBarrier,
                         testing::Values(Rules{"no_shade_of_the_old", {.shades_old = false}},
                                         Rules{"no_shade_of_the_new",
                                               {.shades_new = Insertion::kNever}},
                                         Rules{"white_allocation", {.allocates_black = false}}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace slotproof
