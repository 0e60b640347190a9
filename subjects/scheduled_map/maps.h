#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_MAPS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_MAPS_H_

#include <cstdint>
#include <memory>

#include "subjects/scheduled_map/concurrent_map.h"

// The maps that are scheduled.

namespace slotproof {

std::unique_ptr<ConcurrentMap> NewLockedMap(std::uint32_t seed);
std::unique_ptr<ConcurrentMap> NewSyncMap(std::uint32_t seed);
std::unique_ptr<ConcurrentMap> NewShardedMap(std::uint32_t seed);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_MAPS_H_
