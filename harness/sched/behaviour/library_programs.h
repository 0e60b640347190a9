#ifndef SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_LIBRARY_PROGRAMS_H_
#define SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_LIBRARY_PROGRAMS_H_

#include <span>

#include "harness/sched/behaviour/program.h"

namespace slotproof::sched {

// What the standard library and pthread have for threads, each used as it is meant.
std::span<const SmallProgram> AtomicPrograms();
std::span<const SmallProgram> ObjectPrograms();
std::span<const SmallProgram> ThreadPrograms();

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_LIBRARY_PROGRAMS_H_
