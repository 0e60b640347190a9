#include "core/heap/weak_handle.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap_test_util.h"

namespace slotproof::core {
namespace {

class WeakHandleTest : public testing::Test {
 protected:
  WeakHandleTest() : mutator_(heap_.NewMutator()), frame_(mutator_, 4) {}
  ~WeakHandleTest() override { EXPECT_EQ(BrokenLaw(heap_), ""); }

  SeenEvents seen_;
  TestHeap heap_{kByHand, {}, {&seen_}};
  Mutator& mutator_;
  Frame frame_;
};

TEST_F(WeakHandleTest, NamesNothingByItself) {
  const WeakHandle handle;
  EXPECT_EQ(heap_.Upgrade(handle), nullptr);
  EXPECT_EQ(heap_.Upgrade(heap_.NewWeak(nullptr)), nullptr);
  int local = 0;
  EXPECT_EQ(heap_.Upgrade(heap_.NewWeak(&local)), nullptr);
}

TEST_F(WeakHandleTest, DoesNotKeepItsObject) {
  frame_[0] = NewNode(heap_, mutator_);
  const WeakHandle handle = heap_.NewWeak(frame_[0]);
  heap_.Collect();
  EXPECT_EQ(heap_.Upgrade(handle), frame_[0]);
  frame_[0] = nullptr;
  EXPECT_NE(heap_.Upgrade(handle), nullptr) << "nothing has looked for it yet";
  heap_.Collect();
  EXPECT_EQ(heap_.Upgrade(handle), nullptr);
  EXPECT_EQ(heap_.Stats().heap_objects, 0U);
}

TEST_F(WeakHandleTest, KeepsThePlaceInTheObjectThatItWasMadeFrom) {
  auto* const node = NewNode(heap_, mutator_);
  frame_[0] = node;
  const WeakHandle inner = heap_.NewWeak(&node->other);
  const WeakHandle outer = heap_.NewWeak(node);
  EXPECT_EQ(inner.target(), outer.target()) << "one object has one target";
  EXPECT_EQ(heap_.Upgrade(inner), &node->other);
  EXPECT_EQ(heap_.Upgrade(outer), node);
}

TEST_F(WeakHandleTest, MovesLeaveNothingBehind) {
  frame_[0] = NewNode(heap_, mutator_);
  WeakHandle first = heap_.NewWeak(frame_[0]);
  WeakHandle second = std::move(first);
  EXPECT_EQ(heap_.Upgrade(first), nullptr);
  EXPECT_EQ(heap_.Upgrade(second), frame_[0]);
  WeakHandle third;
  third = std::move(second);
  EXPECT_EQ(heap_.Upgrade(third), frame_[0]);
  EXPECT_EQ(third.target()->handles, 1U);
}

TEST_F(WeakHandleTest, ATargetIsUsedAgainWhileItsObjectLives) {
  frame_[0] = NewNode(heap_, mutator_);
  const WeakTarget* const target = heap_.NewWeak(frame_[0]).target();
  EXPECT_EQ(heap_.NewWeak(frame_[0]).target(), target);
}

// What the handle gave is in a frame then, which may be black.
TEST_F(WeakHandleTest, AnUpgradeWhileMarkingKeepsTheObject) {
  frame_[0] = NewNode(heap_, mutator_);
  const WeakHandle handle = heap_.NewWeak(frame_[0]);
  frame_[0] = nullptr;
  heap_.StartCycle();
  while (heap_.Mark(1)) {
  }
  frame_[0] = heap_.Upgrade(handle);
  ASSERT_NE(frame_[0], nullptr);
  EXPECT_EQ(seen_[HeapEvent::kWeakUpgradedWhileMarking], 1U);
  EXPECT_EQ(BrokenLaw(heap_), "");
  heap_.Collect();
  EXPECT_EQ(heap_.Upgrade(handle), frame_[0]);
}

// Marking has ended without it, so it is dead, though no sweep has been there.
TEST_F(WeakHandleTest, AnUpgradeBeforeTheSweepDoesNotBringTheDeadBack) {
  frame_[0] = NewNode(heap_, mutator_);
  frame_[1] = NewNode(heap_, mutator_);
  const WeakHandle dead = heap_.NewWeak(frame_[0]);
  const WeakHandle live = heap_.NewWeak(frame_[1]);
  frame_[0] = nullptr;
  heap_.StartCycle();
  heap_.FinishMarking();
  EXPECT_EQ(heap_.Upgrade(dead), nullptr);
  EXPECT_EQ(heap_.Upgrade(live), frame_[1]);
  EXPECT_EQ(seen_[HeapEvent::kWeakUpgradedWhileSweeping], 1U);
  EXPECT_EQ(BrokenLaw(heap_), "");
}

// Swept on the way, a run of pages that nobody has any use for goes back at once.
TEST_F(WeakHandleTest, AnUpgradeOfADeadLargeObjectFreesItsPages) {
  frame_[0] = NewBytes(heap_, mutator_, 5 * kPageBytes);
  const WeakHandle handle = heap_.NewWeak(frame_[0]);
  frame_[0] = nullptr;
  heap_.StartCycle();
  heap_.FinishMarking();
  EXPECT_EQ(heap_.Upgrade(handle), nullptr);
  EXPECT_EQ(BrokenLaw(heap_), "");
  heap_.Sweep(100);
  EXPECT_EQ(heap_.Stats().heap_in_use, 0U);
}

TEST_F(WeakHandleTest, ANewHandleOfTheDeadNamesNothing) {
  for (const std::size_t bytes : {std::size_t{24}, 5 * kPageBytes}) {
    void* const dead = NewBytes(heap_, mutator_, bytes);
    heap_.StartCycle();
    heap_.FinishMarking();
    const WeakHandle handle = heap_.NewWeak(dead);
    EXPECT_EQ(heap_.Upgrade(handle), nullptr);
    EXPECT_EQ(BrokenLaw(heap_), "");
    heap_.Collect();
    EXPECT_EQ(heap_.Stats().heap_in_use, 0U);
  }
}

TEST_F(WeakHandleTest, IsClearedThoughAFinalizerKeepsTheObject) {
  std::size_t run = 0;
  void* const object = NewNode(heap_, mutator_);
  const WeakHandle handle = heap_.NewWeak(object);
  ASSERT_TRUE(heap_.SetFinalizer(object, Counting(&run)));
  heap_.Collect();
  EXPECT_EQ(heap_.Upgrade(handle), nullptr);
  EXPECT_NE(heap_.SizeOf(object), 0U);
  EXPECT_EQ(heap_.RunFinalizers(mutator_, 1), 1U);
  const WeakHandle again = heap_.NewWeak(object);
  EXPECT_EQ(heap_.Upgrade(again), object) << "another name, given later";
  heap_.Collect();
  EXPECT_EQ(heap_.Upgrade(again), nullptr);
}

TEST(WeakHandleAfterHeapTest, ItNamesNothing) {
  SeenEvents seen;
  WeakHandle handle;
  {
    TestHeap heap(kByHand, {}, {&seen});
    Mutator& mutator = heap.NewMutator();
    Frame frame(mutator, 2);
    frame[0] = NewNode(heap, mutator);
    handle = heap.NewWeak(frame[0]);
    frame[1] = NewNode(heap, mutator);
    static_cast<void>(heap.NewWeak(frame[1]));  // its target has no handle: a leak would show
  }
  ASSERT_NE(handle.target(), nullptr);
  EXPECT_EQ(handle.target()->object, nullptr);
  TestHeap other(kByHand, {}, {&seen});
  EXPECT_EQ(other.Upgrade(handle), nullptr);
}

}  // namespace
}  // namespace slotproof::core
