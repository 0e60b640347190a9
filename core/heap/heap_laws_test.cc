// Each law of a heap is broken on purpose, and the check names it.

#include "core/heap/heap_laws.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/poison.h"
#include "core/heap/heap_test_util.h"

namespace slotproof::core {

// They reach into a heap to break its laws.
struct SpanTester {
  static void AddAllocated(Span& span) { ++span.allocated_; }
  static void SetAllocated(Span& span, std::uint32_t objects) { span.allocated_ = objects; }
  static void ClearMark(const ObjectPlace& place) {
    Relaxed<std::uint64_t>& word = place.span->mark_bits_[place.index / 64];
    word.Store(word.Load() & ~(std::uint64_t{1} << (place.index % 64)));
  }
};
struct PageHeapTester {
  template <class Pages>
  static PageStats& Stats(Pages& pages) {
    return pages.stats_;
  }
};
struct AllocatorTester {
  template <class A>
  static auto& Pages(A& allocator) {
    return allocator.pages_;
  }
  template <class A>
  static SpanLists& Lists(A& allocator, SpanClass span_class) {
    return allocator.lists_[span_class];
  }
  template <class A>
  static SpanCounts& Counts(A& allocator) {
    return allocator.counts_;
  }
};
struct HeapTester {
  template <class H>
  static auto& AllocatorOf(H& heap) {
    return heap.allocator_;
  }
  template <class H>
  static MarkQueue& QueueOf(H& heap) {
    return heap.marker_.queue();
  }
};

namespace {

// A node that a frame refers to, a second behind it, and a third, which is garbage at first; a span
// without a cache, of which one object lives; a tiny block; and a large object.
struct Scene {
  Scene() : mutator(heap.NewMutator()), frame(mutator, 6) {
    frame[0] = first = NewNode(heap, mutator);
    second = NewNode(heap, mutator);
    StoreTo(heap, mutator, first->next, second);
    frame[1] = NewBytes(heap, mutator, 100);
    frame[4] = NewBytes(heap, mutator, 2 * kPageBytes);
    heap.Collect();
    third = NewNode(heap, mutator);
    frame[3] = NewBytes(heap, mutator, 3);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  ObjectPlace At(const void* object) const { return heap.allocator().Find(object); }
  Span& SpanOf(const void* object) const { return *At(object).span; }
  SpanLists& ListsOf(const void* object) {
    return AllocatorTester::Lists(HeapTester::AllocatorOf(heap), SpanOf(object).span_class());
  }
  SpanCounts& Counts() { return AllocatorTester::Counts(HeapTester::AllocatorOf(heap)); }
  auto& Pages() { return AllocatorTester::Pages(HeapTester::AllocatorOf(heap)); }
  // A free object next to allocated ones.
  ObjectPlace FreeBeside(const void* object) const {
    Span& span = SpanOf(object);
    std::size_t index = 0;
    while (!span.IsFree(index)) ++index;
    return {&span, index};
  }
  void MarkAll() {
    heap.StartCycle();
    while (heap.Mark(1)) {
    }
  }

  SeenEvents seen;
  TestHeap heap{kByHand, {}, {&seen}};
  Mutator& mutator;
  Frame frame;
  Node* first = nullptr;
  Node* second = nullptr;
  Node* third = nullptr;
};

struct Damage {
  std::string_view law;
  std::string_view what;
  std::function<void(Scene&)> inflict;
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.law << ": " << damage.what; }

const std::vector<Damage>& AllDamage() {
  static const std::vector<Damage> damage = {
      {"pages", "a page in use too many",
       [](Scene& s) { ++PageHeapTester::Stats(s.Pages()).in_use; }},
      {"span.owner", "a page without one",
       [](Scene& s) { s.Pages().SetOwner(s.SpanOf(s.frame[1]).base(), 1, nullptr); }},
      {"span.owner", "the second page of two has another's",
       [](Scene& s) {
         const Span& span = s.SpanOf(s.frame[4]);
         s.Pages().SetOwner(span.base() + kPageBytes, 1, &s.SpanOf(s.frame[1]));
       }},
      {"span.place", "a cache has lost its span",
       [](Scene& s) { s.mutator.cache.spans[s.SpanOf(s.third).span_class()] = nullptr; }},
      {"span.place", "a list has lost its span",
       [](Scene& s) { s.ListsOf(s.frame[1]).partial.pop_back(); }},
      {"span.place", "a list has one twice",
       [](Scene& s) {
         s.ListsOf(s.frame[1]).partial.push_back(s.ListsOf(s.frame[1]).partial.back());
       }},
      {"span.place", "a cache's span is in a list too",
       [](Scene& s) { s.ListsOf(s.third).partial.push_back(&s.SpanOf(s.third)); }},
      {"span.place", "it is in the list of another class",
       [](Scene& s) {
         std::vector<Span*>& list = s.ListsOf(s.frame[1]).partial;
         s.ListsOf(s.first).partial.push_back(list.back());
         list.pop_back();
       }},
      {"span.list", "a partial one among the full ones",
       [](Scene& s) {
         SpanLists& lists = s.ListsOf(s.frame[1]);
         lists.full.push_back(lists.partial.back());
         lists.partial.pop_back();
       }},
      {"span.list", "a full one among the partial ones",
       [](Scene& s) {
         SpanLists& lists = s.ListsOf(s.frame[4]);
         lists.partial.push_back(lists.full.back());
         lists.full.pop_back();
       }},
      {"span.empty", "one without objects waits for allocations",
       [](Scene& s) { SpanTester::SetAllocated(s.SpanOf(s.frame[1]), 0); }},
      {"span.swept", "one that was not swept waits for allocations",
       [](Scene& s) { s.SpanOf(s.frame[1]).set_swept_in(s.heap.allocator().generation() - 1); }},
      {"span.swept", "a cache has one that was not swept",
       [](Scene& s) { s.SpanOf(s.third).set_swept_in(s.heap.allocator().generation() - 1); }},
      {"span.swept", "marking goes on, and one waits for its sweep",
       [](Scene& s) {
         s.heap.StartCycle();
         Span& span = s.SpanOf(s.frame[1]);
         span.set_swept_in(s.heap.allocator().generation() - 1);
         SpanLists& lists = s.ListsOf(s.frame[1]);
         lists.unswept_partial.push_back(lists.partial.back());
         lists.partial.pop_back();
       }},
      {"span.allocated", "one too many",
       [](Scene& s) { SpanTester::AddAllocated(s.SpanOf(s.first)); }},
      {"mark.free", "a free object is marked",
       [](Scene& s) {
         const ObjectPlace free = s.FreeBeside(s.frame[1]);
         free.span->Mark(free.index);
       }},
      {"mark.idle", "a mark is left over",
       [](Scene& s) { s.SpanOf(s.first).Mark(s.At(s.first).index); }},
      {"grey.marked", "a white object in the shared list",
       [](Scene& s) {
         s.heap.StartCycle();
         MarkWork work(HeapTester::QueueOf(s.heap));
         work.Put(s.At(s.third).address());
         work.Flush();
       }},
      {"grey.marked", "a mutator holds one without pointers",
       [](Scene& s) {
         s.MarkAll();
         s.mutator.work.Put(s.At(s.frame[1]).address());
       }},
      {"grey.marked", "a mutator holds what is no object",
       [](Scene& s) {
         s.MarkAll();
         s.mutator.work.Put(reinterpret_cast<std::byte*>(&s));
       }},
      {"special.order", "a later object comes first",
       [](Scene& s) {
         std::vector<Special>& specials = s.SpanOf(s.first).specials();
         specials.push_back({.index = 1});
         specials.push_back({.index = 0});
       }},
      {"special.order", "two finalizers of one object",
       [](Scene& s) {
         s.SpanOf(s.first).specials().push_back({.index = 0});
         s.SpanOf(s.first).specials().push_back({.index = 0});
       }},
      {"special.order", "a weak target before a finalizer",
       [](Scene& s) {
         static_cast<void>(s.heap.NewWeak(s.first));
         s.SpanOf(s.first).specials().push_back(
             {.index = static_cast<std::uint32_t>(s.At(s.first).index)});
       }},
      {"special.object", "a finalizer of a free object",
       [](Scene& s) {
         const ObjectPlace free = s.FreeBeside(s.first);
         free.span->specials().push_back({.index = static_cast<std::uint32_t>(free.index)});
       }},
      {"tiny.block", "its room begins beyond it",
       [](Scene& s) { s.mutator.cache.tiny_offset = kTinyBytes + 1; }},
      {"tiny.block", "nothing is in it", [](Scene& s) { s.mutator.cache.tiny_offset = 0; }},
      {"tiny.block", "it is the middle of a block", [](Scene& s) { s.mutator.cache.tiny += 8; }},
      {"tiny.block", "it has pointers",
       [](Scene& s) { s.mutator.cache.tiny = s.At(s.third).address(); }},
      {"tiny.block", "it is free",
       [](Scene& s) { s.mutator.cache.tiny = s.FreeBeside(s.frame[3]).address(); }},
      {"poison", "a free object can be touched",
       [](Scene& s) { UnpoisonMemory(s.FreeBeside(s.frame[1]).address(), 1); }},
      {"poison", "an allocated one cannot", [](Scene& s) { PoisonMemory(s.frame[1], 8); }},
      {"pointer.object", "to a free object",
       [](Scene& s) {
         s.second->other = reinterpret_cast<Node*>(s.FreeBeside(s.first).address());
       }},
      {"pointer.object", "to a free page",
       [](Scene& s) {
         auto* const free = s.SpanOf(s.frame[4]).base() + 8 * kPageBytes;
         s.second->other = reinterpret_cast<Node*>(free);
       }},
      {"stats.counted", "an object under another size",
       [](Scene& s) { ++s.Counts().objects[3], --s.Counts().objects[4]; }},
      {"stats.counted", "pointer bits that nobody has", [](Scene& s) { ++s.Counts().map_bytes; }},
      {"stats.counted", "memory for specials that nobody counted",
       [](Scene& s) { s.SpanOf(s.first).specials().reserve(10); }},
      {"stats.counted", "a weak target that nobody counted",
       [](Scene& s) {
         static_cast<void>(s.heap.NewWeak(s.first));
         --s.Counts().weak_targets;
       }},
      {"tricolour", "a black object has got a white one past the barrier",
       [](Scene& s) {
         s.MarkAll();
         s.second->other = s.third;
       }},
      {"tricolour", "a black stack has got a white one",
       [](Scene& s) {
         s.MarkAll();
         s.frame[5] = s.third;
       }},
      {"tricolour", "the chain from grey to white is cut",
       [](Scene& s) {
         StoreTo(s.heap, s.mutator, s.first->other, s.third);
         s.heap.StartCycle();
         while (!s.mutator.stack_is_black) s.heap.Mark(1);
         s.frame[5] = s.third;
         s.first->other = nullptr;
       }},
  };
  return damage;
}

class HeapDamageTest : public testing::TestWithParam<Damage> {};
TEST_P(HeapDamageTest, IsReportedByItsName) {
  if (GetParam().law == "poison" && !kPoisons) GTEST_SKIP() << "needs AddressSanitizer";
  Scene scene;
  ASSERT_EQ(BrokenLaw(scene.heap), "");
  GetParam().inflict(scene);
  EXPECT_EQ(BrokenLaw(scene.heap), GetParam().law);
}
INSTANTIATE_TEST_SUITE_P(AllDamage, HeapDamageTest, testing::ValuesIn(AllDamage()));

struct Misstatement {
  std::string_view law;
  std::string_view what;
  std::function<void(MemStats&)> misstate;
};
void PrintTo(const Misstatement& of, std::ostream* out) { *out << of.law << ": " << of.what; }

const std::vector<Misstatement>& AllMisstatements() {
  static const std::vector<Misstatement> misstatements = {
      {"stats.objects", "a malloc too many", [](MemStats& s) { ++s.mallocs; }},
      {"stats.objects", "a free too few", [](MemStats& s) { --s.frees; }},
      {"stats.objects", "one of both, and so an object",
       [](MemStats& s) { ++s.mallocs, ++s.heap_objects; }},
      {"stats.objects", "of one class", [](MemStats& s) { ++s.by_size[3].mallocs; }},
      {"stats.objects", "of large ones", [](MemStats& s) { ++s.large_frees; }},
      {"stats.heap", "a page that is neither", [](MemStats& s) { s.heap_idle -= kPageBytes; }},
      {"stats.heap", "more of the system than of the parts", [](MemStats& s) { ++s.sys; }},
      {"stats.heap", "more is released than idle",
       [](MemStats& s) { s.heap_released = s.heap_idle + kPageBytes; }},
      {"stats.heap", "more objects than room",
       [](MemStats& s) { s.heap_alloc = s.heap_in_use + 1; }},
      {"stats.in_use", "a span's page too many",
       [](MemStats& s) { s.heap_in_use += kPageBytes, s.heap_idle -= kPageBytes; }},
      {"stats.alloc", "eight bytes too many", [](MemStats& s) { s.heap_alloc += 8; }},
  };
  return misstatements;
}

class MisstatementTest : public testing::TestWithParam<Misstatement> {};
TEST_P(MisstatementTest, IsReportedByItsName) {
  Scene scene;
  HeapLaws<TestPolicy> laws(scene.heap);
  ASSERT_EQ(laws.Broken(), "");
  MemStats stats = scene.heap.Stats();
  ASSERT_EQ(laws.BrokenBy(stats), "");
  stats.heap_released = std::min(stats.heap_released, stats.heap_idle - kPageBytes);
  GetParam().misstate(stats);
  EXPECT_EQ(laws.BrokenBy(stats), GetParam().law);
}
INSTANTIATE_TEST_SUITE_P(All, MisstatementTest, testing::ValuesIn(AllMisstatements()));

TEST(MarkLawTest, AReachableObjectWithoutAMarkIsReported) {
  for (const bool behind : {false, true}) {
    Scene scene;
    scene.heap.StartCycle();
    scene.heap.FinishMarking();
    ASSERT_EQ(BrokenMarkLaw(scene.heap), "");
    SpanTester::ClearMark(scene.At(behind ? scene.second : scene.first));
    EXPECT_EQ(BrokenMarkLaw(scene.heap), "closure.reachable");
  }
}

TEST(HeapLawsTest, MayBeAskedAgain) {
  Scene scene;
  HeapLaws<TestPolicy> laws(scene.heap);
  EXPECT_EQ(laws.Broken(), "");
  EXPECT_EQ(laws.Broken(), "");
}

TEST(HeapLawsTest, EachIsBrokenOnPurpose) {
  std::set<std::string_view> broken = {"closure.reachable"};
  for (const Damage& damage : AllDamage()) broken.insert(damage.law);
  for (const Misstatement& misstatement : AllMisstatements()) broken.insert(misstatement.law);
  for (const HeapLaw& law : kHeapLaws) {
    EXPECT_TRUE(broken.erase(law.name)) << law.name << ": " << law.statement;
  }
  EXPECT_TRUE(broken.empty()) << *broken.begin() << " is no law";
}

}  // namespace
}  // namespace slotproof::core
