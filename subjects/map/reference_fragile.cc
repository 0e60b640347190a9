#include <memory>

#include "subjects/map/fragile_kinds.h"
#include "subjects/map/reference_subject.h"

namespace slotproof {

std::unique_ptr<MapSubject> MakeFragileReference(const MapHeader& header, GoalCounts* goals) {
  return WithFragileKinds(header, [&]<class Key, class Elem>() -> std::unique_ptr<MapSubject> {
    return std::make_unique<ReferenceSubject<Key, Elem>>(header, goals);
  });
}

}  // namespace slotproof
