// How many classes of interleavings end in which way. The numbers change when the map looks at its
// flags elsewhere, or sets them otherwise.

#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

#include "bench/misuse/explore.h"
#include "harness/sched/crash.h"

namespace slotproof::bench {
namespace {

constexpr const char* kWrites = "concurrent map writes";
constexpr const char* kRead = "concurrent map read and map write";
constexpr const char* kIteration = "concurrent map iteration and map write";

const MisuseProgram& Named(std::string_view name) {
  for (const MisuseProgram& program : MisusePrograms()) {
    if (program.name == name) return program;
  }
  ADD_FAILURE() << "no program is called " << name;
  return MisusePrograms().front();
}

struct Golden {
  std::string_view name;
  MisuseEndings endings;
};

// The quick ones first.
const Golden kGolden[] = {
    {"insert, find another key", {{kRead, 2}, {"unnoticed", 5}}},
    {"delete, find its key", {{kRead, 2}, {"unnoticed", 6}}},
    {"clear, find", {{kRead, 2}, {"unnoticed", 7}}},
    {"insert, iterate", {{kIteration, 26}, {"unnoticed", 32}}},
    {"assign, assign, one key", {{kWrites, 28}, {"unnoticed", 56}}},
    {"clear, iterate", {{kIteration, 80}, {"unnoticed", 103}}},
    {"delete, insert", {{kWrites, 185}, {"corrupted", 48}, {"unnoticed", 85}}},
    {"delete, delete, one key", {{kWrites, 234}, {"corrupted", 64}, {"unnoticed", 102}}},
    {"insert, insert, one key", {{kWrites, 448}, {"corrupted", 144}, {"unnoticed", 164}}},
    {"insert, insert", {{kWrites, 544}, {"corrupted", 240}, {"lost", 64}, {"unnoticed", 68}}},
    {"growth begins, find",
     {{kRead, 4}, {"use after free", 664}, {"wrong answer", 36}, {"unnoticed", 18}}},
};

constexpr std::uint64_t kMost = 100'000;

TEST(MisuseTest, EachProgramEndsAsOftenInEachWay) {
  sched::CatchCrashes();
  for (const Golden& golden : kGolden) {
    const sched::Explored all = ExploreMisuse(Named(golden.name), kMost);
    ASSERT_TRUE(all.whole) << golden.name;
    ASSERT_EQ(all.outcomes, golden.endings) << golden.name;
  }
}

// Sleep sets alone begin each order of two steps, whatever a run has shown of its rest.
TEST(MisuseTest, NoClassIsLeftOut) {
  sched::CatchCrashes();
  for (const Golden& golden : kGolden) {
    const sched::Explored all =
        ExploreMisuse(Named(golden.name), sched::Exhaustive::Reduction::kSleepSets, kMost);
    ASSERT_EQ(all.outcomes, golden.endings) << golden.name;
  }
}

}  // namespace
}  // namespace slotproof::bench
