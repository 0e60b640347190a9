// copy(s, t), and the cell copies beneath it and beneath append.

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/cells.h"
#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

class CopyTest : public CountingTest {};

TEST_F(CopyTest, CopiesTheShorterLength) {
  auto s = Make(3, 8);
  EXPECT_EQ(s.CopyFrom(Iota(5, 5)), 3);
  EXPECT_EQ(Contents(s), IotaVector(0, 3));
  EXPECT_EQ(Contents(s.Sub(3, 8).value()), std::vector<int>(5)) << "the capacity is not for copy";
  auto t = Make(5, 5);
  EXPECT_EQ(t.CopyFrom(s), 3);
  EXPECT_EQ(Contents(t), Ints({0, 1, 2, 0, 0}));
  EXPECT_EQ(counters_[SliceEvent::kCopyCutByTarget], 1U);
  EXPECT_EQ(counters_[SliceEvent::kCopyCutBySource], 1U);
}

TEST_F(CopyTest, NothingIsCopiedFromOrToNothing) {
  auto s = Iota(3, 3);
  auto nil = Nil();
  EXPECT_EQ(s.CopyFrom(nil), 0);
  EXPECT_EQ(nil.CopyFrom(s), 0);
  EXPECT_TRUE(nil.IsNil());
  EXPECT_EQ(Contents(s), IotaVector(0, 3));
  EXPECT_EQ(counters_[SliceEvent::kCopiedNothing], 2U);
}

// Every pair of windows of one array, for bytes and for objects.
template <class T, class MakeElement>
void TryAllWindows(const CountingRuntime& runtime, MakeElement make) {
  constexpr std::int64_t kCells = 6;
  for (std::int64_t target = 0; target <= kCells; ++target) {
    for (std::int64_t source = 0; source <= kCells; ++source) {
      for (std::int64_t n = 0; n <= kCells - std::max(target, source); ++n) {
        auto s = TestSlice<T>::Make(kCells, kCells, runtime).value();
        for (int i = 0; i < kCells; ++i) ASSERT_TRUE(s.Set(i, make(i)));
        std::vector<T> expected = Contents(s);
        const std::vector<T> before = expected;
        std::copy_n(before.begin() + source, n, expected.begin() + target);
        auto t = s.Sub(target, kCells).value();
        EXPECT_EQ(t.CopyFrom(s.Sub(source, source + n).value()), n);
        EXPECT_EQ(Contents(s), expected) << n << " from " << source << " to " << target;
      }
    }
  }
}
TEST_F(CopyTest, OverlapsAreCopiedAsIfSetAside) {
  TryAllWindows<char>(runtime(), [](int i) { return static_cast<char>('a' + i); });
  TryAllWindows<std::string>(runtime(), [](int i) { return std::string(30, 'a') + char('a' + i); });
  EXPECT_GT(counters_[SliceEvent::kCopiedForwardOverItself], 0U);
  EXPECT_GT(counters_[SliceEvent::kCopiedBackwardOverItself], 0U);
  EXPECT_GT(counters_[SliceEvent::kCopiedOntoItself], 0U);
}

TEST(OverlapTest, SaysWhichRangeIsFirst) {
  const int cells[10] = {};
  EXPECT_EQ(OverlapOf(cells, cells, 0), Overlap::kNone);
  EXPECT_EQ(OverlapOf(cells, cells, 1), Overlap::kSame);
  EXPECT_EQ(OverlapOf(cells, cells + 3, 3), Overlap::kNone);
  EXPECT_EQ(OverlapOf(cells, cells + 3, 4), Overlap::kTargetFirst);
  EXPECT_EQ(OverlapOf(cells + 3, cells, 3), Overlap::kNone);
  EXPECT_EQ(OverlapOf(cells + 3, cells, 4), Overlap::kTargetLast);
}

}  // namespace
}  // namespace slotproof::core
