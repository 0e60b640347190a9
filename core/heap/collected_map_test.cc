#include "core/heap/collected_map.h"

#include <cstddef>
#include <cstdint>
#include <new>

#include "core/heap/container_test_util.h"
#include "core/heap/frame.h"
#include "gtest/gtest.h"

namespace slotproof::core {
namespace {

// The map is in slot 0 of the frame, what is being inserted in 1 and 2.
class CollectedMapTest : public testing::Test {
 protected:
  Graph& graph() { return *static_cast<Graph*>(frame_[0]); }
  Numbers& numbers() { return *static_cast<Numbers*>(frame_[0]); }

  // A new key and a new element, both of this value.
  void Insert(std::uint64_t value) {
    frame_[1] = on_.NewNode(value);
    frame_[2] = on_.NewNode(value);
    graph().InsertOrAssign(static_cast<Node*>(frame_[1]), static_cast<Node*>(frame_[2]));
    frame_[1] = frame_[2] = nullptr;
  }
  void ExpectGraph(std::uint64_t entries) {
    std::size_t seen = 0;
    graph().VisitEntries([&](const Ref& key, const Ref& elem) {
      ++seen;
      EXPECT_TRUE(on_.IsAlive(key));
      EXPECT_TRUE(on_.IsAlive(elem));
      EXPECT_EQ(key->value, elem->value);
      EXPECT_LT(key->value, entries);
    });
    EXPECT_EQ(seen, entries);
    const auto violation = graph().CheckInvariants();
    EXPECT_FALSE(violation) << violation->law << ": " << violation->message;
  }
  void ExpectNumbers(std::uint64_t entries) {
    ASSERT_EQ(numbers().size(), entries);
    for (std::uint64_t i = 0; i < entries; ++i) {
      ASSERT_TRUE(numbers().contains(i)) << i;
      EXPECT_EQ(numbers().at(i), i * i);
    }
    const auto violation = numbers().CheckInvariants();
    EXPECT_FALSE(violation) << violation->law << ": " << violation->message;
  }

  ContainerHeap on_;
  Frame frame_{on_.mutator, 3};
};

TEST_F(CollectedMapTest, KeepsItsEntriesAndNothingElse) {
  frame_[0] = NewMap<Graph, TestPolicy>();
  for (std::uint64_t i = 0; i < 300; ++i) Insert(i);
  on_.heap.Collect();
  ExpectGraph(300);
  std::size_t overflow = 0;
  graph().VisitBuckets([&](const Graph::View& view) {
    overflow += view.position() != 0 && !view.preallocated() ? 1 : 0;
  });
  EXPECT_GT(overflow, 0);
  while (graph().Vitals().growing) graph().Erase(static_cast<Node*>(frame_[1]));
  on_.heap.Collect();
  // The map, its array, the buckets; keys and elements.
  EXPECT_EQ(on_.Objects(), 3 + overflow + 600);
  EXPECT_EQ(on_.Broken(), "");
  frame_[0] = nullptr;
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 0);
}

TEST_F(CollectedMapTest, ADeletedEntryKeepsNeitherKeyNorElement) {
  frame_[0] = NewMap<Graph, TestPolicy>();
  for (std::uint64_t i = 0; i < 20; ++i) Insert(i);
  while (graph().Vitals().growing) Insert(0);
  Node* key = nullptr;
  Node* elem = nullptr;
  graph().VisitEntries([&](const Ref& k, const Ref& e) {
    if (k->value == 7) key = k, elem = e;
  });
  on_.heap.Collect();
  EXPECT_TRUE(on_.IsAlive(key));
  EXPECT_TRUE(graph().Erase(key));
  on_.heap.Collect();
  EXPECT_FALSE(on_.IsAlive(key));
  EXPECT_FALSE(on_.IsAlive(elem));
}

TEST_F(CollectedMapTest, AnEntryDeletedWhileMarkingIsFoundByWhoHoldsIt) {
  frame_[0] = NewMap<Graph, TestPolicy>();
  for (std::uint64_t i = 0; i < 8; ++i) Insert(i);
  on_.heap.StartCycle();
  // The finalizers, the table of roots, the specials, the stack; the map is grey now.
  while (!on_.mutator.stack_is_black) on_.heap.Mark(1);
  graph().VisitEntries([&](const Ref& k, const Ref& e) {
    if (k->value == 3) frame_[1] = k, frame_[2] = e;
  });
  auto* const key = static_cast<Node*>(frame_[1]);
  EXPECT_TRUE(graph().Erase(key));
  on_.heap.FinishMarking();
  on_.heap.Sweep(1000);
  EXPECT_TRUE(on_.IsAlive(frame_[1]));
  EXPECT_TRUE(on_.IsAlive(frame_[2]));
  EXPECT_EQ(on_.Broken(), "");
}

TEST_F(CollectedMapTest, AnOldArrayGoesWhenTheGrowthHasEndedAndNoIteratorIsInIt) {
  frame_[0] = NewMap<Graph, TestPolicy>();
  std::uint64_t next = 0;
  while (next < 50 || graph().Vitals().growing) Insert(next++);
  {
    auto it = graph().Iterate();
    ASSERT_TRUE(it.Next());
    while (!graph().Vitals().growing) Insert(next++);
    while (graph().Vitals().growing) Insert(next++);
    on_.heap.Collect();
    const std::uint64_t kept = on_.Objects();
    std::size_t more = 1;
    while (it.Next()) {
      EXPECT_TRUE(on_.IsAlive(it.key()));
      on_.heap.Collect();
      ++more;
    }
    EXPECT_LE(more, next);
    // An iterator at its end keeps nothing.
    on_.heap.Collect();
    EXPECT_LT(on_.Objects(), kept);
  }
  ExpectGraph(next);
  EXPECT_EQ(on_.Broken(), "");
}

TEST_F(CollectedMapTest, GrowsWhileItIsMarked) {
  frame_[0] = NewMap<Graph, TestPolicy>();
  std::uint64_t next = 0;
  for (int cycle = 0; cycle < 12; ++cycle) {
    on_.heap.StartCycle();
    while (on_.heap.is_marking()) {
      Insert(next++);
      if (!on_.heap.Mark(8)) on_.heap.FinishMarking();
    }
    ExpectGraph(next);
    ASSERT_EQ(on_.Broken(), "") << cycle;
  }
  EXPECT_GT(graph().Shape().main_buckets, 8);
}

TEST_F(CollectedMapTest, ListsTheOverflowBucketsThatNobodyLooksInto) {
  frame_[0] = NewMap<Numbers, TestPolicy>();
  for (std::uint64_t i = 0; i < 300; ++i) {
    numbers().InsertOrAssign(i, i * i);
    if (i % 10 == 0) on_.heap.Collect();
    ExpectNumbers(i + 1);
  }
  EXPECT_GT(numbers().Shape().overflow_list.value_or(0), 4);
  EXPECT_EQ(on_.Broken(), "");
  // A list that is cleared keeps no bucket.
  numbers().Clear();
  while (numbers().Vitals().growing) numbers().Erase(0);
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 3);
}

// An iterator reads on in buckets that a clear has cut loose, and which only its list keeps.
TEST_F(CollectedMapTest, AnIteratorKeepsTheListThatAClearDrops) {
  frame_[0] = NewMap<Numbers, TestPolicy>();
  for (std::uint64_t i = 0; i < 26; ++i) numbers().InsertOrAssign(4 * i + 1, i);
  auto it = numbers().Iterate();
  // One chain has all; the ninth is in its first overflow bucket.
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(it.Next());
  numbers().Clear();
  std::size_t yielded = 0;
  do {
    on_.heap.Collect();
    EXPECT_EQ(it.key(), 4 * it.value() + 1);
    ++yielded;
  } while (it.Next());
  EXPECT_EQ(yielded, 18);
}

// Each allocation, and so each step of a growth, may collect.
TEST_F(CollectedMapTest, EveryAllocationMayCollect) {
  for (std::size_t n = 1; n < 120; ++n) {
    on_.seen.collects_in = 0;
    frame_[0] = NewMap<Numbers, TestPolicy>(std::int64_t{n % 3 == 0 ? 60 : 0});
    on_.seen.collects_in = n;
    for (std::uint64_t i = 0; i < 130; ++i) numbers().InsertOrAssign(i, i * i);
    ExpectNumbers(130);
    on_.seen.collects_in = 0;
    frame_[0] = NewMap<Graph, TestPolicy>();
    on_.seen.collects_in = n;
    for (std::uint64_t i = 0; i < 60; ++i) Insert(i);
    ExpectGraph(60);
    ASSERT_EQ(on_.Broken(), "") << n;
  }
}

// Out of memory, wherever it happens: contents and structure are as before.
TEST_F(CollectedMapTest, OutOfMemoryLeavesTheContents) {
  std::size_t refused = 0;
  for (const std::size_t room : {1U, 2U, 3U, 5U, 8U, 13U}) {
    frame_[0] = NewMap<Numbers, TestPolicy>();
    on_.heap.Collect();
    on_.heap.SetMostBackedPages(on_.heap.allocator().pages().stats().in_use + room);
    std::uint64_t next = 0;
    try {
      for (; next < 3000; ++next) numbers().InsertOrAssign(next, next * next);
    } catch (const std::bad_alloc&) {
      ++refused;
    }
    ExpectNumbers(next);
    on_.heap.SetMostBackedPages(std::size_t{1} << 20);
    numbers().InsertOrAssign(next, next * next);
    ExpectNumbers(next + 1);
    frame_[0] = nullptr;
  }
  EXPECT_EQ(refused, 6);
}

TEST_F(CollectedMapTest, LivesInMapsOfMaps) {
  using Inner = HeapPointer<Numbers, TestPolicy>;
  using Outer = CollectedMap<std::uint64_t, Inner, TestPolicy>;
  auto* const outer = NewMap<Outer, TestPolicy>();
  frame_[0] = outer;
  for (std::uint64_t i = 0; i < 30; ++i) {
    auto* const inner = NewMap<Numbers, TestPolicy>();
    frame_[1] = inner;
    for (std::uint64_t j = 0; j < i; ++j) inner->InsertOrAssign(j, i);
    outer->InsertOrAssign(i, inner);
    frame_[1] = nullptr;
    on_.heap.Collect();
  }
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Numbers& inner = *outer->at(i);
    ASSERT_EQ(inner.size(), i);
    for (std::uint64_t j = 0; j < i; ++j) EXPECT_EQ(inner.at(j), i);
  }
}

}  // namespace
}  // namespace slotproof::core
