#include "subjects/scheduled_map/planted_targets.h"

#include <array>
#include <cassert>
#include <memory>
#include <utility>

#include "subjects/scheduled_map/planted_maps.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

namespace slotproof {
namespace {

template <std::size_t kPlace>
Target TargetOf() {
  return ScheduledMapTarget(
      PlantedMaps()[kPlace].name, "a planted map", []() -> std::unique_ptr<Session> {
        return std::make_unique<ScheduledMapSession>(PlantedMaps()[kPlace].make);
      });
}

template <std::size_t... kPlaces>
std::array<Target, kPlantedMaps> AllTargets(std::index_sequence<kPlaces...>) {
  return {TargetOf<kPlaces>()...};
}

}  // namespace

const Target& PlantedTarget(std::size_t place) {
  assert(PlantedMaps().size() == kPlantedMaps);
  static const auto all = AllTargets(std::make_index_sequence<kPlantedMaps>());
  return all.at(place);
}

const Target& PlantedTarget(std::string_view name) {
  std::size_t place = 0;
  while (PlantedTarget(place).name != name) ++place;
  return PlantedTarget(place);
}

}  // namespace slotproof
