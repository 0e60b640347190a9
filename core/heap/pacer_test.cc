#include "core/heap/pacer.h"

#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

// Computed by hand from the runtime's rules; in each, the last three follow from the others.
struct Row {
  std::string_view what;
  PacerInputs in;
  std::uint64_t by_percent;
  std::uint64_t by_limit;
  std::uint64_t goal;
  std::uint64_t trigger;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.what; }

// With the default limit, and no memory in use, the limit's goal.
constexpr std::uint64_t kFar = kNoMemoryLimit - kMiB;

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"nothing yet: the minimum", {}, 4 * kMiB, kFar, 4 * kMiB, 65536 * 45},
      {"the minimum scales with GOGC", {.gc_percent = 50}, 2 * kMiB, kFar, 2 * kMiB, 32768 * 45},
      {"what is live doubles",
       {.marked = 8 * kMiB},
       16 * kMiB,
       kFar,
       16 * kMiB,
       8 * kMiB + 131072 * 45},
      {"stacks and globals count once, by GOGC",
       {.marked = 8 * kMiB, .stack_scan = kMiB, .globals_scan = 3 * kMiB, .gc_percent = 50},
       14 * kMiB,
       kFar,
       14 * kMiB,
       8 * kMiB + 98304 * 45},
      {"GOGC = 0 leaves no room",
       {.marked = 5 * kMiB, .gc_percent = 0},
       5 * kMiB,
       kFar,
       5 * kMiB,
       5 * kMiB},
      {"GOGC = 1", {.marked = 1000, .gc_percent = 1}, 41943, kFar, 41943, 1000 + 639 * 45},
      {"GOGC is off, no limit",
       {.marked = 5 * kMiB, .gc_percent = -1},
       kNoGoal,
       kFar,
       kFar,
       5 * kMiB + (kFar - 5 * kMiB) / 64 * 45},
      {"GOGC is off: the limit rules, less the headroom",
       {.marked = 5 * kMiB,
        .gc_percent = -1,
        .memory_limit = 64 * kMiB,
        .mapped_ready = 12 * kMiB,
        .heap_free = 2 * kMiB,
        .heap_alloc = 6 * kMiB},
       // non-heap: 12 - 2 - 6 = 4
       kNoGoal,
       59 * kMiB,
       59 * kMiB,
       5 * kMiB + 884736 * 45},
      {"the limit is the lower one",
       {.marked = 40 * kMiB,
        .memory_limit = 64 * kMiB,
        .mapped_ready = 44 * kMiB,
        .heap_free = 0,
        .heap_alloc = 42 * kMiB},
       80 * kMiB,
       61 * kMiB,
       61 * kMiB,
       40 * kMiB + 344064 * 45},
      {"what is over the limit counts twice",
       // non-heap 10, overage 6: 64 - 16 - 1
       {.marked = 20 * kMiB,
        .memory_limit = 64 * kMiB,
        .mapped_ready = 70 * kMiB,
        .heap_free = 30 * kMiB,
        .heap_alloc = 30 * kMiB},
       40 * kMiB,
       47 * kMiB,
       40 * kMiB,
       20 * kMiB + 327680 * 45},
      {"the limit below what is not heap: collect always",
       {.marked = 3 * kMiB,
        .memory_limit = 8 * kMiB,
        .mapped_ready = 12 * kMiB,
        .heap_free = 0,
        .heap_alloc = 4 * kMiB},
       6 * kMiB,
       3 * kMiB,
       3 * kMiB,
       3 * kMiB},
      {"the limit equal to what is not heap",
       {.marked = kMiB,
        .memory_limit = 8 * kMiB,
        .mapped_ready = 8 * kMiB,
        .heap_free = 0,
        .heap_alloc = 0},
       4 * kMiB,
       kMiB,
       kMiB,
       kMiB},
      {"less than two headrooms: exactly one",
       {.marked = 512 * kKiB,
        .memory_limit = 8 * kMiB,
        .mapped_ready = 7 * kMiB,
        .heap_free = 0,
        .heap_alloc = 2 * kMiB - 1 + (kMiB - kMiB) - kMiB},
       // non-heap: 6 MiB + 1, so less than 2 MiB is left
       4 * kMiB,
       kMiB,
       kMiB,
       512 * kKiB + 8192 * 45},
      {"two headrooms: one as well",
       {.marked = 512 * kKiB,
        .memory_limit = 8 * kMiB,
        .mapped_ready = 7 * kMiB,
        .heap_free = 0,
        .heap_alloc = kMiB},
       4 * kMiB,
       kMiB,
       kMiB,
       512 * kKiB + 8192 * 45},
      {"a little more than two",
       {.marked = 512 * kKiB,
        .memory_limit = 8 * kMiB,
        .mapped_ready = 7 * kMiB,
        .heap_free = 64,
        .heap_alloc = kMiB},
       4 * kMiB,
       kMiB + 64,
       kMiB + 64,
       512 * kKiB + 8193 * 45},
      {"never below what is marked",
       {.marked = 7 * kMiB,
        .memory_limit = 8 * kMiB,
        .mapped_ready = 8 * kMiB,
        .heap_free = 0,
        .heap_alloc = 7 * kMiB},
       14 * kMiB,
       7 * kMiB,
       7 * kMiB,
       7 * kMiB},
      {"a limit of nothing", {.marked = kMiB, .memory_limit = 0}, 4 * kMiB, kMiB, kMiB, kMiB},
  };
  return rows;
}

class PacerTest : public testing::TestWithParam<Row> {};

TEST_P(PacerTest, FollowsTheRules) {
  const Row& row = GetParam();
  EXPECT_EQ(GoalOfPercent(row.in), row.by_percent);
  EXPECT_EQ(GoalOfLimit(row.in), row.by_limit);
  EXPECT_EQ(HeapGoal(row.in), row.goal);
  EXPECT_EQ(LimitRules(row.in), row.by_limit < row.by_percent);
  EXPECT_EQ(HeapTrigger(row.in.marked, row.goal), row.trigger);
}
INSTANTIATE_TEST_SUITE_P(Rows, PacerTest, testing::ValuesIn(Rows()));

TEST(PacerTriggerTest, IsTheGoalWhenThereIsNoRoom) {
  EXPECT_EQ(HeapTrigger(100, 100), 100U);
  EXPECT_EQ(HeapTrigger(200, 100), 100U);
}

TEST(PacerTriggerTest, NoGoalMeansNoTrigger) { EXPECT_EQ(HeapTrigger(100, kNoGoal), kNoGoal); }

// The quotient comes first, as in the runtime: small distances give less than 45/64.
TEST(PacerTriggerTest, DividesBeforeItMultiplies) {
  EXPECT_EQ(HeapTrigger(0, 63), 0U);
  EXPECT_EQ(HeapTrigger(0, 64), 45U);
  EXPECT_EQ(HeapTrigger(1000, 1127), 1045U);
}

TEST(PacerTriggerTest, LiesBetweenWhatIsMarkedAndTheGoal) {
  for (std::uint64_t marked = 1; marked < (std::uint64_t{1} << 60); marked = marked * 3 + 1) {
    for (std::uint64_t goal = marked; goal < (std::uint64_t{1} << 61); goal = goal * 2 + 1) {
      const std::uint64_t trigger = HeapTrigger(marked, goal);
      ASSERT_GE(trigger, marked);
      ASSERT_LE(trigger, goal);
    }
  }
}

}  // namespace
}  // namespace slotproof::core
