#ifndef SLOTPROOF_MUTANTS_COLLECTOR_MUTATED_HEAP_H_
#define SLOTPROOF_MUTANTS_COLLECTOR_MUTATED_HEAP_H_

#include <cstddef>
#include <string_view>

#include "harness/subject/target.h"

namespace slotproof {

// The heap, with the bugs that are chosen while it runs.
const Target& ScheduledHeapTarget();

// The same, drawn by the profile of this name alone; by all of them if it is empty.
inline Target MutatedHeap(std::string_view profile = "") {
  Target target = ScheduledHeapTarget();
  for (std::size_t i = 0; i < target.profiles.size() && !profile.empty(); ++i) {
    if (target.profiles[i].name == profile) target.profiles = target.profiles.subspan(i, 1);
  }
  return target;
}

// Traces that a planted bug must be found within, and operations of each at most.
inline constexpr std::size_t kTracesToFind = 6000;
inline constexpr std::size_t kOpsOfTrace = 60;

}  // namespace slotproof

#endif  // SLOTPROOF_MUTANTS_COLLECTOR_MUTATED_HEAP_H_
