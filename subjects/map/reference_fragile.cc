#include <cstdint>
#include <memory>

#include "subjects/map/reference_subject.h"

namespace slotproof {
namespace {

template <class Key, class Elem>
std::unique_ptr<MapSubject> New(const MapHeader& header, GoalCounts* goals) {
  return std::make_unique<ReferenceSubject<Key, Elem>>(header, goals);
}

// With an element of its own kind, or a plain one.
template <class Key>
std::unique_ptr<MapSubject> NewWithKey(const MapHeader& header, GoalCounts* goals) {
  KeyTable<Key>::At(0);  // made before a session counts objects
  return IsFragile(header.elem) ? New<Key, Key>(header, goals)
                                : New<Key, std::uint64_t>(header, goals);
}

template <class Key>
std::unique_ptr<MapSubject> NewWithElem(const MapHeader& header, GoalCounts* goals) {
  return header.elem == ElemKind::kThrowingMove ? New<Key, ThrowingMove>(header, goals)
                                                : New<Key, ThrowingCopy>(header, goals);
}

}  // namespace

// Which key moves along without throwing makes no difference to an element that throws, but for
// double, whose NaNs stay behind.
std::unique_ptr<MapSubject> MakeFragileReference(const MapHeader& header, GoalCounts* goals) {
  if (header.key == KeyKind::kThrowingMove) return NewWithKey<ThrowingMove>(header, goals);
  if (header.key == KeyKind::kThrowingCopy) return NewWithKey<ThrowingCopy>(header, goals);
  if (header.key == KeyKind::kDouble) return NewWithElem<double>(header, goals);
  if (header.elem == ElemKind::kMoveOnly) return New<std::uint64_t, MoveOnly>(header, goals);
  return NewWithElem<std::uint64_t>(header, goals);
}

}  // namespace slotproof
