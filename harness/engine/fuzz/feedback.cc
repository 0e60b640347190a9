#include "harness/engine/fuzz/feedback.h"

#include <algorithm>
#include <array>
#include <bit>

namespace slotproof {
namespace {

constexpr std::array<std::uint8_t, 8> kLevels = {1, 2, 3, 4, 8, 16, 32, 128};

std::uint8_t Saturated(std::uint64_t count) {
  return static_cast<std::uint8_t>(std::min<std::uint64_t>(count, 255));
}

// 1..15 as they are, then one step for each power of two.
std::size_t Step(std::uint8_t value) {
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
    counters[i] = Saturated(goals[i]);
    reached[reached_count++] = static_cast<std::uint8_t>(i);
  }

  const auto features = counters.subspan<kMaxGoals, kStateFeatures * kCountersPerFeature>();
  for (std::size_t i = 0; i < kStateFeatures; ++i) {
    if (state[i] == 0) continue;
    const std::size_t step = Step(state[i]);
    features[i * kCountersPerFeature + step / kLevels.size()] = kLevels[step % kLevels.size()];
  }

  const auto pairs = counters.last<kPairCounters>();
  for (std::size_t i = 1; i < reached_count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      pairs[(reached[i] * (reached[i] - 1u) / 2 + reached[j]) % kPairCounters] = 1;
    }
  }
}

}  // namespace slotproof
