#include "core/heap/closure.h"

#include <array>
#include <cstddef>
#include <functional>

#include <gtest/gtest.h>

#include "core/heap/heap_test_util.h"
#include "core/heap/pool.h"
#include "core/heap/root_table.h"

namespace slotproof::core {
namespace {

class ClosureTest : public testing::Test {
 protected:
  ClosureTest() : mutator_(heap_.NewMutator()) {}

  Node* New() { return NewNode(heap_, mutator_); }
  Node* NewAfter(Node* from) {
    Node* const node = New();
    StoreTo(heap_, mutator_, from->next, node);
    return node;
  }
  bool Reaches(const void* object) {
    Closure<TestPolicy> closure(heap_);
    return closure.FromRoots().Has(heap_.FindAllocated(object));
  }
  bool GreyReaches(const void* object) {
    Closure<TestPolicy> closure(heap_);
    return closure.FromGrey().Has(heap_.FindAllocated(object));
  }
  std::size_t Reached() {
    Closure<TestPolicy> closure(heap_);
    return closure.FromRoots().size();
  }

  SeenEvents seen_;
  std::array<void*, 2> globals_{};
  TestHeap heap_{kByHand, {}, {&seen_}};
  Mutator& mutator_;
};

TEST_F(ClosureTest, WithoutRootsNothingIsReached) {
  New();
  EXPECT_EQ(Reached(), 0U);
}

// Each kind of root leads to its object and to what that refers to.
TEST_F(ClosureTest, EachRootIsFollowed) {
  heap_.AddGlobals(globals_);
  RootTable<TestPolicy> table(heap_);
  Pool<TestPolicy> pool(heap_);
  Frame frame(mutator_, 3);
  const std::array<std::function<void(void*)>, 4> roots = {
      [&](void* object) { heap_.Store(mutator_, &globals_[1], object); },
      [&](void* object) { table.Add(object); },
      [&](void* object) { pool.Put(mutator_, object); },
      [&](void* object) { frame[2] = object; },
  };
  for (const auto& root : roots) {
    Node* const object = New();
    Node* const behind = NewAfter(object);
    EXPECT_FALSE(Reaches(object));
    root(object);
    EXPECT_TRUE(Reaches(object));
    EXPECT_TRUE(Reaches(behind));
  }
  EXPECT_EQ(Reached(), 8U);
}

TEST_F(ClosureTest, AFinalizerKeepsWhatItsObjectRefersToAndNotTheObject) {
  std::size_t run = 0;
  Node* const object = New();
  Node* const behind = NewAfter(NewAfter(object));
  ASSERT_TRUE(heap_.SetFinalizer(object, Counting(&run)));
  EXPECT_FALSE(Reaches(object));
  EXPECT_TRUE(Reaches(behind));
  heap_.Collect();
  EXPECT_TRUE(Reaches(object)) << "it is due, and the queue is a root";
}

TEST_F(ClosureTest, AWeakHandleIsNotFollowed) {
  Node* const object = New();
  const WeakHandle handle = heap_.NewWeak(object);
  EXPECT_FALSE(Reaches(object));
}

TEST_F(ClosureTest, InteriorPointersReachAndWordsWithoutPointersDoNot) {
  Frame frame(mutator_, 2);
  Node* const first = New();
  Node* const second = New();
  frame[0] = &first->other;
  first->value = reinterpret_cast<std::uintptr_t>(second);
  EXPECT_TRUE(Reaches(first));
  EXPECT_FALSE(Reaches(second));
}

TEST_F(ClosureTest, CyclesEnd) {
  Frame frame(mutator_, 1);
  Node* const first = New();
  frame[0] = first;
  Node* const last = NewAfter(NewAfter(first));
  StoreTo(heap_, mutator_, last->next, first);
  EXPECT_EQ(Reached(), 3U);
}

TEST_F(ClosureTest, ALongListNeedsNoDeepStack) {
  Frame frame(mutator_, 2);
  constexpr std::size_t kLength = 200000;
  for (std::size_t i = 0; i < kLength; ++i) {
    Node* const node = New();
    StoreTo(heap_, mutator_, node->next, frame[0]);
    frame[0] = node;
  }
  EXPECT_EQ(Reached(), kLength);
}

TEST_F(ClosureTest, GreyLeadsThroughWhiteAlone) {
  Frame frame(mutator_, 1);
  Node* const first = New();
  frame[0] = first;
  Node* const second = NewAfter(first);
  Node* const third = NewAfter(second);
  Node* const lost = New();
  heap_.StartCycle();
  EXPECT_TRUE(GreyReaches(first)) << "a stack that is to be scanned";
  EXPECT_TRUE(GreyReaches(third));
  EXPECT_FALSE(GreyReaches(lost));
  while (!mutator_.stack_is_black) ASSERT_TRUE(heap_.Mark(1));
  EXPECT_FALSE(GreyReaches(first)) << "it is grey itself";
  EXPECT_TRUE(GreyReaches(second));
  EXPECT_TRUE(GreyReaches(third));
  while (heap_.Mark(1)) {
  }
  EXPECT_FALSE(GreyReaches(third)) << "it is black";
}

TEST_F(ClosureTest, WhatABarrierHasCaughtIsGrey) {
  Frame frame(mutator_, 2);
  frame[0] = New();
  Node* const lost = New();
  heap_.StartCycle();
  while (heap_.Mark(1)) {
  }
  EXPECT_FALSE(GreyReaches(lost));
  StoreTo(heap_, mutator_, static_cast<Node*>(frame[0])->next, lost);
  EXPECT_TRUE(GreyReaches(lost));
}

// The walk has no bits of its own in the heap: it changes nothing.
TEST_F(ClosureTest, LooksAndTouchesNothing) {
  Frame frame(mutator_, 1);
  frame[0] = New();
  heap_.StartCycle();
  heap_.FinishMarking();
  ASSERT_EQ(BrokenMarkLaw(heap_), "");
  const ObjectPlace place = heap_.FindAllocated(frame[0]);
  EXPECT_TRUE(place.span->IsMarked(place.index));
  Node* const late = New();
  const ObjectPlace white = heap_.FindAllocated(late);
  frame[0] = late;
  EXPECT_TRUE(Reaches(late));
  EXPECT_FALSE(white.span->IsMarked(white.index));
}

}  // namespace
}  // namespace slotproof::core
