#ifndef SLOTPROOF_SUBJECTS_HEAP_REFERENCE_GOALS_H_
#define SLOTPROOF_SUBJECTS_HEAP_REFERENCE_GOALS_H_

#include <cstddef>

#include "core/heap/heap_events.h"
#include "harness/subject/goals.h"
#include "subjects/heap/heap_session.h"

// The goals of the reference heap: those of any heap, then the events of core/heap.

namespace slotproof {

constexpr std::size_t ReferenceGoalOf(core::HeapEvent event) {
  return kHeapSessionGoals + static_cast<std::size_t>(event);
}

inline constexpr std::size_t kHeapReferenceGoals = kHeapSessionGoals + core::kHeapEventCount;
static_assert(kHeapReferenceGoals <= kMaxGoals);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_REFERENCE_GOALS_H_
