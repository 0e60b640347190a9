#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_SHARING_HUNT_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_SHARING_HUNT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "harness/sched/explore.h"
#include "harness/sched/runtime.h"
#include "subjects/scheduled_sharing/sharing_programs.h"

// Looks for a schedule of a drawn program in which something goes wrong.

namespace slotproof {

struct SharingHunt {
  std::optional<sched::Found> found;
  SharingProgram program;       // the one that failed, and how
  sched::RunOptions options;    //
  std::uint64_t schedules = 0;  // with the one that failed
};

// Some schedules of each of so many programs, drawn by this seed. In every other program loads may
// see older values.
SharingHunt HuntInSharing(SharedThing thing, std::uint64_t seed, std::uint64_t programs);

// What the scheduler runs. The program must outlive it.
sched::Program ScheduledSharingProgram(const SharingProgram& program);

std::string DescribeSharingHunt(const SharingHunt& hunt, const sched::RunResult& result);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_SHARING_HUNT_H_
