#include "core/heap/heap.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap_laws.h"
#include "core/heap/heap_policy.h"
#include "core/heap/pool.h"
#include "core/heap/root_table.h"
#include "core/testing/thrown_failure.h"

namespace slotproof::core {
namespace {

// Checks each marking as it ends.
struct CheckingProbe {
  static constexpr bool kListens = true;
  struct Seen {
    std::vector<HeapEvent> events;
    bool collects_now = false;
  };
  Seen* seen = nullptr;

  void OnEvent(HeapEvent event) { seen->events.push_back(event); }
  bool CollectsNow() const { return seen->collects_now; }
};

struct CheckedPolicy : DefaultHeapPolicy {
  using Probe = CheckingProbe;
  [[noreturn]] static void Fatal(FailureKind kind, std::string_view message) {
    throw ThrownFailure(kind, message);
  }
};

struct Node {
  Node* next;
  std::uint64_t value;
  Node* other;
};
constexpr ObjectType kNode(sizeof(Node), 0b101);
constexpr ObjectType kBytes24(24);

class HeapTest : public testing::Test {
 protected:
  using TestHeap = Heap<CheckedPolicy>;

  Node* NewNode(Mutator& mutator) { return static_cast<Node*>(heap_.New(mutator, kNode)); }
  void Link(Mutator& mutator, Node* from, Node* to) {
    heap_.Store(mutator, reinterpret_cast<void**>(&from->next), to);
  }
  std::string_view BrokenLaw() { return HeapLaws<CheckedPolicy>(heap_).Broken(); }

  CheckingProbe::Seen seen_;
  TestHeap heap_{{.arena_pages = 64, .automatic = false}, {}, {&seen_}};
};

TEST_F(HeapTest, WhatAFrameReachesStaysAndTheRestIsFreed) {
  Mutator& mutator = heap_.NewMutator();
  Frame frame(mutator, 1);
  Node* const kept = NewNode(mutator);
  frame[0] = kept;
  Link(mutator, kept, NewNode(mutator));
  Node* const lost = NewNode(mutator);
  EXPECT_EQ(heap_.Stats().heap_objects, 3U);

  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 2U);
  EXPECT_NE(heap_.SizeOf(kept->next), 0U);
  EXPECT_EQ(heap_.SizeOf(lost), 0U);
  EXPECT_EQ(BrokenLaw(), "");
}

// A random program keeps the laws at each of its steps, and each marking agrees with a second one.
TEST_F(HeapTest, RandomProgramsKeepTheLaws) {
  Mutator& mutator = heap_.NewMutator();
  std::mt19937_64 random(1);
  Frame frame(mutator, 8);
  const auto below = [&random](std::uint64_t n) { return random() % n; };
  for (int step = 0; step < 3000; ++step) {
    void*& slot = frame[below(8)];
    Node* const from = static_cast<Node*>(frame[below(8)]);
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
        slot = NewNode(mutator);
        break;
      case 3:
        slot = heap_.New(mutator, kBytes24, below(400)) == nullptr ? nullptr : slot;
        break;
      case 4:
      case 5:
        if (from != nullptr) Link(mutator, from, static_cast<Node*>(slot));
        break;
      case 6:
        if (from != nullptr) slot = from->next;
        break;
      case 7:
        slot = nullptr;
        break;
      case 8:
        heap_.StartCycle();
        break;
      case 9:
        heap_.Mark(below(4));
        break;
      case 10:
        if (below(4) == 0) heap_.FinishMarking();
        heap_.Sweep(1);
        break;
      case 11:
        if (below(20) == 0) heap_.Collect();
        if (below(20) == 0) heap_.Scavenge(3);
        break;
    }
    ASSERT_EQ(BrokenLaw(), "") << step;
  }
}

}  // namespace
}  // namespace slotproof::core
