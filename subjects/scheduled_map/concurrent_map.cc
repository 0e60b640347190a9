#include "subjects/scheduled_map/concurrent_map.h"

#include <utility>

#include "subjects/scheduled_map/call_goals.h"

namespace slotproof {
namespace {

// Fibers share the thread of their session.
thread_local GoalCounts reported;

}  // namespace

void ReportGoal(std::size_t goal) { reported.Hit(kCallGoals.size() + goal); }

GoalCounts TakeReportedGoals() { return std::exchange(reported, GoalCounts()); }

}  // namespace slotproof
