// What an allocation promises: size, room, zeroes, and nothing when there is no memory. The checks
// of the runtime's malloc_test.go that a library can keep are among them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/root_table.h"

namespace slotproof::core {
namespace {

bool IsZero(const void* object, std::size_t bytes) {
  const auto* const begin = static_cast<const unsigned char*>(object);
  return std::all_of(begin, begin + bytes, [](unsigned char byte) { return byte == 0; });
}
std::uintptr_t BlockOf(const void* object) {
  return reinterpret_cast<std::uintptr_t>(object) / kTinyBytes;
}

class HeapAllocTest : public testing::Test {
 protected:
  HeapAllocTest() : mutator_(heap_.NewMutator()), frame_(mutator_, 16) {}
  ~HeapAllocTest() override { EXPECT_EQ(BrokenLaw(heap_), ""); }

  void* Bytes(std::size_t bytes) { return NewBytes(heap_, mutator_, bytes); }

  SeenEvents seen_;
  TestHeap heap_{kByHand, {}, {&seen_}};
  Mutator& mutator_;
  Frame frame_;
};

TEST_F(HeapAllocTest, ABlockIsAsLargeAsItsClass) {
  for (std::size_t bytes = 16; bytes <= 40000; bytes += bytes < 2100 ? 1 : 97) {
    frame_[0] = Bytes(bytes);
    ASSERT_EQ(heap_.SizeOf(frame_[0]), RoundUpSize(bytes)) << bytes;
    frame_[1] = heap_.New(mutator_, kPointer, (bytes + 7) / 8);
    ASSERT_EQ(heap_.SizeOf(frame_[1]), RoundUpSize((bytes + 7) / 8 * 8)) << bytes;
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(frame_[0]) % 8, 0U);
  }
}

TEST_F(HeapAllocTest, NothingHasOneAddressAndIsNoObject) {
  void* const nothing = Bytes(0);
  EXPECT_NE(nothing, nullptr);
  EXPECT_EQ(heap_.New(mutator_, ObjectType(0)), nothing);
  EXPECT_EQ(heap_.New(mutator_, kNode, 0), nothing);
  EXPECT_EQ(heap_.SizeOf(nothing), 0U);
  EXPECT_EQ(heap_.Stats().mallocs, 0U);
  EXPECT_FALSE(heap_.SetFinalizer(nothing, {}));
}

TEST_F(HeapAllocTest, LiveObjectsDoNotOverlap) {
  std::mt19937_64 random(9);
  RootTable<TestPolicy> roots(heap_);
  std::map<std::byte*, std::size_t> live;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t bytes = random() % (random() % 8 == 0 ? 60000 : 300);
    if (bytes == 0) continue;
    auto* const object = static_cast<std::byte*>(Bytes(bytes));
    ASSERT_NE(object, nullptr);
    roots.Add(object);
    const auto above = live.lower_bound(object);
    ASSERT_TRUE(above == live.end() || object + bytes <= above->first);
    ASSERT_TRUE(above == live.begin() ||
                std::prev(above)->first + std::prev(above)->second <= object);
    live.emplace(object, bytes);
    std::memset(object, 0xAB, bytes);
    if (i % 500 == 0) heap_.Collect();
  }
}

// Tiny objects.

TEST_F(HeapAllocTest, SixteenBytesShareABlock) {
  std::set<std::uintptr_t> blocks;
  for (int i = 0; i < 64; ++i) blocks.insert(BlockOf(Bytes(1)));
  EXPECT_EQ(blocks.size(), 4U);
  const MemStats stats = heap_.Stats();
  EXPECT_EQ(stats.mallocs, 64U);
  EXPECT_EQ(stats.heap_objects, 4U) << "what came later into a block counts as freed";
  EXPECT_EQ(stats.heap_alloc, 64U);
}

TEST_F(HeapAllocTest, ATinyObjectIsAlignedAsItsSizeAllows) {
  for (std::size_t bytes = 1; bytes < kTinyBytes; ++bytes) {
    const std::size_t align = bytes % 8 == 0 ? 8 : bytes % 4 == 0 ? 4 : bytes % 2 == 0 ? 2 : 1;
    for (int i = 0; i < 20; ++i) {
      Bytes(1);
      const auto at = reinterpret_cast<std::uintptr_t>(Bytes(bytes));
      ASSERT_EQ(at % align, 0U) << bytes;
      ASSERT_EQ(at / kTinyBytes, (at + bytes - 1) / kTinyBytes) << "all in one block";
    }
  }
}

// A word at the beginning of twelve bytes can be read as one (issue 37262 of the runtime).
TEST_F(HeapAllocTest, TwelveBytesBeginAtAMultipleOfFour) {
  static_cast<void>(Bytes(1));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(Bytes(12)) % 4, 0U);
}

TEST_F(HeapAllocTest, SixteenBytesAndPointersAreNotTiny) {
  frame_[0] = Bytes(16);
  frame_[1] = Bytes(16);
  EXPECT_NE(BlockOf(frame_[0]), BlockOf(frame_[1]));
  frame_[2] = heap_.New(mutator_, kPointer);
  EXPECT_EQ(heap_.SizeOf(frame_[2]), 8U);
  EXPECT_EQ(seen_[HeapEvent::kTinyShared], 0U);
}

TEST_F(HeapAllocTest, TheBlockWithMoreRoomIsTheOneToGoOnWith) {
  void* const first = Bytes(5);    // 11 left
  void* const second = Bytes(12);  // 4 left: the first stays
  EXPECT_NE(BlockOf(first), BlockOf(second));
  EXPECT_EQ(BlockOf(Bytes(8)), BlockOf(first));  // at 8: full
  EXPECT_NE(BlockOf(Bytes(1)), BlockOf(first));
}

TEST_F(HeapAllocTest, ATinyBlockLivesAsLongAsAnyPart) {
  void* parts[4];
  for (void*& part : parts) part = Bytes(4);
  for (int kept = 0; kept < 4; ++kept) {
    frame_[0] = parts[kept];
    heap_.Collect();
    EXPECT_EQ(heap_.Stats().heap_objects, 1U);
    for (void* const part : parts) EXPECT_EQ(heap_.SizeOf(part), kTinyBytes);
  }
  frame_[0] = nullptr;
  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 0U);
}

// Marking may have passed when a part is put into a block that was there before.
TEST_F(HeapAllocTest, ATinyObjectThatJoinsABlockWhileMarkingIsKept) {
  for (std::size_t steps = 0; steps < 4; ++steps) {
    Bytes(1);
    heap_.StartCycle();
    heap_.Mark(steps);
    frame_[0] = Bytes(1);
    std::memset(frame_[0], 7, 1);
    heap_.FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(heap_), "");
    heap_.Sweep(100);
    EXPECT_EQ(*static_cast<char*>(frame_[0]), 7);
    heap_.Collect();
  }
}

TEST_F(HeapAllocTest, NoBlockIsSharedAcrossACollection) {
  void* const before = Bytes(1);
  frame_[0] = before;
  heap_.Collect();
  EXPECT_NE(BlockOf(Bytes(1)), BlockOf(before));
}

// Zeroes.

TEST_F(HeapAllocTest, MemoryIsZeroHoweverItWasUsedBefore) {
  std::mt19937_64 random(10);
  RootTable<TestPolicy> roots(heap_);
  std::vector<std::size_t> numbers;
  for (int step = 0; step < 6000; ++step) {
    const std::uint64_t kind = random() % 16;
    if (kind == 0) {
      heap_.Collect();
    } else if (kind == 1) {
      heap_.Scavenge(random() % 64);
    } else if (kind == 2) {
      heap_.StartCycle();
      heap_.FinishMarking();
      heap_.Sweep(random() % 8);
    } else if (kind < 8 && !numbers.empty()) {
      std::swap(numbers[random() % numbers.size()], numbers.back());
      roots.Remove(numbers.back());
      numbers.pop_back();
    } else {
      const std::size_t bytes = 1 + random() % (random() % 16 == 0 ? 50000 : 200);
      void* const object = Bytes(bytes);
      ASSERT_TRUE(IsZero(object, bytes)) << "step " << step;
      // What the class leaves beyond the size is zero too, if it is one's own.
      if (bytes >= kTinyBytes) {
        ASSERT_TRUE(IsZero(object, heap_.SizeOf(object)));
      }
      std::memset(object, 0xEE, bytes >= kTinyBytes ? heap_.SizeOf(object) : bytes);
      numbers.push_back(roots.Add(object));
    }
  }
}

TEST_F(HeapAllocTest, ScavengedMemoryIsZero) {
  void* const object = Bytes(20 * kPageBytes);
  std::memset(object, 0xCD, 20 * kPageBytes);
  heap_.Collect();
  EXPECT_EQ(heap_.Scavenge(7), 7U);
  frame_[0] = Bytes(20 * kPageBytes);
  EXPECT_EQ(frame_[0], object) << "the same pages";
  EXPECT_TRUE(IsZero(frame_[0], 20 * kPageBytes));
  heap_.Collect();
  frame_[0] = nullptr;
  heap_.Collect();
  EXPECT_EQ(heap_.Scavenge(1000), 20U);
  EXPECT_TRUE(IsZero(Bytes(20 * kPageBytes), 20 * kPageBytes));
}

// No memory.

constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();

TEST_F(HeapAllocTest, SizesNearTheMaximumAreRefused) {
  for (const std::size_t bytes :
       {kMax, kMax - 1, kMax - kPageBytes, kMax - 2 * kPageBytes, kMax / 2 + 1, kMax / 2,
        std::size_t{1} << 62, std::size_t{1} << 56, std::size_t{1} << 48, std::size_t{1} << 41}) {
    EXPECT_EQ(Bytes(bytes), nullptr) << bytes;
    EXPECT_EQ(heap_.New(mutator_, ObjectType(bytes & ~std::size_t{7}, 1)), nullptr) << bytes;
    EXPECT_EQ(BrokenLaw(heap_), "");
  }
  EXPECT_EQ(heap_.Stats().heap_objects, 0U);
  EXPECT_NE(Bytes(8), nullptr) << "the heap is as good as before";
}

TEST_F(HeapAllocTest, ACountThatOverflowsIsRefused) {
  EXPECT_EQ(heap_.New(mutator_, kNode, kMax), nullptr);
  EXPECT_EQ(heap_.New(mutator_, kNode, kMax / sizeof(Node) + 1), nullptr);
  EXPECT_EQ(heap_.New(mutator_, kPointer, std::size_t{1} << 61), nullptr) << "2^64 bytes";
  EXPECT_EQ(seen_[HeapEvent::kOutOfMemory], 3U);
}

// The debt that such a size makes is beyond any number of bytes.
TEST(HeapRefusalTest, AnAbsurdSizeWhileMarkingIsRefused) {
  SeenEvents seen;
  TestHeap heap({.arena_pages = 64, .heap_minimum = 1 << 16}, {}, {&seen});
  Mutator& mutator = heap.NewMutator();
  Frame frame(mutator, 1);
  for (const std::size_t bytes : {kMax, kMax / 2 + 1, kMax / 2}) {
    for (int i = 0; i < 2000; ++i) {
      Node* const node = NewNode(heap, mutator);
      StoreTo(heap, mutator, node->next, frame[0]);
      frame[0] = node;
    }
    heap.StartCycle();
    EXPECT_EQ(NewBytes(heap, mutator, bytes), nullptr);
    EXPECT_EQ(NewBytes(heap, mutator, bytes), nullptr);
    EXPECT_EQ(BrokenLaw(heap), "");
  }
}

TEST(HeapLimitTest, ALimitOnPagesGivesNullAndALawfulHeap) {
  struct Case {
    std::size_t bytes;
    std::size_t fit;  // in 20 pages
  };
  for (const auto& [bytes, fit] :
       {Case{24, 20 * 341}, Case{1000, 20 * 8}, Case{3 * kPageBytes, 6}, Case{5 * kPageBytes, 4}}) {
    SeenEvents seen;
    TestHeap heap({.arena_pages = 64, .automatic = false, .most_backed_pages = 20}, {}, {&seen});
    Mutator& mutator = heap.NewMutator();
    RootTable<TestPolicy> roots(heap);
    std::vector<std::size_t> numbers;
    while (void* const object = NewBytes(heap, mutator, bytes))
      numbers.push_back(roots.Add(object));
    EXPECT_EQ(numbers.size(), fit);
    EXPECT_EQ(seen[HeapEvent::kOutOfMemory], 1U);
    EXPECT_EQ(BrokenLaw(heap), "");
    // One goes, one comes: the allocation collects by itself.
    for (int i = 0; i < 3; ++i) {
      roots.Remove(numbers.back());
      void* const object = NewBytes(heap, mutator, bytes);
      ASSERT_NE(object, nullptr);
      numbers.back() = roots.Add(object);
      EXPECT_EQ(BrokenLaw(heap), "");
    }
    EXPECT_EQ(seen[HeapEvent::kCollectedToMakeRoom], 3U);
    EXPECT_EQ(NewBytes(heap, mutator, bytes), nullptr);
    heap.SetMostBackedPages(40);
    EXPECT_NE(NewBytes(heap, mutator, bytes), nullptr);
  }
}

// Without the address space that the system refuses.
struct RefusingPages : SystemPages {
  bool* refuses;
  explicit RefusingPages(bool* refuse) : refuses(refuse) {}
  void* Map(std::size_t bytes, std::size_t alignment) noexcept {
    return *refuses ? nullptr : SystemPages::Map(bytes, alignment);
  }
};
struct RefusingPolicy : TestPolicy {
  using Pages = RefusingPages;
};

TEST(HeapLimitTest, ASystemThatRefusesIsOutOfMemoryUntilItGives) {
  SeenEvents seen;
  bool refuses = true;
  Heap<RefusingPolicy> heap(kByHand, RefusingPages(&refuses), {&seen});
  Mutator& mutator = heap.NewMutator();
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{24}, 3 * kPageBytes}) {
    EXPECT_EQ(NewBytes(heap, mutator, bytes), nullptr);
    EXPECT_EQ(BrokenLaw(heap), "");
  }
  refuses = false;
  EXPECT_NE(NewBytes(heap, mutator, 24), nullptr);
  EXPECT_EQ(BrokenLaw(heap), "");
}

// Statistics.

TEST_F(HeapAllocTest, StatisticsFollowASmallProgram) {
  frame_[0] = Bytes(100);  // class of 112
  Bytes(100);
  frame_[1] = Bytes(40000);  // five pages
  MemStats stats = heap_.Stats();
  EXPECT_EQ(stats.mallocs, 3U);
  EXPECT_EQ(stats.frees, 0U);
  EXPECT_EQ(stats.heap_alloc, 2 * 112 + 5 * kPageBytes);
  EXPECT_EQ(stats.heap_in_use, 6 * kPageBytes);
  EXPECT_EQ(stats.large_mallocs, 1U);
  EXPECT_EQ(stats.num_gc, 0U);

  heap_.Collect();
  frame_[1] = nullptr;
  heap_.Collect();
  stats = heap_.Stats();
  EXPECT_EQ(stats.mallocs, 3U);
  EXPECT_EQ(stats.frees, 2U);
  EXPECT_EQ(stats.heap_objects, 1U);
  EXPECT_EQ(stats.heap_alloc, 112U);
  EXPECT_EQ(stats.total_alloc, 2 * 112 + 5 * kPageBytes);
  EXPECT_EQ(stats.large_frees, 1U);
  EXPECT_EQ(stats.heap_in_use, kPageBytes);
  EXPECT_EQ(stats.heap_sys, 64 * kPageBytes);
  EXPECT_EQ(stats.heap_idle, 63 * kPageBytes);
  EXPECT_EQ(stats.heap_released, 58 * kPageBytes);
  EXPECT_EQ(stats.num_gc, 2U);
  EXPECT_EQ(stats.num_forced_gc, 2U);
  EXPECT_EQ(stats.next_gc, heap_.goal());
  const MemStats::BySize& by_size = stats.by_size[SizeClassOf(100)];
  EXPECT_EQ(by_size.size, 112U);
  EXPECT_EQ(by_size.mallocs, 2U);
  EXPECT_EQ(by_size.frees, 1U);

  EXPECT_EQ(heap_.Scavenge(1000), 5U);
  EXPECT_EQ(heap_.Stats().heap_released, 63 * kPageBytes);
}

TEST_F(HeapAllocTest, CountsNeverFall) {
  MemStats last;
  for (int i = 0; i < 300; ++i) {
    static_cast<void>(Bytes(static_cast<std::size_t>(i) * 37 % 3000));
    if (i % 10 == 0) heap_.StartCycle();
    heap_.Mark(1);
    if (i % 10 == 5) heap_.FinishMarking();
    heap_.Sweep(1);
    const MemStats stats = heap_.Stats();
    ASSERT_GE(stats.mallocs, last.mallocs);
    ASSERT_GE(stats.frees, last.frees);
    ASSERT_GE(stats.total_alloc, last.total_alloc);
    ASSERT_LE(stats.num_forced_gc, stats.num_gc);
    last = stats;
  }
}

TEST(HeapsTest, TwoHeapsKnowNothingOfEachOther) {
  SeenEvents seen;
  TestHeap one(kByHand, {}, {&seen});
  TestHeap two(kByHand, {}, {&seen});
  Frame frame(one.NewMutator(), 1);
  frame[0] = NewNode(one, *one.mutators()[0]);
  EXPECT_EQ(two.SizeOf(frame[0]), 0U);
  two.Collect();
  EXPECT_NE(one.SizeOf(frame[0]), 0U);
}

}  // namespace
}  // namespace slotproof::core
