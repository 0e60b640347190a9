#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/subject/fuse.h"
#include "subjects/slice/slice_session.h"

// What a SliceSession expects of an operation that threw.
//
//   recorded writes   s0[2] = v5   s0[3] = v6   s0[4] = v7
//   the cells are as after    0            1            2            3 of them: which?

namespace slotproof {

void SliceSession::LightFuse(const Op& op) {
  const auto kind =
      static_cast<SliceOp>(op.code) == SliceOp::kFuseAlloc ? FuseKind::kAlloc : FuseKind::kCopy;
  Fuse::Light(kind, SliceOperands(op).steps);
}

bool SliceSession::AfterThrow(Slot s) {
  threw_ = true;
  Goal(SliceSessionGoal::kFuseBurnt);
  // It made an array or not; what it made is gone, or the comparison of memory will say so.
  model_.CorrectAllocations(
      std::clamp(subject_->Memory().allocations, last_allocations_, model_.allocations()));

  const std::span<const SliceModel::CellWrite> writes = model_.TakeBack();
  const Window& window = windows_[s];
  const std::span<const Token> expected = model_.Cells(window);
  const std::vector<Token> actual = subject_->Cells(s);
  if (actual.size() != expected.size()) return true;  // the comparison of windows says it better
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) wrong += actual[i] != expected[i];
  std::size_t done = 0;
  std::size_t shown = 0;  // writes to cells of s, and not to an array that is gone
  for (const SliceModel::CellWrite& write : writes) {
    if (write.array != window.array) continue;
    ++shown;
    if (wrong == 0) continue;
    const auto i = static_cast<std::size_t>(write.cell - window.offset);
    wrong -= actual[i] != expected[i];
    model_.Repeat(write);
    wrong += actual[i] != expected[i];
    ++done;
  }
  Observe(done);
  if (wrong != 0) {
    return Mismatch(
        "throw.cells",
        SliceName(s) + " as after some of " + std::to_string(shown) + " writes, in their order",
        "cells that are new or old where they should not be");
  }
  if (done != 0 && done != shown) Goal(SliceSessionGoal::kWrittenInPart);
  return true;
}

}  // namespace slotproof
