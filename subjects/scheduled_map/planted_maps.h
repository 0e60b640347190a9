#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_PLANTED_MAPS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_PLANTED_MAPS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "subjects/scheduled_map/concurrent_map.h"

// Maps with a bug each, and how it shows itself.

namespace slotproof {

struct PlantedMap {
  std::string_view name;
  std::unique_ptr<ConcurrentMap> (*make)(std::uint32_t seed);
  std::string_view signatures;  // any of these, with "|" in between; empty: it has no bug
};

std::span<const PlantedMap> PlantedMaps();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_PLANTED_MAPS_H_
