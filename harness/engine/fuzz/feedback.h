#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_FEEDBACK_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_FEEDBACK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/subject/goals.h"

// What a run did to the structure, as counters that libFuzzer treats like coverage, so that it
// keeps inputs which reach rare states even where no new edge was taken.
//
//   | eight a goal: how often | 19 a state feature: its value | one a pair of goals |
//
// Each level of a number has a counter of its own, so that the feedback is the same whether or not
// libFuzzer is told to look at how high its counters are (-use_counters).

namespace slotproof {

inline constexpr std::size_t kGoalLevels = 8;  // 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more
inline constexpr std::size_t kStateFeatures = 16;
inline constexpr std::size_t kStateLevels = 19;     // 1 to 15, then powers of two
inline constexpr std::size_t kPairCounters = 1024;  // a hash of the pair picks one
inline constexpr std::size_t kFeedbackCounters =
    kMaxGoals * kGoalLevels + kStateFeatures * kStateLevels + kPairCounters;

// The counters must be zero, as libFuzzer leaves them before each run.
void WriteFeedback(const GoalCounts& goals, std::size_t goal_count,
                   std::span<const std::uint8_t, kStateFeatures> state,
                   std::span<std::uint8_t, kFeedbackCounters> counters);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_FEEDBACK_H_
