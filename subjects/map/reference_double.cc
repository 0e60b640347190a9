#include "subjects/map/reference_subject.h"

namespace slotproof {

std::unique_ptr<MapSubject> MakeDoubleReference(const MapHeader& header, GoalCounts* goals) {
  return MakeReference<double>(header, goals);
}

}  // namespace slotproof
