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

// Arguments that lie in the slice itself, or may.
bool SliceSession::FromItself(const Call& call) {
  const Window s = windows_[call.s];
  const Window t = windows_[call.t];
  const auto in_array = [&](const Window& w) {
    return w.array != SliceModel::kNoArray && w.len > 0;
  };
  Window out;
  switch (call.op) {
    case SliceOp::kInsertSlice: {
      if (TooLarge(s.len, t.len)) return true;
      if (!Change(
              "insert_slice.panic", call.d, call.s,
              [&] { return subject_->InsertSlice(call.d, call.s, call.i, call.t); },
              [&](Window* longer) {
                const SliceModel::Panic panic = model_.InsertSlice(s, call.i, t, longer);
                if (!panic) out = *longer;
                return panic;
              })) {
        return false;
      }
      if (threw_ || !in_array(t) || t.array != s.array || out.len == 0) return true;
      Goal(out.array == s.array ? SliceSessionGoal::kInsertedFromItself
                                : SliceSessionGoal::kInsertedFromLeftArray);
      return true;
    }
    case SliceOp::kAppendPart:
      if (0 <= call.i && call.i <= call.j && TooLarge(s.len, call.j - call.i)) return true;
      return Change(
          "append_part.panic", call.d, call.s,
          [&] { return subject_->AppendPart(call.d, call.s, call.i, call.j); },
          [&](Window* longer) { return model_.AppendPart(s, call.i, call.j, longer); });
    case SliceOp::kAppendElem:
      if (TooLarge(s.len, 1)) return true;
      if (in_array(s) && s.len == s.cap && 0 <= call.i && call.i < s.len) {
        Goal(SliceSessionGoal::kElementAppendedFromLeftArray);
      }
      return Change(
          "append_elem.panic", call.d, call.s,
          [&] { return subject_->AppendElem(call.d, call.s, call.i); },
          [&](Window* longer) { return model_.AppendElem(s, call.i, longer); });
    default:
      return SetElem(call);
  }
}

bool SliceSession::SetElem(const Call& call) {
  const Window& s = windows_[call.s];
  const auto on_model = [&] { return model_.SetElem(s, call.i, call.j); };
  const auto panic = Ask([&] { return subject_->SetElem(call.s, call.i, call.j); }, on_model);
  if (!panic) return AfterThrow(call.s);
  if (!SamePanic("set_elem.panic", *panic, on_model())) return false;
  if (panic->empty() && call.i == call.j) Goal(SliceSessionGoal::kElementSetToItself);
  return true;
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
