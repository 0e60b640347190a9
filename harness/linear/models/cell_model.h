#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_CELL_MODEL_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_CELL_MODEL_H_

#include <cstdint>
#include <limits>

#include "harness/linear/model.h"
#include "harness/linear/models/operation.h"

// What is under one key: of a register, a map or a set, each of which is many of these cells. A key
// that is absent holds nil. What an insertion, a deletion and the others answer is what MapModel
// (models/map_model.h) says.
//
//   cell   nil | v | any     any: no matter what, where only the end of a history is looked at

namespace slotproof::linear {

// One step of one cell. Among the states is kAnyCell, in which all that some state allows is
// possible.
inline constexpr Value kAnyCell = std::numeric_limits<Value>::max();

inline bool AnswersWhether(bool it_was, Result result) {
  return result == kAnyResult || result == (it_was ? kTrue : kFalse);
}

// What an unanswered operation does, and an answered one that was possible.
inline void ChangeCell(const Operation& op, Value* cell) {
  switch (op.code) {
    case Code::kWrite:
    case Code::kSwap:
    case Code::kInsert:
      *cell = op.b;
      return;
    case Code::kCas:
      if (*cell == op.a) *cell = op.b;
      return;
    case Code::kLoadOrStore:
      if (*cell == kNil) *cell = op.b;
      return;
    case Code::kDelete:
    case Code::kGetAndDelete:
    case Code::kClear:
      *cell = kNil;
      return;
    default:
      return;
  }
}

// Of what was in the cell an answer tells; nothing else is known of kAnyCell.
inline void NarrowCell(const Operation& op, Result result, Value* cell) {
  if (*cell != kAnyCell || result == kAnyResult) return;
  switch (op.code) {
    case Code::kRead:
    case Code::kLoadOrStore:
      *cell = result;
      return;
    case Code::kCas:
      if (result == kTrue) *cell = op.a;
      return;
    case Code::kContains:
      if (result == kFalse) *cell = kNil;
      return;
    default:
      return;
  }
}

inline bool CellAnswers(const Operation& op, Result result, Value cell) {
  if (cell == kAnyCell) return true;
  switch (op.code) {
    case Code::kRead:
    case Code::kLoadOrStore:
    case Code::kGetAndDelete:
    case Code::kSwap:
      return result == kAnyResult || result == cell;
    case Code::kCas:
      return AnswersWhether(cell == op.a, result);
    case Code::kInsert:
      return AnswersWhether(cell == kNil, result);
    case Code::kDelete:
    case Code::kContains:
      return AnswersWhether(cell != kNil, result);
    default:
      return true;
  }
}

// Answered so, the operation left the cell as it was, whatever it was.
inline bool LeftCell(const Operation& op, Result result) {
  switch (op.code) {
    case Code::kRead:
    case Code::kContains:
      return true;
    case Code::kCas:
    case Code::kDelete:
      return result == kFalse;
    case Code::kLoadOrStore:
      return result != kNil && result != kAnyResult;
    case Code::kGetAndDelete:
      return result == kNil;
    default:
      return false;
  }
}

class CellModel {
 public:
  using Op = Operation;
  using Result = linear::Result;
  using State = Value;
  static constexpr bool kIsRepeatable = true;

  State Initial() const { return kNil; }
  State Any() const { return kAnyCell; }
  bool Apply(const Op& op, Result result, State* state) const {
    if (!CellAnswers(op, result, *state)) return false;
    NarrowCell(op, result, state);
    ChangeCell(op, state);
    return true;
  }
  void ApplyUnanswered(const Op& op, State* state) const { ChangeCell(op, state); }
  bool OnlyReads(const Op& op) const {
    return op.code == Code::kRead || op.code == Code::kContains;
  }
  bool ChangedNothing(const Op& op, Result result) const { return LeftCell(op, result); }
  bool Equal(State a, State b) const { return a == b; }
  std::uint64_t Hash(State state) const { return std::uint64_t{state} << 32; }
  std::uint32_t Part(const Op& op) const { return op.key; }
};

static_assert(Model<CellModel> && HasParts<CellModel> && HasAnyState<CellModel> &&
              IsRepeatable<CellModel>);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_CELL_MODEL_H_
