#ifndef SLOTPROOF_HARNESS_LINEAR_EVERY_ORDER_TEST_UTIL_H_
#define SLOTPROOF_HARNESS_LINEAR_EVERY_ORDER_TEST_UTIL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/linear/history.h"
#include "harness/linear/model.h"

// What linearizable means, as it is defined: some order of the calls explains them. Tries every
// order of a few calls, with and without each that may be left out, and remembers nothing.

namespace slotproof::linear {

template <Model M>
class EveryOrder {
 public:
  using State = typename M::State;
  using Call = linear::Call<typename M::Op, typename M::Result>;

  explicit EveryOrder(M* model) : model_(*model) {}

  bool Explains(std::span<const Call> calls) { return Explains(calls, model_.Initial()); }
  bool Explains(std::span<const Call> calls, State initial) {
    // It looks nowhere but at the order that it tries.
    if constexpr (LooksAhead<M>) model_.BeginHistory();
    calls_ = calls;
    order_.clear();
    used_.assign(calls.size(), false);
    return GoOn(initial);
  }

 private:
  bool IsComplete() const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!used_[i] && !calls_[i].may_be_left_out()) return false;
    }
    return true;
  }

  // Nothing in the order began only after this call was answered.
  bool KeepsRealTime(const Call& call) const {
    for (const Call* const before : order_) {
      if (call.responded < before->invoked) return false;
    }
    return true;
  }

  bool GoOn(State state) {
    if (IsComplete()) return true;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      const Call& call = calls_[i];
      if (used_[i] || !KeepsRealTime(call)) continue;
      State next = state;
      if (call.may_be_left_out()) {
        model_.ApplyUnanswered(call.op, &next);
      } else if (!model_.Apply(call.op, call.result, &next)) {
        continue;
      }
      used_[i] = true;
      order_.push_back(&call);
      if (GoOn(next)) return true;
      order_.pop_back();
      used_[i] = false;
    }
    return false;
  }

  M& model_;
  std::span<const Call> calls_;
  std::vector<const Call*> order_;
  std::vector<bool> used_;
};

// A call without its times: what is asked, and what is answered.
template <Model M>
struct Pair {
  typename M::Op op;
  typename M::Result result;
};

// Every history of so many calls of these pairs, with each way in which they overlap and each of
// them answered or not. `use` gets it.
template <Model M>
class EveryHistory {
 public:
  using Call = linear::Call<typename M::Op, typename M::Result>;

  EveryHistory(std::vector<Pair<M>> pairs, std::size_t calls,
               std::function<void(std::span<const Call>)> use)
      : pairs_(std::move(pairs)), count_(calls), use_(std::move(use)) {}

  void Run() { GoOn(0); }

 private:
  void GoOn(std::uint32_t event) {
    if (calls_.size() == count_) use_(calls_);
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!calls_[i].pending()) continue;
      calls_[i].responded = event;
      GoOn(event + 1);
      calls_[i].responded = kPending;
    }
    if (calls_.size() == count_) return;
    for (const Pair<M>& pair : pairs_) {
      calls_.push_back({.process = static_cast<std::uint32_t>(calls_.size()),
                        .invoked = event,
                        .op = pair.op,
                        .result = pair.result});
      GoOn(event + 1);
      calls_.pop_back();
    }
  }

  std::vector<Pair<M>> pairs_;
  std::size_t count_;
  std::function<void(std::span<const Call>)> use_;
  std::vector<Call> calls_;
};

template <Model M>
std::string Show(std::span<const Call<typename M::Op, typename M::Result>> calls) {
  std::string text;
  for (const auto& call : calls) {
    text += "  [" + std::to_string(call.invoked) + ", " +
            (call.pending() ? "-" : std::to_string(call.responded)) + "] code " +
            std::to_string(static_cast<int>(call.op.code)) + " key " + std::to_string(call.op.key) +
            " " + std::to_string(call.op.a) + " " + std::to_string(call.op.b) + " -> " +
            std::to_string(call.result) + (call.forgotten ? " forgotten" : "") + "\n";
  }
  return text;
}

// The order has each call that must be there, none twice, keeps real time, and is what the model
// does.
template <Model M>
::testing::AssertionResult IsOrderOf(
    M* model, std::span<const Call<typename M::Op, typename M::Result>> calls,
    std::span<const std::uint32_t> order, typename M::State state) {
  if constexpr (LooksAhead<M>) model->BeginHistory();
  std::vector<bool> used(calls.size());
  std::uint32_t latest = 0;
  for (const std::uint32_t number : order) {
    const auto& call = calls[number];
    if (used[number]) return ::testing::AssertionFailure() << "twice: " << number;
    used[number] = true;
    if (call.responded < latest) return ::testing::AssertionFailure() << "too late: " << number;
    latest = std::max(latest, call.invoked);
    if (call.may_be_left_out()) {
      model->ApplyUnanswered(call.op, &state);
    } else if (!model->Apply(call.op, call.result, &state)) {
      return ::testing::AssertionFailure() << "impossible: " << number;
    }
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!used[i] && !calls[i].may_be_left_out() && !model->OnlyReads(calls[i].op)) {
      return ::testing::AssertionFailure() << "missing: " << i;
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_EVERY_ORDER_TEST_UTIL_H_
