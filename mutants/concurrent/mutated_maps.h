#ifndef SLOTPROOF_MUTANTS_CONCURRENT_MUTATED_MAPS_H_
#define SLOTPROOF_MUTANTS_CONCURRENT_MUTATED_MAPS_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "mutants/plant/choice.h"
#include "subjects/scheduled_map/maps.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

namespace slotproof {

// Traces that a planted bug must be found within, and operations of each at most.
inline constexpr std::size_t kTracesToFind = 30000;
inline constexpr std::size_t kOpsOfTrace = 60;

// The maps, with the bugs that are chosen while they run.
inline Target SyncMapTarget() {
  return ScheduledMapTarget("sync_map", "with planted bugs", []() -> std::unique_ptr<Session> {
    return std::make_unique<ScheduledMapSession>(&NewSyncMap);
  });
}
inline Target ShardedMapTarget() {
  return ScheduledMapTarget("sharded_map", "with planted bugs", []() -> std::unique_ptr<Session> {
    return std::make_unique<ScheduledMapSession>(&NewShardedMap);
  });
}
inline Target TargetOf(const mutants::Flag& flag) {
  const bool is_sharded = std::string_view(flag.mutant).starts_with("sharded_map_");
  return is_sharded ? ShardedMapTarget() : SyncMapTarget();
}

// Of what the scheduled map has not got; real threads find it.
inline bool IsForRealThreads(const mutants::Flag& flag) {
  return std::string_view(flag.mutant).ends_with("_stripe");
}

}  // namespace slotproof

#endif  // SLOTPROOF_MUTANTS_CONCURRENT_MUTATED_MAPS_H_
