#include "subjects/all_targets.h"

#include "subjects/map/targets.h"
#include "subjects/shared_map/shared_map_session.h"
#include "subjects/slice/targets.h"

namespace slotproof {

std::span<const Target* const> AllTargets() {
  static const Target* const targets[] = {
      &MapTarget(),       &UnorderedMapTarget(), &SliceTarget(),
      &LockedMapTarget(), &UnguardedMapTarget(),
  };
  return targets;
}

}  // namespace slotproof
