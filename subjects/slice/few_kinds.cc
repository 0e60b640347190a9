// The reference slice for five of the eleven kinds of element, for the mutants' sake. The others
// are stood in for by ones that lead through the same code: bytes without pointers, whose size
// divides the allocator's (uint64) or does not (bytes24). What must stay is what a session reads
// from a trace's header itself: the empty element, which has no cells.
//
//   empty     string     uint64, uint8, bytes4096     bytes24, bytes3, bytes136     throwing_...
//   itself    itself     uint64                       bytes24                       throwing_zero

#include <memory>
#include <string>

#include "subjects/slice/reference_subject.h"

namespace slotproof {
namespace {

std::unique_ptr<SliceSubject> MakeFewSlices(const SliceHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case SliceElem::kEmpty:
      return MakeSlices<Empty>(header, goals);
    case SliceElem::kString:
      return MakeSlices<std::string>(header, goals);
    case SliceElem::kBytes3:
    case SliceElem::kBytes24:
    case SliceElem::kBytes136:
      return MakeSlices<Bytes<24>>(header, goals);
    case SliceElem::kThrowingMove:
    case SliceElem::kThrowingCopy:
    case SliceElem::kThrowingZero:
      return std::make_unique<ReferenceSlices<ThrowingZero, core::GrowthRule::kGo118>>(header,
                                                                                       goals);
    case SliceElem::kUint64:
    case SliceElem::kUint8:
    case SliceElem::kBytes4096:
      break;
  }
  return MakeSlices<std::uint64_t>(header, goals);
}

}  // namespace

std::unique_ptr<SliceSubject> MakeSmallSlices(const SliceHeader& header, GoalCounts* goals) {
  return MakeFewSlices(header, goals);
}
std::unique_ptr<SliceSubject> MakeLargeSlices(const SliceHeader& header, GoalCounts* goals) {
  return MakeFewSlices(header, goals);
}
std::unique_ptr<SliceSubject> MakeFragileSlices(const SliceHeader& header, GoalCounts* goals) {
  return MakeFewSlices(header, goals);
}

}  // namespace slotproof
