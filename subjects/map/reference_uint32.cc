#include "subjects/map/reference_subject.h"

namespace slotproof {

std::unique_ptr<MapSubject> MakeUint32Reference(const MapHeader& header, GoalCounts* goals) {
  return MakeReference<std::uint32_t>(header, goals);
}

}  // namespace slotproof
