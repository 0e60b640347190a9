#include "harness/engine/fuzz/feedback.h"

#include <algorithm>
#include <array>
#include <bit>

namespace slotproof {
namespace {

std::size_t GoalLevel(std::uint64_t count) {
  if (count < 4) return count - 1;
  if (count >= 128) return 7;
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(count)), 6);
}

std::size_t StateLevel(std::uint8_t value) {
  return value < 16 ? value - 1u : 10u + static_cast<std::size_t>(std::bit_width(value));
}

}  // namespace

void WriteFeedback(const GoalCounts& goals, std::size_t goal_count,
                   std::span<const std::uint8_t, kStateFeatures> state,
                   std::span<std::uint8_t, kFeedbackCounters> counters) {
  std::array<std::uint8_t, kMaxGoals> reached;
  std::size_t reached_count = 0;
  for (std::size_t i = 0; i < goal_count; ++i) {
    if (goals[i] == 0) continue;
    counters[i * kGoalLevels + GoalLevel(goals[i])] = 1;
    reached[reached_count++] = static_cast<std::uint8_t>(i);
  }

  const auto features = counters.subspan<kMaxGoals * kGoalLevels, kStateFeatures * kStateLevels>();
  for (std::size_t i = 0; i < kStateFeatures; ++i) {
    if (state[i] != 0) features[i * kStateLevels + StateLevel(state[i])] = 1;
  }

  const auto pairs = counters.last<kPairCounters>();
  for (std::size_t i = 1; i < reached_count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      pairs[(reached[i] * (reached[i] - 1u) / 2 + reached[j]) % kPairCounters] = 1;
    }
  }
}

}  // namespace slotproof
