#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/linear/models/operation.h"
#include "harness/sched/crash.h"
#include "harness/sched/explore.h"
#include "subjects/public_containers/judge.h"
#include "subjects/public_containers/programs.h"

namespace slotproof::public_containers {

static void PrintTo(const ContainerProgram& program, std::ostream* out) { *out << program.name; }

namespace {

using linear::Value;
using sched::Found;
using sched::Memory;
using sched::RunOptions;

// Twice as many as the bug that takes most of them.
constexpr std::uint64_t kSchedulesOfBug = 4000;
constexpr std::uint64_t kSchedulesOfNone = 500;

class PublicContainersTest : public testing::TestWithParam<ContainerProgram> {
 protected:
  static void SetUpTestSuite() { sched::CatchCrashes(); }
  void TearDown() override { ForgiveEmpty(false); }

  static RunOptions Options(Memory memory) {
    ForgiveEmpty(memory == Memory::kStale);
    return {.memory = memory, .races_fail = GetParam().races_fail, .max_points = kMostPoints};
  }
  static std::string_view EndingIn(Memory memory) {
    return memory == Memory::kStale ? GetParam().stale_ending : GetParam().ending;
  }
  static std::optional<Found> Find(Memory memory) {
    StartRecord();
    const bool is_clean = EndingIn(memory).empty();
    return FindFailure(GetParam().run, sched::StrategyName::kMix, 1,
                       is_clean ? kSchedulesOfNone : kSchedulesOfBug, Options(memory));
  }
  static std::string Describe(const sched::RunResult& result, const RunOptions& options) {
    ReplaySchedule(GetParam().run, result.schedule, options);
    return std::string(EndingName(result.ending)) + ": " + result.message + "\n" +
           FormatSchedule(result.schedule) + "\n" + DrawRecord();
  }
};

// Law: the container keeps its promise in each schedule; what is not so, and each misuse, is found,
// shrinks to few switches, and fails again in each of a hundred replays.
TEST_P(PublicContainersTest, EndsAsExpected) {
  for (const Memory memory : {Memory::kSequential, Memory::kStale}) {
    const std::string_view ending = EndingIn(memory);
    const RunOptions options = Options(memory);
    const std::optional<Found> found = Find(memory);
    if (ending.empty()) {
      EXPECT_FALSE(found.has_value()) << Describe(found->result, options);
      continue;
    }
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(EndingName(found->result.ending), ending) << Describe(found->result, options);
    // Where there is no end, each yield is a switch that cannot go.
    const bool has_end = found->result.ending != sched::Ending::kLivelock;
    const Found minimal = has_end ? MinimalFailure(GetParam().run, found->result, options) : *found;
    if (has_end) {
      std::cout << "after " << found->schedules
                << " schedules: " << Describe(minimal.result, options);
      EXPECT_LE(minimal.result.schedule.size(), 6u);
    }
    sched::Runtime::Get().Forget();
    for (int i = 0; i < 100; ++i) {
      const sched::Replayed again =
          ReplaySchedule(GetParam().run, minimal.result.schedule, options);
      ASSERT_FALSE(again.moved);
      ASSERT_EQ(again.result.ending, minimal.result.ending);
      ASSERT_EQ(again.result.message, minimal.result.message);
    }
  }
}

class SmallProgramTest : public PublicContainersTest {};

// Law: of a small program no interleaving breaks the promise, whichever class it is of.
TEST_P(SmallProgramTest, HoldsInAllInterleavings) {
  const RunOptions options = Options(Memory::kSequential);
  const sched::Explored all =
      ExploreAll(GetParam().run, sched::Exhaustive::Reduction::kDynamic, options, 2000);
  EXPECT_TRUE(all.whole);
  EXPECT_GT(all.completed, 1u);
  std::cout << all.completed << " classes\n";
  ASSERT_EQ(all.failed, 0u) << Describe(*all.first_failure, options);
}

std::vector<ContainerProgram> SmallPrograms() {
  std::vector<ContainerProgram> small;
  for (const ContainerSet& set : ContainerSets()) {
    std::ranges::copy_if(set.programs, std::back_inserter(small), &ContainerProgram::is_small);
  }
  return small;
}

// Takes back what was put in first, then last, then nothing.
void RecordTakes(Value first, Value second, std::uint32_t thread) {
  StartRecord();
  for (const Value value : {kOfProducer + 1, kOfProducer + 2}) {
    Ask(0, {.code = linear::Code::kEnqueue, .b = value});
    Answer(0, linear::kAnyResult);
  }
  for (const Value value : {first, second}) {
    Ask(thread, {.code = linear::Code::kDequeue});
    Answer(thread, value);
  }
}

// Law: each contract knows what keeps it and what breaks it.
TEST(JudgeTest, KnowsWhatBreaksEachContract) {
  const auto kept = [] {
    std::string text;
    for (const Contract contract :
         {Contract::kQueue, Contract::kStack, Contract::kStreams, Contract::kStreamsOrEmpty}) {
      text += Kept(contract) ? 'y' : 'n';
    }
    return text;
  };
  RecordTakes(kOfProducer + 1, kOfProducer + 2, 1);
  EXPECT_EQ(kept(), "ynyy");
  RecordTakes(kOfProducer + 2, kOfProducer + 1, 1);
  EXPECT_EQ(kept(), "nynn");
  RecordTakes(linear::kNil, kOfProducer + 1, 1);
  EXPECT_EQ(kept(), "nnyn");
  ForgiveEmpty(true);
  EXPECT_EQ(kept(), "ynyy");
  RecordTakes(linear::kNil, kOfProducer + 1, 0);
  EXPECT_EQ(kept(), "nnyn");
  ForgiveEmpty(false);
  RecordTakes(kOfProducer + 1, kOfProducer + 1, 1);
  EXPECT_EQ(kept(), "nnnn");
}

TEST(JudgeTest, KnowsWhatBreaksAMap) {
  for (const Value found : {linear::kNil, Value{7}}) {
    StartRecord();
    Ask(1, {.code = linear::Code::kInsert, .key = 1, .b = 7});
    Answer(1, linear::kTrue);
    Ask(2, {.code = linear::Code::kRead, .key = 1});
    Answer(2, found);
    EXPECT_EQ(Kept(Contract::kMap), found == 7);
  }
}

std::string NameOf(const testing::TestParamInfo<ContainerProgram>& tested) {
  return std::string(tested.param.name);
}

INSTANTIATE_TEST_SUITE_P(Moodycamel, PublicContainersTest, testing::ValuesIn(MoodycamelPrograms()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(BoostLockfree, PublicContainersTest, testing::ValuesIn(BoostPrograms()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Small, SmallProgramTest, testing::ValuesIn(SmallPrograms()), NameOf);
INSTANTIATE_TEST_SUITE_P(Tbb, PublicContainersTest, testing::ValuesIn(TbbPrograms()), NameOf);

}  // namespace
}  // namespace slotproof::public_containers
