#ifndef SLOTPROOF_HARNESS_LINEAR_CHECKER_H_
#define SLOTPROOF_HARNESS_LINEAR_CHECKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <type_traits>
#include <vector>

#include "harness/linear/history.h"
#include "harness/linear/memo.h"
#include "harness/linear/model.h"

// Whether a history is linearizable: whether its calls can be put in an order in which each took
// effect at once, somewhere between its invocation and its response, and was answered as the model
// answers. The search is that of Wing and Gong, with the memory that Lowe gave it: calls are taken
// one by one; what was taken when the search got stuck is put back; and a configuration that was
// met before is not searched again.
//
//   process 0   [--- a ---]  [------ c ------]           front: the response of c
//   process 1      [------ b ------]  [--- d ---]        taken: a, b; and d, in slot 1
//                                            ^           candidates: what was invoked before front
//
// A configuration is which calls were taken, and the state that they led to. The former is short:
//   - the front, the first response whose call was not taken. All that answered before was taken.
//     No call that began after it can be taken yet.
//   - of the calls under way at the front, those that were taken: a bit each, in the slot that the
//     call got when it began and gives back when it is answered. So there are as many bits as calls
//     at once, not as many as calls.
//
// A model that looks ahead (model.h) says which candidates are tried first, and may see without a
// search that nothing explains a history.
//
// Two things are not searched, for they cannot help:
//   - A call that must be in the order, is possible now and, answered as it was, changes no state
//   is
//     taken at once, and nothing else is tried there: where it comes later in some order, it may as
//     well come now. (Not so a write of what is there already: later it may be needed.)
//   - A call that may be left out, and would change nothing, is not taken.
//
// Calls that were forgotten (history.h) may be left out until their response is the front.
//
// Limits are counted, so that a verdict is the same each time. Nothing is allocated for a history
// that is no larger than an earlier one.

namespace slotproof::linear {

enum class Answer : std::uint8_t { kLinearizable, kNot, kUnknown };

// Why an answer is unknown.
enum class Spent : std::uint8_t { kNothing, kConfigurations, kBytes, kStopped };

// Of each part.
struct Limits {
  std::uint64_t configurations = 20'000'000;
  std::size_t bytes = std::size_t{1} << 30;
  // Asked now and then: true ends the search. May be empty.
  std::function<bool()> stop = {};
};

template <Model M>
class Checker {
 public:
  using State = typename M::State;
  using Call = linear::Call<typename M::Op, typename M::Result>;

  // Both must live as long.
  explicit Checker(M* model, const Limits* limits) : model_(*model), limits_(*limits) {}

  // The calls are in the order of their invocations.
  Answer Check(std::span<const Call> calls) { return Check(calls, model_.Initial()); }
  Answer Check(std::span<const Call> calls, State initial) {
    visited_ = 0;
    nodes_.assign(1, Node{});
    for (std::size_t i = 0; i < calls.size(); ++i) Add(calls[i], i);
    return Search(initial);
  }

  // Part by part. The first that is not linearizable ends it, and is the one that all below tells
  // of. `after_part` is called with the answer of each.
  Answer CheckParts(std::span<const Call> calls)
    requires HasParts<M>
  {
    return CheckParts(calls, [](Answer) {});
  }
  template <class AfterPart>
  Answer CheckParts(std::span<const Call> calls, AfterPart after_part)
    requires HasParts<M>;

  // How often a configuration was met.
  std::uint64_t visited() const { return visited_; }
  Spent spent() const { return spent_; }
  std::uint32_t part() const { return part_; }

  // The order that was found; or, of those tried, the one that explains most responses. Numbers of
  // calls.
  std::span<const std::uint32_t> order() const { return order_; }
  // The state that it leads to.
  State last_state() const { return last_state_; }
  // When no order was found: the call whose response none of those tried gets past.
  std::uint32_t stuck() const { return stuck_; }

 private:
  // What was done to a call.
  enum class Move : std::uint8_t {
    kTaken,    // others are tried in its place
    kAtOnce,   // it changes nothing, and nothing else is tried
    kAgain,    // one that may be taken again, so that it stays
    kLeftOut,  // its response is the front, and all else was tried
  };

  // In a ring of the calls that were not taken, by invocation; the first is no call.
  struct Node {
    const Call* call = nullptr;
    std::uint32_t index = 0;
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
    std::uint32_t slot = 0;
    std::uint32_t rank = 0;  // those of a lower one are tried first
  };
  struct Step {
    std::uint32_t node;
    std::uint32_t front;  // before
    State state;          // before
    Move move;
  };
  enum class Effect : std::uint8_t { kNone, kSame, kChange };

  void Add(const Call& call, std::size_t index) {
    if (call.may_be_left_out() && model_.OnlyReads(call.op)) return;
    nodes_.push_back({.call = &call, .index = static_cast<std::uint32_t>(index)});
  }

  Answer Search(State initial);
  void Prepare(State initial);
  void SortResponses();
  void GiveSlots();
  bool LearnAll();
  void TakeReads();
  std::uint32_t NextCandidate(std::uint32_t after) const;
  bool Advance(std::uint32_t node);
  bool LeaveOut();
  bool Backtrack(std::uint32_t* node);
  Answer End(Answer answer);

  Effect Try(const Call& call, State* next);
  bool Go(std::uint32_t node, State next, Move move);
  void Undo();
  void NoteFurthest();
  bool IsSpent();

  // Where the front is among the events.
  std::uint32_t Deadline() const {
    return front_ == responses_.size() ? kPending : nodes_[responses_[front_]].call->responded;
  }
  bool IsTaken(std::uint32_t node) const {
    return (taken_[nodes_[node].slot / 64] >> (nodes_[node].slot % 64) & 1) != 0;
  }
  void Flip(std::uint32_t node) {
    taken_[nodes_[node].slot / 64] ^= std::uint64_t{1} << (nodes_[node].slot % 64);
  }
  void Lift(std::uint32_t node) {
    nodes_[nodes_[node].previous].next = nodes_[node].next;
    nodes_[nodes_[node].next].previous = nodes_[node].previous;
  }
  void Unlift(std::uint32_t node) {
    nodes_[nodes_[node].previous].next = node;
    nodes_[nodes_[node].next].previous = node;
  }

  M& model_;
  const Limits& limits_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> responses_;  // nodes that were answered, by response
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint64_t> taken_;  // by slot
  std::vector<Step> steps_;
  Memo<M> memo_;
  State state_{};
  std::uint32_t front_ = 0;  // in responses_
  std::uint64_t visited_ = 0;
  std::uint64_t next_question_ = 0;
  Spent spent_ = Spent::kNothing;
  std::uint32_t part_ = 0;

  std::vector<std::uint32_t> order_;
  std::uint32_t furthest_front_ = 0;
  std::size_t in_common_ = 0;  // steps_ and order_ begin with so many that are the same
  State last_state_{};
  std::uint32_t stuck_ = 0;
  std::uint32_t contradiction_ = kPending;  // the call, where no search was needed

  std::vector<std::uint32_t> begin_of_part_;
  std::vector<std::uint32_t> by_part_;
};

template <Model M>
template <class AfterPart>
Answer Checker<M>::CheckParts(std::span<const Call> calls, AfterPart after_part)
  requires HasParts<M>
{
  // Sorted by counting.
  begin_of_part_.clear();
  for (const Call& call : calls) {
    const std::uint32_t part = model_.Part(call.op);
    if (part + 2 > begin_of_part_.size()) begin_of_part_.resize(part + 2);
    ++begin_of_part_[part + 1];
  }
  for (std::size_t i = 1; i < begin_of_part_.size(); ++i)
    begin_of_part_[i] += begin_of_part_[i - 1];
  by_part_.resize(calls.size());
  for (std::uint32_t i = 0; i < calls.size(); ++i) {
    by_part_[begin_of_part_[model_.Part(calls[i].op)]++] = i;
  }
  Answer answer = Answer::kLinearizable;
  std::uint64_t visited = 0;
  Spent spent = Spent::kNothing;
  std::size_t begin = 0;
  for (std::uint32_t part = 0; part + 1 < begin_of_part_.size() && answer != Answer::kNot; ++part) {
    const std::size_t end = begin_of_part_[part];
    if (begin == end) continue;
    visited_ = 0;
    nodes_.assign(1, Node{});
    for (; begin < end; ++begin) Add(calls[by_part_[begin]], by_part_[begin]);
    part_ = part;
    const Answer of_part = Search(model_.Initial());
    after_part(of_part);
    visited += visited_;
    if (of_part == Answer::kLinearizable) continue;
    answer = of_part;
    spent = spent_;
  }
  visited_ = visited;
  spent_ = answer == Answer::kUnknown ? spent : Spent::kNothing;
  return answer;
}

template <Model M>
Answer Checker<M>::Search(State initial) {
  Prepare(initial);
  if (LearnAll()) return End(Answer::kNot);
  TakeReads();
  std::uint32_t node = NextCandidate(0);
  while (front_ != responses_.size()) {
    if (IsSpent()) return End(Answer::kUnknown);
    if (node == 0 ? LeaveOut() : Advance(node)) {
      TakeReads();
      node = NextCandidate(0);
    } else if (node != 0) {
      node = NextCandidate(node);
    } else if (!Backtrack(&node)) {
      return End(Answer::kNot);
    }
  }
  return End(Answer::kLinearizable);
}

// Shows the model all calls; true when it needs no search to see that nothing explains them.
template <Model M>
bool Checker<M>::LearnAll() {
  if constexpr (LooksAhead<M>) {
    model_.BeginHistory();
    for (std::uint32_t i = 1; i < nodes_.size(); ++i) model_.Learn(i, *nodes_[i].call);
  }
  if constexpr (KnowsBetter<M>) {
    const std::uint32_t contradiction = model_.FindContradiction();
    for (Node& node : std::span(nodes_).subspan(1)) node.rank = model_.Rank(*node.call);
    if (contradiction == 0) return false;
    contradiction_ = nodes_[contradiction].index;
    return true;
  }
  return false;
}

// The candidate to be tried after this one, the first after 0; 0 at the end.
template <Model M>
std::uint32_t Checker<M>::NextCandidate(std::uint32_t after) const {
  const std::uint32_t deadline = Deadline();
  if constexpr (!KnowsBetter<M>) {
    const std::uint32_t next = nodes_[after].next;
    return next != 0 && nodes_[next].call->invoked < deadline ? next : 0;
  }
  const auto is_before = [this](std::uint32_t a, std::uint32_t b) {
    return nodes_[a].rank != nodes_[b].rank ? nodes_[a].rank < nodes_[b].rank : a < b;
  };
  std::uint32_t best = 0;
  for (std::uint32_t node = nodes_[0].next; node != 0 && nodes_[node].call->invoked < deadline;
       node = nodes_[node].next) {
    if (after != 0 && !is_before(after, node)) continue;
    if (best == 0 || is_before(node, best)) best = node;
  }
  return best;
}

template <Model M>
void Checker<M>::Prepare(State initial) {
  const auto count = static_cast<std::uint32_t>(nodes_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    nodes_[i].previous = (i == 0 ? count : i) - 1;
    nodes_[i].next = i + 1 == count ? 0 : i + 1;
  }
  SortResponses();
  GiveSlots();
  memo_.Clear(taken_.size());
  steps_.clear();
  order_.clear();
  state_ = initial;
  last_state_ = initial;
  front_ = 0;
  furthest_front_ = 0;
  in_common_ = 0;
  stuck_ = 0;
  contradiction_ = kPending;
  next_question_ = 4096;
  spent_ = Spent::kNothing;
}

template <Model M>
void Checker<M>::SortResponses() {
  responses_.clear();
  for (std::uint32_t i = 1; i < nodes_.size(); ++i) {
    if (!nodes_[i].call->pending()) responses_.push_back(i);
  }
  std::sort(responses_.begin(), responses_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return nodes_[a].call->responded < nodes_[b].call->responded;
  });
}

// Each call gets the slot that was given back last.
template <Model M>
void Checker<M>::GiveSlots() {
  free_slots_.clear();
  std::uint32_t slots = 0;
  std::size_t answered = 0;
  for (std::uint32_t i = 1; i < nodes_.size(); ++i) {
    while (answered < responses_.size() &&
           nodes_[responses_[answered]].call->responded < nodes_[i].call->invoked) {
      free_slots_.push_back(nodes_[responses_[answered++]].slot);
    }
    if (free_slots_.empty()) {
      nodes_[i].slot = slots++;
    } else {
      nodes_[i].slot = free_slots_.back();
      free_slots_.pop_back();
    }
  }
  taken_.assign((slots + 63) / 64, 0);
}

// What the call would do now, and the state after it.
template <Model M>
typename Checker<M>::Effect Checker<M>::Try(const Call& call, State* next) {
  *next = state_;
  if (call.may_be_left_out()) {
    model_.ApplyUnanswered(call.op, next);
    return model_.Equal(state_, *next) ? Effect::kNone : Effect::kChange;
  }
  if (!model_.Apply(call.op, call.result, next)) return Effect::kNone;
  return model_.Equal(state_, *next) ? Effect::kSame : Effect::kChange;
}

// Takes all that are possible and change no state. What then begins before the front is further on.
template <Model M>
void Checker<M>::TakeReads() {
  for (std::uint32_t node = nodes_[0].next; node != 0 && nodes_[node].call->invoked < Deadline();
       node = nodes_[node].next) {
    const Call& call = *nodes_[node].call;
    if (call.may_be_left_out() || !model_.ChangedNothing(call.op, call.result)) continue;
    State next;
    if (Try(call, &next) == Effect::kSame) Go(node, state_, Move::kAtOnce);
  }
}

// Goes on by this candidate; false when that is of no use.
template <Model M>
bool Checker<M>::Advance(std::uint32_t node) {
  const Call& call = *nodes_[node].call;
  Move move = Move::kTaken;
  if constexpr (IsRepeatable<M>) {
    if (call.forgotten) move = Move::kAgain;
  }
  State next;
  return Try(call, &next) != Effect::kNone && Go(node, next, move);
}

// Goes on without the call at the front, if it was forgotten.
template <Model M>
bool Checker<M>::LeaveOut() {
  const std::uint32_t first = responses_[front_];
  return nodes_[first].call->forgotten && Go(first, state_, Move::kLeftOut);
}

// Does it, unless that leads to where the search has been.
template <Model M>
bool Checker<M>::Go(std::uint32_t node, State next, Move move) {
  ++visited_;
  steps_.push_back({.node = node, .front = front_, .state = state_, .move = move});
  state_ = next;
  if (move != Move::kAgain) {
    Lift(node);
    Flip(node);
    // An answered call's slot is another's.
    while (front_ != responses_.size() && IsTaken(responses_[front_])) Flip(responses_[front_++]);
  }
  if (move == Move::kAtOnce || memo_.Insert(model_, state_, front_, taken_)) return true;
  Undo();
  return false;
}

template <Model M>
void Checker<M>::Undo() {
  const Step& step = steps_.back();
  if (step.move != Move::kAgain) {
    while (front_ != step.front) Flip(responses_[--front_]);
    Flip(step.node);
    Unlift(step.node);
  }
  state_ = step.state;
  steps_.pop_back();
  in_common_ = std::min(in_common_, steps_.size());
}

// Back to the last place where others may be tried, the first of which `node` becomes; false if
// there is none.
template <Model M>
bool Checker<M>::Backtrack(std::uint32_t* node) {
  NoteFurthest();
  while (!steps_.empty()) {
    const Step step = steps_.back();
    Undo();
    if (step.move == Move::kAtOnce || step.move == Move::kLeftOut) continue;
    *node = NextCandidate(step.node);
    return true;
  }
  return false;
}

// Keeps the steps, of which it copies those only that came since the last time.
template <Model M>
void Checker<M>::NoteFurthest() {
  const bool is_further =
      front_ > furthest_front_ || (front_ == furthest_front_ && steps_.size() > order_.size());
  if (!is_further) return;
  order_.resize(in_common_);
  for (std::size_t i = in_common_; i < steps_.size(); ++i) {
    order_.push_back(steps_[i].move == Move::kLeftOut ? 0 : steps_[i].node);
  }
  in_common_ = steps_.size();
  furthest_front_ = front_;
  last_state_ = state_;
}

template <Model M>
bool Checker<M>::IsSpent() {
  if (visited_ > limits_.configurations) spent_ = Spent::kConfigurations;
  std::size_t bytes = memo_.bytes();
  if constexpr (CountsBytes<M>) bytes += model_.bytes();
  if (bytes > limits_.bytes) spent_ = Spent::kBytes;
  if (limits_.stop && visited_ >= next_question_) {
    next_question_ = visited_ + 4096;
    if (limits_.stop()) spent_ = Spent::kStopped;
  }
  return spent_ != Spent::kNothing;
}

template <Model M>
Answer Checker<M>::End(Answer answer) {
  if (answer != Answer::kNot) NoteFurthest();
  if (answer != Answer::kLinearizable) {
    stuck_ =
        contradiction_ != kPending ? contradiction_ : nodes_[responses_[furthest_front_]].index;
  }
  std::erase(order_, 0u);
  for (std::uint32_t& node : order_) node = nodes_[node].index;
  return answer;
}

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_CHECKER_H_
