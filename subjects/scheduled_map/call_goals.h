#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CALL_GOALS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CALL_GOALS_H_

#include <algorithm>
#include <array>
#include <cstddef>

#include "harness/subject/goals.h"

namespace slotproof {

// What each map that threads share should be asked at some time, whatever its algorithm: calls that
// meet others which came after they had begun.
enum class CallGoal : std::size_t { kFoundNewer, kReplacedNewer, kVisitedNewer, kComparedInVain };

inline constexpr auto kCallGoals = std::to_array<GoalSpec>({
    {"found-newer", "a look-up found what was stored after it had begun"},
    {"replaced-newer", "a write met what another one stored after it had begun"},
    {"visited-newer", "a visit of all keys saw what was stored after it had begun"},
    {"compared-in-vain", "a thread compared with a value that another one had changed"},
});

// The table of a target: these, and then those of its map.
template <std::size_t kCount>
constexpr std::array<GoalSpec, kCallGoals.size() + kCount> WithCallGoals(
    const std::array<GoalSpec, kCount>& of_the_map) {
  std::array<GoalSpec, kCallGoals.size() + kCount> all;
  std::ranges::copy(of_the_map, std::ranges::copy(kCallGoals, all.begin()).out);
  return all;
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CALL_GOALS_H_
