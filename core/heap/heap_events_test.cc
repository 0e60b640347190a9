// Every event happens, in a program of a few lines each.

#include "core/heap/heap_events.h"

#include <cstddef>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap_test_util.h"
#include "core/heap/pool.h"

namespace slotproof::core {
namespace {

using E = HeapEvent;

// A heap of its own for each program.
struct Stage {
  explicit Stage(HeapOptions options = kByHand)
      : heap(options, {}, {&seen}), mutator(heap.NewMutator()), frame(mutator, 4) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Node* New() { return NewNode(heap, mutator); }
  void* Bytes(std::size_t bytes) { return NewBytes(heap, mutator, bytes); }
  void Fill(std::size_t bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) ASSERT_NE(Bytes(bytes), nullptr);
  }
  void MarkAll() {
    heap.StartCycle();
    while (heap.Mark(1)) {
    }
  }
  void EndMarking() {
    heap.StartCycle();
    heap.FinishMarking();
  }

  SeenEvents seen;
  TestHeap heap;
  Mutator& mutator;
  Frame frame;
};

struct Program {
  E event;
  std::function<void(Stage&)> run;
  HeapOptions options = kByHand;
};

constexpr HeapOptions kAutomatic = {.arena_pages = 64, .heap_minimum = 64 << 10};
constexpr HeapOptions kTenPages = {.arena_pages = 64, .automatic = false, .most_backed_pages = 10};

void AssistUntilMarked(Stage& s) {
  s.frame[0] = s.New();
  s.heap.StartCycle();
  while (s.heap.is_marking()) s.frame[1] = s.Bytes(4096);
}

const std::vector<Program>& Programs() {
  static const std::vector<Program> programs = {
      {.event = E::kCycleStarted, .run = [](Stage& s) { s.heap.StartCycle(); }},
      {.event = E::kMarkTerminated, .run = [](Stage& s) { s.EndMarking(); }},
      {.event = E::kTinyShared, .run = [](Stage& s) { s.Fill(5, 2); }},
      {.event = E::kTinyReplaced,
       .run =
           [](Stage& s) {
             s.Fill(12, 1);
             s.Fill(5, 1);
           }},
      {.event = E::kTinyKept,
       .run =
           [](Stage& s) {
             s.Fill(5, 1);
             s.Fill(12, 1);
           }},
      {.event = E::kSpanFromPartial,
       .run =
           [](Stage& s) {
             s.frame[0] = s.Bytes(100);
             s.heap.Collect();
             s.Fill(100, 1);
           }},
      {.event = E::kSpanSweptForAllocation,
       .run =
           [](Stage& s) {
             s.frame[0] = s.Bytes(100);
             s.EndMarking();
             s.Fill(100, 1);
           }},
      {.event = E::kSpanFullAfterSweep,
       .run =
           [](Stage& s) {
             for (std::size_t i = 0; i < 4; ++i) s.frame[i] = s.Bytes(2048);
             s.EndMarking();
             s.Fill(2048, 1);
           }},
      {.event = E::kSpanFreed,
       .run =
           [](Stage& s) {
             s.Fill(100, 1);
             s.heap.Collect();
           }},
      {.event = E::kLargeAllocated, .run = [](Stage& s) { s.Fill(kMaxSmallBytes + 1, 1); }},
      {.event = E::kLargeFreed,
       .run =
           [](Stage& s) {
             s.Fill(kMaxSmallBytes + 1, 1);
             s.heap.Collect();
           }},
      {.event = E::kSweptToMakeRoom,
       .run =
           [](Stage& s) {
             s.Fill(100, 1);
             s.EndMarking();
             s.Fill(200, 1);
           }},
      {.event = E::kCollectedToMakeRoom,
       .run = [](Stage& s) { s.Fill(5 * kPageBytes, 3); },
       .options = kTenPages},
      {.event = E::kOutOfMemory,
       .run = [](Stage& s) { EXPECT_EQ(s.Bytes(11 * kPageBytes), nullptr); },
       .options = kTenPages},
      {.event = E::kAllocatedBlack,
       .run =
           [](Stage& s) {
             s.heap.StartCycle();
             s.New();
           }},
      {.event = E::kStackScanned, .run = [](Stage& s) { s.EndMarking(); }},
      {.event = E::kShadedOld,
       .run =
           [](Stage& s) {
             Node* const node = s.New();
             s.frame[0] = node;
             StoreTo(s.heap, s.mutator, node->next, s.New());
             s.heap.StartCycle();
             StoreTo(s.heap, s.mutator, node->next, nullptr);
           }},
      {.event = E::kShadedNew,
       .run =
           [](Stage& s) {
             Node* const node = s.New();
             s.frame[0] = node;
             s.heap.StartCycle();
             StoreTo(s.heap, s.mutator, node->next, node);
           }},
      {.event = E::kShadedBeforeStackScan,
       .run =
           [](Stage& s) {
             Node* const node = s.New();
             s.frame[0] = node;
             s.heap.StartCycle();
             StoreTo(s.heap, s.mutator, node->next, node);
           }},
      {.event = E::kShadedAfterStackScan,
       .run =
           [](Stage& s) {
             Node* const node = s.New();
             Node* const white = s.New();
             StoreTo(s.heap, s.mutator, node->next, white);
             s.MarkAll();
             StoreTo(s.heap, s.mutator, node->next, nullptr);
           }},
      {.event = E::kBarrierFlushed,
       .run =
           [](Stage& s) {
             Node* const node = s.New();
             s.frame[0] = node;
             s.heap.StartCycle();
             for (std::size_t i = 0; i < BarrierBuffer::kMost; ++i) {
               node->next = nullptr;
               StoreTo(s.heap, s.mutator, node->next, node);
             }
           }},
      {.event = E::kInteriorPointer,
       .run =
           [](Stage& s) {
             s.frame[0] = &s.New()->other;
             s.EndMarking();
           }},
      {.event = E::kScannedInPieces,
       .run =
           [](Stage& s) {
             s.frame[0] = s.heap.New(s.mutator, kPointer, kScanPieceBytes / kWordBytes + 1);
             s.EndMarking();
           }},
      {.event = E::kAssisted, .run = AssistUntilMarked, .options = kAutomatic},
      {.event = E::kMarkTerminatedByAssist, .run = AssistUntilMarked, .options = kAutomatic},
      {.event = E::kFinalizerSetWhileMarking,
       .run =
           [](Stage& s) {
             s.frame[0] = s.New();
             s.heap.StartCycle();
             std::size_t run = 0;
             EXPECT_TRUE(s.heap.SetFinalizer(s.frame[0], Counting(&run)));
           }},
      {.event = E::kFinalizerQueued,
       .run =
           [](Stage& s) {
             std::size_t run = 0;
             EXPECT_TRUE(s.heap.SetFinalizer(s.New(), Counting(&run)));
             s.heap.Collect();
           }},
      {.event = E::kWeakCleared,
       .run =
           [](Stage& s) {
             const WeakHandle handle = s.heap.NewWeak(s.New());
             s.heap.Collect();
           }},
      {.event = E::kWeakUpgradedWhileMarking,
       .run =
           [](Stage& s) {
             const WeakHandle handle = s.heap.NewWeak(s.New());
             s.heap.StartCycle();
             EXPECT_NE(s.heap.Upgrade(handle), nullptr);
           }},
      {.event = E::kWeakUpgradedWhileSweeping,
       .run =
           [](Stage& s) {
             const WeakHandle handle = s.heap.NewWeak(s.New());
             s.EndMarking();
             EXPECT_EQ(s.heap.Upgrade(handle), nullptr);
           }},
      {.event = E::kLimitRuled,
       .run = [](Stage& s) { s.heap.SetMemoryLimit(std::uint64_t{2} << 20); }},
      {.event = E::kPoolVictimUsed,
       .run =
           [](Stage& s) {
             Pool<TestPolicy> pool(s.heap);
             pool.Put(s.mutator, s.New());
             s.heap.Collect();
             EXPECT_NE(pool.Get(s.mutator), nullptr);
           }},
      {.event = E::kPoolVictimDropped,
       .run =
           [](Stage& s) {
             Pool<TestPolicy> pool(s.heap);
             pool.Put(s.mutator, s.New());
             s.heap.Collect();
             s.heap.Collect();
           }},
      {.event = E::kPoolStolen,
       .run =
           [](Stage& s) {
             Pool<TestPolicy> pool(s.heap);
             pool.Put(s.mutator, s.New());
             pool.Put(s.mutator, s.New());
             EXPECT_NE(pool.Get(s.heap.NewMutator()), nullptr);
           }},
      {.event = E::kSpanFromScavenged,
       .run =
           [](Stage& s) {
             s.New();
             s.heap.Collect();
             s.heap.Sweep(1);
             EXPECT_EQ(s.heap.Scavenge(1), 1U);
             s.New();
           }},
  };
  return programs;
}

TEST(HeapEventsTest, EachHasAProgramThatMakesItHappenOnce) {
  std::set<E> seen;
  for (const Program& program : Programs()) {
    Stage stage(program.options);
    ASSERT_EQ(stage.seen[program.event], 0U);
    program.run(stage);
    const std::string_view name = kHeapEvents[static_cast<std::size_t>(program.event)].name;
    EXPECT_EQ(stage.seen[program.event], 1U) << name;
    EXPECT_EQ(BrokenLaw(stage.heap), "") << name;
    seen.insert(program.event);
  }
  EXPECT_EQ(seen.size(), kHeapEventCount);
}

TEST(HeapEventsTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const HeapEventInfo& info : kHeapEvents) EXPECT_TRUE(names.insert(info.name).second);
}

TEST(HeapEventsTest, AnAllocationFromACacheThatHasRoomIsQuiet) {
  Stage stage;
  stage.New();
  stage.seen.counts = {};
  stage.New();
  for (const std::size_t count : stage.seen.counts) EXPECT_EQ(count, 0U);
}

// The order that checks of a marking rely on.
TEST(HeapEventsTest, MarkingEndsBetweenTheBeginningAndTheFirstSweep) {
  Stage stage;
  std::vector<E> order;
  stage.seen.hook = [&](E event) { order.push_back(event); };
  stage.Bytes(100);
  order.clear();
  stage.heap.Collect();
  EXPECT_EQ(order, (std::vector<E>{E::kCycleStarted, E::kStackScanned, E::kMarkTerminated,
                                   E::kSpanFreed}));
}

}  // namespace
}  // namespace slotproof::core
