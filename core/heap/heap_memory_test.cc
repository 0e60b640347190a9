// The heap's own memory fails: whichever allocation of a program it is, once or from then on,
// nothing reachable is lost, nothing leaks, and the laws hold.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/root_table.h"
#include "core/testing/fuse.h"

namespace slotproof::core {
namespace {

struct Memory {
  static inline bool fails_for_good = false;
  static inline bool has_failed = false;

  static void* Allocate(std::size_t bytes, std::size_t alignment) {
    try {
      Fuse::Step();
    } catch (const Thrown&) {
      has_failed = true;
      if (fails_for_good) Fuse::Arm(0);
      throw std::bad_alloc();
    }
    ++Fuse::objects;
    return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  }
  static void Free(void* memory) {
    if (memory != nullptr) --Fuse::objects;
    std::free(memory);
  }
};

}  // namespace
}  // namespace slotproof::core

void* operator new(std::size_t bytes) {
  return slotproof::core::Memory::Allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return slotproof::core::Memory::Allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { slotproof::core::Memory::Free(memory); }
void operator delete(void* memory, std::size_t) noexcept { slotproof::core::Memory::Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept {
  slotproof::core::Memory::Free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  slotproof::core::Memory::Free(memory);
}

namespace slotproof::core {
namespace {

// Whoever checks may allocate.
class FuseIsOut {
 public:
  FuseIsOut() : armed_(std::exchange(Fuse::armed, false)) {}
  FuseIsOut(const FuseIsOut&) = delete;
  FuseIsOut& operator=(const FuseIsOut&) = delete;
  ~FuseIsOut() { Fuse::armed = armed_; }

 private:
  bool armed_;
};

// Buffers and blocks are as small as can be, so that the queue of grey objects grows often.
constexpr HeapOptions kSmallest = {
    .arena_pages = 256, .automatic = false, .mark_buffer = 1, .barrier_buffer = 1, .walk_spans = 1};
constexpr std::size_t kLength = 40;
constexpr std::size_t kWide = 20;
constexpr std::size_t kLargeSlots = (300 << 10) / kWordBytes;

class Program {
 public:
  Program() {
    seen_.hook = [this](HeapEvent event) {
      const FuseIsOut out;
      if (event == HeapEvent::kMarkTerminated) {
        EXPECT_EQ(BrokenMarkLaw(heap_), "");
      }
    };
    heap_.AddGlobals(globals_);
    for (std::size_t i = 0; i < kLength; ++i) Push(frame_[0], i);
    // In the other direction of addresses.
    for (Node* node = Head(); node->next != nullptr; node = node->next) {
      StoreTo(heap_, mutator_, node->next->other, node);
    }
    for (const auto& [slot, slots] : {std::pair{1U, kWide}, std::pair{2U, kLargeSlots}}) {
      frame_[slot] = heap_.New(mutator_, kPointer, slots);
      for (std::size_t i = 0; i < kWide; ++i) {
        void*& at = static_cast<void**>(frame_[slot])[i * slots / kWide];
        for (std::size_t depth = 0; depth < 3; ++depth) Push(at, depth);
      }
    }
    for (int i = 0; i < 5; ++i) Finalized(3);
  }

  // Only what registers something may throw.
  void Run() {
    heap_.StartCycle();
    heap_.Mark(3);
    Try([&] { weak_.push_back(heap_.NewWeak(frame_[0])); });
    Try([&] { heap_.AddGlobals(more_globals_); });
    Try([&] { heap_.NewMutator(); });
    // From one place that is looked at late to others.
    heap_.Store(mutator_, &globals_[0], Head()->next->next);
    heap_.Mark(4);
    Try([&] { number_ = roots_.Add(Head()->next); });
    for (int i = 0; i < 10; ++i) Try([&] { Finalized(2); });
    heap_.Store(mutator_, &globals_[1], Head()->next);
    heap_.FinishMarking();
    heap_.Sweep(3);
    // These stacks are empty yet, and grow.
    Try([&] { heap_.RunFinalizers(third_, 100); });
    Try([&] { Frame(second_, 100)[99] = Head(); });
    heap_.Collect();
    Try([&] { heap_.RunFinalizers(mutator_, 100); });
    heap_.Collect();
  }

  void Check() {
    EXPECT_EQ(BrokenLaw(heap_), "");
    EXPECT_EQ(second_.stack.slots(), 0U);
    std::size_t length = 0;
    for (const Node* node = Head(); node != nullptr; node = node->next) {
      EXPECT_EQ(node->value, kLength - ++length);
    }
    EXPECT_EQ(length, kLength);
    for (const auto& [slot, slots] : {std::pair{1U, kWide}, std::pair{2U, kLargeSlots}}) {
      for (std::size_t i = 0; i < kWide; ++i) {
        const auto* node = static_cast<Node**>(frame_[slot])[i * slots / kWide];
        for (std::uint64_t depth = 3; depth-- != 0; node = node->next) {
          ASSERT_NE(node, nullptr);
          EXPECT_EQ(node->value, depth);
        }
      }
    }
    if (number_) {
      EXPECT_EQ(roots_.Get(*number_), Head()->next);
    }
    for (const WeakHandle& weak : weak_) EXPECT_EQ(heap_.Upgrade(weak), Head());
    // All that is left runs, and then it goes.
    for (int i = 0; i < 3; ++i) {
      heap_.Collect();
      heap_.RunFinalizers(mutator_, 100);
    }
    heap_.Collect();
    EXPECT_EQ(finalized_, set_);
    EXPECT_EQ(heap_.Stats().heap_objects, kLength + 2 * (1 + 3 * kWide));
    EXPECT_EQ(BrokenLaw(heap_), "");
  }

 private:
  template <class F>
  static void Try(const F& f) {
    try {
      f();
    } catch (const std::bad_alloc&) {
    }
  }
  Node* Head() { return static_cast<Node*>(frame_[0]); }
  void Push(void*& list, std::uint64_t value) {
    Node* const node = NewNode(heap_, mutator_);
    node->value = value;
    StoreTo(heap_, mutator_, node->next, list);
    heap_.Store(mutator_, &list, node);
  }
  // Garbage, with a list behind it that must outlive it.
  void Finalized(std::size_t length) {
    Frame frame(mutator_, 1);
    for (std::size_t i = 0; i <= length; ++i) {
      Node* const node = NewNode(heap_, mutator_);
      if (node == nullptr) return;
      StoreTo(heap_, mutator_, node->next, frame[0]);
      frame[0] = node;
    }
    set_ += heap_.SetFinalizer(frame[0], Counting(&finalized_)) ? 1 : 0;
  }

  SeenEvents seen_;
  std::array<void*, 2> globals_{};
  std::array<void*, 1> more_globals_{};
  std::size_t set_ = 0;
  std::size_t finalized_ = 0;
  TestHeap heap_{kSmallest, {}, {&seen_}};
  Mutator& mutator_ = heap_.NewMutator();
  Mutator& second_ = heap_.NewMutator();
  Mutator& third_ = heap_.NewMutator();
  Frame frame_{mutator_, 3};
  RootTable<TestPolicy> roots_{heap_};
  std::optional<std::size_t> number_;
  std::vector<WeakHandle> weak_;
};

void RunWithFailures(bool for_good) {
  Memory::fails_for_good = for_good;
  std::size_t failures = 0;
  for (bool fails = true; fails; ++failures) {
    const std::ptrdiff_t before = Fuse::objects;
    {
      Program program;
      Memory::has_failed = false;
      Fuse::Arm(failures);
      program.Run();
      Fuse::armed = false;
      fails = Memory::has_failed;
      program.Check();
    }
    ASSERT_EQ(Fuse::objects, before) << failures;
    ASSERT_FALSE(testing::Test::HasFailure()) << failures;
  }
  EXPECT_GE(failures, 30U);
}

TEST(HeapMemoryTest, NothingIsLostIfOneAllocationFails) { RunWithFailures(false); }
TEST(HeapMemoryTest, NothingIsLostIfAllFailFromThenOn) { RunWithFailures(true); }

}  // namespace
}  // namespace slotproof::core
