#include <algorithm>
#include <memory>
#include <vector>

#include "subjects/slice/reference_goals.h"
#include "subjects/slice/reference_subject.h"
#include "subjects/slice/slice_session.h"
#include "subjects/slice/targets.h"

namespace slotproof {
namespace {

std::unique_ptr<SliceSubject> MakeReferenceSlices(const SliceHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case SliceElem::kUint64:
    case SliceElem::kUint8:
    case SliceElem::kEmpty:
    case SliceElem::kBytes3:
      return MakeSmallSlices(header, goals);
    case SliceElem::kString:
    case SliceElem::kBytes24:
    case SliceElem::kBytes136:
    case SliceElem::kBytes4096:
      break;
    case SliceElem::kThrowingMove:
    case SliceElem::kThrowingCopy:
    case SliceElem::kThrowingZero:
      return MakeFragileSlices(header, goals);
  }
  return MakeLargeSlices(header, goals);
}

std::span<const GoalSpec> ReferenceGoals() {
  static const std::vector<GoalSpec> specs = [] {
    std::vector<GoalSpec> made(kSliceReferenceGoals);
    std::ranges::copy(SliceSessionGoalSpecs(), made.begin());
    for (const core::SliceEventInfo& info : core::kSliceEvents) {
      made[ReferenceGoalOf(info.event)] = {info.name, info.description};
    }
    return made;
  }();
  return specs;
}

}  // namespace

const Target& SliceTarget() {
  static const Target target = {
      .name = "slice",
      .help = "the reference slice (core/slice) against the slice model",
      .vocabulary = &SliceVocabulary(),
      .goals = ReferenceGoals(),
      .profiles = SliceProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<SliceSession>(&MakeReferenceSlices);
      },
  };
  return target;
}

}  // namespace slotproof
