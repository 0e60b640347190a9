#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sched/behaviour/library_programs.h"
#include "harness/sched/crash.h"
#include "harness/sched/explore.h"

namespace slotproof::sched {

static void PrintTo(const SmallProgram& program, std::ostream* out) { *out << program.name; }

namespace {

constexpr RunOptions kOptions = {.max_points = 20'000};

std::string NameOfEnding(Ending ending) {
  std::string name(EndingName(ending));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

class LibraryTest : public testing::TestWithParam<SmallProgram> {
 protected:
  static void SetUpTestSuite() { CatchCrashes(); }

  // Says how one ends that it must not.
  void See(const RunResult& result) {
    const std::string name = NameOfEnding(result.ending);
    const bool listed =
        (" " + std::string(GetParam().endings) + " ").find(" " + name + " ") != std::string::npos;
    if (seen_.insert(name).second && !listed) {
      ADD_FAILURE() << name << ": " << result.message << "; " << FormatSchedule(result.schedule);
    }
  }
  void ExpectAll() const {
    std::string all;
    for (const std::string& name : seen_) all += (all.empty() ? "" : " ") + name;
    EXPECT_EQ(all, GetParam().endings);
  }

 private:
  std::set<std::string> seen_;
};

// Law: in the first interleavings, with reduction, the program is as it should be.
TEST_P(LibraryTest, WorksInEachInterleaving) {
  const Explored explored =
      ExploreAll(GetParam().run, Exhaustive::Reduction::kDynamic, kOptions, 400);
  if (explored.first_failure) See(*explored.first_failure);
  if (explored.completed > explored.failed) See({});
  ExpectAll();
}

// Law: so it is in random schedules.
TEST_P(LibraryTest, WorksInRandomSchedules) {
  Runtime::Get().Forget();
  Choices choices(5);
  Mix mix(StrategyName::kMix, choices);
  for (int i = 0; i < 300; ++i) See(RunOnce(GetParam().run, mix, kOptions));
  ExpectAll();
}

std::vector<SmallProgram> AllPrograms() {
  std::vector<SmallProgram> all;
  for (const auto& some : {AtomicPrograms(), ObjectPrograms(), ThreadPrograms()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Programs, LibraryTest, testing::ValuesIn(AllPrograms()),
                         [](const testing::TestParamInfo<SmallProgram>& tested) {
                           return std::string(tested.param.name);
                         });

}  // namespace
}  // namespace slotproof::sched
