#ifndef SLOTPROOF_MUTANTS_COLLECTOR_MUTATED_HEAP_H_
#define SLOTPROOF_MUTANTS_COLLECTOR_MUTATED_HEAP_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "harness/subject/profile.h"
#include "harness/subject/target.h"

namespace slotproof {

// The heap, with the bugs that are chosen while it runs.
const Target& ScheduledHeapTarget();

// In place of a profile: those that neither give pages back nor have a map, whose steps are long.
inline constexpr std::string_view kObjectsAlone = "objects alone";

// The same, drawn by the profile of this name alone; by all of them if it is empty.
inline Target MutatedHeap(std::string_view profile = "") {
  Target target = ScheduledHeapTarget();
  const std::span<const Profile> all = target.profiles;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == profile) target.profiles = all.subspan(i, 1);
    if (profile == kObjectsAlone && all[i].name == "scavenged") target.profiles = all.first(i);
  }
  return target;
}

// Traces that a planted bug must be found within, and operations of each at most.
inline constexpr std::size_t kTracesToFind = 6000;
inline constexpr std::size_t kOpsOfTrace = 60;

// How the traces for a planted bug are drawn: what rarely comes up in all of them is looked for
// where it comes up more often.
struct Drawing {
  std::string_view profile;
  std::size_t ops;
};

inline Drawing DrawingFor(std::string_view mutant) {
  if (mutant == "collector_exchange_without_the_barrier")
    return {.profile = "exchanged", .ops = 25};
  if (mutant == "collector_termination_does_not_look_again")
    return {.profile = "detached", .ops = kOpsOfTrace};
  if (mutant == "collector_map_iterator_not_scanned") return {.profile = "walked", .ops = 40};
  if (mutant.starts_with("collector_map_zeroed_")) return {.profile = "cleared", .ops = 40};
  if (mutant.starts_with("collector_map_")) return {.profile = "mapped", .ops = 40};
  if (mutant.starts_with("collector_memory_")) return {.profile = "scavenged", .ops = kOpsOfTrace};
  return {.profile = kObjectsAlone, .ops = kOpsOfTrace};
}

}  // namespace slotproof

#endif  // SLOTPROOF_MUTANTS_COLLECTOR_MUTATED_HEAP_H_
