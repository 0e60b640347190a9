#include "subjects/map/reference_subject.h"

namespace slotproof {

std::unique_ptr<MapSubject> MakeBytes136Reference(const MapHeader& header, GoalCounts* goals) {
  return MakeReference<Bytes136>(header, goals);
}

}  // namespace slotproof
