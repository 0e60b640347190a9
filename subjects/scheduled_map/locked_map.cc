#include <memory>
#include <mutex>

#include "subjects/scheduled_map/maps.h"
#include "subjects/scheduled_map/reference_map.h"

namespace slotproof {

std::unique_ptr<ConcurrentMap> NewLockedMap(std::uint32_t seed) {
  return std::make_unique<ReferenceMap<std::mutex>>(seed);
}

}  // namespace slotproof
