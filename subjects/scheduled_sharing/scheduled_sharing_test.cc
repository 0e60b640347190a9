#include <iostream>

#include <gtest/gtest.h>

#include "harness/sched/exhaustive.h"
#include "harness/sched/explore.h"
#include "subjects/scheduled_sharing/hunt.h"

namespace slotproof {
namespace {

using Kind = SharingStepKind;

class ScheduledSharingTest : public testing::TestWithParam<SharedThing> {};

// Law: nothing is had twice, lost, or dropped too early, whatever the schedule and whatever a load
// may see.
TEST_P(ScheduledSharingTest, EverythingIsAccountedFor) {
  const SharingHunt hunt = HuntInSharing(GetParam(), 1, 40);
  EXPECT_FALSE(hunt.found.has_value())
      << DescribeSharingHunt(hunt, hunt.found->result)
      << "\nreplay: bazel test //subjects/scheduled_sharing:scheduled_sharing_test "
         "--test_filter='*."
      << testing::UnitTest::GetInstance()->current_test_info()->name() << "'";
}

// The smallest programs in which threads meet.
SharingProgram Smallest(SharedThing thing) {
  constexpr SharingStep kTake = {.kind = Kind::kTake};
  constexpr SharingStep kGive = {.kind = Kind::kGive};
  switch (thing) {
    case SharedThing::kFreeList:
      return {.thing = thing, .threads = {{{kTake, kGive}, {kTake, kGive}, {}}}};
    case SharedThing::kPool:
      return {.thing = thing, .threads = {{{kGive, kGive}, {kTake}, {{Kind::kCycle}}}}};
    case SharedThing::kWindows:
      return {.thing = thing, .threads = {{{{Kind::kWrite, 0, 0}}, {{Kind::kCopy, 1, 0}}, {}}}};
  }
  return {};
}

// Law: so it is in all interleavings of the smallest programs, whatever each load may see.
TEST_P(ScheduledSharingTest, SoItIsInAllInterleavings) {
  const SharingProgram program = Smallest(GetParam());
  for (const sched::Memory memory : {sched::Memory::kSequential, sched::Memory::kStale}) {
    const sched::Explored all =
        sched::ExploreAll(ScheduledSharingProgram(program), sched::Exhaustive::Reduction::kDynamic,
                          {.memory = memory});
    EXPECT_TRUE(all.whole);
    EXPECT_EQ(all.failed, 0U) << all.first_failure->message;
    std::cout << all.completed << " interleavings\n";
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScheduledSharingTest, testing::ValuesIn(kSharedThings),
                         [](const auto& info) {
                           std::string name = NameOfThing(info.param);
                           std::erase(name, ' ');
                           return name;
                         });

}  // namespace
}  // namespace slotproof
