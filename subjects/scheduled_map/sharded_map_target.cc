#include <memory>

#include "subjects/scheduled_map/call_goals.h"
#include "subjects/scheduled_map/maps.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

namespace slotproof {

const Target& ScheduledShardedMapTarget() {
  static const Target target = ScheduledMapTarget(
      "scheduled_sharded_map", "scheduled threads on one core::ShardedMap",
      []() -> std::unique_ptr<Session> {
        return std::make_unique<ScheduledMapSession>(&NewShardedMap);
      },
      kCallGoals);
  return target;
}

}  // namespace slotproof
