#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_QUEUE_MODEL_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_QUEUE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/linear/history.h"
#include "harness/linear/model.h"
#include "harness/linear/models/operation.h"
#include "harness/linear/models/sequences.h"

// A queue: first in, first out. An answered kDequeue says what it got; there is no kAnyResult.
//
//   all that was enqueued   1 2 3 4 5        a node of Sequences
//   of it dequeued          ---              2
//
// So that a state is two numbers, however long the queue is. Two are equal whose rests are.
//
// In which order two items came in is seen only when they come out, long after. A search that
// guesses it would guess wrong again and again, so this model looks ahead: items that leave first
// are enqueued first. And where an item leaves that was never there, or more often than it came, or
// before one that was there earlier and had not begun to leave, no search is needed.

namespace slotproof::linear {

class QueueModel {
 public:
  using Op = Operation;
  using Result = linear::Result;
  struct State {
    Sequences::Node enqueued = Sequences::kEmpty;
    std::uint32_t dequeued = 0;
  };

  State Initial() const { return {}; }
  bool Apply(const Op& op, Result result, State* state);
  void ApplyUnanswered(const Op& op, State* state);
  bool OnlyReads(const Op&) const { return false; }
  bool ChangedNothing(const Op& op, Result result) const {
    return op.code == Code::kDequeue && result == kNil;
  }
  bool Equal(const State& a, const State& b) const {
    return sequences_.EqualBehind(a.enqueued, a.dequeued, b.enqueued, b.dequeued);
  }
  std::uint64_t Hash(const State& state) const {
    return sequences_.HashBehind(state.enqueued, state.dequeued);
  }
  // A value: without all that was done with it, the others leave in the order in which they came.
  std::optional<std::uint32_t> Group(const Op& op, Result result, bool answered) const;

  void BeginHistory();
  void Learn(std::uint32_t number, const Call<Op, Result>& call);
  std::uint32_t FindContradiction();
  std::uint32_t Rank(const Call<Op, Result>& call) const;

  std::size_t bytes() const { return sequences_.bytes(); }
  std::vector<Value> Items(const State& state) const {
    return sequences_.Items(state.enqueued, state.dequeued);
  }

 private:
  // Of all that was done with one value.
  struct Life {
    Value item = kNil;
    std::uint32_t enqueues = 0;  // calls
    std::uint32_t dequeues = 0;  // answered ones
    // Events. Of several calls the first invocation, and the last response.
    std::uint32_t came_from = kPending;
    std::uint32_t came_until = 0;
    std::uint32_t left_from = kPending;
    std::uint32_t left_until = 0;
    std::uint32_t dequeue = 0;  // the number of one
  };

  bool IsEmpty(const State& state) const {
    return state.dequeued == sequences_.length(state.enqueued);
  }
  Value Head(const State& state) const;
  void JoinLives();
  std::uint32_t FindOvertaking();

  Sequences sequences_;
  std::vector<Life> lives_;  // one a call while it learns, then one a value, by value
  std::vector<Life> by_invocation_;
  std::vector<Life> by_response_;
  bool has_unanswered_dequeues_ = false;
};

static_assert(Model<QueueModel> && HasGroups<QueueModel> && KnowsBetter<QueueModel> &&
              CountsBytes<QueueModel>);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_QUEUE_MODEL_H_
