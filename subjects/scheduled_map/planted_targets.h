#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_PLANTED_TARGETS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_PLANTED_TARGETS_H_

#include <cstddef>
#include <string_view>

#include "harness/subject/target.h"

namespace slotproof {

inline constexpr std::size_t kPlantedMaps = 14;

// Of the planted map with this place, or this name.
const Target& PlantedTarget(std::size_t place);
const Target& PlantedTarget(std::string_view name);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_PLANTED_TARGETS_H_
