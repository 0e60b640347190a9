#include "subjects/slice/reference_subject.h"

namespace slotproof {

std::unique_ptr<SliceSubject> MakeSmallSlices(const SliceHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case SliceElem::kUint8:
      return MakeSlices<std::uint8_t>(header, goals);
    case SliceElem::kEmpty:
      return MakeSlices<Empty>(header, goals);
    case SliceElem::kBytes3:
      return MakeSlices<Bytes<3>>(header, goals);
    default:
      return MakeSlices<std::uint64_t>(header, goals);
  }
}

}  // namespace slotproof
