#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HUNT_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HUNT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "core/heap/heap_policy.h"
#include "harness/sched/explore.h"
#include "harness/sched/mix.h"
#include "harness/sched/runtime.h"
#include "subjects/scheduled_heap/heap_programs.h"

// Looks for a schedule of a drawn program in which the heap loses or keeps an object.

namespace slotproof {

// No program has so many points. A sweep reads a word of mark bits for each of its objects, and
// waits for nobody.
inline constexpr sched::RunOptions kHeapRunOptions = {.max_points = 50'000, .spin_reads = 200};

struct HeapHunt {
  std::optional<sched::Found> found;
  HeapProgram program;          // the one that failed
  std::uint64_t schedules = 0;  // with the one that failed
};

// Some schedules of each of so many programs, drawn by this seed.
HeapHunt HuntInHeap(const core::BarrierRules& rules, std::uint64_t seed, std::uint64_t programs,
                    sched::StrategyName strategy = sched::StrategyName::kMix);

// What the scheduler runs. Both must outlive it.
sched::Program ScheduledHeapProgram(const HeapProgram& program, const core::BarrierRules& rules);

std::string DescribeHunt(const HeapHunt& hunt, const sched::RunResult& result);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HUNT_H_
