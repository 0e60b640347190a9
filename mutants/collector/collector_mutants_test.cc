// Each bug that is planted in the heap that threads share is found, and found again.

#include <cstdint>
#include <iostream>

#include <gtest/gtest.h>

#include "harness/sched/explore.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"
#include "subjects/scheduled_heap/hunt.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kProgramsToSurvive = 10;
constexpr std::uint64_t kProgramsToFind = 400;
constexpr int kReplays = 20;

// Law: without a bug all programs pass.
TEST(CollectorMutantsTest, TheHeapItselfPasses) {
  const HeapHunt hunt = HuntInHeap({}, 1, kProgramsToSurvive);
  EXPECT_FALSE(hunt.found.has_value()) << DescribeHunt(hunt, hunt.found->result);
}

// Law: each bug is found in a schedule that replays.
TEST(CollectorMutantsTest, EachBugIsFound) {
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    SCOPED_TRACE(flag.mutant);
    const mutants::ChosenMutant chosen(flag);
    const core::BarrierRules rules;
    const HeapHunt hunt = HuntInHeap(rules, 1, kProgramsToFind);
    std::cout << flag.mutant << ": " << hunt.schedules << " schedules"
              << (hunt.found.has_value() ? ", " + hunt.found->result.message : "") << std::endl;
    EXPECT_TRUE(hunt.found.has_value());
    if (!hunt.found.has_value()) continue;
    const sched::Program program = ScheduledHeapProgram(hunt.program, rules);
    for (int i = 0; i < kReplays; ++i) {
      const sched::Replayed again =
          sched::ReplaySchedule(program, hunt.found->result.schedule, kHeapRunOptions);
      ASSERT_EQ(again.result.ending, hunt.found->result.ending);
      ASSERT_EQ(again.result.message, hunt.found->result.message);
    }
  }
}

}  // namespace
}  // namespace slotproof
