#include "harness/engine/fuzz/feedback.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

using Counters = std::array<std::uint8_t, kFeedbackCounters>;
using State = std::array<std::uint8_t, kStateFeatures>;

Counters Feedback(const GoalCounts& goals, const State& state, std::size_t goal_count = kMaxGoals) {
  Counters counters{};
  WriteFeedback(goals, goal_count, state, counters);
  return counters;
}

int NonZero(const Counters& counters) {
  return static_cast<int>(std::count_if(counters.begin(), counters.end(),
                                        [](std::uint8_t value) { return value != 0; }));
}

// Nothing reached, nothing reported: an input that does nothing is not interesting.
TEST(FeedbackTest, NothingReachedIsAllZero) {
  EXPECT_EQ(Feedback(GoalCounts{}, State{}), Counters{});
}

// Eight levels of how often a goal was reached are told apart: those of libFuzzer's own counters.
TEST(FeedbackTest, HowOftenAGoalWasReachedHasEightLevels) {
  std::set<Counters> seen;
  for (const int times : {1, 2, 3, 4, 8, 16, 32, 128}) {
    for (const std::size_t goal : {std::size_t{0}, kMaxGoals - 1}) {
      GoalCounts goals;
      for (int i = 0; i < times; ++i) goals.Hit(goal);
      const Counters counters = Feedback(goals, State{});
      EXPECT_EQ(NonZero(counters), 1);
      EXPECT_TRUE(seen.insert(counters).second) << times;
      if (times == 3) continue;
      goals.Hit(goal);
      EXPECT_EQ(Feedback(goals, State{}) == counters, times >= 4) << times;
    }
  }
}

// Values up to 15 differ from each other, and so do powers of two above.
TEST(FeedbackTest, StateValuesAreToldApart) {
  std::set<Counters> seen;
  for (const int value : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32, 64, 128}) {
    State state{};
    state[kStateFeatures - 1] = static_cast<std::uint8_t>(value);
    const Counters counters = Feedback(GoalCounts{}, state);
    EXPECT_EQ(NonZero(counters), 1);
    EXPECT_TRUE(seen.insert(counters).second) << value;
  }
  State low{};
  State high{};
  low[0] = 128;
  high[0] = 255;
  EXPECT_EQ(Feedback(GoalCounts{}, low), Feedback(GoalCounts{}, high));
}

// Two goals in one run are news even where each alone is not.
TEST(FeedbackTest, PairsOfGoalsHaveCountersOfTheirOwn) {
  std::set<Counters> seen;
  for (std::size_t i = 0; i < 40; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      GoalCounts goals;
      goals.Hit(i);
      goals.Hit(j);
      const Counters counters = Feedback(goals, State{});
      EXPECT_EQ(NonZero(counters), 3);
      EXPECT_TRUE(seen.insert(counters).second) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace slotproof
