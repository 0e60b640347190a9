#include "subjects/map/reference_subject.h"

namespace slotproof {

std::unique_ptr<MapSubject> MakeUint64Reference(const MapHeader& header, GoalCounts* goals) {
  return MakeReference<std::uint64_t>(header, goals);
}

}  // namespace slotproof
