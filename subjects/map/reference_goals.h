#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_GOALS_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_GOALS_H_

#include <array>
#include <cstddef>
#include <span>

#include "core/map/events.h"
#include "harness/subject/goals.h"
#include "subjects/map/map_session.h"

// The goals of the reference map: those of any map, then the events of core/map, then those made
// of both.
//
// Two events are not promised, because no trace can reach them: the capped evacuation mark and the
// approximate overflow count need more buckets than 4,096 keys fill. One more needs an iterator to
// sit in a chain through two whole same-size growths, which only fuzzing reaches now and then.

namespace slotproof {

constexpr bool IsPromised(core::MapEvent event) {
  return event != core::MapEvent::kEvacuationMarkCapped &&
         event != core::MapEvent::kApproximateNoverflow &&
         event != core::MapEvent::kIteratorReadClearedKey;
}

inline constexpr auto kReferenceGoalOf = [] {
  std::array<int, core::kMapEventCount> goals{};
  int next = kMapSessionGoals;
  for (std::size_t i = 0; i < goals.size(); ++i) {
    goals[i] = IsPromised(static_cast<core::MapEvent>(i)) ? next++ : -1;
  }
  return goals;
}();

// The event's place in the table of goals; -1 when it is not promised.
constexpr int ReferenceGoalOf(core::MapEvent event) {
  return kReferenceGoalOf[static_cast<std::size_t>(event)];
}

inline constexpr std::size_t kSameSizeGrowthUnderIteratorGoal = [] {
  std::size_t promised = 0;
  for (const int goal : kReferenceGoalOf) promised += goal >= 0;
  return kMapSessionGoals + promised;
}();
inline constexpr std::size_t kGrowthUnderArgumentGoal = kSameSizeGrowthUnderIteratorGoal + 1;
static_assert(kGrowthUnderArgumentGoal < kMaxGoals);

std::span<const GoalSpec> ReferenceGoalSpecs();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_REFERENCE_GOALS_H_
