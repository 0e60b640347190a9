#include "subjects/scheduled/reported_goals.h"

#include <utility>

namespace slotproof {
namespace {

// Fibers share the thread of their session.
thread_local GoalCounts reported;

}  // namespace

void ReportGoal(std::size_t goal) { reported.Hit(goal); }

GoalCounts TakeReportedGoals() { return std::exchange(reported, GoalCounts()); }

}  // namespace slotproof
