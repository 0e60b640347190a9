// Maps on a heap that is marked while threads fill, grow, clear and iterate over them.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "core/heap/collected_map.h"
#include "core/heap/concurrent/concurrent_heap.h"
#include "core/heap/concurrent/parked_lock.h"
#include "core/heap/concurrent/thread_use.h"
#include "core/heap/frame.h"
#include "core/heap/heap_pointer.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"

namespace slotproof::core {
namespace {

using Policy = ConcurrentHeapPolicy;
using Heap = ConcurrentHeap<Policy>;

struct Node {
  void* next;
  std::uint64_t value;
};
constexpr ObjectType kNode(sizeof(Node), 0b01);
using Ref = HeapPointer<Node, Policy>;

// Keys are found by their value.
struct ValueHash {
  std::uint64_t operator()(const Ref& node) const { return node->value * 0x9e3779b97f4a7c15; }
};
struct ValueEqual {
  bool operator()(const Ref& a, const Ref& b) const { return a->value == b->value; }
};
struct GraphPolicy : CollectedMapPolicy<Ref, Policy> {
  using Hash = ValueHash;
  using Equal = ValueEqual;
  static constexpr bool kAssertions = true;
};
using Graph = HashMap<Ref, Ref, GraphPolicy>;
// Elements of buckets whose keys are plain, and buckets that are not looked into.
using Named = CollectedMap<std::uint64_t, Ref, Policy>;
using Numbers = CollectedMap<std::uint64_t, std::uint64_t, Policy>;

Node* NewNode(Heap::Thread& thread, std::uint64_t value) {
  auto* const node = static_cast<Node*>(thread.New(kNode));
  node->value = value;
  return node;
}

// Three maps with the same keys, and what they should hold. One thread at a time uses them.
class Maps {
 public:
  enum Slot : std::size_t { kGraph, kNamed, kNumbers, kCount };

  explicit Maps(Heap& heap) : heap_(heap) { heap.AddGlobals(globals_); }

  // By the thread that the scope of Running is of.
  void Make(Heap::Thread& thread) {
    thread.Store(&globals_[kGraph], NewMap<Graph, Policy>());
    thread.Store(&globals_[kNamed], NewMap<Named, Policy>());
    thread.Store(&globals_[kNumbers], NewMap<Numbers, Policy>());
  }
  void Insert(Heap::Thread& thread, std::uint64_t value) {
    Frame frame(thread.mutator(), 2);
    frame[0] = NewNode(thread, value);
    frame[1] = NewNode(thread, 2 * value);
    graph().InsertOrAssign(static_cast<Node*>(frame[0]), static_cast<Node*>(frame[1]));
    named().InsertOrAssign(value, static_cast<Node*>(frame[1]));
    numbers().InsertOrAssign(value, 2 * value);
    model_[value] = 2 * value;
  }
  // Takes an entry out of the graph; null: there is none.
  Node* Take(std::uint64_t value) {
    Node key = {.next = nullptr, .value = value};
    const Ref* const elem = graph().Find(&key);
    Node* const taken = elem == nullptr ? nullptr : static_cast<Node*>(*elem);
    Erase(value);
    return taken;
  }
  void Erase(std::uint64_t value) {
    Node key = {.next = nullptr, .value = value};
    const bool there = model_.erase(value) != 0;
    EXPECT_EQ(graph().Erase(&key), there);
    EXPECT_EQ(named().Erase(value), there);
    EXPECT_EQ(numbers().Erase(value), there);
  }
  void LookUp(std::uint64_t value) {
    Node key = {.next = nullptr, .value = value};
    const auto at = model_.find(value);
    const Ref* const elem = graph().Find(&key);
    const Ref* const by_name = named().Find(value);
    const std::uint64_t* const number = numbers().Find(value);
    ASSERT_EQ(elem != nullptr, at != model_.end());
    ASSERT_EQ(by_name != nullptr, at != model_.end());
    ASSERT_EQ(number != nullptr, at != model_.end());
    if (at == model_.end()) return;
    EXPECT_EQ((*elem)->value, at->second);
    EXPECT_EQ((*by_name)->value, at->second);
    EXPECT_EQ(*number, at->second);
  }
  // Looks on while the thread allocates.
  void Iterate(Heap::Thread& thread) {
    std::size_t seen = 0;
    for (auto it = graph().Iterate(); it.Next(); ++seen) {
      const auto at = model_.find(it.key()->value);
      ASSERT_NE(at, model_.end());
      EXPECT_EQ(it.value()->value, at->second);
      static_cast<void>(NewNode(thread, 1));
    }
    EXPECT_EQ(seen, model_.size());
  }
  // Calls then() while an iterator stands in an array that the map has left, and goes on with it.
  template <class Then>
  void GrowUnderAnIterator(Heap::Thread& thread, std::uint64_t size, const Then& then) {
    for (std::uint64_t value = 1; value <= size; ++value) Insert(thread, value);
    std::map<std::uint64_t, int> seen;
    auto it = graph().Iterate();
    ASSERT_TRUE(it.Next());
    ++seen[it.key()->value];
    for (std::uint64_t value = size + 1; value <= 10 * size; ++value) Insert(thread, value);
    then();
    while (it.Next()) ++seen[it.key()->value];
    for (std::uint64_t value = 1; value <= size; ++value) EXPECT_EQ(seen[value], 1) << value;
  }
  void Clear() {
    graph().Clear();
    named().Clear();
    numbers().Clear();
    model_.clear();
  }

  // When no thread uses them.
  void ExpectWhole() {
    ASSERT_EQ(graph().size(), model_.size());
    ASSERT_EQ(named().size(), model_.size());
    ASSERT_EQ(numbers().size(), model_.size());
    for (const auto& [value, twice] : model_) LookUp(value);
    graph().VisitEntries([&](const Ref& key, const Ref& elem) {
      EXPECT_TRUE(heap_.FindAllocated(key));
      EXPECT_TRUE(heap_.FindAllocated(elem));
    });
    const auto violation = graph().CheckInvariants();
    EXPECT_FALSE(violation) << violation->law << ": " << violation->message;
  }
  std::mutex& mutex() { return mutex_; }
  void Drop() { globals_ = {}; }

 private:
  Graph& graph() { return *static_cast<Graph*>(globals_[kGraph]); }
  Named& named() { return *static_cast<Named*>(globals_[kNamed]); }
  Numbers& numbers() { return *static_cast<Numbers*>(globals_[kNumbers]); }

  Heap& heap_;
  std::mutex mutex_;
  std::array<void*, kCount> globals_{};
  std::map<std::uint64_t, std::uint64_t> model_;
};

// What a thread has taken out, and nobody else has.
class Hands {
 public:
  explicit Hands(Heap::Thread& thread) : frame_(thread.mutator(), kHands) {}

  void Hold(std::size_t hand, Node* taken, std::uint64_t value) {
    if (taken == nullptr) return;
    Look(hand);
    frame_[hand] = taken;
    values_[hand] = value;
  }
  void Look(std::size_t hand) {
    if (frame_[hand] == nullptr) return;
    EXPECT_EQ(static_cast<Node*>(frame_[hand])->value, values_[hand]);
  }

  static constexpr std::size_t kHands = 16;

 private:
  Frame frame_;
  std::array<std::uint64_t, kHands> values_{};
};

void Step(Maps& maps, Heap::Thread& thread, Hands& hands, std::mt19937_64& random) {
  const std::uint64_t value = 1 + random() % 500;
  const std::uint64_t kind = random() % 1000;
  hands.Look(random() % Hands::kHands);
  if (kind == 0) {
    maps.Clear();
  } else if (kind < 3) {
    maps.Iterate(thread);
  } else if (kind < 500) {
    maps.Insert(thread, value);
  } else if (kind < 700) {
    hands.Hold(random() % Hands::kHands, maps.Take(value), 2 * value);
  } else if (kind < 800) {
    maps.Erase(value);
  } else {
    maps.LookUp(value);
  }
}

std::size_t Allocated(const Heap& heap) {
  std::size_t objects = 0;
  heap.allocator().ForEachSpan([&](const Span& span) { objects += span.allocated(); });
  return objects;
}

// Law: maps that are used while somebody marks hold what they should, and keep nothing else.
TEST(CollectedMapThreadsTest, MapsThatAreMarkedWhileTheyGrowLoseAndKeepNothing) {
  constexpr std::size_t kThreads = 2;
  constexpr int kSteps = 8000;
  Heap heap({.arena_pages = 4096});
  std::array<Maps, kThreads + 1> maps = {Maps(heap), Maps(heap), Maps(heap)};
  Maps& shared = maps[kThreads];
  {
    Heap::Thread thread(heap);
    RootTable<Policy> roots(thread);
    const Running<Policy> running(thread, roots);
    for (Maps& some : maps) some.Make(thread);
  }
  std::atomic<std::size_t> ended = 0;
  std::array<std::thread, kThreads> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads[i] = std::thread([&, i] {
      std::mt19937_64 random(i);
      {
        Heap::Thread thread(heap);
        RootTable<Policy> roots(thread);
        const Running<Policy> running(thread, roots);
        Hands hands(thread);
        for (int step = 0; step < kSteps; ++step) {
          Step(maps[i], thread, hands, random);
          const ParkedLock turn(thread, shared.mutex());
          Step(shared, thread, hands, random);
        }
      }
      ++ended;
    });
  }
  std::size_t cycles = 0;
  for (; ended != kThreads; ++cycles) {
    heap.Collect();
    if (cycles % 2 == 0) heap.Sweep();
    heap.Scavenge(10);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(cycles, 5U);

  heap.Collect();
  heap.Sweep();
  Heap::Thread thread(heap);
  RootTable<Policy> roots(thread);
  const Running<Policy> running(thread, roots);
  for (Maps& some : maps) some.ExpectWhole();
  for (Maps& some : maps) some.Drop();
  thread.Collect();
  heap.Sweep();
  EXPECT_EQ(Allocated(heap), 0U);
}

// Law: what an iterator stands in is kept as long as it lives, though the map has left it.
TEST(CollectedMapThreadsTest, AnIteratorKeepsTheArrayThatTheMapHasLeft) {
  Heap heap({.arena_pages = 4096});
  Maps maps(heap);
  Heap::Thread thread(heap);
  RootTable<Policy> roots(thread);
  const Running<Policy> running(thread, roots);
  maps.Make(thread);
  const auto after_a_cycle = [&] {
    thread.Collect();
    heap.Sweep();
    return Allocated(heap);
  };
  std::size_t with_iterator = 0;
  maps.GrowUnderAnIterator(thread, 100, [&] { with_iterator = after_a_cycle(); });
  EXPECT_LT(after_a_cycle(), with_iterator);
}

struct Triple {
  void* first;
  std::uint64_t number;
  void* second;
};
constexpr ObjectType kTriple(sizeof(Triple), 0b101);

// Law: a copy shades what the target had and what it gets, and a clear what it had.
TEST(CollectedMapThreadsTest, CopiesAndClearsInBulkLoseNothing) {
  Heap heap({.arena_pages = 64});
  std::array<void*, 2> globals{};
  heap.AddGlobals(globals);
  Heap::Thread thread(heap);
  Frame frame(thread.mutator(), 2);
  for (std::size_t way = 0; way < 4; ++way) {
    const std::size_t count = 3;
    for (void*& global : globals) {
      auto* const made = static_cast<Triple*>(thread.New(kTriple, count));
      thread.Store(&global, made);
      for (std::size_t i = 0; i < count; ++i) {
        made[i].number = i;
        thread.Store(&made[i].first, NewNode(thread, 10 * i));
        thread.Store(&made[i].second, NewNode(thread, 10 * i + 1));
      }
    }
    auto* const a = static_cast<Triple*>(globals[0]);
    auto* const b = static_cast<Triple*>(globals[1]);
    void* const kept = way < 2 ? a[1].second : b[1].first;
    switch (way) {
      case 0:  // of another object
        thread.Copy(a, b, count * sizeof(Triple));
        EXPECT_EQ(a[1].second, b[1].second);
        break;
      case 1:  // upwards, within one
        thread.Copy(a + 1, a, 2 * sizeof(Triple));
        EXPECT_EQ(static_cast<Node*>(a[2].second)->value, 11U);
        EXPECT_EQ(a[1].first, a[0].first);
        EXPECT_EQ(a[2].number, 1U);
        break;
      case 2:  // downwards
        thread.Copy(b, b + 1, 2 * sizeof(Triple));
        EXPECT_EQ(static_cast<Node*>(b[0].second)->value, 11U);
        EXPECT_EQ(static_cast<Node*>(b[1].second)->value, 21U);
        EXPECT_EQ(b[1].number, 2U);
        break;
      default:
        thread.Clear(b, count * sizeof(Triple));
        for (std::size_t i = 0; i < count; ++i) {
          EXPECT_EQ(b[i].first, nullptr);
          EXPECT_EQ(b[i].number, 0U);
          EXPECT_EQ(b[i].second, nullptr);
        }
    }
    frame[0] = kept;
    thread.Collect();
    heap.Sweep();
    EXPECT_TRUE(heap.FindAllocated(kept)) << way;
    frame[0] = nullptr;
  }
}

}  // namespace
}  // namespace slotproof::core
