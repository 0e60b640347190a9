#include "core/heap/collected_slice.h"

#include <cstddef>
#include <cstdint>
#include <new>

#include "core/heap/container_test_util.h"
#include "core/heap/frame.h"
#include "core/slice/idioms.h"
#include "gtest/gtest.h"

namespace slotproof::core {
namespace {

// A slice in slot 0 of the frame, another in 1.
class CollectedSliceTest : public testing::Test {
 protected:
  Nodes& slice(std::size_t slot = 0) { return *static_cast<Nodes*>(frame_[slot]); }

  // Nodes of these values, which the cells alone refer to.
  void Append(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      frame_[2] = on_.NewNode(i);
      EXPECT_TRUE(slice().Append(static_cast<Node*>(frame_[2])));
    }
    frame_[2] = nullptr;
  }
  void ExpectValues(std::uint64_t count) {
    ASSERT_EQ(slice().size(), count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const Node* const node = slice()[static_cast<std::int64_t>(i)];
      ASSERT_TRUE(on_.IsAlive(node)) << i;
      EXPECT_EQ(node->value, i);
    }
  }

  ContainerHeap on_;
  Frame frame_{on_.mutator, 3};
};

TEST_F(CollectedSliceTest, TakesTheRoomThatItTakesInGo) {
  frame_[0] = NewSlice<Nodes, TestPolicy>(0, 5);
  EXPECT_EQ(slice().cap(), 5);
  EXPECT_EQ(on_.heap.SizeOf(slice().data()), 48);
  EXPECT_EQ(on_.heap.SizeOf(&slice()), 32);
  Append(0, 6);
  EXPECT_EQ(slice().cap(), 10);
  EXPECT_EQ(on_.heap.SizeOf(slice().data()), 80);
}

TEST_F(CollectedSliceTest, AppendsLeaveOldArraysToTheCollector) {
  frame_[0] = NewNilSlice<Nodes, TestPolicy>();
  Append(0, 100);
  EXPECT_GT(on_.Objects(), 102);
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 102);
  ExpectValues(100);
  EXPECT_EQ(on_.Broken(), "");
}

TEST_F(CollectedSliceTest, AShortWindowKeepsTheWholeArray) {
  frame_[0] = NewNilSlice<Nodes, TestPolicy>();
  Append(0, 64);
  slice() = slice().Sub3(10, 11, 11).value();
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 2 + 64);
  slice() = Clone(slice()).value();
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 2 + 1);
  EXPECT_EQ(slice()[0]->value, 10);
}

TEST_F(CollectedSliceTest, CellsBeyondTheLengthKeepWhatTheyHold) {
  frame_[0] = NewNilSlice<Nodes, TestPolicy>();
  Append(0, 8);
  ASSERT_TRUE(DeleteRange(slice(), 2, 4));
  on_.heap.Collect();
  // Values 6 and 7 are there twice, 2 and 3 no more.
  EXPECT_EQ(on_.Objects(), 2 + 6);
  slice().Sub(6, 8).value().Clear();
  slice() = slice().Sub(0, 0).value();
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 2 + 6);
  slice().Sub(0, 8).value().Clear();
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 2);
}

TEST_F(CollectedSliceTest, SharesItsArray) {
  frame_[0] = NewSlice<Nodes, TestPolicy>(0, 8);
  Append(0, 4);
  frame_[1] = NewNilSlice<Nodes, TestPolicy>();
  slice(1) = slice(0).Sub(0, 2).value();
  ASSERT_TRUE(slice(1).Append(static_cast<Node*>(nullptr)));
  EXPECT_EQ(slice(0)[2], nullptr);
  frame_[0] = nullptr;
  on_.heap.Collect();
  EXPECT_EQ(on_.Objects(), 2 + 3);
  EXPECT_EQ(slice(1)[1]->value, 1);
}

TEST_F(CollectedSliceTest, WritesWhileMarkingAreShaded) {
  frame_[0] = NewNilSlice<Nodes, TestPolicy>();
  std::uint64_t next = 0;
  for (int cycle = 0; cycle < 20; ++cycle) {
    on_.heap.StartCycle();
    while (on_.heap.is_marking()) {
      Append(next++, 1);
      // What is taken out of a cell stays as long as a frame has it.
      frame_[2] = slice()[slice().len() / 2];
      ASSERT_TRUE(slice().Set(slice().len() / 2, static_cast<Node*>(nullptr)));
      if (!on_.heap.Mark(8)) on_.heap.FinishMarking();
      if (frame_[2] != nullptr) {
        ASSERT_TRUE(on_.IsAlive(frame_[2]));
        ASSERT_TRUE(slice().Set(slice().len() / 2, static_cast<Node*>(frame_[2])));
      }
      frame_[2] = nullptr;
    }
    ExpectValues(next);
    ASSERT_EQ(on_.Broken(), "") << cycle;
  }
}

TEST_F(CollectedSliceTest, EveryAllocationMayCollect) {
  for (std::size_t n = 1; n < 60; ++n) {
    frame_[0] = NewNilSlice<Nodes, TestPolicy>();
    on_.seen.collects_in = n;
    Append(0, 50);
    ExpectValues(50);
    ASSERT_EQ(on_.Broken(), "") << n;
    on_.seen.collects_in = 0;
  }
}

TEST_F(CollectedSliceTest, OutOfMemoryLeavesItAsItWas) {
  frame_[0] = NewNilSlice<Nodes, TestPolicy>();
  Append(0, 1000);
  on_.heap.Collect();
  on_.heap.SetMostBackedPages(on_.heap.allocator().pages().stats().in_use);
  EXPECT_THROW(static_cast<void>(slice().AppendZeros(100000)), std::bad_alloc);
  ExpectValues(1000);
  EXPECT_EQ(on_.Broken(), "");
}

}  // namespace
}  // namespace slotproof::core
