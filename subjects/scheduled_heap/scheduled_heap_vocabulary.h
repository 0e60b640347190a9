#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SCHEDULED_HEAP_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SCHEDULED_HEAP_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/sched/runtime.h"
#include "harness/subject/profile.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"
#include "subjects/scheduled/schedule_words.h"
#include "subjects/scheduled_heap/shared_heap.h"

// Operations of several threads on one heap, among them its collections, and the schedule in which
// they run (subjects/scheduled/schedule_words.h).
//
//   load r1 r0 t0           t0 is to load r0's next into r1
//   collect t1              t1 is to collect
//   switch t0 t1 7          at the 7th point of its load t0 gives way to t1
//   stay t0                 then t0 waits until that collection has ended
//   run                     now they run, by the rule and the switches that are written
//   new r0 t3               and another phase, on what the first one left in g0 and g1
//   explore pos 17          by partial-order sampling with seed 17: a burst of switches
//
// shared_heap.h says what a heap has at the start.

namespace slotproof {

// The steps of the first version in their order, those of a schedule, and the steps that came
// later.
inline constexpr std::size_t kFirstHeapSteps = 13;
inline constexpr std::size_t kScheduleOps = 4;
inline constexpr std::size_t kLaterHeapSteps = 8;
inline constexpr std::size_t kScheduledHeapOpCount =
    kFirstHeapSteps + kScheduleOps + kLaterHeapSteps;
inline constexpr ScheduleCodes kScheduledHeapSchedule = {.to_switch = kFirstHeapSteps,
                                                         .run = kFirstHeapSteps + 1,
                                                         .explore = kFirstHeapSteps + 2,
                                                         .stale = kFirstHeapSteps + 3};

struct ScheduledHeapHeader {
  std::uint32_t objects;
  sched::Volume volume;
  sched::Memory memory;
  std::uint32_t threads;  // a power of two

  static ScheduledHeapHeader From(const Header& header);
};

bool IsHeapStep(const Op& op);
// Of such an operation. What its number is, only the session knows.
HeapStep StepOf(const Op& op);

const Vocabulary& ScheduledHeapVocabulary();
std::span<const Profile> ScheduledHeapProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SCHEDULED_HEAP_VOCABULARY_H_
