#include "subjects/all_targets.h"

namespace slotproof {

std::span<const Target* const> AllTargets() {
  static const std::vector<const Target*> targets = [] {
    std::vector<const Target*> all = UnscheduledTargets();
    const std::vector<const Target*> scheduled = ScheduledTargets();
    all.insert(all.end(), scheduled.begin(), scheduled.end());
    return all;
  }();
  return targets;
}

}  // namespace slotproof
