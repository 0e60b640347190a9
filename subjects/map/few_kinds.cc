// The reference map for eleven of the pairs of key and element type, for the mutants' sake:
// there are many of them, each compiles all of core/map, and that is most of what their tests cost.
// The other pairs are stood in for by ones that a session cannot tell apart from them. What must
// stay is what a session reads from a trace's header itself: double, for it has NaN and two zeros,
// and the empty element, which reads as 0.
//
//   key        empty      uint64      string      bytes136
//   double     itself     itself      itself      as string
//   uint64     uint32     itself      itself      bytes136, bytes136
//   uint32     itself     as uint64   as uint64   bytes136, bytes136
//   string     uint32     string      itself      bytes136, bytes136
//   bytes136   uint32     bytes136    bytes136    itself
//
// Of keys and elements that throw, those whose moves do stand in for the others; a fuse then burns
// at other steps than in the whole target.

#include <cstdint>
#include <memory>
#include <string>

#include "subjects/map/reference_subject.h"

namespace slotproof {
namespace {

template <class Key, class Elem>
std::unique_ptr<MapSubject> New(const MapHeader& header, GoalCounts* goals) {
  return std::make_unique<ReferenceSubject<Key, Elem>>(header, goals);
}

std::unique_ptr<MapSubject> NewReflexive(const MapHeader& header, GoalCounts* goals) {
  if (header.elem == ElemKind::kEmpty) return New<std::uint32_t, Empty>(header, goals);
  if (header.elem == ElemKind::kBytes136 || header.key == KeyKind::kBytes136) {
    return New<Bytes136, Bytes136>(header, goals);
  }
  if (header.key == KeyKind::kString) return New<std::string, std::string>(header, goals);
  if (header.elem == ElemKind::kString) return New<std::uint64_t, std::string>(header, goals);
  return New<std::uint64_t, std::uint64_t>(header, goals);
}

}  // namespace

std::unique_ptr<MapSubject> MakeUint64Reference(const MapHeader& header, GoalCounts* goals) {
  return NewReflexive(header, goals);
}
std::unique_ptr<MapSubject> MakeUint32Reference(const MapHeader& header, GoalCounts* goals) {
  return NewReflexive(header, goals);
}
std::unique_ptr<MapSubject> MakeStringReference(const MapHeader& header, GoalCounts* goals) {
  return NewReflexive(header, goals);
}
std::unique_ptr<MapSubject> MakeBytes136Reference(const MapHeader& header, GoalCounts* goals) {
  return NewReflexive(header, goals);
}
std::unique_ptr<MapSubject> MakeDoubleReference(const MapHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case ElemKind::kUint64:
      return New<double, std::uint64_t>(header, goals);
    case ElemKind::kEmpty:
      return New<double, Empty>(header, goals);
    default:
      break;
  }
  return New<double, std::string>(header, goals);
}
std::unique_ptr<MapSubject> MakeFragileReference(const MapHeader& header, GoalCounts* goals) {
  if (IsFragile(header.key)) {
    KeyTable<ThrowingMove>::At(0);  // made before a session counts objects
    return New<ThrowingMove, ThrowingMove>(header, goals);
  }
  if (header.key == KeyKind::kDouble) return New<double, ThrowingMove>(header, goals);
  return New<std::uint64_t, ThrowingMove>(header, goals);
}

}  // namespace slotproof
