#include <memory>

#include "subjects/scheduled_map/call_goals.h"
#include "subjects/scheduled_map/maps.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

namespace slotproof {

const Target& ScheduledLockedMapTarget() {
  static const Target target = ScheduledMapTarget(
      "scheduled_locked_map", "scheduled threads on one reference map behind a mutex",
      []() -> std::unique_ptr<Session> {
        return std::make_unique<ScheduledMapSession>(&NewLockedMap);
      },
      kCallGoals);
  return target;
}

}  // namespace slotproof
