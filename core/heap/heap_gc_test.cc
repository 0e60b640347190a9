// What collections keep and what they free, under the loads of the runtime's gc_test.go, of the gc
// programs of Go's test directory, and of bdwgc's lists and trees, as far as they apply to a
// library.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/root_table.h"

namespace slotproof::core {
namespace {

// With options of the test's choice; each marking is held against a second one.
class HeapGcTest : public testing::Test {
 protected:
  void Make(HeapOptions options = kByHand) {
    frame_.reset();
    heap_.emplace(options, SystemPages(), CountingProbe{&seen_});
    seen_.hook = [this](HeapEvent event) {
      if (event != HeapEvent::kMarkTerminated || !checks_marking_) return;
      EXPECT_EQ(BrokenMarkLaw(*heap_), "");
    };
    mutator_ = &heap_->NewMutator();
    frame_.emplace(*mutator_, 8);
  }
  void SetUp() override { Make(); }
  void TearDown() override { EXPECT_EQ(BrokenLaw(*heap_), ""); }

  // The heap that has ended itself is replaced by a new one.
  void ExpectCollectionFails(const char* message) {
    try {
      heap_->Collect();
      FAIL() << "it was not noticed";
    } catch (const ThrownFailure& failure) {
      EXPECT_STREQ(failure.what(), message);
    }
    Make();
  }

  Frame& frame() { return *frame_; }
  Node* New() { return NewNode(*heap_, *mutator_); }
  void* Bytes(std::size_t bytes) { return NewBytes(*heap_, *mutator_, bytes); }
  void Set(Node*& slot, void* value) { StoreTo(*heap_, *mutator_, slot, value); }
  std::size_t Objects() const { return heap_->Stats().heap_objects; }
  Node* NodeAt(std::size_t slot) { return static_cast<Node*>(frame()[slot]); }

  // A list of values below `length`, in a slot; the head has the greatest.
  void Build(std::size_t slot, std::size_t length) {
    frame()[slot] = nullptr;
    for (std::size_t i = 0; i < length; ++i) {
      Node* const node = New();
      node->value = i;
      Set(node->next, frame()[slot]);
      frame()[slot] = node;
    }
  }
  bool IsList(std::size_t slot, std::size_t length, bool reversed = false) {
    const Node* node = NodeAt(slot);
    for (std::size_t i = 0; i < length; ++i, node = node->next) {
      if (node == nullptr || node->value != (reversed ? i : length - 1 - i)) return false;
    }
    return node == nullptr;
  }

  SeenEvents seen_;
  std::vector<void*> globals_;
  bool checks_marking_ = true;
  std::optional<TestHeap> heap_;
  Mutator* mutator_ = nullptr;
  std::optional<Frame> frame_;
};

constexpr HeapOptions kSmallHeap = {.arena_pages = 256, .heap_minimum = std::uint64_t{1} << 20};

TEST_F(HeapGcTest, GarbageWithoutEndTakesBoundedMemory) {
  Make(kSmallHeap);
  for (int i = 0; i < 50000; ++i) ASSERT_NE(Bytes(1029), nullptr);
  const MemStats stats = heap_->Stats();
  EXPECT_GE(stats.total_alloc, std::uint64_t{50} << 20);
  EXPECT_LE(stats.sys, std::uint64_t{4} << 20);
  EXPECT_GE(stats.num_gc, 10U);
  EXPECT_EQ(stats.num_forced_gc, 0U);
}

// Large and small, with and without pointers; the live heap is what is asked of it.
TEST_F(HeapGcTest, TheHeapStaysNearItsGoal) {
  Make(kSmallHeap);
  checks_marking_ = false;
  Build(0, 40000);
  std::uint64_t most = 0;
  for (int i = 0; i < 100000; ++i) {
    frame()[1] = i % 1000 == 0 ? Bytes(100000) : New();
    if (i % 64 == 0) most = std::max(most, heap_->Stats().heap_alloc);
  }
  EXPECT_GE(heap_->Stats().num_gc, 3U);
  EXPECT_LE(most, heap_->goal() + heap_->goal() / 4);
  EXPECT_TRUE(IsList(0, 40000));
}

TEST_F(HeapGcTest, MemoryComesBackWhenGarbageIsDropped) {
  Build(0, 50000);
  const std::uint64_t full = heap_->Stats().heap_in_use;
  frame()[0] = nullptr;
  heap_->Collect();
  EXPECT_EQ(Objects(), 0U);
  EXPECT_EQ(heap_->Stats().heap_in_use, 0U);
  EXPECT_EQ(heap_->Scavenge(SIZE_MAX), full / kPageBytes);
  EXPECT_EQ(heap_->Stats().heap_released, heap_->Stats().heap_sys);
  const std::uint64_t sys = heap_->Stats().heap_sys;
  Build(0, 50000);
  EXPECT_EQ(heap_->Stats().heap_sys, sys) << "the same address space";
}

// One live object in each span: the rest of each is used again.
TEST_F(HeapGcTest, HolesAreFilledBeforeTheHeapGrows) {
  RootTable<TestPolicy> roots(*heap_);
  for (int i = 0; i < 64 * 100; ++i) {
    void* const object = Bytes(128);
    if (i % 64 == 0) roots.Add(object);
  }
  heap_->Collect();
  EXPECT_EQ(Objects(), 100U);
  const std::uint64_t in_use = heap_->Stats().heap_in_use;
  for (int i = 0; i < 63 * 100; ++i) roots.Add(Bytes(128));
  EXPECT_EQ(heap_->Stats().heap_in_use, in_use);
}

TEST_F(HeapGcTest, ADeepListIsKeptWhole) {
  checks_marking_ = false;
  Build(0, 300000);
  heap_->Collect();
  EXPECT_TRUE(IsList(0, 300000));
  EXPECT_EQ(Objects(), 300000U);
}

// As [2][2]...[2]*int of ten dimensions: the last of many pointers.
TEST_F(HeapGcTest, DeepNestingKeepsTheLastPointer) {
  frame()[0] = heap_->New(*mutator_, kPointer, 1024);
  auto* const slots = static_cast<void**>(frame()[0]);
  heap_->Store(*mutator_, &slots[1023], New());
  static_cast<Node*>(slots[1023])->value = 13;
  heap_->Collect();
  EXPECT_EQ(static_cast<Node*>(slots[1023])->value, 13U);
  EXPECT_EQ(Objects(), 2U);
}

// Each refers into the middle of the one before, beside referring to it.
TEST_F(HeapGcTest, ListsWithInteriorPointersSurviveACollectionAtEachStep) {
  for (std::uint64_t i = 0; i < 10; ++i) {
    Node* const node = New();
    node->value = 42;
    Set(node->next, frame()[0]);
    if (frame()[0] != nullptr) Set(node->other, &NodeAt(0)->value);
    frame()[0] = node;
    heap_->Collect();
  }
  for (Node* node = NodeAt(0); node != nullptr; node = node->next) EXPECT_EQ(node->value, 42U);
  EXPECT_EQ(Objects(), 10U);
}

TEST_F(HeapGcTest, EachByteOfAnObjectKeepsTheWholeOfIt) {
  for (const std::size_t bytes : {std::size_t{48}, std::size_t{1000}, std::size_t{50000}}) {
    auto* const object = static_cast<std::byte*>(Bytes(bytes));
    const std::size_t size = heap_->SizeOf(object);
    for (std::size_t offset = 0; offset < size; offset += 1 + size / 50) {
      frame()[0] = object + offset;
      heap_->Collect();
      ASSERT_EQ(heap_->SizeOf(object), size) << offset;
    }
    frame()[0] = nullptr;
    heap_->Collect();
    EXPECT_EQ(heap_->SizeOf(object), 0U);
  }
}

// Of sixteen, every other one is kept.
TEST_F(HeapGcTest, ExactlyTheReachableAreKept) {
  RootTable<TestPolicy> roots(*heap_);
  std::vector<WeakHandle> all;
  for (int i = 0; i < 16; ++i) {
    void* const object = heap_->New(*mutator_, kPointer);
    all.push_back(heap_->NewWeak(object));
    if (i % 2 == 0) roots.Add(object);
  }
  heap_->Collect();
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(heap_->Upgrade(all[i]) != nullptr, i % 2 == 0);
}

TEST_F(HeapGcTest, WordsThatAreNoPointersKeepNothing) {
  Node* const node = New();
  frame()[0] = node;
  node->value = reinterpret_cast<std::uintptr_t>(New());
  frame()[1] = Bytes(64);
  *static_cast<void**>(frame()[1]) = New();
  heap_->Collect();
  EXPECT_EQ(Objects(), 2U);
}

TEST_F(HeapGcTest, PointersOutOfTheHeapAreIgnored) {
  int local = 0;
  frame()[0] = &local;
  frame()[1] = reinterpret_cast<void*>(std::uintptr_t{1});
  frame()[2] = Bytes(0);
  frame()[3] = reinterpret_cast<void*>(UINTPTR_MAX);
  heap_->Collect();
  EXPECT_EQ(Objects(), 0U);
}

// A pointer that was hidden from the collector and came back.
TEST_F(HeapGcTest, AZombieIsReported) {
  checks_marking_ = false;
  frame()[0] = Bytes(100);
  auto hidden = reinterpret_cast<std::uintptr_t>(Bytes(100));
  heap_->Collect();
  frame()[1] = reinterpret_cast<void*>(hidden);
  ExpectCollectionFails("found pointer to free object");
}

TEST_F(HeapGcTest, APointerToAFreePageIsReported) {
  auto hidden = reinterpret_cast<std::uintptr_t>(Bytes(50000));
  heap_->Collect();
  frame()[1] = reinterpret_cast<void*>(hidden);
  ExpectCollectionFails("found bad pointer in heap");
}

TEST_F(HeapGcTest, FramesKeepWhatIsInThemAndNoLonger) {
  frame()[0] = New();
  {
    Frame inner(*mutator_, 2);
    inner[1] = New();
    heap_->Collect();
    EXPECT_EQ(Objects(), 2U);
  }
  heap_->Collect();
  EXPECT_EQ(Objects(), 1U);
  Frame again(*mutator_, 2);
  EXPECT_EQ(again[1], nullptr) << "a new frame is empty";
}

// More than one block of roots, and those of several mutators.
TEST_F(HeapGcTest, AllRootsAreLookedAt) {
  globals_.resize(2 * kRootBlockSlots + 7);
  heap_->AddGlobals(globals_);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < globals_.size(); i += kRootBlockSlots - 1) {
    heap_->Store(*mutator_, &globals_[i], New());
    ++kept;
  }
  heap_->Store(*mutator_, &globals_.back(), New());
  Frame other(heap_->NewMutator(), 100);
  other[99] = New();
  heap_->Collect();
  EXPECT_EQ(Objects(), kept + 2);
}

// Roots that come while marking.
TEST_F(HeapGcTest, RootsThatComeWhileMarkingCount) {
  globals_ = {nullptr, New()};
  heap_->StartCycle();
  while (heap_->Mark(1)) {
  }
  heap_->AddGlobals(globals_);
  Mutator& late = heap_->NewMutator();
  EXPECT_TRUE(late.stack_is_black);
  Frame of_late(late, 1);
  of_late[0] = NewNode(*heap_, late);
  EXPECT_EQ(BrokenLaw(*heap_), "");
  heap_->FinishMarking();
  heap_->Sweep(100);
  EXPECT_EQ(Objects(), 2U);
  heap_->Collect();
  EXPECT_EQ(Objects(), 2U);
}

// What is allocated while marking lives until the next cycle, reachable or not.
TEST_F(HeapGcTest, AllocatedBlackLivesForOneCycle) {
  heap_->StartCycle();
  New();
  Bytes(1);
  Bytes(50000);
  heap_->FinishMarking();
  heap_->Sweep(100);
  EXPECT_EQ(Objects(), 3U);
  heap_->Collect();
  EXPECT_EQ(Objects(), 0U);
}

// No step is longer than a block of roots or a piece of a large object.
TEST_F(HeapGcTest, StepsAreBounded) {
  globals_.resize(3 * kRootBlockSlots);
  heap_->AddGlobals(globals_);
  frame()[0] = heap_->New(*mutator_, kPointer, std::size_t{1} << 20);
  auto* const slots = static_cast<void**>(frame()[0]);
  for (std::size_t i = 0; i < (std::size_t{1} << 20); i += 5000) {
    heap_->Store(*mutator_, &slots[i], New());
  }
  heap_->StartCycle();
  std::uint64_t before = 0;
  std::size_t steps = 0;
  while (heap_->Mark(1)) {
    EXPECT_LE(heap_->marker().scanned_bytes() - before, std::uint64_t{256} << 10);
    before = heap_->marker().scanned_bytes();
    ++steps;
  }
  EXPECT_GE(steps, 64U) << "8 MiB in pieces of 128 KiB";
  heap_->FinishMarking();
  heap_->Sweep(SIZE_MAX);
  EXPECT_EQ(Objects(), 1U + (std::size_t{1} << 20) / 5000 + 1);
}

TEST_F(HeapGcTest, CallsOutOfTheirTimeDoNothing) {
  EXPECT_FALSE(heap_->Mark(1));
  heap_->FinishMarking();
  EXPECT_EQ(heap_->Sweep(10), 0U);
  EXPECT_EQ(heap_->Stats().num_gc, 0U);
  EXPECT_TRUE(heap_->StartCycle());
  EXPECT_FALSE(heap_->StartCycle());
  EXPECT_EQ(heap_->Sweep(10), 0U);
  heap_->Collect();
  EXPECT_EQ(heap_->Stats().num_gc, 2U);
}

// The classic: build, reverse, with a collection at the n-th allocation, for each n.
TEST_F(HeapGcTest, ACollectionAtAnyAllocationLosesNothing) {
  constexpr std::size_t kLength = 12;
  for (std::size_t n = 1; n <= 2 * kLength; ++n) {
    seen_.collects_in = n;
    Build(0, kLength);
    frame()[1] = nullptr;
    for (frame()[2] = frame()[0]; frame()[2] != nullptr; frame()[2] = NodeAt(2)->next) {
      Node* const copy = New();
      copy->value = NodeAt(2)->value;
      Set(copy->next, frame()[1]);
      frame()[1] = copy;
    }
    ASSERT_TRUE(IsList(0, kLength)) << n;
    ASSERT_TRUE(IsList(1, kLength, true)) << n;
    ASSERT_EQ(BrokenLaw(*heap_), "") << n;
  }
}

// bdwgc's reverse test: lists reversed in place and as copies, while the collector runs along.
TEST_F(HeapGcTest, ListsSurviveBeingReversedUnderTheCollector) {
  Make({.arena_pages = 256, .heap_minimum = 256 << 10});
  Build(0, 50);
  for (int round = 0; round < 40; ++round) {
    Build(1, 2000);
    Node* reversed = nullptr;
    for (Node* node = NodeAt(1); node != nullptr;) {
      Node* const next = node->next;
      Set(node->next, reversed);
      reversed = node;
      node = next;
    }
    frame()[1] = reversed;
    ASSERT_TRUE(IsList(1, 2000, true));
    ASSERT_TRUE(IsList(0, 50));
  }
  EXPECT_GE(heap_->Stats().num_gc, 5U);
}

// Ellis and Kovac's trees: one that lives long, many that do not, built from the top and from the
// bottom.
class TreeTest : public HeapGcTest {
 protected:
  void Populate(int depth, Node* node) {
    if (depth == 0) return;
    Set(node->next, New());
    Set(node->other, New());
    Populate(depth - 1, node->next);
    Populate(depth - 1, node->other);
  }
  Node* MakeTree(int depth) {
    Frame children(*mutator_, 2);
    if (depth != 0) children[0] = MakeTree(depth - 1);
    if (depth != 0) children[1] = MakeTree(depth - 1);
    Node* const node = New();
    Set(node->next, children[0]);
    Set(node->other, children[1]);
    return node;
  }
  static std::size_t Count(const Node* node) {
    return node == nullptr ? 0 : 1 + Count(node->next) + Count(node->other);
  }
};

TEST_F(TreeTest, LongLivedTreesSurviveShortLivedOnes) {
  Make({.arena_pages = 256, .heap_minimum = 256 << 10});
  frame()[0] = New();
  Populate(11, NodeAt(0));
  for (int depth = 2; depth <= 10; depth += 2) {
    for (int i = 0; i < (1 << (13 - depth)); ++i) {
      frame()[1] = New();
      Populate(depth, NodeAt(1));
      ASSERT_EQ(Count(NodeAt(1)), (std::size_t{2} << depth) - 1);
      frame()[1] = MakeTree(depth);
      ASSERT_EQ(Count(NodeAt(1)), (std::size_t{2} << depth) - 1);
    }
  }
  EXPECT_EQ(Count(NodeAt(0)), (std::size_t{2} << 11) - 1);
  EXPECT_GE(heap_->Stats().num_gc, 5U);
  frame()[1] = nullptr;
  heap_->Collect();
  EXPECT_EQ(Objects(), (std::size_t{2} << 11) - 1);
}

TEST_F(TreeTest, BranchesThatAreReplacedAreFreed) {
  frame()[0] = MakeTree(8);
  std::mt19937_64 random(6);
  for (int i = 0; i < 200; ++i) {
    Node* node = NodeAt(0);
    for (std::uint64_t depth = random() % 8; depth != 0; --depth) {
      Node* const child = random() % 2 == 0 ? node->next : node->other;
      if (child == nullptr) break;
      node = child;
    }
    if (i % 10 == 0) heap_->StartCycle();
    heap_->Mark(5);
    Set(random() % 2 == 0 ? node->next : node->other, MakeTree(static_cast<int>(random() % 4)));
    ASSERT_EQ(BrokenLaw(*heap_), "");
  }
  heap_->Collect();
  EXPECT_EQ(Objects(), Count(NodeAt(0)));
}

}  // namespace
}  // namespace slotproof::core
