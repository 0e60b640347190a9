#include <cstdint>
#include <iostream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "core/heap/heap_policy.h"
#include "harness/sched/explore.h"
#include "harness/sched/fail.h"
#include "subjects/scheduled_heap/heap_programs.h"

namespace slotproof {
namespace {

using core::BarrierRules;
using Insertion = core::BarrierRules::Insertion;

constexpr std::uint64_t kSchedulesOfProgram = 50;
constexpr std::size_t kSteps = 5;
// A sweep reads a word of mark bits for each of its objects, and waits for nobody.
constexpr sched::RunOptions kOptions = {.spin_reads = 200};

sched::Program ProgramOf(const HeapProgram& program, const BarrierRules& rules) {
  return [&program, &rules] {
    RunHeapProgram(program, rules,
                   {.fail = &sched::Fail, .begin_operation = &sched::BeginOperation});
  };
}

struct Hunt {
  std::optional<sched::Found> found;
  HeapProgram program;          // the one that failed
  std::uint64_t schedules = 0;  // with the one that failed
};

// Programs of this seed, some schedules of each.
Hunt HuntFailure(const BarrierRules& rules, std::uint64_t seed, std::uint64_t programs) {
  Hunt hunt;
  for (std::uint64_t i = 0; i < programs && !hunt.found.has_value(); ++i) {
    hunt.program = DrawHeapProgram(seed * 1'000'003 + i, kSteps);
    hunt.found = sched::FindFailure(ProgramOf(hunt.program, rules), sched::StrategyName::kMix,
                                    seed + i, kSchedulesOfProgram, kOptions);
    hunt.schedules += hunt.found.has_value() ? hunt.found->schedules : kSchedulesOfProgram;
  }
  return hunt;
}

std::string Describe(const Hunt& hunt, const sched::RunResult& result) {
  return result.message + "\n" + DescribeHeapProgram(hunt.program) +
         sched::FormatSchedule(result.schedule);
}

struct Rules {
  std::string name;
  BarrierRules rules;
};

class RightBarrier : public testing::TestWithParam<Rules> {};

// Law: nothing that can be reached is freed, and nothing else is kept, whatever the schedule.
TEST_P(RightBarrier, LosesAndKeepsNothing) {
  const Hunt hunt = HuntFailure(GetParam().rules, 1, 20);
  EXPECT_FALSE(hunt.found.has_value()) << Describe(hunt, hunt.found->result);
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
  const Hunt hunt = HuntFailure(GetParam().rules, 1, 200);
  ASSERT_TRUE(hunt.found.has_value()) << "in " << hunt.schedules << " schedules";
  const sched::Program program = ProgramOf(hunt.program, GetParam().rules);
  const sched::Found minimal = sched::MinimalFailure(program, hunt.found->result, kOptions);
  std::cout << hunt.schedules << " schedules: " << Describe(hunt, minimal.result) << "\n";
  for (int i = 0; i < 100; ++i) {
    const sched::Replayed again = sched::ReplaySchedule(program, minimal.result.schedule, kOptions);
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
