// Go's slice idioms, with their panics.

#include "core/slice/idioms.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

class IdiomsTest : public CountingTest {};

TEST_F(IdiomsTest, DeleteRangeClosesTheGapInPlace) {
  auto s = Iota(6, 6);
  const auto before = s;
  EXPECT_TRUE(DeleteRange(s, 1, 3));
  EXPECT_EQ(Contents(s), Ints({0, 3, 4, 5}));
  EXPECT_EQ(s.cap(), 6);
  EXPECT_EQ(Contents(before), Ints({0, 3, 4, 5, 4, 5})) << "the tail is not cleared";
}

TEST_F(IdiomsTest, DeleteRangePanicsAsItsTwoSlicings) {
  auto s = Iota(3, 5);
  EXPECT_EQ(MessageOf(DeleteRange(s, 6, 7)),
            "runtime error: slice bounds out of range [:6] with capacity 5");
  EXPECT_EQ(MessageOf(DeleteRange(s, 0, 4)), "runtime error: slice bounds out of range [4:3]");
  EXPECT_EQ(MessageOf(DeleteRange(s, 0, -1)), "runtime error: slice bounds out of range [-1:]");
  EXPECT_EQ(Contents(s), IotaVector(0, 3));
  // A start beyond the length is no panic: cells up to the capacity come back.
  EXPECT_TRUE(DeleteRange(s, 5, 3));
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 0, 0}));
}

// With the bounds exchanged the range is doubled, and that may need another array.
TEST_F(IdiomsTest, DeleteRangeWithExchangedBoundsGrows) {
  auto s = Iota(4, 4);
  const void* array = s.array_id();
  EXPECT_TRUE(DeleteRange(s, 3, 1));
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 1, 2, 3}));
  EXPECT_NE(s.array_id(), array);
}

TEST_F(IdiomsTest, InsertOpensAGap) {
  const std::vector<int> items = {70, 80};
  for (const std::int64_t cap : {4, 5, 6, 20}) {
    for (std::int64_t i = 0; i <= 4; ++i) {
      auto s = Iota(4, cap);
      EXPECT_TRUE(Insert(s, i, std::span(items)));
      std::vector<int> expected = IotaVector(0, 4);
      expected.insert(expected.begin() + i, items.begin(), items.end());
      EXPECT_EQ(Contents(s), expected) << "at " << i << " of capacity " << cap;
      ExpectLawful(s);
    }
  }
}

TEST_F(IdiomsTest, InsertOfNothingKeepsNil) {
  auto s = Nil();
  EXPECT_TRUE(Insert(s, 0, std::span<const int>()));
  EXPECT_TRUE(s.IsNil());
  EXPECT_TRUE(Insert(s, 0, Iota(2, 2)));
  EXPECT_EQ(Contents(s), Ints({0, 1}));
}

// The append comes first, so a bad position is noticed with the slice already longer.
TEST_F(IdiomsTest, InsertPanicsAfterTheAppend) {
  auto s = Iota(3, 8);
  const std::vector<int> items = {70, 80};
  EXPECT_EQ(MessageOf(Insert(s, 4, std::span(items))),
            "runtime error: slice bounds out of range [6:5]");
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 0, 0}));
  EXPECT_EQ(MessageOf(Insert(s, -1, std::span(items))),
            "runtime error: slice bounds out of range [-1:]");
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 0, 0, 0, 0}));
}

// Items in the slice itself are read where they were: after the shift if it was in place, before
// it if the slice has moved away.
TEST_F(IdiomsTest, InsertReadsItsOwnArrayAsItIsThen) {
  auto moved = Iota(4, 4);
  EXPECT_TRUE(Insert(moved, 1, moved));
  EXPECT_EQ(Contents(moved), Ints({0, 0, 1, 2, 3, 1, 2, 3}));
  auto in_place = Iota(4, 8);
  EXPECT_TRUE(Insert(in_place, 1, in_place));
  EXPECT_EQ(Contents(in_place), Ints({0, 0, 1, 2, 3, 1, 2, 3}));
  auto shifted = Iota(4, 8);
  const auto tail = shifted.Sub(2, 4).value();
  EXPECT_TRUE(Insert(shifted, 0, tail));
  EXPECT_EQ(Contents(shifted), Ints({0, 1, 0, 1, 2, 3}));
  auto freed = Nil<std::string>();
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(freed.Append(std::string(40, static_cast<char>('a' + i))));
  ASSERT_EQ(freed.cap(), 4);
  EXPECT_TRUE(Insert(freed, 0, std::span(freed.data() + 2, 2)));
  EXPECT_EQ(freed[0], std::string(40, 'c'));
  EXPECT_EQ(freed[2], std::string(40, 'a'));
}

TEST_F(IdiomsTest, FilterKeepsTheOrderAndTheArray) {
  auto s = Iota(7, 7);
  const auto before = s;
  EXPECT_TRUE(Filter(s, [](int i) { return i % 3 == 1; }));
  EXPECT_EQ(Contents(s), Ints({1, 4}));
  EXPECT_EQ(s.array_id(), before.array_id());
  EXPECT_EQ(s.cap(), 7);
  EXPECT_EQ(Contents(before), Ints({1, 4, 2, 3, 4, 5, 6}));
  auto nil = Nil();
  EXPECT_TRUE(Filter(nil, [](int) { return true; }));
  EXPECT_TRUE(nil.IsNil());
}

TEST_F(IdiomsTest, PoppingAtEitherEnd) {
  auto s = Iota(3, 3);
  EXPECT_TRUE(PopFront(s));
  EXPECT_EQ(Contents(s), Ints({1, 2}));
  EXPECT_EQ(s.cap(), 2);
  EXPECT_TRUE(PopBack(s));
  EXPECT_EQ(Contents(s), Ints({1}));
  EXPECT_EQ(s.cap(), 2);
  EXPECT_TRUE(PopFront(s));
  EXPECT_EQ(MessageOf(PopFront(s)), "runtime error: slice bounds out of range [1:0]");
  EXPECT_EQ(MessageOf(PopBack(s)), "runtime error: slice bounds out of range [:-1]");
  EXPECT_EQ(s.offset(), 2);
}

TEST_F(IdiomsTest, SplitAtGivesTwoWindows) {
  const auto s = Iota(5, 8);
  const auto split = SplitAt(s, 2);
  ASSERT_TRUE(split);
  EXPECT_EQ(Contents(split->first), Ints({0, 1}));
  EXPECT_EQ(split->first.cap(), 8) << "an append to the first overwrites the second";
  EXPECT_EQ(Contents(split->second), Ints({2, 3, 4}));
  EXPECT_EQ(MessageOf(SplitAt(s, 6)), "runtime error: slice bounds out of range [6:5]");
  EXPECT_EQ(MessageOf(SplitAt(s, 9)),
            "runtime error: slice bounds out of range [:9] with capacity 8");
}

TEST_F(IdiomsTest, CloneSharesNothing) {
  const auto s = Iota(5, 20);
  const auto clone = Clone(s).value();
  EXPECT_EQ(Contents(clone), Contents(s));
  EXPECT_NE(clone.array_id(), s.array_id());
  EXPECT_EQ(clone.cap(), 6) << "20 bytes take the class of 24";
  EXPECT_TRUE(Clone(Make(0, 7))->IsNil()) << "append of nothing to nil";
}

TEST_F(IdiomsTest, ClipMakesTheNextAppendCopy) {
  const auto s = Iota(3, 8);
  auto clip = Clip(s).value();
  EXPECT_EQ(clip.cap(), 3);
  EXPECT_EQ(clip.array_id(), s.array_id());
  EXPECT_TRUE(clip.Append(9));
  EXPECT_EQ(Contents(s.Sub(0, 4).value()), Ints({0, 1, 2, 0}));
}

}  // namespace
}  // namespace slotproof::core
