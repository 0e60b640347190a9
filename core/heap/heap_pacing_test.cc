// When a heap collects: the pacer's numbers, and what comes of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/pacer.h"
#include "core/heap/root_table.h"

namespace slotproof::core {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class HeapPacingTest : public testing::Test {
 protected:
  void Make(HeapOptions options) {
    heap_.emplace(options, SystemPages(), CountingProbe{&seen_});
    mutator_ = &heap_->NewMutator();
  }
  void TearDown() override { EXPECT_EQ(BrokenLaw(*heap_), ""); }
  void* Bytes(std::size_t bytes) { return NewBytes(*heap_, *mutator_, bytes); }
  void Garbage(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes / 1024; ++i) ASSERT_NE(Bytes(1024), nullptr);
  }
  // What the limit is about.
  std::uint64_t MappedReady() const {
    const MemStats stats = heap_->Stats();
    return stats.sys - stats.heap_released;
  }

  SeenEvents seen_;
  std::vector<void*> globals_ = std::vector<void*>(1000);
  std::optional<TestHeap> heap_;
  Mutator* mutator_ = nullptr;
};

// Unswept garbage is part of the heap's objects, as it is for the runtime, and so is not taken for
// memory that collections cannot give back.
TEST_F(HeapPacingTest, TheInputsAreWhatTheStatisticsSay) {
  Make({.arena_pages = 64, .automatic = false, .memory_limit = 64 * kMiB});
  heap_->AddGlobals(globals_);
  Frame frame(*mutator_, 30);
  frame[0] = Bytes(1000);
  frame[1] = Bytes(100000);
  Garbage(kMiB);
  heap_->StartCycle();
  heap_->FinishMarking();
  const PacerInputs& in = heap_->pacer_inputs();
  const MemStats stats = heap_->Stats();
  EXPECT_EQ(in.marked, 1024 + 13 * kPageBytes);
  EXPECT_EQ(in.stack_scan, 30 * sizeof(void*));
  EXPECT_EQ(in.globals_scan, 1000 * sizeof(void*));
  EXPECT_EQ(in.gc_percent, 100);
  EXPECT_EQ(in.memory_limit, 64 * kMiB);
  EXPECT_EQ(in.mapped_ready, MappedReady());
  EXPECT_EQ(in.heap_free, stats.heap_idle - stats.heap_released);
  EXPECT_EQ(in.heap_alloc, stats.heap_alloc);
  EXPECT_GT(in.heap_alloc, kMiB);
  EXPECT_EQ(heap_->goal(), HeapGoal(in));
  EXPECT_EQ(heap_->trigger(), HeapTrigger(in.marked, heap_->goal()));
  EXPECT_EQ(stats.next_gc, heap_->goal());
}

TEST_F(HeapPacingTest, LiveBytesDoubleBetweenCollections) {
  Make({.arena_pages = 64, .heap_minimum = 64 << 10});
  Frame frame(*mutator_, 1);
  frame[0] = Bytes(4 * kMiB);
  heap_->Collect();
  EXPECT_EQ(heap_->goal(), 8 * kMiB + 8);
  const std::uint64_t before = heap_->Stats().num_gc;
  Garbage(2 * kMiB);
  EXPECT_EQ(heap_->Stats().num_gc, before) << "the trigger is at 0.7 of the way";
  Garbage(3 * kMiB);
  EXPECT_EQ(heap_->Stats().num_gc, before + 1);
}

TEST_F(HeapPacingTest, SetGcPercentTakesEffectAtOnce) {
  Make({.arena_pages = 64});
  EXPECT_EQ(heap_->goal(), 4 * kMiB);
  heap_->SetGcPercent(50);
  EXPECT_EQ(heap_->goal(), 2 * kMiB);
  heap_->SetGcPercent(-1);
  Garbage(10 * kMiB);
  EXPECT_EQ(heap_->Stats().num_gc, 0U);
  heap_->SetGcPercent(100);
  Garbage(kMiB);
  EXPECT_GE(heap_->Stats().num_gc, 1U);
}

// GOGC = 0 collects all the time, and so small a heap is collected whole.
TEST_F(HeapPacingTest, WithoutRoomItCollectsAndGoesOn) {
  Make({.arena_pages = 64, .gc_percent = 0});
  Garbage(kMiB);
  EXPECT_GE(heap_->Stats().num_gc, 10U);
  EXPECT_LE(heap_->Stats().heap_in_use, 128U << 10);
}

TEST_F(HeapPacingTest, ByHandMeansByHand) {
  Make({.arena_pages = 64, .automatic = false});
  Garbage(10 * kMiB);
  EXPECT_EQ(heap_->Stats().num_gc, 0U);
}

// As the runtime's program for the limit: nothing but the limit, and garbage.
TEST_F(HeapPacingTest, TheMemoryLimitAloneBoundsTheHeap) {
  Make({.arena_pages = 256, .gc_percent = -1, .memory_limit = 16 * kMiB});
  Frame frame(*mutator_, 1);
  frame[0] = Bytes(kMiB);
  std::uint64_t most = 0;
  for (int i = 0; i < 100; ++i) {
    Garbage(kMiB);
    most = std::max(most, MappedReady());
  }
  EXPECT_LE(most, 16 * kMiB);
  EXPECT_GE(most, 8 * kMiB) << "the room is made use of";
  EXPECT_GE(seen_[HeapEvent::kLimitRuled], 1U);
  // About 9 MiB lie between what is live and the trigger.
  EXPECT_GE(heap_->Stats().num_gc, 5U);
  EXPECT_LE(heap_->Stats().num_gc, 20U);
}

// It is a soft one: what is live may be more.
TEST_F(HeapPacingTest, ALimitBelowWhatIsLiveCollectsAndGoesOn) {
  Make({.arena_pages = 256, .memory_limit = kMiB});
  Frame frame(*mutator_, 1);
  frame[0] = Bytes(3 * kMiB);
  Garbage(kMiB);
  EXPECT_NE(heap_->SizeOf(frame[0]), 0U);
  EXPECT_GE(heap_->Stats().num_gc, 3U);
}

// Whoever allocates pays enough for marking to end before the goal, however much is live.
TEST_F(HeapPacingTest, AssistsEndTheMarkingBeforeTheGoal) {
  for (const std::size_t live : {1000U, 20000U, 100000U}) {
    Make({.arena_pages = 256});
    Frame frame(*mutator_, 1);
    for (std::size_t i = 0; i < live; ++i) {
      Node* const node = NewNode(*heap_, *mutator_);
      StoreTo(*heap_, *mutator_, node->next, frame[0]);
      frame[0] = node;
    }
    heap_->Collect();
    const std::uint64_t goal = heap_->goal();
    std::uint64_t most = 0;
    const std::uint64_t before = heap_->Stats().num_gc;
    while (heap_->Stats().num_gc == before) {
      Garbage(4096);
      most = std::max(most, heap_->Stats().heap_alloc);
    }
    EXPECT_LE(most, goal + goal / 16) << live;
    EXPECT_EQ(seen_[HeapEvent::kCollectedToMakeRoom], 0U);
  }
}

}  // namespace
}  // namespace slotproof::core
