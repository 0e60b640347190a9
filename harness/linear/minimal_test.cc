#include "harness/linear/minimal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/linear/checker.h"
#include "harness/linear/every_order_test_util.h"
#include "harness/linear/models/append_model.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/queue_model.h"
#include "harness/linear/models/random_history.h"

namespace slotproof::linear {
namespace {

constexpr Value kUnknownValue = 1'000'000;

template <class M>
typename M::State FirstState(const M& model, bool from_any_state) {
  if constexpr (HasAnyState<M>) {
    if (from_any_state) return model.Any();
  }
  return model.Initial();
}

// What the checker calls inexplicable, made small.
template <class M>
MinimalPart<typename Checker<M>::Call> Minimize(M* model, const Calls& calls) {
  const Limits limits;
  Checker<M> checker(model, &limits);
  EXPECT_EQ(checker.Check(calls), Answer::kNot);
  Minimizer<M> minimizer(model, {});
  return minimizer.Run(calls, checker.visited(), calls[checker.stuck()]);
}

// None of the calls that are left can be forgotten, and no order explains them.
template <class M>
void ExpectOneMinimal(M* model, const Calls& calls) {
  const auto minimal = Minimize(model, calls);
  EXPECT_TRUE(minimal.one_minimal);
  ASSERT_FALSE(minimal.calls.empty());
  const auto state = FirstState(*model, minimal.from_any_state);
  if (minimal.calls.size() <= 8) {
    EveryOrder<M> every(model);
    EXPECT_FALSE(every.Explains(minimal.calls, state));
  }
  const Limits limits;
  Checker<M> checker(model, &limits);
  EXPECT_EQ(checker.Check(minimal.with_forgotten, state), Answer::kNot);
  for (std::size_t i = 0; i < minimal.with_forgotten.size(); ++i) {
    Calls fewer = minimal.with_forgotten;
    if (fewer[i].may_be_left_out()) continue;
    fewer[i].forgotten = true;
    EXPECT_EQ(checker.Check(fewer, state), Answer::kLinearizable);
  }
}

// Gives some look-ups wrong answers; whether no order explains it then.
template <class M>
bool Spoil(M* model, std::uint64_t seed, Calls* calls) {
  std::mt19937_64 random(seed);
  for (auto& call : *calls) {
    if (TellsAValue(call) && random() % 4 == 0) call.result = static_cast<Value>(3 + random() % 3);
  }
  const Limits limits;
  Checker<M> checker(model, &limits);
  return checker.Check(*calls) == Answer::kNot;
}

TEST(Minimal, OfARegisterNoCallCanBeForgotten) {
  std::size_t spoilt = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Calls calls =
        RandomHistory({.processes = 4, .calls = 20, .values = 3, .lost_percent = 4, .seed = seed})
            .Make();
    CellModel model;
    if (!Spoil(&model, seed, &calls)) continue;
    ++spoilt;
    ExpectOneMinimal(&model, calls);
  }
  EXPECT_GT(spoilt, 50u);
}

TEST(Minimal, OfAQueueNoCallCanBeForgotten) {
  std::size_t spoilt = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Calls calls = RandomHistory({.object = Object::kQueue,
                                 .processes = 3,
                                 .calls = 14,
                                 .values = 3,
                                 .lost_percent = 4,
                                 .seed = seed})
                      .Make();
    QueueModel model;
    if (!Spoil(&model, seed, &calls)) continue;
    ++spoilt;
    ExpectOneMinimal(&model, calls);
  }
  EXPECT_GT(spoilt, 50u);
}

// Nothing that makes a part smaller makes it wrong: of a history that can be explained each step
// leaves one that can be, and so none is taken.
template <class M>
void ExpectNothingTaken(M* model, const Calls& calls) {
  const auto stuck = std::ranges::find_if(calls, [](const auto& call) { return !call.pending(); });
  Minimizer<M> minimizer(model, {});
  for (auto last = stuck; last != calls.end(); ++last) {
    if (last->pending()) continue;
    const auto minimal = minimizer.Run(calls, 1, *last);
    EXPECT_EQ(minimal.with_forgotten.size(), calls.size());
    EXPECT_TRUE(std::ranges::none_of(minimal.with_forgotten,
                                     [](const auto& call) { return call.forgotten; }));
    EXPECT_FALSE(minimal.from_any_state);
  }
}

TEST(Minimal, NoStepMakesARightHistoryWrong) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomOptions options = {
        .processes = 4, .calls = 16, .values = 3, .lost_percent = 8, .seed = seed};
    CellModel cells;
    ExpectNothingTaken(&cells, RandomHistory(options).Make());
    options.object = Object::kMap;
    ExpectNothingTaken(&cells, RandomHistory(options).Make());
    AppendModel append;
    options.object = Object::kAppend;
    ExpectNothingTaken(&append, RandomHistory(options, &append).Make());
    options.object = Object::kQueue;
    options.lost_percent = 0;
    QueueModel queue;
    ExpectNothingTaken(&queue, RandomHistory(options).Make());
  }
}

// Of a thousand calls two or three are the reason, and the wrong answer is one of them.
TEST(Minimal, AStaleValueIsNamed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Calls calls = RandomHistory({.calls = 1'000, .seed = seed}).Make();
    const auto place = PlantStaleValue(&calls);
    ASSERT_TRUE(place);
    CellModel model;
    const auto minimal = Minimize(&model, calls);
    EXPECT_TRUE(minimal.one_minimal);
    EXPECT_TRUE(minimal.from_any_state);
    EXPECT_LE(minimal.calls.size(), 3u);
    EXPECT_EQ(minimal.calls.back().invoked, calls[*place].invoked);
  }
}

// What nobody wrote: the read alone is the reason, whatever all the others did.
TEST(Minimal, AValueOfNobodyIsNamedAlone) {
  Calls calls = RandomHistory({.calls = 200}).Make();
  const auto place = PlantUnknownValue(kUnknownValue, &calls);
  ASSERT_TRUE(place);
  CellModel model;
  const auto minimal = Minimize(&model, calls);
  ASSERT_EQ(minimal.calls.size(), 1u);
  EXPECT_EQ(minimal.calls[0].invoked, calls[*place].invoked);
}

TEST(Minimal, AnItemOfNobodyIsNamedAlone) {
  Calls calls = RandomHistory({.object = Object::kQueue, .processes = 4, .calls = 300}).Make();
  const auto place = PlantUnknownValue(kUnknownValue, &calls);
  ASSERT_TRUE(place);
  QueueModel model;
  const auto minimal = Minimize(&model, calls);
  ASSERT_EQ(minimal.calls.size(), 1u);
  EXPECT_EQ(minimal.calls[0].invoked, calls[*place].invoked);
}

// One call after the other.
Calls InTurn(const std::vector<std::pair<Operation, Result>>& steps) {
  Calls calls;
  std::uint32_t event = 0;
  for (const auto& [op, result] : steps) {
    calls.push_back({.invoked = event, .responded = event + 1, .op = op, .result = result});
    event += 2;
  }
  return calls;
}

// What begins later than the contradiction has no part in it.
TEST(Minimal, WhatCameLaterIsDropped) {
  const Operation read = {.code = Code::kRead};
  const Operation write = {.code = Code::kWrite, .b = 3};
  const Calls calls = InTurn({{read, 4}, {write, kAnyResult}, {read, 3}, {read, 3}});
  CellModel model;
  const auto minimal = Minimize(&model, calls);
  ASSERT_EQ(minimal.with_forgotten.size(), 1u);
  EXPECT_EQ(minimal.with_forgotten[0].invoked, 0u);
}

TEST(Minimal, ItemsThatHaveNothingToDoWithItAreTakenOut) {
  const auto enqueue = [](Value item) { return Operation{.code = Code::kEnqueue, .b = item}; };
  const Operation dequeue = {.code = Code::kDequeue};
  const Calls calls = InTurn({{enqueue(3), kAnyResult},
                              {enqueue(4), kAnyResult},
                              {enqueue(5), kAnyResult},
                              {enqueue(6), kAnyResult},
                              {dequeue, 3},
                              {dequeue, 5},
                              {dequeue, 4},
                              {dequeue, 6}});
  QueueModel model;
  const auto minimal = Minimize(&model, calls);
  for (const auto& call : minimal.with_forgotten) {
    EXPECT_NE(call.op.b, 3u);
    EXPECT_NE(call.op.b, 6u);
  }
  EXPECT_LE(minimal.calls.size(), 3u);
}

// Where the checker does not know, the step is not taken.
TEST(Minimal, WhatIsUnknownIsKept) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Calls calls = RandomHistory({.calls = 100, .seed = seed}).Make();
    ASSERT_TRUE(PlantStaleValue(&calls));
    CellModel model;
    const Limits limits;
    Checker<CellModel> checker(&model, &limits);
    ASSERT_EQ(checker.Check(calls), Answer::kNot);
    Minimizer<CellModel> minimizer(&model, {.times = 0, .least_configurations = 3});
    const auto minimal = minimizer.Run(calls, checker.visited(), calls[checker.stuck()]);
    EXPECT_EQ(checker.Check(minimal.with_forgotten, FirstState(model, minimal.from_any_state)),
              Answer::kNot);
  }
}

// Where the tries are spent it says so, and what it has is inexplicable all the same.
TEST(Minimal, AtALimitItIsNotCalledMinimal) {
  Calls calls = RandomHistory({.calls = 300}).Make();
  ASSERT_TRUE(PlantUnknownValue(kUnknownValue, &calls));
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  ASSERT_EQ(checker.Check(calls), Answer::kNot);
  Minimizer<CellModel> minimizer(&model, {.configurations = 500});
  const auto minimal = minimizer.Run(calls, checker.visited(), calls[checker.stuck()]);
  EXPECT_FALSE(minimal.one_minimal);
  EXPECT_EQ(checker.Check(minimal.calls, FirstState(model, minimal.from_any_state)), Answer::kNot);
}

}  // namespace
}  // namespace slotproof::linear
