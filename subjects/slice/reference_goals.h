#ifndef SLOTPROOF_SUBJECTS_SLICE_REFERENCE_GOALS_H_
#define SLOTPROOF_SUBJECTS_SLICE_REFERENCE_GOALS_H_

#include <cstddef>
#include <span>

#include "core/slice/events.h"
#include "harness/subject/goals.h"
#include "subjects/slice/slice_session.h"

// The goals of the reference slice: those of any slices, then the events of core/slice.

namespace slotproof {

constexpr std::size_t ReferenceGoalOf(core::SliceEvent event) {
  return kSliceSessionGoals + static_cast<std::size_t>(event);
}

inline constexpr std::size_t kSliceReferenceGoals = kSliceSessionGoals + core::kSliceEventCount;
static_assert(kSliceReferenceGoals <= kMaxGoals);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_REFERENCE_GOALS_H_
