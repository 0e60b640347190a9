#include "harness/linear/models/queue_model.h"

#include <algorithm>

namespace slotproof::linear {

bool QueueModel::Apply(const Op& op, Result result, State* state) {
  if (op.code == Code::kDequeue && result != Head(*state)) return false;
  ApplyUnanswered(op, state);
  return true;
}

void QueueModel::ApplyUnanswered(const Op& op, State* state) {
  if (op.code == Code::kEnqueue) {
    state->enqueued = sequences_.With(state->enqueued, op.b);
    return;
  }
  if (IsEmpty(*state)) return;
  ++state->dequeued;
  // An empty queue is like any other.
  if (IsEmpty(*state)) *state = {};
}

Value QueueModel::Head(const State& state) const {
  if (IsEmpty(state)) return kNil;
  return sequences_.last(sequences_.Prefix(state.enqueued, state.dequeued + 1));
}

std::optional<std::uint32_t> QueueModel::Group(const Op& op, Result result, bool answered) const {
  if (op.code == Code::kEnqueue) return op.b;
  if (answered && result != kNil) return result;
  return std::nullopt;
}

void QueueModel::BeginHistory() {
  lives_.clear();
  has_unanswered_dequeues_ = false;
}

void QueueModel::Learn(std::uint32_t number, const Call<Op, Result>& call) {
  if (call.op.code == Code::kEnqueue) {
    // One that may be left out may never have come: nothing had to wait for it.
    lives_.push_back({.item = call.op.b,
                      .enqueues = 1,
                      .came_from = call.invoked,
                      .came_until = call.may_be_left_out() ? kPending : call.responded});
  } else if (call.may_be_left_out()) {
    has_unanswered_dequeues_ = true;
  } else if (call.result != kNil) {
    lives_.push_back({.item = call.result,
                      .dequeues = 1,
                      .left_from = call.invoked,
                      .left_until = call.responded,
                      .dequeue = number});
  }
}

void QueueModel::JoinLives() {
  std::ranges::sort(lives_, {}, &Life::item);
  std::size_t count = 0;
  for (const Life& life : lives_) {
    if (count == 0 || lives_[count - 1].item != life.item) {
      lives_[count++] = life;
      continue;
    }
    Life& joined = lives_[count - 1];
    joined.enqueues += life.enqueues;
    joined.dequeues += life.dequeues;
    joined.came_from = std::min(joined.came_from, life.came_from);
    joined.came_until = std::max(joined.came_until, life.came_until);
    joined.left_from = std::min(joined.left_from, life.left_from);
    if (life.left_until > joined.left_until) {
      joined.left_until = life.left_until;
      joined.dequeue = life.dequeue;
    }
  }
  lives_.resize(count);
}

std::uint32_t QueueModel::FindContradiction() {
  JoinLives();
  for (const Life& life : lives_) {
    // More often than it came, or all of it before it came.
    if (life.dequeues > life.enqueues) return life.dequeue;
    if (life.dequeues != 0 && life.left_until < life.came_from) return life.dequeue;
  }
  return FindOvertaking();
}

// An item that left, although one that had come in before it came had not begun to leave. Of equal
// items: the last of them left, the first came, all of the others had come in.
std::uint32_t QueueModel::FindOvertaking() {
  by_invocation_ = lives_;
  std::ranges::sort(by_invocation_, {}, &Life::came_from);
  by_response_ = by_invocation_;
  std::ranges::sort(by_response_, {}, &Life::came_until);
  std::uint32_t latest = 0;  // that some item in the queue began to leave
  auto in = by_response_.begin();
  for (const Life& life : by_invocation_) {
    for (; in != by_response_.end() && in->came_until < life.came_from; ++in) {
      // An unanswered dequeue may have taken what nobody got.
      if (in->dequeues == 0 && has_unanswered_dequeues_) continue;
      latest = std::max(latest, in->left_from);
    }
    if (life.dequeues != 0 && life.left_until < latest) return life.dequeue;
  }
  return 0;
}

// What leaves first comes first; and what can leave does.
std::uint32_t QueueModel::Rank(const Call<Op, Result>& call) const {
  if (call.op.code != Code::kEnqueue) return 0;
  const auto life = std::ranges::lower_bound(lives_, call.op.b, {}, &Life::item);
  return life->left_from;
}

}  // namespace slotproof::linear
