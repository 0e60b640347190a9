#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_STACK_MODEL_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_STACK_MODEL_H_

#include <cstddef>
#include <cstdint>

#include "harness/linear/model.h"
#include "harness/linear/models/operation.h"
#include "harness/linear/models/sequences.h"

// A stack: last in, first out. kEnqueue puts b on top of it; kDequeue takes what is on top, nil if
// nothing is. An answered kDequeue says what it got; there is no kAnyResult.

namespace slotproof::linear {

class StackModel {
 public:
  using Op = Operation;
  using Result = linear::Result;
  using State = Sequences::Node;

  State Initial() const { return Sequences::kEmpty; }
  bool Apply(const Op& op, Result result, State* state) {
    if (op.code == Code::kDequeue && result != Top(*state)) return false;
    ApplyUnanswered(op, state);
    return true;
  }
  void ApplyUnanswered(const Op& op, State* state) {
    if (op.code == Code::kEnqueue) {
      *state = sequences_.With(*state, op.b);
    } else if (*state != Sequences::kEmpty) {
      *state = sequences_.parent(*state);
    }
  }
  bool OnlyReads(const Op&) const { return false; }
  bool ChangedNothing(const Op& op, Result result) const {
    return op.code == Code::kDequeue && result == kNil;
  }
  bool Equal(State a, State b) const { return a == b; }
  std::uint64_t Hash(State state) const { return Mix(state); }

  std::size_t bytes() const { return sequences_.bytes(); }

 private:
  Value Top(State state) const {
    return state == Sequences::kEmpty ? kNil : sequences_.last(state);
  }

  Sequences sequences_;
};

static_assert(Model<StackModel> && CountsBytes<StackModel>);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_STACK_MODEL_H_
