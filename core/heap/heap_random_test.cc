// Random programs of everything at once: two mutators, every kind of root, finalizers, weak
// handles, all sizes, limits, and the collector's steps between them. After each step the laws
// hold, and each marking agrees with a second one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/pool.h"
#include "core/heap/root_table.h"

namespace slotproof::core {
namespace {

class RandomProgram {
 public:
  RandomProgram(std::uint64_t seed, HeapOptions options)
      : random_(seed), heap_(options, {}, {&seen_}), roots_(heap_) {
    pool_.emplace(heap_);
    heap_.AddGlobals(globals_);
    AddMutator();
    seen_.hook = [this](HeapEvent event) {
      if (event == HeapEvent::kMarkTerminated) {
        ASSERT_EQ(BrokenMarkLaw(heap_), "");
      }
    };
  }

  void Run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      const std::size_t kind = Below(32);
      Step(kind);
      ASSERT_EQ(BrokenLaw(heap_), "") << "step " << step << " of kind " << kind;
    }
    // Without roots everything goes, but for cycles with a finalizer.
    for (const auto& mutator : heap_.mutators()) {
      while (mutator->stack.frames() != 0) mutator->stack.Pop();
    }
    globals_.fill(nullptr);
    for (const std::size_t number : numbers_) roots_.Remove(number);
    pool_.reset();
    for (int i = 0; i < 100 && heap_.Stats().heap_objects != 0; ++i) {
      heap_.Collect();
      heap_.RunFinalizers(*heap_.mutators()[0], SIZE_MAX);
      ASSERT_EQ(BrokenLaw(heap_), "");
    }
    EXPECT_LE(finalized_, set_finalizers_) << "each runs once";
    if (heap_.Stats().heap_objects != 0) return;
    EXPECT_EQ(finalized_, set_finalizers_);
    for (const WeakHandle& handle : handles_) EXPECT_EQ(heap_.Upgrade(handle), nullptr);
  }

 private:
  std::size_t Below(std::size_t n) { return random_() % n; }
  void AddMutator() { heap_.NewMutator().stack.Push(4); }
  Mutator& AnyMutator() { return *heap_.mutators()[Below(heap_.mutators().size())]; }
  static void*& AnySlot(Mutator& mutator, std::size_t i) {
    return mutator.stack[i % mutator.stack.slots()];
  }
  // The beginning of a node, or null.
  Node* AsNode(void* pointer) const {
    const ObjectPlace place = heap_.FindAllocated(pointer);
    const bool is_node = place && place.span->HasPointers() && place.address() == pointer;
    return is_node && place.span->object_bytes() >= sizeof(Node) ? static_cast<Node*>(pointer)
                                                                 : nullptr;
  }
  std::size_t AnyBytes() {
    switch (Below(8)) {
      case 0:
        return Below(70000);
      case 1:
      case 2:
        return Below(3000);
      default:
        return Below(64);
    }
  }

  void Step(std::size_t kind) {
    Mutator& mutator = AnyMutator();
    void*& slot = AnySlot(mutator, random_());
    Node* const node = AsNode(AnySlot(mutator, random_()));
    switch (kind) {
      case 0:
      case 1:
      case 2: {
        void* const object =
            heap_.New(mutator, kNode, 1 + (Below(20) == 0 ? Below(9000) : Below(3)));
        slot = object;
        break;
      }
      case 3:
      case 4: {
        const std::size_t bytes = AnyBytes();
        auto* const object = static_cast<unsigned char*>(NewBytes(heap_, mutator, bytes));
        for (std::size_t i = 0; object != nullptr && i < bytes; ++i) ASSERT_EQ(object[i], 0);
        if (object != nullptr && bytes != 0) std::memset(object, 0xEE, bytes);
        slot = object;
        break;
      }
      case 5:
      case 6:
      case 7:
        if (node != nullptr)
          StoreTo(heap_, mutator, Below(2) == 0 ? node->next : node->other, slot);
        break;
      case 8:
      case 9:
        if (node != nullptr) slot = Below(2) == 0 ? node->next : node->other;
        break;
      case 10:
        slot = nullptr;
        break;
      case 11:
        if (node != nullptr) slot = &node->value;
        break;
      case 12:
        if (node != nullptr) heap_.Clear(mutator, node, sizeof(Node));
        break;
      case 13:
        if (Node* const source = AsNode(slot); node != nullptr && source != nullptr) {
          heap_.Copy(mutator, node, source, sizeof(Node));
        }
        break;
      case 14:
        heap_.Store(mutator, &globals_[Below(globals_.size())], slot);
        break;
      case 15:
        slot = globals_[Below(globals_.size())];
        break;
      case 16:
        if (numbers_.size() < 20) numbers_.push_back(roots_.Add(slot));
        break;
      case 17:
        if (numbers_.empty()) break;
        slot = roots_.Get(numbers_.back());
        roots_.Remove(numbers_.back());
        numbers_.pop_back();
        break;
      case 18:
        if (heap_.SizeOf(slot) != 0) pool_->Put(mutator, slot);
        break;
      case 19:
        slot = pool_->Get(mutator);
        break;
      case 20:
        if (heap_.SetFinalizer(slot, Counting(&finalized_))) ++set_finalizers_;
        break;
      case 21:
        if (Below(4) == 0 && heap_.ClearFinalizer(slot)) --set_finalizers_;
        break;
      case 22:
        heap_.RunFinalizers(mutator, Below(3));
        break;
      case 23:
        if (handles_.size() < 30) {
          handles_.push_back(heap_.NewWeak(slot));
        } else {
          handles_[Below(30)] = heap_.NewWeak(slot);
        }
        break;
      case 24:
        if (!handles_.empty()) slot = heap_.Upgrade(handles_[Below(handles_.size())]);
        break;
      case 25:
        heap_.StartCycle();
        break;
      case 26:
      case 27:
        heap_.Mark(Below(5));
        break;
      case 28:
        if (Below(6) == 0) heap_.FinishMarking();
        break;
      case 29:
        heap_.Sweep(Below(3));
        break;
      case 30:
        if (Below(3) == 0) heap_.Scavenge(Below(20));
        if (Below(20) == 0) heap_.Collect();
        break;
      case 31:
        Rarely(mutator);
        break;
    }
  }
  void Rarely(Mutator& mutator) {
    switch (Below(12)) {
      case 0:
        if (heap_.mutators().size() < 4) AddMutator();
        break;
      case 1:
      case 2:
        mutator.stack.Push(1 + Below(3));
        break;
      case 3:
      case 4:
        if (mutator.stack.frames() > 1) mutator.stack.Pop();
        break;
      case 5:
        heap_.SetGcPercent(static_cast<std::int32_t>(Below(200)) - 20);
        break;
      case 6:
        heap_.SetMemoryLimit(Below(2) == 0 ? kNoMemoryLimit : Below(std::size_t{8} << 20));
        break;
      case 7:
        heap_.SetMostBackedPages(Below(3) == 0 ? Below(200) : 100000);
        break;
      case 8:
        pool_.emplace(heap_);
        break;
      case 9:
        seen_.collects_in = 1 + Below(5);
        break;
      default:
        break;
    }
  }

  SeenEvents seen_;
  std::mt19937_64 random_;
  std::array<void*, 3> globals_{};
  std::size_t finalized_ = 0;
  std::size_t set_finalizers_ = 0;
  TestHeap heap_;
  RootTable<TestPolicy> roots_;
  std::optional<Pool<TestPolicy>> pool_;
  std::vector<std::size_t> numbers_;
  std::vector<WeakHandle> handles_;
};

class HeapRandomTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(HeapRandomTest, ByHandTheLawsHoldAtEachStep) {
  RandomProgram(GetParam(), kByHand).Run(1000);
}
TEST_P(HeapRandomTest, AutomaticallyTheLawsHoldAtEachStep) {
  RandomProgram(GetParam(), {.arena_pages = 64, .heap_minimum = 1 << 15}).Run(1000);
}
TEST_P(HeapRandomTest, WithFewPagesTheLawsHoldAtEachStep) {
  RandomProgram(GetParam(), {.arena_pages = 16, .heap_minimum = 1 << 15, .most_backed_pages = 12})
      .Run(1000);
}
INSTANTIATE_TEST_SUITE_P(Seeds, HeapRandomTest, testing::Range<std::uint64_t>(1, 5));

}  // namespace
}  // namespace slotproof::core
