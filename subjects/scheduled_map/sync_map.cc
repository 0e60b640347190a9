#include "core/map/sync_map.h"

#include <memory>

#include "subjects/scheduled_map/call_goals.h"
#include "subjects/scheduled_map/core_map.h"
#include "subjects/scheduled_map/maps.h"

namespace slotproof {
namespace {

struct Policy : core::DefaultSyncMapPolicy<ConcurrentMap::Key> {
  // Epochs change as often as they can, and no address chooses what a thread meets.
  using Grace = core::GracePeriods<1, 1>;
  static void Report(core::SyncMapEvent event) {
    ReportGoal(kCallGoals.size() + static_cast<std::size_t>(event));
  }
};

}  // namespace

std::unique_ptr<ConcurrentMap> NewSyncMap(std::uint32_t seed) {
  using Map = core::SyncMap<ConcurrentMap::Key, ConcurrentMap::Value, Policy>;
  return std::make_unique<CoreMap<Map>>(seed);
}

}  // namespace slotproof
