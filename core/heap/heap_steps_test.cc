// The bounds of marking's steps, whatever there is much of, and that its end and the statistics
// look at counters alone.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/object_walk.h"
#include "core/heap/root_table.h"

namespace slotproof::core {

// It gives a span the wrong count.
struct SpanTester {
  static void AddAllocated(Span& span, std::uint32_t more) { span.allocated_ += more; }
};

namespace {

class HeapStepsTest : public testing::Test {
 protected:
  void Make(HeapOptions options = kByHand) {
    options.arena_pages = 1024;
    heap_.emplace(options, SystemPages(), CountingProbe{&seen_});
    mutator_ = &heap_->NewMutator();
  }
  void SetUp() override { Make(); }
  void TearDown() override { EXPECT_EQ(BrokenLaw(*heap_), ""); }

  // With a finalizer, a child of its own, and nothing that refers to it.
  void Finalized(std::size_t count = 1) {
    Frame frame(*mutator_, 1);
    auto* const nodes = static_cast<Node*>(heap_->New(*mutator_, kNode, count));
    frame[0] = nodes;
    StoreTo(*heap_, *mutator_, nodes[count - 1].other, NewNode(*heap_, *mutator_));
    ASSERT_TRUE(heap_->SetFinalizer(nodes, Counting(&finalized_)));
  }

  struct Most {
    std::uint64_t marked = 0;
    std::uint64_t scanned = 0;
    std::size_t steps = 0;
  };
  // The most bytes that a step marked and scanned.
  template <class F>
  Most MarkAll(const F& between_steps) {
    Most most;
    heap_->StartCycle();
    std::uint64_t marked = 0;
    std::uint64_t scanned = 0;
    while (heap_->Mark(1)) {
      most.marked = std::max(most.marked, heap_->marker().marked_bytes() - marked);
      most.scanned = std::max(most.scanned, heap_->marker().scanned_bytes() - scanned);
      ++most.steps;
      between_steps();
      marked = heap_->marker().marked_bytes();
      scanned = heap_->marker().scanned_bytes();
    }
    heap_->FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(*heap_), "");
    return most;
  }
  Most MarkAll() {
    return MarkAll([] {});
  }
  std::uint64_t Objects() const { return heap_->Stats().heap_objects; }

  SeenEvents seen_;
  std::size_t finalized_ = 0;
  std::optional<TestHeap> heap_;
  Mutator* mutator_ = nullptr;
};

// Steps of bounded length.

TEST_F(HeapStepsTest, ManyObjectsWithFinalizersTakeManySteps) {
  for (int i = 0; i < 20000; ++i) Finalized();
  const Most most = MarkAll();
  EXPECT_LE(most.scanned, kScanPieceBytes + kWalkSpans * kWordBytes);
  EXPECT_LE(most.marked, kScanPieceBytes + sizeof(Node));
}

TEST_F(HeapStepsTest, ALargeObjectWithAFinalizerTakesOneForEachPiece) {
  Finalized(100000);
  const Most most = MarkAll();
  EXPECT_LE(most.scanned, kScanPieceBytes);
  EXPECT_GE(most.steps, 100000 * sizeof(Node) / kScanPieceBytes);
}

TEST_F(HeapStepsTest, ManySpansTakeManySteps) {
  Make({.automatic = false, .walk_spans = 1});
  for (std::size_t count = 1; count <= 8; ++count) Finalized(count);
  EXPECT_LE(MarkAll().marked, sizeof(Node));
  heap_->Sweep(100);
  EXPECT_EQ(Objects(), 8U + 8U);
}

// The queue gets shorter between the steps.
TEST_F(HeapStepsTest, ManyDueFinalizersTakeManySteps) {
  constexpr std::size_t kMany = 2 * kRootBlockSlots + 1000;
  for (std::size_t i = 0; i < kMany; ++i) Finalized();
  heap_->Collect();
  EXPECT_EQ(heap_->DueFinalizers(), kMany);
  const Most most = MarkAll([&] {
    if (heap_->DueFinalizers() > kMany - 3000) heap_->RunFinalizers(*mutator_, 1000);
  });
  EXPECT_LE(most.marked, kRootBlockSlots * sizeof(Node));
  EXPECT_EQ(finalized_, 3000U);
  heap_->Sweep(SIZE_MAX);
  EXPECT_EQ(Objects(), 2 * kMany);
}

TEST_F(HeapStepsTest, ManyHandlesTakeManySteps) {
  RootTable<TestPolicy> roots(*heap_);
  constexpr std::size_t kMany = 2 * kRootBlockSlots + 1000;
  for (std::size_t i = 0; i < kMany; ++i) roots.Add(NewNode(*heap_, *mutator_));
  EXPECT_LE(MarkAll().marked, kRootBlockSlots * sizeof(Node));
  heap_->Sweep(SIZE_MAX);
  EXPECT_EQ(Objects(), kMany);
}

// Counters.

// A span that miscounts its objects shows whether it was asked.
TEST_F(HeapStepsTest, NeitherTheEndOfMarkingNorStatisticsAskSpans) {
  Frame frame(*mutator_, 1);
  frame[0] = NewBytes(*heap_, *mutator_, 8 * kPageBytes);
  Span& span = *heap_->allocator().Find(frame[0]).span;
  heap_->StartCycle();
  while (heap_->Mark(1)) {
  }
  SpanTester::AddAllocated(span, 1000);
  heap_->FinishMarking();
  EXPECT_EQ(heap_->pacer_inputs().heap_alloc, 8 * kPageBytes);
  EXPECT_EQ(heap_->Stats().heap_alloc, 8 * kPageBytes);
  EXPECT_EQ(heap_->Stats().large_mallocs, 1U);
  SpanTester::AddAllocated(span, -1000U);
}

TEST_F(HeapStepsTest, WhatTheHeapNeedsForItselfHasAllParts) {
  const std::uint64_t empty = heap_->Stats().gc_sys;
  std::vector<WeakHandle> weak;
  for (int i = 0; i < 1000; ++i) {
    void* const object = heap_->New(*mutator_, kNode, 100);
    weak.push_back(heap_->NewWeak(object));
  }
  const std::uint64_t spans = heap_->Stats().heap_in_use / kPageBytes;
  const std::uint64_t maps = spans * kPageBytes / kWordBytes / 8;
  const std::uint64_t full = heap_->Stats().gc_sys;
  // A list of each kind has room for all.
  EXPECT_GE(full - empty, spans * (sizeof(Span) + 4 * sizeof(Span*)) + maps +
                              1000 * (sizeof(WeakTarget) + sizeof(Special)));
  heap_->Collect();
  EXPECT_EQ(heap_->Stats().heap_in_use, 0U);
  const std::uint64_t after = heap_->Stats().gc_sys;
  EXPECT_GE(after - empty, spans * (sizeof(Span) + 4 * sizeof(Span*)));
  EXPECT_LE(after, full - maps - 1000 * (sizeof(WeakTarget) + sizeof(Special)));
}

TEST_F(HeapStepsTest, OnlyCallsOfCollectAreForced) {
  Make({.automatic = false, .most_backed_pages = 4});
  heap_->Collect();
  ASSERT_NE(NewBytes(*heap_, *mutator_, 3 * kPageBytes), nullptr);
  ASSERT_NE(NewBytes(*heap_, *mutator_, 3 * kPageBytes), nullptr);
  EXPECT_EQ(seen_[HeapEvent::kCollectedToMakeRoom], 1U);
  seen_.collects_in = 1;
  ASSERT_NE(NewBytes(*heap_, *mutator_, 24), nullptr);
  EXPECT_EQ(heap_->Stats().num_gc, 3U);
  EXPECT_EQ(heap_->Stats().num_forced_gc, 1U);
}

}  // namespace
}  // namespace slotproof::core
