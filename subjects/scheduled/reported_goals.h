#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_REPORTED_GOALS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_REPORTED_GOALS_H_

#include <cstddef>

#include "harness/subject/goals.h"

namespace slotproof {

// A rare event happened: a goal of the target, by its place among them. A subject may say so
// anywhere: this is no scheduled code, and no point.
void ReportGoal(std::size_t goal);

// What was reported since this was last called.
GoalCounts TakeReportedGoals();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_REPORTED_GOALS_H_
