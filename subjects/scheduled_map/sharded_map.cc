#include "core/map/sharded_map.h"

#include <memory>

#include "subjects/scheduled_map/core_map.h"
#include "subjects/scheduled_map/maps.h"

namespace slotproof {
namespace {

struct Policy : core::DefaultShardedMapPolicy<ConcurrentMap::Key> {
  // Few keys are to meet in one shard, and to be in different ones.
  static constexpr std::size_t kShards = 2;
};

}  // namespace

std::unique_ptr<ConcurrentMap> NewShardedMap(std::uint32_t seed) {
  using Map = core::ShardedMap<ConcurrentMap::Key, ConcurrentMap::Value, Policy>;
  return std::make_unique<CoreMap<Map>>(seed);
}

}  // namespace slotproof
