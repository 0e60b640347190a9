#include "subjects/slice/reference_subject.h"

namespace slotproof {
namespace {

template <class T>
std::unique_ptr<SliceSubject> Make(const SliceHeader& header, GoalCounts* goals) {
  return std::make_unique<ReferenceSlices<T, core::GrowthRule::kGo118>>(header, goals);
}

}  // namespace

std::unique_ptr<SliceSubject> MakeFragileSlices(const SliceHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case SliceElem::kThrowingMove:
      return Make<ThrowingMove>(header, goals);
    case SliceElem::kThrowingCopy:
      return Make<ThrowingCopy>(header, goals);
    default:
      return Make<ThrowingZero>(header, goals);
  }
}

}  // namespace slotproof
