#include "subjects/slice/reference_subject.h"

namespace slotproof {

std::unique_ptr<SliceSubject> MakeLargeSlices(const SliceHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case SliceElem::kBytes24:
      return MakeSlices<Bytes<24>>(header, goals);
    case SliceElem::kBytes136:
      return MakeSlices<Bytes<136>>(header, goals);
    case SliceElem::kBytes4096:
      return MakeSlices<Bytes<4096>>(header, goals);
    default:
      return MakeSlices<std::string>(header, goals);
  }
}

}  // namespace slotproof
