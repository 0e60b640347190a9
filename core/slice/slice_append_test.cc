// Append: growth, sharing, and sources in the slice's own array.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

template <class T>
struct OldRule : SliceTestPolicy<T> {
  static constexpr GrowthRule kGrowthRule = GrowthRule::kGo117;
};

struct HeaderSized : SliceTestPolicy<std::string> {
  static constexpr std::int64_t kElemBytes = 16;
};

template <class S>
std::vector<std::int64_t> CapacitiesOneByOne(S s, int appends) {
  std::vector<std::int64_t> capacities;
  for (int i = 0; i < appends; ++i) {
    EXPECT_TRUE(s.Append(typename S::Element{}));
    if (capacities.empty() || capacities.back() != s.cap()) capacities.push_back(s.cap());
    EXPECT_EQ(s.array_cap(), s.cap());
  }
  EXPECT_EQ(s.len(), appends);
  return capacities;
}

class AppendTest : public CountingTest {
 protected:
  static std::span<const int> Part(const TestSlice<int>& s, std::size_t first, std::size_t n) {
    return std::span(s.data(), static_cast<std::size_t>(s.cap())).subspan(first, n);
  }
};

TEST_F(AppendTest, CapacitiesAreTheRuntimes) {
  EXPECT_EQ(CapacitiesOneByOne(Nil<std::int64_t>(), 9000),
            (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560,
                                       3408, 5120, 7168, 9216}));
  EXPECT_EQ(CapacitiesOneByOne(Nil<char>(), 100), (std::vector<std::int64_t>{8, 16, 32, 64, 128}));
  const Slice<std::int64_t, OldRule<std::int64_t>> old_rule(runtime());
  EXPECT_EQ(CapacitiesOneByOne(old_rule, 2400),
            (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1280, 1696,
                                       2304, 3072}));
}

// The element size that growth counts with is the policy's: here that of a string header.
TEST_F(AppendTest, ThePolicySaysHowLargeElementsAre) {
  Slice<std::string, HeaderSized> s(runtime());
  const std::vector<std::string> strings(5, "text");
  EXPECT_TRUE(s.Append(std::span(strings).first(3)));
  EXPECT_EQ(s.cap(), 3);
  EXPECT_TRUE(s.Append(strings[0]));
  EXPECT_EQ(s.cap(), 6);
}

TEST_F(AppendTest, FiveWordsOnNilHaveRoomForSix) {
  auto s = Nil<std::int64_t>();
  EXPECT_TRUE(s.Append(std::vector<std::int64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(s.cap(), 6);
  EXPECT_EQ(Contents(s.Sub(0, 6).value()), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 0}));
  EXPECT_EQ(counters_[SliceEvent::kGrewFromNothing], 1U);
  EXPECT_EQ(counters_[SliceEvent::kGrewToSizeClass], 1U);
}

TEST_F(AppendTest, ThereIsRoomUpToTheCapacityAndNoFurther) {
  auto s = Iota(2, 4);
  const void* array = s.array_id();
  EXPECT_TRUE(s.Append(2));
  EXPECT_TRUE(s.Append(std::vector{3}));
  EXPECT_EQ(s.array_id(), array);
  EXPECT_EQ(counters_[SliceEvent::kAppendedUpToCapacity], 1U);
  EXPECT_TRUE(s.Append(4));
  EXPECT_NE(s.array_id(), array);
  EXPECT_EQ(Contents(s), IotaVector(0, 5));
  EXPECT_EQ(s.cap(), 8);
  ExpectLawful(s);
}

TEST_F(AppendTest, AnAppendInPlaceIsSeenByOthers) {
  const auto s = Iota(4, 6);
  auto t = s.Sub(1, 2).value();
  EXPECT_TRUE(t.Append(std::vector{70, 80}));
  EXPECT_EQ(Contents(s), Ints({0, 1, 70, 80}));
  EXPECT_TRUE(t.Append(90));
  EXPECT_EQ(Contents(s.Sub(0, 5).value()), Ints({0, 1, 70, 80, 90}));
  EXPECT_EQ(counters_[SliceEvent::kAppendedInPlaceShared], 2U);
}

TEST_F(AppendTest, AFullSliceExpressionForcesACopy) {
  const auto s = Iota(4, 6);
  auto t = s.Sub3(1, 2, 2).value();
  EXPECT_TRUE(t.Append(70));
  EXPECT_EQ(Contents(s), IotaVector(0, 4));
  EXPECT_EQ(Contents(t), Ints({1, 70}));
  EXPECT_EQ(counters_[SliceEvent::kGrowthLeftOthers], 1U);
  EXPECT_EQ(counters_[SliceEvent::kGrewFromInsideArray], 1U);
  EXPECT_EQ(counters_[SliceEvent::kCutByFullSlice], 1U);
}

TEST_F(AppendTest, AfterGrowthOthersKeepTheOldArray) {
  auto s = Iota(4, 4);
  auto t = s;
  EXPECT_TRUE(t.Append(4));
  EXPECT_TRUE(t.Set(0, 42));
  EXPECT_EQ(Contents(s), IotaVector(0, 4));
  EXPECT_NE(s.array_id(), t.array_id());
  EXPECT_FALSE(s.SharesArray());
  EXPECT_EQ(counters_.live_arrays, 2U);
}

// What lies between the length and the old capacity stays behind.
TEST_F(AppendTest, GrowthCopiesTheLengthAndZeroesTheRest) {
  const auto s = Iota(8, 8);
  auto t = s.Sub(0, 3).value();
  EXPECT_TRUE(t.Append(std::vector<int>(6, 9)));
  EXPECT_EQ(Contents(t), Ints({0, 1, 2, 9, 9, 9, 9, 9, 9}));
  ASSERT_EQ(t.cap(), 16);
  EXPECT_EQ(Contents(t.Sub(9, 16).value()), std::vector<int>(7));
}

TEST_F(AppendTest, ASliceMayBeAppendedToItself) {
  auto s = Iota(3, 3);
  EXPECT_TRUE(s.Append(s));
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(counters_[SliceEvent::kAppendedFromReplacedArray], 1U);
  auto t = Make(2, 10);
  EXPECT_TRUE(t.Set(1, 1));
  EXPECT_TRUE(t.Append(t));
  EXPECT_TRUE(t.Append(t));
  EXPECT_EQ(Contents(t), Ints({0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(counters_[SliceEvent::kAppendedFromItself], 2U);
}

TEST_F(AppendTest, AnItemMayLieInTheSlice) {
  auto s = Nil<std::string>();
  EXPECT_TRUE(s.Append("a text that is too long to be kept inline"));
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(s.Append(s[s.len() - 1]));
  EXPECT_EQ(s.len(), 41);
  EXPECT_EQ(s[40], s[0]);
}

// Every source range against every length, in place and growing, for bytes and for objects: as if
// the source had been set aside first.
template <class T, class MakeElement>
void TryAllSources(const CountingRuntime& runtime, MakeElement make) {
  constexpr std::int64_t kCells = 6;
  for (std::int64_t len = 0; len <= kCells; ++len) {
    for (std::int64_t first = 0; first <= kCells; ++first) {
      for (std::int64_t last = first; last <= kCells; ++last) {
        auto whole = TestSlice<T>::Make(kCells, kCells, runtime).value();
        for (int i = 0; i < kCells; ++i) ASSERT_TRUE(whole.Set(i, make(i)));
        auto s = whole.Sub(0, len).value();
        const auto source = whole.Sub(first, last).value();
        std::vector<T> expected = Contents(s);
        const std::vector<T> items = Contents(source);
        expected.insert(expected.end(), items.begin(), items.end());
        ASSERT_TRUE(s.Append(source));
        EXPECT_EQ(Contents(s), expected) << len << " + " << first << ":" << last;
        ExpectLawful(s);
      }
    }
  }
}
TEST_F(AppendTest, ASourceInTheSameArrayIsReadAsIfSetAside) {
  TryAllSources<int>(runtime(), [](int i) { return i + 1; });
  TryAllSources<std::string>(runtime(), [](int i) { return std::string(30, 'a') + char('a' + i); });
  EXPECT_GT(counters_[SliceEvent::kAppendSourceOverlapped], 0U);
  EXPECT_GT(counters_[SliceEvent::kAppendedFromReplacedArray], 0U);
}

// The same when the slice is the last one on its array, which the growth therefore frees.
TEST_F(AppendTest, ASourceInAnArrayThatGoesIsReadBefore) {
  auto s = Iota(4, 4);
  EXPECT_TRUE(s.Append(Part(s, 1, 3)));
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(counters_[SliceEvent::kArrayFreed], 1U);
  auto t = Iota(1, 1);
  EXPECT_TRUE(t.Append(t[0]));
  EXPECT_EQ(Contents(t), Ints({0, 0}));
}

// An item in the array that goes is kept aside if it is small, else it is read there.
template <std::size_t kWords>
void GrowByAnItemOfItsOwn(const CountingRuntime& runtime) {
  using Item = std::array<std::int64_t, kWords>;
  TestSlice<Item> s(runtime);
  Item first;
  first.fill(7);
  ASSERT_TRUE(s.Append(first));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(s.Append(s[s.len() - 1]));
  EXPECT_EQ(Contents(s), std::vector<Item>(41, first));
  const std::int64_t beyond = s.cap() - s.len();
  EXPECT_EQ(Contents(s.Sub(s.len(), s.cap()).value()),
            std::vector<Item>(static_cast<std::size_t>(beyond), Item{}));
  ExpectLawful(s);
}
TEST_F(AppendTest, AnItemOfAnySizeMayLieInAnArrayThatGoes) {
  GrowByAnItemOfItsOwn<1>(runtime());
  GrowByAnItemOfItsOwn<2>(runtime());
  GrowByAnItemOfItsOwn<3>(runtime());
  GrowByAnItemOfItsOwn<8>(runtime());
  GrowByAnItemOfItsOwn<9>(runtime());
}

TEST_F(AppendTest, ARefusedGrowthKeepsTheWindow) {
  auto s = Iota(3, 5);
  const void* array = s.array_id();
  EXPECT_EQ(s.AppendZeros(std::int64_t{1} << 46).error().code, SliceErrorCode::kGrowSliceCap);
  EXPECT_EQ(s.array_id(), array);
  EXPECT_EQ(Contents(s), IotaVector(0, 3));
  EXPECT_EQ(s.cap(), 5);
  EXPECT_EQ(counters_[SliceEvent::kGrowthRefused], 1U);
}

TEST_F(AppendTest, ZerosAreAppendedWithoutBeingMade) {
  auto s = Iota(4, 6);
  auto t = s.Sub(0, 2).value();
  EXPECT_TRUE(t.AppendZeros(3));
  EXPECT_EQ(Contents(s), Ints({0, 1, 0, 0}));
  EXPECT_EQ(counters_[SliceEvent::kAppendedZeros], 1U);
  EXPECT_TRUE(t.AppendZeros(5));
  EXPECT_EQ(Contents(t), Ints({0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(t.AppendZeros(-1).error().code, SliceErrorCode::kMakeSliceLen);
  EXPECT_EQ(t.AppendZeros(std::int64_t{1} << 60).error().code, SliceErrorCode::kMakeSliceLen);
  EXPECT_EQ(t.AppendZeros(std::int64_t{1} << 46).error().code, SliceErrorCode::kGrowSliceCap);
  EXPECT_EQ(t.len(), 10);
}

TEST_F(AppendTest, EachWayToGrowIsReported) {
  const auto grow = [this](std::int64_t cap, std::int64_t n) {
    auto s = Make<std::int64_t>(cap, cap);
    EXPECT_TRUE(s.AppendZeros(n));
  };
  grow(10, 1);
  EXPECT_EQ(counters_[SliceEvent::kGrewByDoubling], 1U);
  grow(10, 11);
  EXPECT_EQ(counters_[SliceEvent::kGrewToNeed], 1U);
  grow(300, 1);
  EXPECT_EQ(counters_[SliceEvent::kGrewByQuarter], 1U);
  grow(1000, 1000);
  EXPECT_EQ(counters_[SliceEvent::kGrewByManyQuarters], 1U);
  EXPECT_EQ(counters_[SliceEvent::kGrewToWholePages], 0U);
  grow(0, 5000);
  EXPECT_EQ(counters_[SliceEvent::kGrewToWholePages], 1U);
}

}  // namespace
}  // namespace slotproof::core
