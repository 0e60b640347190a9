#include "core/heap/sweep.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/poison.h"
#include "core/heap/heap_test_util.h"

namespace slotproof::core {
namespace {

// A page of 48-byte objects, of which the first ten are allocated.
class SpanSweepTest : public testing::Test {
 protected:
  SpanSweepTest() : memory_(2 * kPageBytes) {
    const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
    std::byte* const base = memory_.data() + (kPageBytes - at % kPageBytes) % kPageBytes;
    EXPECT_TRUE(span_.Begin(base, 1, SpanClassOf(5, false), true));
    for (int i = 0; i < 10; ++i) span_.TakeFree();
  }
  ~SpanSweepTest() override { UnpoisonMemory(memory_.data(), memory_.size()); }

  std::size_t Sweep() { return SpanSweep<TestPolicy>(span_, queue_, probe_).Run(); }
  void Mark(std::initializer_list<std::size_t> objects) {
    for (const std::size_t i : objects) span_.Mark(i);
  }
  void SetFinalizer(std::uint32_t index) {
    queue_.MakeRoom();
    span_.specials().push_back({.index = index, .finalizer = Counting(&run_)});
  }
  WeakHandle NewWeak(std::uint32_t index) {
    auto* const target = new WeakTarget{.object = span_.ObjectAt(index)};
    span_.specials().push_back({.index = index, .weak = target});
    return WeakHandle(target, 0);
  }

  std::vector<std::byte> memory_;
  SeenEvents seen_;
  CountingProbe probe_{&seen_};
  FinalizerQueue queue_;
  std::size_t run_ = 0;
  Span span_;
};

TEST_F(SpanSweepTest, WhatIsNotMarkedIsFreed) {
  Mark({0, 3, 9});
  EXPECT_EQ(Sweep(), 7U);
  EXPECT_EQ(span_.allocated(), 3U);
  for (std::size_t i = 0; i < span_.objects(); ++i) {
    EXPECT_EQ(span_.IsFree(i), i != 0 && i != 3 && i != 9) << i;
    EXPECT_FALSE(span_.IsMarked(i));
    if (kPoisons && i < 10) {
      EXPECT_EQ(IsPoisoned(span_.ObjectAt(i)), span_.IsFree(i)) << i;
    }
  }
}

TEST_F(SpanSweepTest, ASecondSweepFreesWhatTheFirstKept) {
  Mark({0, 3, 9});
  Sweep();
  Mark({3});
  EXPECT_EQ(Sweep(), 2U);
  EXPECT_EQ(Sweep(), 1U);
  EXPECT_EQ(Sweep(), 0U);
  EXPECT_EQ(span_.allocated(), 0U);
}

TEST_F(SpanSweepTest, AFinalizerKeepsItsObjectForOneCycle) {
  SetFinalizer(4);
  EXPECT_EQ(Sweep(), 9U);
  EXPECT_FALSE(span_.IsFree(4));
  EXPECT_TRUE(span_.specials().empty());
  ASSERT_EQ(queue_.Size(), 1U);
  const DueFinalizer due = queue_.Take();
  EXPECT_EQ(due.object, span_.ObjectAt(4));
  due.finalizer.run(due.object, due.finalizer.context);
  EXPECT_EQ(run_, 1U);
  EXPECT_EQ(seen_[HeapEvent::kFinalizerQueued], 1U);
  EXPECT_EQ(Sweep(), 1U) << "it has no finalizer any more";
}

TEST_F(SpanSweepTest, AFinalizerOfWhatIsMarkedStays) {
  SetFinalizer(2);
  SetFinalizer(4);
  SetFinalizer(6);
  Mark({2, 6});
  Sweep();
  EXPECT_EQ(queue_.Size(), 1U);
  ASSERT_EQ(span_.specials().size(), 2U);
  EXPECT_EQ(span_.specials()[0].index, 2U);
  EXPECT_EQ(span_.specials()[1].index, 6U);
}

TEST_F(SpanSweepTest, FinalizersAreDueInTheOrderOfTheirObjects) {
  for (const std::uint32_t i : {1U, 5U, 8U}) SetFinalizer(i);
  Sweep();
  ASSERT_EQ(queue_.Size(), 3U);
  EXPECT_EQ(queue_[0].object, span_.ObjectAt(1));
  EXPECT_EQ(queue_[2].object, span_.ObjectAt(8));
}

TEST_F(SpanSweepTest, AWeakHandleOfWhatIsNotMarkedIsCleared) {
  const WeakHandle dead = NewWeak(1);
  const WeakHandle live = NewWeak(2);
  Mark({2});
  Sweep();
  EXPECT_EQ(dead.target()->object, nullptr);
  EXPECT_EQ(live.target()->object, span_.ObjectAt(2));
  EXPECT_EQ(seen_[HeapEvent::kWeakCleared], 1U);
  EXPECT_EQ(span_.specials().size(), 1U);
  Sweep();
  EXPECT_EQ(live.target()->object, nullptr);
}

// Else the handle would bring back what its finalizer has put away.
TEST_F(SpanSweepTest, AWeakHandleIsClearedThoughAFinalizerKeepsTheObject) {
  SetFinalizer(3);
  const WeakHandle handle = NewWeak(3);
  Sweep();
  EXPECT_FALSE(span_.IsFree(3));
  EXPECT_EQ(handle.target()->object, nullptr);
  EXPECT_TRUE(span_.specials().empty());
}

TEST_F(SpanSweepTest, ATargetWithoutHandlesGoesWithItsObject) {
  {
    const WeakHandle handle = NewWeak(3);
  }
  Sweep();  // a leak would be reported
  EXPECT_TRUE(span_.specials().empty());
}

TEST_F(SpanSweepTest, AMarkedFreeObjectIsFatal) {
  Mark({10});
  try {
    Sweep();
    FAIL() << "it was not noticed";
  } catch (const ThrownFailure& failure) {
    EXPECT_EQ(failure.kind, FailureKind::kMarkedFree);
    EXPECT_STREQ(failure.what(), "found pointer to free object");
  }
}

// One that was allocated once, too.
TEST_F(SpanSweepTest, AMarkedObjectThatWasFreedIsFatal) {
  Mark({0, 2});
  Sweep();
  Mark({0, 1, 2});
  EXPECT_THROW(Sweep(), ThrownFailure);
}

}  // namespace
}  // namespace slotproof::core
