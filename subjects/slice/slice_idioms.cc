#include <span>

#include "subjects/slice/slice_session.h"

// What programs write with append, copy and slicing, on both sides of a SliceSession.

namespace slotproof {

bool SliceSession::Rearrange(const Call& call) {
  const Window& s = windows_[call.s];
  switch (call.op) {
    case SliceOp::kDelete: {
      // Up to the capacity, s[:i] shows what was hidden: it is not always that less remains.
      const bool in_bounds = 0 <= call.i && call.i <= s.cap && 0 <= call.j && call.j <= s.len;
      if (in_bounds && TooLarge(call.i, s.len - call.j)) return true;
      return Change(
          "delete.panic", call.d, call.s,
          [&] { return subject_->Delete(call.d, call.s, call.i, call.j); },
          [&](Window* out) { return model_.Delete(s, call.i, call.j, out); });
    }
    case SliceOp::kInsert: {
      if (TooLarge(s.len, static_cast<Int>(call.n))) return true;
      const std::span<const Token> tokens = FreshTokens(call.n);
      return Change(
          "insert.panic", call.d, call.s,
          [&] { return subject_->Insert(call.d, call.s, call.i, tokens); },
          [&](Window* out) { return model_.Insert(s, call.i, tokens, out); });
    }
    case SliceOp::kFilter: {
      if (s.len > kMostCells) return true;  // elements of no size come in any number
      const auto bit = static_cast<unsigned>(call.n % 8);
      return Change(
          "filter.panic", call.d, call.s, [&] { return subject_->Filter(call.d, call.s, bit); },
          [&](Window* out) { return model_.Filter(s, bit, out); });
    }
    default:
      return Change(
          "clone.panic", call.d, call.s, [&] { return subject_->Clone(call.d, call.s); },
          [&](Window* out) { return model_.Clone(s, out); });
  }
}

// left, right = s[:i], s[i:]; left = append(left, ...) writes into right, unless it grows.
bool SliceSession::Split(const Call& call) {
  const Slot right = (call.d + 1) & (header_.slices - 1);
  Window left_part;
  Window right_part;
  SliceModel::Panic expected = model_.Sub(windows_[call.s], 0, call.i, &left_part);
  if (!expected) {
    const Window& s = windows_[call.s];
    expected = model_.Sub(s, call.i, s.len, &right_part);
  }
  if (!SamePanic("split.panic", subject_->Split(call.d, right, call.s, call.i), expected)) {
    return false;
  }
  if (expected) return true;
  Assign(call.d, left_part);
  Assign(right, right_part);
  return Append(call.d, call.d, call.n);
}

}  // namespace slotproof
