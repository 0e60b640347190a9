#ifndef SLOTPROOF_HARNESS_LINEAR_MODEL_H_
#define SLOTPROOF_HARNESS_LINEAR_MODEL_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "harness/linear/history.h"

// What a shared object does when one process uses it alone: a sequential specification.
//
//   struct Register {
//     using Op = ...;      what is asked
//     using Result = ...;  what is answered
//     using State = int;   copied at each step: an index into tables of the model, if it is large
//
//     State Initial() const { return 0; }
//     // False when this cannot be the answer in this state, which then does not matter any more.
//     bool Apply(const Op& op, const Result& result, State* state);
//     // The same, whatever was answered: what a pending call may have done.
//     void ApplyUnanswered(const Op& op, State* state);
//     // It leaves every state as it is, whatever it is answered; or answered so.
//     bool OnlyReads(const Op& op) const;
//     bool ChangedNothing(const Op& op, const Result& result) const;
//     bool Equal(State a, State b) const;  // that they are may go unseen, at the price of time
//     std::uint64_t Hash(State state) const;
//   };
//
// A step is determined: of one state, one operation and one result comes one state. The members
// below are optional; each lets the checker do more.

namespace slotproof::linear {

template <class M>
concept Model = std::is_trivially_copyable_v<typename M::State> &&
                requires(M model, const M& same, const typename M::Op& op,
                         const typename M::Result& result, typename M::State state) {
                  { same.Initial() } -> std::same_as<typename M::State>;
                  { model.Apply(op, result, &state) } -> std::same_as<bool>;
                  { model.ApplyUnanswered(op, &state) } -> std::same_as<void>;
                  { same.OnlyReads(op) } -> std::same_as<bool>;
                  { same.ChangedNothing(op, result) } -> std::same_as<bool>;
                  { same.Equal(state, state) } -> std::same_as<bool>;
                  { same.Hash(state) } -> std::same_as<std::uint64_t>;
                };

// Operations on different parts have nothing to do with each other: a history is linearizable if
// and only if that of each part is. Parts are small numbers.
template <class M>
concept HasParts = Model<M> && requires(const M& model, const typename M::Op& op) {
  { model.Part(op) } -> std::same_as<std::uint32_t>;
};

// A state that stands for all states: what can happen in any of them can happen in it.
template <class M>
concept HasAnyState = Model<M> && requires(const M& model) {
  { model.Any() } -> std::same_as<typename M::State>;
};

// What is left of a possible run when all calls of one group are taken out is possible, too. Only
// calls that were answered are in groups, or all that may be answered so.
template <class M>
concept HasGroups = Model<M> && requires(const M& model, const typename M::Op& op,
                                         const typename M::Result& result, bool answered) {
  { model.Group(op, result, answered) } -> std::same_as<std::optional<std::uint32_t>>;
};

// Of each operation any number in a row leads to finitely many states, so that a call that may be
// left out may as well be taken more than once.
template <class M>
concept IsRepeatable = Model<M> && M::kIsRepeatable;

// Sees all calls before the search. A call is known by its number, from 1.
template <class M>
concept LooksAhead = Model<M> && requires(M model, std::uint32_t number,
                                          const Call<typename M::Op, typename M::Result>& call) {
  model.BeginHistory();
  model.Learn(number, call);
};

// And then knows better than the search: a call at whose response it is certain that nothing
// explains the history, or 0 when there is no such thing to be seen; and of those that could be
// next, which are tried first, those with a lower rank.
template <class M>
concept KnowsBetter =
    LooksAhead<M> && requires(M model, const Call<typename M::Op, typename M::Result>& call) {
      { model.FindContradiction() } -> std::same_as<std::uint32_t>;
      { model.Rank(call) } -> std::same_as<std::uint32_t>;
    };

// Bytes that the model's tables have come to.
template <class M>
concept CountsBytes = Model<M> && requires(const M& model) {
  { model.bytes() } -> std::convertible_to<std::size_t>;
};

// Spreads a number over all 64 bits.
constexpr std::uint64_t Mix(std::uint64_t x) {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
  return x ^ (x >> 32);
}

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODEL_H_
