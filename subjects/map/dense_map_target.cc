#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "subjects/map/container_subject.h"
#include "subjects/map/dense_map.h"
#include "subjects/map/map_session.h"
#include "subjects/map/targets.h"

// The map that mutants are planted in, for the kinds that a session tells apart: double, for its
// NaN and zeros, the empty element, and what is more than bytes.

namespace slotproof {
namespace {

template <class Key, class Elem>
std::unique_ptr<MapSubject> New(const MapHeader& header) {
  return std::make_unique<ContainerSubject<Key, Elem, DenseMap>>(header);
}

std::unique_ptr<MapSubject> MakeDenseMap(const MapHeader& header, GoalCounts*) {
  const bool empty = header.elem == ElemKind::kEmpty;
  if (header.key == KeyKind::kDouble) {
    return empty ? New<double, Empty>(header) : New<double, std::uint64_t>(header);
  }
  if (empty) return New<std::uint64_t, Empty>(header);
  if (header.key == KeyKind::kString) return New<std::string, std::string>(header);
  return New<std::uint64_t, std::string>(header);
}

}  // namespace

const Target& DenseMapTarget() {
  static const Target target = {
      .name = "dense_map",
      .help = "the flat map that mutants are planted in, against the map model",
      .vocabulary = &MapVocabulary(),
      .goals = MapSessionGoalSpecs(),
      .profiles = MapProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<MapSession>(&MakeDenseMap);
      },
  };
  return target;
}

}  // namespace slotproof
