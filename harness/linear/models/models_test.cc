#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/linear/models/append_model.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/queue_model.h"
#include "harness/linear/models/sequences.h"
#include "harness/linear/models/stack_model.h"
#include "harness/linear/models/table_model.h"

namespace slotproof::linear {
namespace {

using Items = std::vector<Sequences::Item>;

TEST(Sequences, AreWhatWasPutInto) {
  Sequences sequences;
  std::mt19937_64 random(1);
  std::vector<Items> all(1);
  std::vector<Sequences::Node> nodes = {Sequences::kEmpty};
  for (int i = 0; i < 500; ++i) {
    const std::size_t from = i % 4 == 0 ? random() % all.size() : all.size() - 1;
    Items items = all[from];
    const auto item = static_cast<Sequences::Item>(random() % 3);
    items.push_back(item);
    nodes.push_back(sequences.With(nodes[from], item));
    all.push_back(items);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(sequences.Items(nodes[i]), all[i]);
    ASSERT_EQ(sequences.With(Sequences::kEmpty, all[i]), nodes[i]);
    for (std::uint32_t length = 0; length <= all[i].size(); ++length) {
      const Sequences::Node prefix = sequences.Prefix(nodes[i], length);
      ASSERT_EQ(sequences.length(prefix), length);
      ASSERT_EQ(sequences.Items(prefix), Items(all[i].begin(), all[i].begin() + length));
    }
  }
}

// Equal if what is left is, whatever was before; and then the hashes are equal, too.
TEST(Sequences, AreComparedBehindTheirBeginnings) {
  Sequences sequences;
  std::mt19937_64 random(1);
  std::size_t equal = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto draw = [&] {
      Items items(random() % 5);
      for (Sequences::Item& item : items) item = static_cast<Sequences::Item>(random() % 2);
      return items;
    };
    const Items a = draw();
    const Items b = draw();
    const auto skipped_a = static_cast<std::uint32_t>(random() % (a.size() + 1));
    const auto skipped_b = static_cast<std::uint32_t>(random() % (b.size() + 1));
    const bool are_equal =
        Items(a.begin() + skipped_a, a.end()) == Items(b.begin() + skipped_b, b.end());
    const Sequences::Node node_a = sequences.With(Sequences::kEmpty, a);
    const Sequences::Node node_b = sequences.With(Sequences::kEmpty, b);
    ASSERT_EQ(sequences.EqualBehind(node_a, skipped_a, node_b, skipped_b), are_equal);
    const bool same_hash =
        sequences.HashBehind(node_a, skipped_a) == sequences.HashBehind(node_b, skipped_b);
    ASSERT_EQ(same_hash, are_equal);
    equal += are_equal;
  }
  EXPECT_GT(equal, 1'000u);
}

// What some state allows the state that stands for all allows, and it comes to the same, or to all.
TEST(CellModel, TheAnyStateAllowsWhatAnyStateAllows) {
  CellModel model;
  for (const Code code : {Code::kRead, Code::kWrite, Code::kCas, Code::kInsert, Code::kDelete,
                          Code::kContains, Code::kLoadOrStore, Code::kGetAndDelete, Code::kSwap}) {
    for (const Result result : {kNil, kFalse, kTrue, 3u, 4u, kAnyResult}) {
      for (const CellModel::State state : {kNil, 3u, 4u, 5u}) {
        const Operation op = {.code = code, .key = 0, .a = 3, .b = 4};
        CellModel::State next = state;
        CellModel::State any = model.Any();
        if (model.Apply(op, result, &next)) {
          ASSERT_TRUE(model.Apply(op, result, &any));
          ASSERT_TRUE(any == next || any == model.Any())
              << static_cast<int>(code) << " " << result << " " << state;
        }
        next = state;
        any = model.Any();
        model.ApplyUnanswered(op, &next);
        model.ApplyUnanswered(op, &any);
        ASSERT_TRUE(any == next || any == model.Any());
      }
    }
  }
}

// What is said to have changed nothing did so, whatever was there.
TEST(CellModel, WhatChangedNothingLeftEachStateAsItWas) {
  CellModel model;
  for (const Code code : {Code::kRead, Code::kWrite, Code::kCas, Code::kInsert, Code::kDelete,
                          Code::kContains, Code::kLoadOrStore, Code::kGetAndDelete, Code::kSwap}) {
    for (const Result result : {kNil, kFalse, kTrue, 3u, 4u, kAnyResult}) {
      const Operation op = {.code = code, .key = 0, .a = 3, .b = 4};
      bool changes = false;
      for (const CellModel::State state : {kNil, 3u, 4u, 5u}) {
        CellModel::State next = state;
        changes |= model.Apply(op, result, &next) && next != state;
      }
      EXPECT_FALSE(changes && model.ChangedNothing(op, result))
          << static_cast<int>(code) << " " << result;
    }
  }
}

// It is known as much as an answer tells.
TEST(CellModel, AnAnswerNarrowsTheAnyState) {
  CellModel model;
  CellModel::State state = model.Any();
  EXPECT_TRUE(model.Apply({.code = Code::kRead}, 3, &state));
  EXPECT_EQ(state, 3u);
  state = model.Any();
  EXPECT_TRUE(model.Apply({.code = Code::kCas, .a = 3, .b = 4}, kTrue, &state));
  EXPECT_EQ(state, 4u);
  state = model.Any();
  EXPECT_TRUE(model.Apply({.code = Code::kContains}, kFalse, &state));
  EXPECT_EQ(state, kNil);
  state = model.Any();
  EXPECT_TRUE(model.Apply({.code = Code::kLoadOrStore, .b = 4}, kNil, &state));
  EXPECT_EQ(state, 4u);
}

TEST(AppendModel, PutsTheLaterBehindTheEarlier) {
  AppendModel model;
  AppendModel::State state = model.Initial();
  EXPECT_TRUE(
      model.Apply({.code = Code::kAppend, .b = model.Add(Items{1, 2})}, kAnyResult, &state));
  EXPECT_TRUE(model.Apply({.code = Code::kAppend, .b = model.Add(Items{3})}, kAnyResult, &state));
  EXPECT_TRUE(model.Apply({.code = Code::kRead}, model.Add(Items{1, 2, 3}), &state));
  EXPECT_FALSE(model.Apply({.code = Code::kRead}, model.Add(Items{3, 1, 2}), &state));
  state = model.Any();
  model.ApplyUnanswered({.code = Code::kAppend, .b = model.Add(Items{3})}, &state);
  EXPECT_EQ(state, model.Any());
  EXPECT_TRUE(model.Apply({.code = Code::kRead}, model.Add(Items{5}), &state));
  EXPECT_EQ(model.Items(state), Items{5});
}

// Empty again, and with the same items again, is the same state, however it came about.
TEST(QueueModel, StatesAreWhatIsLeft) {
  QueueModel model;
  const auto enqueue = [](Value item) { return Operation{.code = Code::kEnqueue, .b = item}; };
  const Operation dequeue = {.code = Code::kDequeue};
  QueueModel::State state = model.Initial();
  EXPECT_FALSE(model.Apply(dequeue, 3, &state));
  EXPECT_TRUE(model.Apply(dequeue, kNil, &state));
  EXPECT_TRUE(model.Apply(enqueue(3), kAnyResult, &state));
  const QueueModel::State has_3 = state;
  EXPECT_FALSE(model.Apply(dequeue, kNil, &state));
  state = has_3;
  EXPECT_TRUE(model.Apply(enqueue(4), kAnyResult, &state));
  EXPECT_TRUE(model.Apply(dequeue, 3, &state));
  EXPECT_EQ(model.Items(state), std::vector<Value>{4});
  QueueModel::State other = model.Initial();
  EXPECT_TRUE(model.Apply(enqueue(4), kAnyResult, &other));
  EXPECT_TRUE(model.Equal(state, other));
  EXPECT_EQ(model.Hash(state), model.Hash(other));
  EXPECT_TRUE(model.Apply(dequeue, 4, &state));
  EXPECT_TRUE(model.Equal(state, model.Initial()));
}

TEST(TableModel, RowsAreAllCells) {
  TableModel model(3);
  const Value list = model.AddList({2, 0});
  const Value twice = model.AddList({0, 0});
  const Value some = model.AddList({2});
  TableModel::State state = model.Initial();
  EXPECT_TRUE(model.Apply({.code = Code::kInsert, .key = 2, .b = 4}, kTrue, &state));
  const TableModel::State has_one = state;
  EXPECT_FALSE(model.Apply({.code = Code::kReadAll}, list, &state));
  EXPECT_FALSE(model.Apply({.code = Code::kReadAll}, twice, &state));
  EXPECT_TRUE(model.Apply({.code = Code::kInsert, .key = 0, .b = 5}, kTrue, &state));
  EXPECT_TRUE(model.Apply({.code = Code::kReadAll}, list, &state));
  EXPECT_FALSE(model.Apply({.code = Code::kReadAll}, some, &state));
  EXPECT_FALSE(model.Apply({.code = Code::kReadAll}, twice, &state));
  EXPECT_TRUE(model.Apply({.code = Code::kSize}, 2, &state));
  EXPECT_FALSE(model.Apply({.code = Code::kSize}, 3, &state));
  EXPECT_TRUE(model.Apply({.code = Code::kDelete, .key = 0}, kTrue, &state));
  EXPECT_EQ(state, has_one);
  EXPECT_TRUE(model.Apply({.code = Code::kClear}, kAnyResult, &state));
  EXPECT_EQ(state, model.Initial());
  for (std::uint32_t i = 0; i < 200; ++i) {
    model.ApplyUnanswered({.code = Code::kInsert, .key = i % 3, .b = i + 3}, &state);
  }
  EXPECT_EQ(model.Row(state)[1], 202u);
}

TEST(StackModel, LastInIsFirstOut) {
  StackModel model;
  StackModel::State state = model.Initial();
  const auto take = [&](Value got) { return model.Apply({.code = Code::kDequeue}, got, &state); };
  EXPECT_FALSE(take(1));
  EXPECT_TRUE(take(kNil));
  model.ApplyUnanswered({.code = Code::kEnqueue, .b = 1}, &state);
  const StackModel::State one = state;
  model.ApplyUnanswered({.code = Code::kEnqueue, .b = 2}, &state);
  EXPECT_FALSE(take(kNil));
  EXPECT_FALSE(take(1));
  EXPECT_TRUE(take(2));
  EXPECT_TRUE(model.Equal(state, one));
  EXPECT_TRUE(take(1));
  model.ApplyUnanswered({.code = Code::kDequeue}, &state);
  EXPECT_TRUE(model.Equal(state, model.Initial()));
}

}  // namespace
}  // namespace slotproof::linear
