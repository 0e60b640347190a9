// Finalizers: once each, in order, never for a cycle. The checks of the runtime's mfinal_test.go
// that a library can keep are among them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"

namespace slotproof::core {
namespace {

class HeapFinalizerTest : public testing::Test {
 protected:
  HeapFinalizerTest() : mutator_(heap_.NewMutator()) { heap_.AddGlobals(globals_); }
  ~HeapFinalizerTest() override { EXPECT_EQ(BrokenLaw(heap_), ""); }

  Node* New() { return NewNode(heap_, mutator_); }
  Node* NewFinalized() {
    Node* const node = New();
    EXPECT_TRUE(heap_.SetFinalizer(node, Recording()));
    return node;
  }
  void Link(Node* from, void* to) { StoreTo(heap_, mutator_, from->next, to); }
  void SetGlobal(void* object) { heap_.Store(mutator_, &globals_[0], object); }

  // Remembers the order.
  Finalizer Recording() {
    return {
        .run = [](void* object,
                  void* context) { static_cast<std::vector<void*>*>(context)->push_back(object); },
        .context = &ran_};
  }
  // Anything.
  static Finalizer Calling(std::function<void(void*)>* f) {
    return {
        .run = [](void* object,
                  void* context) { (*static_cast<std::function<void(void*)>*>(context))(object); },
        .context = f};
  }
  std::size_t CollectAndRun() {
    heap_.Collect();
    const std::size_t run = heap_.RunFinalizers(mutator_, 1000000);
    EXPECT_EQ(BrokenLaw(heap_), "");
    return run;
  }
  std::size_t Objects() const { return heap_.Stats().heap_objects; }

  SeenEvents seen_;
  std::array<void*, 1> globals_{};
  std::vector<void*> ran_;
  TestHeap heap_{kByHand, {}, {&seen_}};
  Mutator& mutator_;
};

TEST_F(HeapFinalizerTest, RunsOnceAndTheObjectGoesACycleLater) {
  Node* const node = NewFinalized();
  EXPECT_EQ(CollectAndRun(), 1U);
  EXPECT_EQ(ran_, std::vector<void*>{node});
  EXPECT_EQ(Objects(), 1U);
  EXPECT_EQ(CollectAndRun(), 0U);
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(HeapFinalizerTest, SeesItsObjectAsItWas) {
  Node* const node = New();
  node->value = 0xDEADBEEFDEADBEEF;
  Link(node, New());
  node->next->value = 97531;
  std::function<void(void*)> check = [&](void* object) {
    EXPECT_EQ(static_cast<Node*>(object)->value, 0xDEADBEEFDEADBEEF);
    EXPECT_EQ(static_cast<Node*>(object)->next->value, 97531U);
    SetGlobal(nullptr);
    ran_.push_back(object);
  };
  ASSERT_TRUE(heap_.SetFinalizer(node, Calling(&check)));
  EXPECT_EQ(CollectAndRun(), 1U);
}

TEST_F(HeapFinalizerTest, DoesNotRunWhileTheObjectIsReachable) {
  {
    Frame frame(mutator_, 1);
    frame[0] = NewFinalized();
    {
      Frame inner(mutator_, 3);
      EXPECT_EQ(CollectAndRun(), 0U);
    }
    EXPECT_EQ(CollectAndRun(), 0U) << "a frame keeps what is in it alive";
  }
  EXPECT_EQ(CollectAndRun(), 1U);
}

// Else it could find what it refers to put away already.
TEST_F(HeapFinalizerTest, WhatAFinalizedObjectRefersToOutlivesItByACycle) {
  constexpr std::size_t kLength = 5;
  std::vector<void*> list;
  for (std::size_t i = 0; i < kLength; ++i) {
    Node* const node = NewFinalized();
    if (!list.empty()) Link(node, list.back());
    list.push_back(node);
  }
  for (std::size_t left = kLength; left != 0; --left) {
    EXPECT_EQ(Objects(), left == kLength ? left : left + 1);
    EXPECT_EQ(CollectAndRun(), 1U);
    EXPECT_EQ(ran_.back(), list[left - 1]) << "from the head on";
  }
  CollectAndRun();
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(HeapFinalizerTest, ACycleWithOneIsNeverFreed) {
  Node* const first = NewFinalized();
  Link(first, New());
  Link(first->next, first);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(CollectAndRun(), 0U);
  EXPECT_EQ(Objects(), 2U);
  EXPECT_TRUE(heap_.ClearFinalizer(first));
  CollectAndRun();
  EXPECT_EQ(Objects(), 0U);
}

// No cycle, as marking never follows a pointer back to the object that it is in.
TEST_F(HeapFinalizerTest, AnObjectThatRefersToItselfIsFreedAfterIt) {
  Node* const first = NewFinalized();
  Link(first, first);
  Node* const inside = NewFinalized();
  Link(inside, &inside->other);
  EXPECT_EQ(CollectAndRun(), 2U);
  CollectAndRun();
  EXPECT_EQ(Objects(), 0U);
}

// Each of its pieces may keep the other.
TEST_F(HeapFinalizerTest, ALargeObjectThatRefersToAnotherPieceOfItselfStays) {
  constexpr std::size_t kWords = kScanPieceBytes / kWordBytes;
  auto** const words = static_cast<void**>(heap_.New(mutator_, kPointer, 2 * kWords));
  ASSERT_TRUE(heap_.SetFinalizer(words, Recording()));
  heap_.Store(mutator_, words, words + kWords);
  EXPECT_EQ(CollectAndRun(), 0U);
  heap_.Store(mutator_, words, words + kWords - 1);
  EXPECT_EQ(CollectAndRun(), 1U);
}

TEST_F(HeapFinalizerTest, ACycleBehindOneIsFreedAfterIt) {
  Node* const first = NewFinalized();
  Link(first, New());
  Link(first->next, first->next);
  EXPECT_EQ(CollectAndRun(), 1U);
  CollectAndRun();
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(HeapFinalizerTest, MayBringItsObjectBackAndBeSetAgain) {
  std::function<void(void*)> revive = [&](void* object) {
    ran_.push_back(object);
    SetGlobal(object);
  };
  Node* const node = New();
  Link(node, New());
  ASSERT_TRUE(heap_.SetFinalizer(node, Calling(&revive)));
  for (std::size_t times = 1; times <= 3; ++times) {
    EXPECT_EQ(CollectAndRun(), 1U);
    EXPECT_EQ(globals_[0], node);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(CollectAndRun(), 0U) << "it has run";
    EXPECT_EQ(Objects(), 2U);
    EXPECT_TRUE(heap_.SetFinalizer(node, Calling(&revive)));
    SetGlobal(nullptr);
  }
}

TEST_F(HeapFinalizerTest, KeepsItsObjectUntilItIsRun) {
  Node* const node = NewFinalized();
  Link(node, New());
  for (int i = 0; i < 4; ++i) {
    heap_.Collect();
    EXPECT_EQ(heap_.DueFinalizers(), 1U);
    EXPECT_EQ(Objects(), 2U);
  }
  EXPECT_EQ(heap_.RunFinalizers(mutator_, 0), 0U);
  EXPECT_EQ(heap_.RunFinalizers(mutator_, 1), 1U);
  heap_.Collect();
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(HeapFinalizerTest, TheLongestDueRunsFirst) {
  for (int i = 0; i < 3; ++i) {
    NewFinalized();
    heap_.Collect();
  }
  Node* const fourth = NewFinalized();
  heap_.Collect();
  EXPECT_EQ(heap_.RunFinalizers(mutator_, 3), 3U);
  EXPECT_EQ(heap_.DueFinalizers(), 1U);
  EXPECT_EQ(heap_.RunFinalizers(mutator_, 3), 1U);
  EXPECT_EQ(ran_.back(), fourth);
}

TEST_F(HeapFinalizerTest, IsSetForTheBeginningOfAnObjectAndOnce) {
  Frame frame(mutator_, 1);
  Node* const node = New();
  frame[0] = node;
  int local = 0;
  EXPECT_FALSE(heap_.SetFinalizer(nullptr, Recording()));
  EXPECT_FALSE(heap_.SetFinalizer(&local, Recording()));
  EXPECT_FALSE(heap_.SetFinalizer(globals_.data(), Recording())) << "a global is no object";
  EXPECT_FALSE(heap_.SetFinalizer(&node->other, Recording()));
  EXPECT_TRUE(heap_.SetFinalizer(node, Recording()));
  EXPECT_FALSE(heap_.SetFinalizer(node, Recording()));
  EXPECT_TRUE(heap_.ClearFinalizer(node));
  EXPECT_FALSE(heap_.ClearFinalizer(node));
  EXPECT_TRUE(heap_.SetFinalizer(node, Recording()));
}

TEST_F(HeapFinalizerTest, AClearedOneDoesNotRun) {
  NewFinalized();
  Node* const cleared = NewFinalized();
  const WeakHandle handle = heap_.NewWeak(cleared);
  EXPECT_TRUE(heap_.ClearFinalizer(cleared));
  EXPECT_EQ(heap_.Upgrade(handle), cleared) << "the handle is another matter";
  EXPECT_EQ(CollectAndRun(), 1U);
  EXPECT_EQ(heap_.Upgrade(handle), nullptr);
}

// Marking has found it dead; only no sweep has been there yet.
TEST_F(HeapFinalizerTest, IsNotSetForTheDead) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{5000}}) {
    void* const dead = heap_.New(mutator_, kNode, count);
    heap_.StartCycle();
    heap_.FinishMarking();
    EXPECT_FALSE(heap_.SetFinalizer(dead, Recording()));
    EXPECT_FALSE(heap_.ClearFinalizer(dead));
    EXPECT_EQ(BrokenLaw(heap_), "");
    EXPECT_EQ(CollectAndRun(), 0U);
  }
}

// Its run is decided.
TEST_F(HeapFinalizerTest, IsNotClearedOnceItsObjectWasFoundDead) {
  Node* const node = NewFinalized();
  heap_.StartCycle();
  heap_.FinishMarking();
  EXPECT_FALSE(heap_.ClearFinalizer(node));
  EXPECT_EQ(heap_.DueFinalizers(), 1U);
}

// The job for those who have one may be done, or not.
TEST_F(HeapFinalizerTest, OneThatIsSetWhileMarkingKeepsWhatItsObjectRefersTo) {
  for (std::size_t steps = 0; steps < 8; ++steps) {
    ran_.clear();
    Node* const node = New();
    Link(node, New());
    Node* const behind = node->next;
    heap_.StartCycle();
    heap_.Mark(steps);
    EXPECT_TRUE(heap_.SetFinalizer(node, Recording()));
    EXPECT_EQ(BrokenLaw(heap_), "");
    heap_.FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(heap_), "");
    heap_.Sweep(100);
    EXPECT_EQ(heap_.DueFinalizers(), 1U);
    EXPECT_NE(heap_.SizeOf(behind), 0U);
    EXPECT_EQ(CollectAndRun(), 1U);
    CollectAndRun();
    ASSERT_EQ(Objects(), 0U);
  }
}

// The queue, a root, loses it then.
TEST_F(HeapFinalizerTest, OneThatRunsWhileMarkingKeepsItsObjectForAsLong) {
  for (std::size_t steps = 0; steps < 8; ++steps) {
    Node* const node = NewFinalized();
    Link(node, New());
    heap_.Collect();
    heap_.StartCycle();
    heap_.Mark(steps);
    EXPECT_EQ(heap_.RunFinalizers(mutator_, 1), 1U);
    SetGlobal(node);
    EXPECT_EQ(BrokenLaw(heap_), "");
    heap_.FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(heap_), "");
    SetGlobal(nullptr);
    CollectAndRun();
    ASSERT_EQ(Objects(), 0U);
  }
}

TEST_F(HeapFinalizerTest, MayDoAllThatAProgramDoes) {
  std::function<void(void*)> busy = [&](void* object) {
    for (int i = 0; i < 1000; ++i) New();
    NewFinalized();
    heap_.Collect();
    EXPECT_NE(heap_.SizeOf(object), 0U) << "its object is a root while it runs";
    heap_.RunFinalizers(mutator_, 5);
    EXPECT_TRUE(heap_.SetFinalizer(object, Recording()));
  };
  ASSERT_TRUE(heap_.SetFinalizer(New(), Calling(&busy)));
  EXPECT_EQ(CollectAndRun(), 1U);
  EXPECT_EQ(ran_.size(), 1U);
  EXPECT_EQ(CollectAndRun(), 1U);
  EXPECT_EQ(ran_.size(), 2U);
}

// A block is finalized when all of its parts are gone, and only its first part can have one.
TEST_F(HeapFinalizerTest, ATinyObjectsRunsWithItsBlock) {
  Frame frame(mutator_, 1);
  void* const first = NewBytes(heap_, mutator_, 4);
  frame[0] = NewBytes(heap_, mutator_, 4);
  EXPECT_FALSE(heap_.SetFinalizer(frame[0], Recording()));
  ASSERT_TRUE(heap_.SetFinalizer(first, Recording()));
  EXPECT_EQ(CollectAndRun(), 0U);
  frame[0] = nullptr;
  EXPECT_EQ(CollectAndRun(), 1U);
}

TEST_F(HeapFinalizerTest, EachOfManyRunsOnce) {
  constexpr std::size_t kMany = 3000;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    void* const object = i % 3 == 0 ? NewBytes(heap_, mutator_, 16 + i % 500) : New();
    ASSERT_TRUE(heap_.SetFinalizer(object, Counting(&count)));
    if (i % 7 == 0) {
      ASSERT_TRUE(heap_.ClearFinalizer(object));
      ASSERT_TRUE(heap_.SetFinalizer(object, Counting(&count)));
    }
    if (i % 500 == 0) heap_.Collect();
    if (i % 300 == 0) heap_.RunFinalizers(mutator_, 20);
  }
  CollectAndRun();
  EXPECT_EQ(count, kMany);
  CollectAndRun();
  EXPECT_EQ(count, kMany);
  EXPECT_EQ(Objects(), 0U);
}

// A pointer past an object's end is one to its neighbour, as for the runtime: who makes such a
// window keeps it from being stored.
TEST_F(HeapFinalizerTest, APointerPastTheEndIsOneToTheNeighbour) {
  Frame frame(mutator_, 2);
  auto* const first = static_cast<std::byte*>(NewBytes(heap_, mutator_, 320));
  void* const second = NewBytes(heap_, mutator_, 320);
  ASSERT_EQ(first + 320, second);
  ASSERT_TRUE(heap_.SetFinalizer(second, Recording()));
  frame[1] = first;
  frame[0] = first + 320;
  EXPECT_EQ(CollectAndRun(), 0U);
  frame[0] = first + 319;
  EXPECT_EQ(CollectAndRun(), 1U);
}

TEST(HeapFinalizerAtEndTest, NoneRunsWhenTheHeapEnds) {
  SeenEvents seen;
  std::size_t count = 0;
  {
    TestHeap heap(kByHand, {}, {&seen});
    Mutator& mutator = heap.NewMutator();
    ASSERT_TRUE(heap.SetFinalizer(NewNode(heap, mutator), Counting(&count)));
    heap.Collect();
    ASSERT_TRUE(heap.SetFinalizer(NewNode(heap, mutator), Counting(&count)));
  }
  EXPECT_EQ(count, 0U);
}

}  // namespace
}  // namespace slotproof::core
