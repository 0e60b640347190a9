#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_APPEND_MODEL_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_APPEND_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "harness/linear/history.h"
#include "harness/linear/model.h"
#include "harness/linear/models/operation.h"
#include "harness/linear/models/sequences.h"

// What is under one key of a store with append: a sequence of items, which may be the characters of
// a text or the elements of a list. An absent key holds the empty sequence.
//
// Here a value of an operation is a sequence too, which Add() gave a number.
//
// In which order items came in is seen only when they are read, maybe long after. So this model
// looks ahead: no read answers what begins otherwise than all that was read, so that until the next
// write all such states are one. They are not told apart (kUnread).

namespace slotproof::linear {

class AppendModel {
 public:
  using Op = Operation;
  using Result = linear::Result;
  using State = Sequences::Node;

  // The value that these items are. The empty one is kNil.
  Value Add(std::span<const Sequences::Item> items) {
    return sequences_.With(Sequences::kEmpty, items);
  }
  std::vector<Sequences::Item> Items(Value value) const { return sequences_.Items(value); }

  void BeginHistory() {
    for (const Sequences::Node node : marked_) is_marked_[node] = false;
    marked_.clear();
    has_learnt_ = false;
  }
  // Marks all beginnings of what was read.
  void Learn(std::uint32_t, const Call<Op, Result>& call) {
    has_learnt_ = true;
    if (!OnlyReads(call.op) || call.may_be_left_out() || call.result == kAnyResult) return;
    if (is_marked_.size() <= call.result) is_marked_.resize(call.result + 1);
    for (Sequences::Node node = call.result; node != Sequences::kEmpty && !is_marked_[node];
         node = sequences_.parent(node)) {
      is_marked_[node] = true;
      marked_.push_back(node);
    }
  }

  State Initial() const { return Sequences::kEmpty; }
  State Any() const { return kAny; }
  bool Apply(const Op& op, Result result, State* state) {
    if (op.code == Code::kRead && result != kAnyResult) {
      if (*state == kAny) *state = result;
      return *state == result;
    }
    ApplyUnanswered(op, state);
    return true;
  }
  void ApplyUnanswered(const Op& op, State* state) {
    if (op.code == Code::kWrite) *state = IfRead(op.b);
    if (op.code == Code::kAppend && *state != kAny && *state != kUnread) {
      *state = IfRead(Appended(*state, op.b));
    }
  }
  bool OnlyReads(const Op& op) const { return op.code == Code::kRead; }
  bool ChangedNothing(const Op& op, Result) const { return OnlyReads(op); }
  bool Equal(State a, State b) const { return a == b; }
  std::uint64_t Hash(State state) const { return std::uint64_t{state} << 32; }
  std::uint32_t Part(const Op& op) const { return op.key; }
  std::size_t bytes() const { return sequences_.bytes(); }

 private:
  static constexpr State kAny = std::numeric_limits<State>::max();
  static constexpr State kUnread = kAny - 1;

  State IfRead(State state) const {
    const bool is_read =
        state == Sequences::kEmpty || (state < is_marked_.size() && is_marked_[state]);
    return is_read || !has_learnt_ ? state : kUnread;
  }

  State Appended(State state, Value value) {
    // From the front, so that the longer one is not walked through.
    items_ = sequences_.Items(value);
    return sequences_.With(state, items_);
  }

  Sequences sequences_;
  std::vector<Sequences::Item> items_;
  std::vector<bool> is_marked_;  // by node
  std::vector<Sequences::Node> marked_;
  bool has_learnt_ = false;
};

static_assert(Model<AppendModel> && LooksAhead<AppendModel> && HasParts<AppendModel> &&
              HasAnyState<AppendModel> && CountsBytes<AppendModel>);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_APPEND_MODEL_H_
