#include "core/heap/page_heap.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {

// Reaches into a heap to break its laws.
struct PageHeapTester {
  template <class Heap>
  static auto& Arenas(Heap& heap) {
    return heap.arenas_;
  }
  template <class Heap>
  static PageStats& Stats(Heap& heap) {
    return heap.stats_;
  }
  template <class Heap>
  static std::size_t& Limit(Heap& heap) {
    return heap.options_.most_backed_pages;
  }
};

namespace {

// Refuses when it is told to, and counts what is mapped.
struct CountedPages : SystemPages {
  struct Counts {
    std::size_t mapped_bytes = 0;
    std::size_t released_bytes = 0;
    bool refuses = false;
  };
  Counts* counts;

  explicit CountedPages(Counts* of) : counts(of) {}
  void* Map(std::size_t bytes, std::size_t alignment) noexcept {
    if (counts->refuses) return nullptr;
    void* const memory = SystemPages::Map(bytes, alignment);
    if (memory != nullptr) counts->mapped_bytes += bytes;
    return memory;
  }
  void Release(void* memory, std::size_t bytes) noexcept {
    counts->released_bytes += bytes;
    SystemPages::Release(memory, bytes);
  }
  void Unmap(void* memory, std::size_t bytes) noexcept {
    counts->mapped_bytes -= bytes;
    SystemPages::Unmap(memory, bytes);
  }
};

using Heap = PageHeap<CountedPages>;

// Each byte of the run is this one.
bool IsFilledWith(const PageRun& run, std::uint8_t byte) {
  const std::size_t bytes = run.pages * kPageBytes;
  return run.base[0] == std::byte{byte} && std::memcmp(run.base, run.base + 1, bytes - 1) == 0;
}

class PageHeapTest : public testing::Test {
 protected:
  static constexpr std::size_t kArena = 16;

  ~PageHeapTest() override {
    heap_.reset();
    EXPECT_EQ(counts_.mapped_bytes, 0U) << "the heap kept address space";
  }

  void Make(std::size_t most_backed = std::numeric_limits<std::size_t>::max()) {
    heap_.emplace(Heap::Options{.arena_pages = kArena, .most_backed_pages = most_backed},
                  CountedPages(&counts_));
  }
  PageRun Allocate(std::size_t pages) {
    const std::optional<PageRun> run = heap_->Allocate(pages);
    EXPECT_TRUE(run);
    EXPECT_EQ(heap_->BrokenLaw(), "");
    return run.value_or(PageRun{});
  }
  void Free(const PageRun& run) {
    heap_->Free(run.base, run.pages);
    EXPECT_EQ(heap_->BrokenLaw(), "");
  }

  CountedPages::Counts counts_;
  std::optional<Heap> heap_;
};

TEST_F(PageHeapTest, ARunIsTheLowestThatFits) {
  Make();
  const PageRun a = Allocate(2);
  const PageRun b = Allocate(3);
  const PageRun c = Allocate(1);
  EXPECT_EQ(b.base, a.base + 2 * kPageBytes);
  Free(a);
  Free(b);  // joins a: five pages
  EXPECT_EQ(Allocate(4).base, a.base);
  EXPECT_EQ(Allocate(2).base, c.base + kPageBytes) << "one page is left below, two are not";
  EXPECT_EQ(Allocate(1).base, a.base + 4 * kPageBytes);
}

TEST_F(PageHeapTest, ARunLargerThanAnArenaGetsOneOfItsOwn) {
  Make();
  const PageRun large = Allocate(2 * kArena + 1);
  EXPECT_EQ(heap_->stats().mapped, 3 * kArena);
  std::memset(large.base, 1, large.pages * kPageBytes);
  EXPECT_EQ(Allocate(kArena - 1).base, large.base + large.pages * kPageBytes);
  EXPECT_EQ(heap_->stats().mapped, 3 * kArena);
}

// Each mapping lies beyond a gap that the next one does not fit into.
struct FarPages : SystemPages {
  static constexpr std::size_t kGap = std::size_t{1} << 30;

  void* Map(std::size_t bytes, std::size_t alignment) noexcept {
    void* const memory = SystemPages::Map(bytes + kGap, alignment);
    if (memory != nullptr) SystemPages::Unmap(static_cast<std::byte*>(memory) + bytes, kGap);
    return memory;
  }
};

TEST(PageHeapIndexTest, OwnersAreFoundInArenasThatLieTooFarApartForAnIndex) {
  PageHeap<FarPages, int> heap({.arena_pages = 4}, {});
  std::vector<int> owners(3);
  std::vector<PageRun> runs;
  for (int& owner : owners) {
    runs.push_back(heap.Allocate(4).value());
    heap.SetOwner(runs.back().base, 4, &owner);
    ASSERT_EQ(heap.stats().mapped, 4 * runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
      EXPECT_EQ(heap.OwnerOf(runs[i].base), &owners[i]);
      EXPECT_EQ(heap.OwnerOf(runs[i].base + 4 * kPageBytes - 1), &owners[i]);
      EXPECT_EQ(heap.OwnerOf(runs[i].base - 1), nullptr);
      EXPECT_EQ(heap.OwnerOf(runs[i].base + 4 * kPageBytes), nullptr);
    }
  }
  EXPECT_EQ(heap.OwnerOf(nullptr), nullptr);
  EXPECT_EQ(heap.OwnerOf(&owners[0]), nullptr);
  heap.Free(runs[1].base, 4);
  EXPECT_EQ(heap.OwnerOf(runs[1].base), nullptr);
}

TEST_F(PageHeapTest, APageIsZeroUntilItWasUsedAndOnceItIsReleased) {
  Make();
  PageRun run = Allocate(kArena);
  EXPECT_TRUE(run.zeroed);
  std::memset(run.base, 0xff, run.pages * kPageBytes);
  Free(run);
  run = Allocate(1);
  EXPECT_FALSE(run.zeroed);
  Free(run);
  EXPECT_EQ(heap_->Release(kArena - 1), kArena - 1) << "the highest first";
  EXPECT_EQ(counts_.released_bytes, (kArena - 1) * kPageBytes);
  run = Allocate(2);
  EXPECT_FALSE(run.zeroed) << "its first page was not released";
  const PageRun rest = Allocate(kArena - 2);
  EXPECT_TRUE(rest.zeroed);
  EXPECT_TRUE(IsFilledWith(rest, 0));
}

TEST_F(PageHeapTest, TheLimitReleasesIdlePagesAndThenRefuses) {
  Make(8);
  const PageRun a = Allocate(4);
  const PageRun b = Allocate(4);
  EXPECT_FALSE(heap_->Allocate(1));
  EXPECT_EQ(heap_->stats().in_use, 8U);
  Free(a);
  EXPECT_TRUE(heap_->Allocate(kArena - 8) == std::nullopt) << "four of eight are in use";
  const PageRun high = Allocate(3);
  EXPECT_EQ(high.base, a.base);
  Free(high);
  Free(b);
  const PageRun most = Allocate(8);
  EXPECT_EQ(heap_->stats().idle, 0U);
  Free(most);
  EXPECT_FALSE(heap_->Allocate(9));
  EXPECT_EQ(heap_->BrokenLaw(), "");
}

// The idle pages that an allocation is about to take stay; others make room.
TEST_F(PageHeapTest, RoomIsMadeOfOtherPages) {
  Make(8);
  const PageRun low = Allocate(2);
  const PageRun middle = Allocate(1);
  const PageRun high = Allocate(5);
  Free(low);
  Free(high);
  // Pages 3 to 7 are idle, 8 is released: of 2 + 5 idle ones one must go, and it is not of these.
  const PageRun across = Allocate(6);
  EXPECT_EQ(across.base, high.base);
  EXPECT_EQ(heap_->stats().idle, 1U);
  EXPECT_EQ(heap_->stats().in_use, 7U);
  Free(across);
  Free(middle);
}

TEST_F(PageHeapTest, ALowerLimitTakesIdlePagesAtOnce) {
  Make();
  const PageRun kept = Allocate(3);
  Free(Allocate(5));
  EXPECT_EQ(heap_->stats().idle, 5U);
  heap_->SetMostBackedPages(4);
  EXPECT_EQ(heap_->stats().idle, 1U);
  heap_->SetMostBackedPages(2);
  EXPECT_EQ(heap_->stats().idle, 0U);
  EXPECT_FALSE(heap_->Allocate(1));
  Free(kept);
  EXPECT_EQ(heap_->stats().idle, 2U) << "what was freed above the limit is released";
}

TEST_F(PageHeapTest, ARefusalAndAnAbsurdSizeAreOutOfMemory) {
  Make();
  counts_.refuses = true;
  EXPECT_FALSE(heap_->Allocate(1));
  EXPECT_FALSE(heap_->Allocate(std::numeric_limits<std::size_t>::max()));
  counts_.refuses = false;
  EXPECT_FALSE(heap_->Allocate(std::numeric_limits<std::size_t>::max()));
  EXPECT_FALSE(heap_->Allocate(std::numeric_limits<std::size_t>::max() / kPageBytes));
  EXPECT_FALSE(heap_->Allocate((std::size_t{1} << 62) / kPageBytes));
  EXPECT_FALSE(heap_->Allocate((std::size_t{1} << 41) / kPageBytes));
  EXPECT_EQ(heap_->stats().mapped, 0U);
  EXPECT_EQ(Allocate(1).pages, 1U);
}

// Law: threads that share a heap look for an arena without a lock, so a refusal moves none.
TEST_F(PageHeapTest, ARefusalMovesNoArena) {
  Make();
  const PageRun run = Allocate(1);
  const auto* const before = PageHeapTester::Arenas(*heap_).data();
  counts_.refuses = true;
  EXPECT_FALSE(heap_->Allocate(kArenaPages + 1));
  EXPECT_EQ(PageHeapTester::Arenas(*heap_).data(), before);
  Free(run);
}

// Against the simplest of models: who owns each page, and whether it was written since it was
// last zero.
TEST_F(PageHeapTest, AgreesWithOneOwnerAPage) {
  constexpr std::size_t kLimit = 40;
  Make(kLimit);
  std::mt19937 random(7);
  std::vector<PageRun> live;
  std::map<std::byte*, std::uint8_t> mark;
  for (int round = 0; round < 4000; ++round) {
    const std::size_t choice = random() % 8;
    if (choice < 4) {
      const std::size_t pages = 1 + random() % (random() % 16 == 0 ? 24 : 6);
      const std::size_t in_use = heap_->stats().in_use;
      const std::optional<PageRun> run = heap_->Allocate(pages);
      ASSERT_EQ(run.has_value(), in_use + pages <= kLimit) << "address space is not short";
      if (run) {
        if (run->zeroed) {
          ASSERT_TRUE(IsFilledWith(*run, 0));
        }
        const auto own = static_cast<std::uint8_t>(1 + random() % 255);
        std::memset(run->base, own, pages * kPageBytes);
        mark[run->base] = own;
        live.push_back(*run);
      }
    } else if (choice < 7 && !live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      const PageRun run = live.back();
      live.pop_back();
      // Nobody else has written here.
      ASSERT_TRUE(IsFilledWith(run, mark[run.base]));
      heap_->Free(run.base, run.pages);
    } else {
      const PageStats before = heap_->stats();
      const std::size_t most = random() % 8;
      ASSERT_EQ(heap_->Release(most), std::min(most, before.idle));
    }
    ASSERT_EQ(heap_->BrokenLaw(), "") << "after round " << round;
    std::size_t in_use = 0;
    for (const PageRun& run : live) in_use += run.pages;
    ASSERT_EQ(heap_->stats().in_use, in_use);
  }
}

// Each is done to a heap of one arena of 16 pages, of which the first two are in use, the next
// three are idle and the rest is released.
struct Damage {
  std::string_view law;
  std::string_view what;
  std::function<void(Heap&)> inflict;
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.law << ": " << damage.what; }

const std::vector<Damage>& AllDamage() {
  using Tester = PageHeapTester;
  static const std::vector<Damage> damage = {
      {"arena.order", "two arenas at one place",
       [](Heap& heap) { Tester::Arenas(heap).push_back(Tester::Arenas(heap)[0]); }},
      {"page.backed", "a page in use was released",
       [](Heap& heap) { Tester::Arenas(heap)[0].backed.Clear(1, 1); }},
      {"stats.in_use", "a page too many", [](Heap& heap) { ++Tester::Stats(heap).in_use; }},
      {"stats.idle", "an idle page that nobody knows",
       [](Heap& heap) { Tester::Arenas(heap)[0].backed.Set(9, 1); }},
      {"stats.released", "a page too few", [](Heap& heap) { --Tester::Stats(heap).released; }},
      {"stats.mapped", "a page too many", [](Heap& heap) { ++Tester::Stats(heap).mapped; }},
      {"stats.metadata", "an arena that nobody counted",
       [](Heap& heap) { Tester::Stats(heap).metadata_bytes = 0; }},
      {"search.lowest", "it begins above a free page",
       [](Heap& heap) { Tester::Arenas(heap)[0].lowest_free = 3; }},
      {"search.longest", "it gives up too early",
       [](Heap& heap) { Tester::Arenas(heap)[0].longest_free = 13; }},
      {"limit", "idle pages above it", [](Heap& heap) { Tester::Limit(heap) = 4; }},
      {"poison", "a free page can be touched",
       [](Heap& heap) { UnpoisonMemory(Tester::Arenas(heap)[0].base + 4 * kPageBytes, 1); }},
  };
  return damage;
}

class PageHeapDamageTest : public testing::TestWithParam<Damage> {};
TEST_P(PageHeapDamageTest, IsReportedByItsName) {
  if (GetParam().law == "poison" && !kPoisons) GTEST_SKIP() << "needs AddressSanitizer";
  CountedPages::Counts counts;
  Heap heap({.arena_pages = 16}, CountedPages(&counts));
  ASSERT_TRUE(heap.Allocate(2));
  const std::optional<PageRun> idle = heap.Allocate(3);
  ASSERT_TRUE(idle);
  heap.Free(idle->base, idle->pages);
  ASSERT_EQ(heap.BrokenLaw(), "");
  GetParam().inflict(heap);
  EXPECT_EQ(heap.BrokenLaw(), GetParam().law);
  if (GetParam().law == "arena.order") PageHeapTester::Arenas(heap).pop_back();
}
INSTANTIATE_TEST_SUITE_P(AllDamage, PageHeapDamageTest, testing::ValuesIn(AllDamage()));

TEST(PageHeapLawsTest, EachIsBrokenOnPurpose) {
  std::set<std::string_view> broken;
  for (const Damage& damage : AllDamage()) broken.insert(damage.law);
  for (const PageHeapLaw& law : kPageHeapLaws) {
    EXPECT_TRUE(broken.contains(law.name)) << law.name << ": " << law.statement;
  }
}

}  // namespace
}  // namespace slotproof::core
