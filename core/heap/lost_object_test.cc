// Checks that are blind find nothing. Here pointers are written behind the barrier's back, so that
// the collector is about to lose an object, and the laws of marking must say so, wherever the
// pointer is.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include <gtest/gtest.h>

#include "core/heap/closure.h"
#include "core/heap/heap.h"
#include "core/heap/heap_laws.h"

namespace slotproof::core {
namespace {

struct Node {
  Node* next;
  std::uint64_t value;
  Node* other;
};
constexpr ObjectType kNode(sizeof(Node), 0b101);
constexpr std::size_t kManyNodes = 200;    // in an object of a size class
constexpr std::size_t kLargeNodes = 2000;  // in one that has a span of its own

struct LateRoot final : RootSource {
  void ForEachRoot(const std::function<void(void*)>& visit) const override { visit(root); }
  void* root = nullptr;
};

class LostObjectTest : public testing::Test {
 protected:
  LostObjectTest() {
    heap_.AddGlobals(globals_);
    heap_.AddSource(&source_);
  }
  ~LostObjectTest() override { heap_.RemoveSource(&source_); }

  Node* New(std::size_t count = 1) { return static_cast<Node*>(heap_.New(mutator_, kNode, count)); }
  // Reachable, but for what is made before it and kept by nothing.
  Node* Kept(std::size_t count = 1) {
    Node* const node = New(count);
    frame_[next_slot_++] = node;
    return node;
  }
  void MarkAll() {
    heap_.StartCycle();
    while (heap_.Mark(1)) {
    }
  }
  std::string_view Broken() { return HeapLaws<DefaultHeapPolicy>(heap_).Broken(); }

  // Nothing is wrong yet; then this happens, and the object that it refers to is lost. The weak
  // invariant shows it at once.
  void ExpectBlackToWhiteBy(const std::function<void()>& unseen_store) {
    MarkAll();
    EXPECT_EQ(Broken(), "");
    unseen_store();
    EXPECT_EQ(Broken(), "tricolour");
    heap_.FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(heap_), "closure.reachable");
  }

  std::array<void*, 2> globals_{};
  LateRoot source_;
  Heap<> heap_{{.arena_pages = 64, .automatic = false}};
  Mutator& mutator_ = heap_.NewMutator();
  Frame frame_{mutator_, 8};
  std::size_t next_slot_ = 0;
};

TEST_F(LostObjectTest, NothingIsLostWhereTheBarrierSeesAll) {
  Node* const kept = Kept();
  heap_.Store(mutator_, reinterpret_cast<void**>(&kept->next), New());
  New();
  MarkAll();
  EXPECT_EQ(Broken(), "");
  heap_.FinishMarking();
  EXPECT_EQ(BrokenMarkLaw(heap_), "");
}

TEST_F(LostObjectTest, AGlobalIsSeen) {
  Node* const lost = New();
  ExpectBlackToWhiteBy([&] { globals_[1] = lost; });
}

TEST_F(LostObjectTest, ARootSourceIsSeen) {
  Node* const lost = New();
  ExpectBlackToWhiteBy([&] { source_.root = lost; });
}

TEST_F(LostObjectTest, ABlackStackIsSeen) {
  Node* const lost = New();
  ExpectBlackToWhiteBy([&] { frame_[3] = lost; });
}

TEST_F(LostObjectTest, ABlackObjectIsSeen) {
  Node* const lost = New();
  Node* const kept = Kept();
  ExpectBlackToWhiteBy([&] { kept->other = lost; });
}

TEST_F(LostObjectTest, AnObjectBehindOthersIsSeen) {
  Node* const lost = New();
  Node* const kept = Kept();
  kept->next = New();
  kept->next->other = New();
  ExpectBlackToWhiteBy([&] { kept->next->other->next = lost; });
}

TEST_F(LostObjectTest, APointerIntoAnObjectIsSeen) {
  Node* const lost = New();
  ExpectBlackToWhiteBy([&] { frame_[3] = static_cast<void*>(&lost->other); });
}

TEST_F(LostObjectTest, AnObjectThatIsAloneInItsSpanIsSeen) {
  Node* const lost = New(kLargeNodes);
  Node* const kept = Kept();
  ExpectBlackToWhiteBy([&] { kept->next = lost; });
}

TEST_F(LostObjectTest, TheLastWordOfAnArrayIsSeen) {
  Node* const lost = New();
  Node* const many = Kept(kManyNodes);
  ExpectBlackToWhiteBy([&] { many[kManyNodes - 1].other = lost; });
}

TEST_F(LostObjectTest, TheLastWordOfALargeArrayIsSeen) {
  Node* const lost = New();
  Node* const many = Kept(kLargeNodes);
  ExpectBlackToWhiteBy([&] { many[kLargeNodes - 1].other = lost; });
}

TEST_F(LostObjectTest, WhatADueFinalizerWillSeeIsSeen) {
  Node* const due = New();
  ASSERT_TRUE(heap_.SetFinalizer(due, {.run = [](void*, void*) {}}));
  heap_.Collect();
  ASSERT_EQ(heap_.DueFinalizers(), 1U);
  Node* const lost = New();
  ExpectBlackToWhiteBy([&] { due->next = lost; });
}

TEST_F(LostObjectTest, WhatAnObjectWithAFinalizerRefersToIsSeen) {
  Node* const object = New();
  ASSERT_TRUE(heap_.SetFinalizer(object, {.run = [](void*, void*) {}}));
  Node* const lost = New();
  ExpectBlackToWhiteBy([&] { object->next = lost; });
}

TEST_F(LostObjectTest, AWordWithoutPointersKeepsNothing) {
  Node* const dead = New();
  Node* const kept = Kept();
  MarkAll();
  kept->value = reinterpret_cast<std::uintptr_t>(dead);
  EXPECT_EQ(Broken(), "");
  heap_.FinishMarking();
  EXPECT_EQ(BrokenMarkLaw(heap_), "");
}

// The weak invariant.

class GreyTest : public LostObjectTest {
 protected:
  // The stack and one object are black. What the grey one refers to is white.
  GreyTest() {
    grey_->next = white_;
    heap_.StartCycle();
    while (!mutator_.stack_is_black) heap_.Mark(1);
    // The object put last is scanned first.
    while (CountGrey() == 2) heap_.Mark(1);
  }
  std::size_t CountGrey() const {
    std::size_t count = 0;
    heap_.ForEachGrey([&count](const std::byte*) { ++count; });
    return count;
  }

  Node* white_ = New();
  Node* grey_ = Kept();
  Node* black_ = Kept();
};

TEST_F(GreyTest, IsAsItsNameSays) {
  ASSERT_EQ(CountGrey(), 1U);
  heap_.ForEachGrey(
      [&](const std::byte* object) { EXPECT_EQ(static_cast<const void*>(object), grey_); });
  EXPECT_EQ(Broken(), "");
}

TEST_F(GreyTest, WhatAGreyObjectLeadsToMayBeWhite) {
  black_->next = white_;
  frame_[5] = white_;
  EXPECT_EQ(Broken(), "");
}

TEST_F(GreyTest, WhatAGreyObjectLeadsToNoLongerMayNot) {
  frame_[5] = white_;
  grey_->next = nullptr;
  EXPECT_EQ(Broken(), "tricolour");
}

TEST_F(GreyTest, AWayThroughABlackObjectProtectsNothing) {
  black_->next = white_;
  grey_->next = black_;
  EXPECT_EQ(Broken(), "tricolour");
}

}  // namespace
}  // namespace slotproof::core
