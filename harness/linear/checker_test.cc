#include "harness/linear/checker.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/linear/every_order_test_util.h"
#include "harness/linear/models/append_model.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/queue_model.h"
#include "harness/linear/models/random_history.h"
#include "harness/linear/models/table_model.h"

namespace slotproof::linear {
namespace {

template <class M>
class Both {
 public:
  using Call = typename Checker<M>::Call;

  explicit Both(M* model) : model_(*model), checker_(model, &limits_), every_(model) {}

  // The checker says what the definition says, and shows an order if there is one.
  void Compare(std::span<const Call> calls) {
    const bool is_explained = every_.Explains(calls);
    const Answer answer = checker_.Check(calls);
    ASSERT_EQ(answer, is_explained ? Answer::kLinearizable : Answer::kNot) << Show<M>(calls);
    (is_explained ? explained_ : inexplicable_) += 1;
    if (is_explained) {
      ASSERT_TRUE(IsOrderOf(&model_, calls, checker_.order(), model_.Initial())) << Show<M>(calls);
    } else {
      ASSERT_FALSE(calls[checker_.stuck()].pending()) << Show<M>(calls);
    }
  }

  // Both verdicts occurred.
  void ExpectBothSeen() const {
    EXPECT_GT(explained_, 100u);
    EXPECT_GT(inexplicable_, 100u);
  }

 private:
  const Limits limits_;
  M& model_;
  Checker<M> checker_;
  EveryOrder<M> every_;
  std::size_t explained_ = 0;
  std::size_t inexplicable_ = 0;
};

// All histories of up to three calls, and random ones of up to six.
template <class M>
void CompareAll(M* model, const std::vector<Pair<M>>& pairs, int random_ones) {
  Both<M> both(model);
  for (std::size_t calls = 1; calls <= 3; ++calls) {
    EveryHistory<M>(pairs, calls, [&](auto history) {
      if (!::testing::Test::HasFatalFailure()) both.Compare(history);
    }).Run();
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < random_ones && !::testing::Test::HasFatalFailure(); ++i) {
    std::vector<typename Checker<M>::Call> calls(4 + random() % 3);
    // Events begin in order, so that the calls do; the rest is chance.
    std::uint32_t event = 0;
    for (auto& call : calls) {
      const Pair<M>& pair = pairs[random() % pairs.size()];
      event += 10;
      call.invoked = event;
      call.responded = random() % 6 == 0
                           ? kPending
                           : event + 1 + 10 * static_cast<std::uint32_t>(random() % 4) +
                                 static_cast<std::uint32_t>(random() % 7);
      call.op = pair.op;
      call.result = pair.result;
      // In the cells' model such calls may be used again, which the definition has not.
      if constexpr (!IsRepeatable<M>) call.forgotten = random() % 5 == 0;
    }
    both.Compare(calls);
  }
  both.ExpectBothSeen();
}

constexpr Operation Op(Code code, Value a = kNil, Value b = kNil) {
  return {.code = code, .key = 0, .a = a, .b = b};
}

TEST(Checker, OfARegisterAgreesWithTheDefinition) {
  CellModel model;
  CompareAll<CellModel>(&model,
                        {{Op(Code::kRead), kNil},
                         {Op(Code::kRead), 3},
                         {Op(Code::kRead), 4},
                         {Op(Code::kWrite, kNil, 3), kAnyResult},
                         {Op(Code::kWrite, kNil, 4), kAnyResult},
                         {Op(Code::kCas, 3, 4), kTrue},
                         {Op(Code::kCas, 3, 4), kFalse}},
                        20'000);
}

TEST(Checker, OfAMapAgreesWithTheDefinition) {
  CellModel model;
  CompareAll<CellModel>(&model,
                        {{Op(Code::kInsert, kNil, 3), kTrue},
                         {Op(Code::kInsert, kNil, 4), kFalse},
                         {Op(Code::kRead), 3},
                         {Op(Code::kContains), kFalse},
                         {Op(Code::kDelete), kTrue},
                         {Op(Code::kDelete), kFalse},
                         {Op(Code::kLoadOrStore, kNil, 4), kNil},
                         {Op(Code::kLoadOrStore, kNil, 4), 3},
                         {Op(Code::kGetAndDelete), 4}},
                        20'000);
}

TEST(Checker, OfAQueueAgreesWithTheDefinition) {
  QueueModel model;
  CompareAll<QueueModel>(&model,
                         {{Op(Code::kEnqueue, kNil, 3), kAnyResult},
                          {Op(Code::kEnqueue, kNil, 4), kAnyResult},
                          {Op(Code::kDequeue), 3},
                          {Op(Code::kDequeue), 4},
                          {Op(Code::kDequeue), kNil}},
                         20'000);
}

TEST(Checker, OfAStoreWithAppendAgreesWithTheDefinition) {
  AppendModel model;
  const auto value = [&](std::vector<Sequences::Item> items) { return model.Add(items); };
  CompareAll<AppendModel>(&model,
                          {{Op(Code::kRead), value({})},
                           {Op(Code::kRead), value({1})},
                           {Op(Code::kRead), value({1, 2})},
                           {Op(Code::kRead), value({2, 1})},
                           {Op(Code::kWrite, kNil, value({1})), kAnyResult},
                           {Op(Code::kAppend, kNil, value({1})), kAnyResult},
                           {Op(Code::kAppend, kNil, value({2})), kAnyResult}},
                          20'000);
}

TEST(Checker, OfASetWithReadsOfAllAgreesWithTheDefinition) {
  TableModel model(2);
  const Value none = model.AddList({});
  const Value second = model.AddList({1});
  const Value both = model.AddList({1, 0});
  const Operation add_0 = {.code = Code::kInsert, .key = 0, .b = kTrue};
  const Operation add_1 = {.code = Code::kInsert, .key = 1, .b = kTrue};
  const Operation remove_0 = {.code = Code::kDelete, .key = 0};
  CompareAll<TableModel>(&model,
                         {{add_0, kAnyResult},
                          {add_1, kTrue},
                          {remove_0, kTrue},
                          {Op(Code::kSize), 2},
                          {Op(Code::kClear), kAnyResult},
                          {Op(Code::kReadAll), none},
                          {Op(Code::kReadAll), second},
                          {Op(Code::kReadAll), both}},
                         20'000);
}

// What the definition explains with forgotten calls, the checker explains too, even where it may
// use them again.
TEST(Checker, ForgettingACallLosesNoExplanation) {
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  EveryOrder<CellModel> every(&model);
  std::size_t explained = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    Calls calls =
        RandomHistory({.processes = 3, .calls = 6, .values = 2, .lost_percent = 10, .seed = seed})
            .Make();
    std::mt19937_64 random(seed);
    for (auto& call : calls) {
      call.forgotten = random() % 3 == 0;
      if (call.op.code == Code::kRead && random() % 4 == 0)
        call.result = static_cast<Value>(3 + random() % 2);
    }
    if (!every.Explains(calls)) continue;
    ++explained;
    ASSERT_EQ(checker.Check(calls), Answer::kLinearizable) << Show<CellModel>(calls);
  }
  EXPECT_GT(explained, 500u);
}

// A forgotten call takes effect between its events, if at all.
TEST(Checker, AForgottenCallKeepsItsTime) {
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  Calls calls(3);
  calls[0] = {.invoked = 0, .responded = 1, .op = Op(Code::kWrite, kNil, 3), .result = {}};
  calls[1] = {.invoked = 2, .responded = 3, .op = Op(Code::kWrite, kNil, 4), .result = {}};
  calls[2] = {.invoked = 4, .responded = 5, .op = Op(Code::kRead), .result = 3};
  EXPECT_EQ(checker.Check(calls), Answer::kNot);
  calls[0].forgotten = true;
  EXPECT_EQ(checker.Check(calls), Answer::kNot);
  calls[0].responded = 3;
  EXPECT_EQ(checker.Check(calls), Answer::kLinearizable);
  calls[0].responded = 1;
  calls[1].forgotten = true;
  calls[0].forgotten = false;
  EXPECT_EQ(checker.Check(calls), Answer::kLinearizable);
}

template <class M>
void ExpectRight(M* model, const Calls& calls) {
  const Limits limits;
  Checker<M> checker(model, &limits);
  ASSERT_EQ(checker.Check(calls), Answer::kLinearizable);
  EXPECT_TRUE(IsOrderOf(model, calls, checker.order(), model->Initial()));
}

// Histories of a real object are linearizable.
TEST(Checker, WhatHappenedIsExplained) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    for (const std::uint32_t values : {0u, 3u}) {
      RandomOptions options = {.calls = 300, .values = values, .lost_percent = 1, .seed = seed};
      CellModel cells;
      ExpectRight(&cells, RandomHistory(options).Make());
      options.object = Object::kSet;
      ExpectRight(&cells, RandomHistory(options).Make());
      options.object = Object::kMap;
      ExpectRight(&cells, RandomHistory(options).Make());
      options.lost_percent = 0;
      AppendModel append;
      options.object = Object::kAppend;
      ExpectRight(&append, RandomHistory(options, &append).Make());
      QueueModel queue;
      options.object = Object::kQueue;
      // In which order equal items came in is not to be seen, so that there are more to try.
      if (values != 0) options.processes = 4, options.calls = 60;
      ExpectRight(&queue, RandomHistory(options).Make());
    }
  }
}

TEST(Checker, AWrongAnswerIsFound) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CellModel model;
    const Limits limits;
    Checker<CellModel> checker(&model, &limits);
    const RandomOptions options = {
        .object = Object::kMap, .calls = 1'000, .keys = 10, .seed = seed};
    const Calls right = RandomHistory(options).Make();
    EXPECT_EQ(checker.CheckParts(right), Answer::kLinearizable);
    Calls stale = right;
    const auto place = PlantStaleValue(&stale);
    ASSERT_TRUE(place);
    EXPECT_EQ(checker.CheckParts(stale), Answer::kNot);
    EXPECT_EQ(checker.part(), stale[*place].op.key);
    Calls unknown = right;
    ASSERT_TRUE(PlantUnknownValue(1'000'000, &unknown));
    EXPECT_EQ(checker.CheckParts(unknown), Answer::kNot);
  }
}

// Key by key is the same as all keys at once.
TEST(Checker, PartsAreTheWhole) {
  std::size_t wrong = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Calls calls = RandomHistory({.object = Object::kMap,
                                 .processes = 3,
                                 .calls = 30,
                                 .keys = 3,
                                 .values = 2,
                                 .seed = seed})
                      .Make();
    std::mt19937_64 random(seed);
    auto& call = calls[random() % calls.size()];
    if (!call.pending() && call.op.code == Code::kDelete) {
      call.result = call.result == kTrue ? kFalse : kTrue;
    }
    CellModel cells;
    TableModel table(3);
    const Limits limits;
    Checker<CellModel> by_parts(&cells, &limits);
    Checker<TableModel> whole(&table, &limits);
    const Answer answer = by_parts.CheckParts(calls);
    ASSERT_EQ(answer, whole.Check(calls)) << seed;
    wrong += answer == Answer::kNot;
  }
  EXPECT_GT(wrong, 20u);
}

// The calls, and before them more than have bits in a word, which can never take effect.
Calls BehindManyCalls(const Calls& calls) {
  Calls many(70);
  for (std::uint32_t i = 0; i < many.size(); ++i) {
    many[i] = {.invoked = i, .op = Op(Code::kCas, 1'000, 1'001), .result = {}};
  }
  for (auto call : calls) {
    call.invoked += 100;
    if (!call.pending()) call.responded += 100;
    many.push_back(call);
  }
  return many;
}

// Two writes of one value lead to one state, but what is left then is not the same: only the second
// one can be taken first, as the other is needed at the end.
TEST(Checker, WhichCallWasTakenCounts) {
  Calls calls;
  const auto add = [&](Code code, Value written, Result result, std::uint32_t from,
                       std::uint32_t to) {
    calls.push_back(
        {.invoked = from, .responded = to, .op = Op(code, kNil, written), .result = result});
  };
  add(Code::kWrite, 3, kAnyResult, 0, 90);
  add(Code::kWrite, 3, kAnyResult, 1, 50);
  add(Code::kWrite, 4, kAnyResult, 2, 6);
  add(Code::kRead, kNil, 3, 3, 5);
  add(Code::kRead, kNil, 4, 52, 53);
  add(Code::kRead, kNil, 3, 60, 61);
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  EXPECT_EQ(checker.Check(calls), Answer::kLinearizable);
  EXPECT_EQ(checker.Check(BehindManyCalls(calls)), Answer::kLinearizable);
}

// As many calls at once as have more bits than a word: those that can never take effect are as if
// they were not there.
TEST(Checker, ManyCallsAtOnceAreToldApart) {
  std::size_t wrong = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    // Few values, so that the same state comes of different calls.
    Calls few = RandomHistory({.processes = 6, .calls = 16, .values = 2, .seed = seed}).Make();
    std::mt19937_64 random(seed);
    for (auto& call : few) {
      if (call.op.code == Code::kRead && random() % 4 == 0)
        call.result = static_cast<Value>(3 + random() % 3);
    }
    const Calls many = BehindManyCalls(few);
    CellModel model;
    const Limits limits;
    Checker<CellModel> checker(&model, &limits);
    const Answer answer = checker.Check(few);
    wrong += answer == Answer::kNot;
    const std::uint64_t visited = checker.visited();
    ASSERT_EQ(checker.Check(many), answer) << seed;
    ASSERT_EQ(checker.visited(), visited) << seed;
  }
  EXPECT_GT(wrong, 20u);
}

}  // namespace
}  // namespace slotproof::linear
