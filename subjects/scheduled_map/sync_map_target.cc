#include <array>
#include <memory>

#include "subjects/scheduled_map/call_goals.h"
#include "subjects/scheduled_map/maps.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

namespace slotproof {
namespace {

// In the order of core::SyncMapEvent.
constexpr auto kGoals = WithCallGoals(std::to_array<GoalSpec>({
    {"missed", "a look-up went to the dirty map"},
    {"promoted", "the dirty map became the read part"},
    {"promoted-by-range", "an iteration promoted it"},
    {"amended", "a new key made a dirty map"},
    {"expunged", "and a deleted entry was left out of it"},
    {"met-expunged", "a writer without the lock found its entry expunged"},
    {"unexpunged", "an expunged entry got a value"},
    {"entry-lost", "a promotion retired an expunged entry"},
    {"deleted-from-dirty", "an entry was deleted that the read part did not have"},
    {"read-part-changed", "while a look-up waited for the lock, so that it needed no more"},
    {"word-changed", "between the load and the compare-and-swap of an entry's word"},
}));

}  // namespace

const Target& ScheduledSyncMapTarget() {
  static const Target target = ScheduledMapTarget(
      "scheduled_sync_map", "scheduled threads on one core::SyncMap",
      []() -> std::unique_ptr<Session> {
        return std::make_unique<ScheduledMapSession>(&NewSyncMap);
      },
      kGoals);
  return target;
}

}  // namespace slotproof
