#include "subjects/map/reference_subject.h"

namespace slotproof {

std::unique_ptr<MapSubject> MakeStringReference(const MapHeader& header, GoalCounts* goals) {
  return MakeReference<std::string>(header, goals);
}

}  // namespace slotproof
