// Each bug that is planted in what threads pass to each other is found, made small, and found
// again.

#include <cstdint>
#include <iostream>

#include <gtest/gtest.h>

#include "harness/sched/explore.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"
#include "mutants/sharing/planted_things.h"
#include "subjects/scheduled_sharing/hunt.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kProgramsToSurvive = 10;
constexpr std::uint64_t kProgramsToFind = 2000;
constexpr int kReplays = 20;

// Law: without a bug all programs pass.
TEST(SharingMutantsTest, TheThingsThemselvesPass) {
  for (const SharedThing thing : kSharedThings) {
    const SharingHunt hunt = HuntInSharing(thing, 1, kProgramsToSurvive);
    EXPECT_FALSE(hunt.found.has_value()) << DescribeSharingHunt(hunt, hunt.found->result);
  }
}

void ExpectReplays(const SharingHunt& hunt) {
  const sched::Program program = ScheduledSharingProgram(hunt.program);
  const sched::Found minimal = sched::MinimalFailure(program, hunt.found->result, hunt.options);
  for (int i = 0; i < kReplays; ++i) {
    const sched::Replayed again =
        sched::ReplaySchedule(program, minimal.result.schedule, hunt.options);
    ASSERT_EQ(again.result.ending, minimal.result.ending);
    ASSERT_EQ(again.result.message, minimal.result.message);
  }
}

// Law: each bug is found in a schedule that shrinks and replays.
TEST(SharingMutantsTest, EachBugIsFound) {
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    SCOPED_TRACE(flag.mutant);
    const mutants::ChosenMutant chosen(flag);
    const SharingHunt hunt = HuntInSharing(ThingOf(flag), 1, kProgramsToFind);
    std::cout << flag.mutant << ": " << hunt.schedules << " schedules"
              << (hunt.found.has_value() ? ", " + hunt.found->result.message : "") << "\n"
              << std::flush;
    EXPECT_TRUE(hunt.found.has_value());
    if (hunt.found.has_value()) ExpectReplays(hunt);
  }
}

}  // namespace
}  // namespace slotproof
