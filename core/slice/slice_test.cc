// Making, indexing and slicing; nil and empty; elements without size; strings.

#include "core/slice/slice.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

using Code = SliceErrorCode;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

struct Nothing {};

static_assert(sizeof(Slice<int>) == 4 * sizeof(void*), "a runtime without members costs nothing");
static_assert(std::is_nothrow_move_constructible_v<Slice<std::string>>);
static_assert(std::is_nothrow_copy_constructible_v<Slice<std::string>>);

class SliceTest : public CountingTest {};

TEST_F(SliceTest, MakeGivesZerosAndAnArrayOfJustTheCapacity) {
  const auto s = Make<std::uint64_t>(3, 5);
  EXPECT_EQ(Contents(s), std::vector<std::uint64_t>(3));
  EXPECT_EQ(s.cap(), 5);
  EXPECT_EQ(s.array_cap(), 5);
  EXPECT_EQ(s.offset(), 0);
  EXPECT_FALSE(s.IsNil());
  EXPECT_EQ(Contents(s.Sub(0, 5).value()), std::vector<std::uint64_t>(5));
  ExpectLawful(s);
}

TEST_F(SliceTest, MakeRefusesWhatTheRuntimeDoes) {
  using S = TestSlice<std::uint64_t>;
  EXPECT_EQ(S::Make(-1, 0, runtime()).error().code, Code::kMakeSliceLen);
  EXPECT_EQ(S::Make(2, 1, runtime()).error().code, Code::kMakeSliceCap);
  EXPECT_EQ(S::Make(0, (std::int64_t{1} << 45) + 1, runtime()).error().code, Code::kMakeSliceCap);
  EXPECT_EQ(S::Make(kMax, kMax, runtime()).error().code, Code::kMakeSliceLen);
  EXPECT_EQ(counters_[SliceEvent::kMakeRefused], 4U);
  EXPECT_EQ(counters_.allocations, 0U);
}

TEST_F(SliceTest, IndexingIsCheckedAgainstTheLength) {
  auto s = Iota(3, 5);
  EXPECT_EQ(**s.At(0), 0);
  EXPECT_EQ(**s.At(2), 2);
  EXPECT_EQ(s.At(3).error(), (SliceError{Code::kIndex, 3, 3}));
  EXPECT_EQ(s.At(-1).error(), (SliceError{Code::kIndex, -1, 3}));
  EXPECT_EQ(s.At(kMin).error(), (SliceError{Code::kIndex, kMin, 3}));
  EXPECT_TRUE(s.Set(1, 7));
  EXPECT_EQ(s.Set(3, 7).error(), (SliceError{Code::kIndex, 3, 3}));
  EXPECT_EQ(Contents(s), Ints({0, 7, 2}));
  EXPECT_EQ(Nil().At(0).error(), (SliceError{Code::kIndex, 0, 0}));
  EXPECT_EQ(counters_[SliceEvent::kBoundsRefused], 5U);
}

// All pairs around the bounds: j against the capacity first, then i against j.
TEST_F(SliceTest, SlicingChecksTheUpperBoundFirst) {
  const auto s = Iota(3, 5);
  for (std::int64_t i = -2; i <= 7; ++i) {
    for (std::int64_t j = -2; j <= 7; ++j) {
      const auto t = s.Sub(i, j);
      if (j < 0 || j > 5) {
        EXPECT_EQ(t.error(), (SliceError{Code::kSliceAcap, j, 5})) << i << ":" << j;
      } else if (i < 0 || i > j) {
        EXPECT_EQ(t.error(), (SliceError{Code::kSliceB, i, j})) << i << ":" << j;
      } else {
        EXPECT_EQ(t->len(), j - i);
        EXPECT_EQ(t->cap(), 5 - i);
        EXPECT_EQ(t->array_id(), s.array_id());
        EXPECT_EQ(t->offset(), i == 5 ? 0 : i) << "without capacity the pointer is not advanced";
        ExpectLawful(*t);
      }
    }
  }
}

TEST_F(SliceTest, FullSlicingChecksFromTheRight) {
  const auto s = Iota(3, 5);
  for (std::int64_t i = -1; i <= 6; ++i) {
    for (std::int64_t j = -1; j <= 6; ++j) {
      for (std::int64_t k = -1; k <= 6; ++k) {
        const auto t = s.Sub3(i, j, k);
        if (k < 0 || k > 5) {
          EXPECT_EQ(t.error(), (SliceError{Code::kSlice3Acap, k, 5}));
        } else if (j < 0 || j > k) {
          EXPECT_EQ(t.error(), (SliceError{Code::kSlice3B, j, k}));
        } else if (i < 0 || i > j) {
          EXPECT_EQ(t.error(), (SliceError{Code::kSlice3C, i, j}));
        } else {
          EXPECT_EQ(t->len(), j - i);
          EXPECT_EQ(t->cap(), k - i);
          EXPECT_EQ(t->offset(), i == k ? 0 : i);
          ExpectLawful(*t);
        }
      }
    }
  }
}

TEST_F(SliceTest, SlicingASliceOfASliceAddsUp) {
  const auto s = Iota(10, 10);
  const auto t = s.Sub3(2, 6, 9).value();
  const auto u = t.Sub(3, 7).value();
  EXPECT_EQ(Contents(u), Ints({5, 6, 7, 8}));
  EXPECT_EQ(u.offset(), 5);
  EXPECT_EQ(u.cap(), 4);
  const auto end = u.Sub(4, 4).value();
  EXPECT_EQ(end.offset(), 5) << "stays with the window it came from";
  EXPECT_EQ(end.cap(), 0);
}

TEST_F(SliceTest, SlicingBeyondTheLengthExposesOldElements) {
  const auto s = Iota(5, 5);
  const auto t = s.Sub(0, 2).value();
  EXPECT_EQ(Contents(t.Sub(0, 5).value()), Ints({0, 1, 2, 3, 4}));
  EXPECT_EQ(counters_[SliceEvent::kExposedBeyondLength], 1U);
}

TEST_F(SliceTest, NilStaysNil) {
  auto s = Nil();
  EXPECT_TRUE(s.IsNil());
  EXPECT_EQ(s.len(), 0);
  EXPECT_EQ(s.cap(), 0);
  EXPECT_EQ(s.array_id(), nullptr);
  EXPECT_TRUE(s.Sub(0, 0)->IsNil());
  EXPECT_TRUE(s.Sub3(0, 0, 0)->IsNil());
  EXPECT_TRUE(s.Append(Nil()));
  EXPECT_TRUE(s.Append(std::span<const int>()));
  EXPECT_TRUE(s.AppendZeros(0));
  EXPECT_TRUE(s.IsNil());
  s.Clear();
  EXPECT_EQ(s.CopyFrom(s), 0);
  EXPECT_EQ(*s.ToArray(0), nullptr);
  EXPECT_EQ(counters_[SliceEvent::kSlicedNil], 2U);
  EXPECT_EQ(counters_[SliceEvent::kAppendedNothingToNil], 3U);
  ExpectLawful(s);
}

TEST_F(SliceTest, EmptyIsNotNilAndHasNoArray) {
  auto s = Make(0, 0);
  EXPECT_FALSE(s.IsNil());
  EXPECT_EQ(s.array_id(), nullptr);
  EXPECT_NE(s.data(), nullptr);
  EXPECT_FALSE(s.Sub(0, 0)->IsNil());
  EXPECT_TRUE(s.Append(Nil()));
  EXPECT_FALSE(s.IsNil());
  EXPECT_NE(*s.ToArray(0), nullptr);
  EXPECT_EQ(counters_.allocations, 0U);
  EXPECT_EQ(counters_[SliceEvent::kMadeWithoutMemory], 1U);
  ExpectLawful(s);
}

TEST_F(SliceTest, AWindowWithoutCapacityKeepsItsArray) {
  auto s = Iota(4, 4);
  auto end = s.Sub(4, 4).value();
  EXPECT_FALSE(end.IsNil());
  EXPECT_EQ(end.array_id(), s.array_id());
  s = Nil();
  EXPECT_EQ(counters_.live_arrays, 1U);
  EXPECT_TRUE(end.Append(9));
  EXPECT_EQ(Contents(end), Ints({9}));
  EXPECT_EQ(counters_[SliceEvent::kZeroCapacityWindow], 1U);
}

TEST_F(SliceTest, AssignmentSharesAndTheLastOneFrees) {
  auto s = Iota(4, 4);
  auto t = s;
  EXPECT_TRUE(t.Set(0, 42));
  EXPECT_EQ(s[0], 42);
  EXPECT_TRUE(s.SharesArray());
  s = Nil();
  EXPECT_FALSE(t.SharesArray());
  EXPECT_EQ(counters_[SliceEvent::kArrayFreed], 0U);
  t = Nil();
  EXPECT_EQ(counters_[SliceEvent::kArrayFreed], 1U);
}

TEST_F(SliceTest, MovingLeavesNil) {
  auto s = Iota(4, 4);
  auto t = std::move(s);
  EXPECT_TRUE(s.IsNil());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(t.len(), 4);
  s = std::move(t);
  EXPECT_EQ(Contents(s), Ints({0, 1, 2, 3}));
  auto& self = s;
  s = std::move(self);
  EXPECT_EQ(s.len(), 4) << "a self-move changes nothing";
  s = self;
  EXPECT_EQ(s.len(), 4);
}

TEST_F(SliceTest, AnArrayGoesBackWhereItCameFrom) {
  SliceCounters other;
  TestSlice<int> elsewhere{CountingRuntime(&other)};
  {
    auto s = Iota(4, 4);
    elsewhere = s;
  }
  EXPECT_EQ(counters_.live_arrays, 1U);
  EXPECT_TRUE(elsewhere.Append(1));
  EXPECT_EQ(counters_.live_arrays, 1U);
  EXPECT_EQ(other.allocations, 0U);
}

TEST_F(SliceTest, ConversionToAnArrayIsCheckedAgainstTheLength) {
  const auto s = Iota(3, 5);
  const int* array = s.ToArray(3).value();
  EXPECT_EQ(array, s.data());
  EXPECT_EQ(s.ToArray(0), s.data());
  EXPECT_EQ(s.ToArray(4).error(), (SliceError{Code::kConvert, 4, 3}));
  EXPECT_EQ(MessageOf(s.ToArray(4)),
            "runtime error: cannot convert slice with length 3 to pointer to array with length 4");
}

TEST_F(SliceTest, ClearZeroesTheLengthAndNoMore) {
  auto s = Iota(5, 5);
  auto t = s.Sub(1, 3).value();
  t.Clear();
  EXPECT_EQ(Contents(s), Ints({0, 0, 0, 3, 4}));
  EXPECT_EQ(counters_[SliceEvent::kClearedShared], 1U);
}

TEST_F(SliceTest, ElementsWithoutSizeNeedNoMemory) {
  auto s = Nil<Nothing>();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(s.Append(Nothing{}));
  EXPECT_EQ(s.len(), 100);
  EXPECT_EQ(s.cap(), 100) << "grows to just what it needs";
  auto t = Make<Nothing>(10, 20);
  EXPECT_TRUE(t.Append(s));
  EXPECT_EQ(t.len(), 110);
  EXPECT_EQ(t.CopyFrom(s), 100);
  EXPECT_TRUE(t.Set(109, Nothing{}));
  EXPECT_EQ(t.At(110).error(), (SliceError{Code::kIndex, 110, 110}));
  EXPECT_EQ(*t.At(0), *t.At(109));
  t.Clear();
  const auto u = t.Sub(50, 60).value();
  EXPECT_EQ(u.cap(), 60);
  EXPECT_EQ(u.offset(), 0);
  EXPECT_EQ(u.array_id(), nullptr);
  for (const auto& slice : {s, t, u}) ExpectLawful(slice);
  EXPECT_EQ(counters_.allocations, 0U);
  EXPECT_GT(counters_[SliceEvent::kGrewZeroSize], 0U);
}

TEST_F(SliceTest, TheLengthOfElementsWithoutSizeCanOverflow) {
  auto s = Make<Nothing>(kMax, kMax);
  EXPECT_EQ(s.Append(Nothing{}).error().code, Code::kGrowSliceCap);
  EXPECT_EQ(s.Append(s).error().code, Code::kGrowSliceCap);
  EXPECT_EQ(s.len(), kMax);
  EXPECT_EQ(counters_[SliceEvent::kGrowthRefused], 2U);
}

TEST_F(SliceTest, StringsLiveInSlices) {
  const std::string long_text(100, 'x');
  auto s = Nil<std::string>();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(s.Append(long_text + std::to_string(i)));
  EXPECT_EQ(s[49], long_text + "49");
  auto t = s.Sub(10, 20).value();
  t.Clear();
  EXPECT_EQ(s[10], "");
  EXPECT_EQ(s[20], long_text + "20");
  EXPECT_EQ(s.CopyFrom(s.Sub(20, 30).value()), 10);
  EXPECT_EQ(s[0], long_text + "20");
}

// append([]byte, string...) and copy([]byte, string)
TEST_F(SliceTest, AStringIsASourceOfBytes) {
  auto s = Nil<char>();
  EXPECT_TRUE(s.Append(std::string_view("hello")));
  EXPECT_EQ(s.cap(), 8);
  EXPECT_EQ(s.CopyFrom(std::string_view("HE")), 2);
  EXPECT_EQ(std::string_view(s.data(), static_cast<std::size_t>(s.len())), "HEllo");
}

TEST_F(SliceTest, WideElementsAreAligned) {
  struct alignas(64) Wide {
    int value = 0;
  };
  auto s = Nil<Wide>();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(s.Append(Wide{i}));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(s.data()) % 64, 0U);
  EXPECT_EQ(s[19].value, 19);
}

TEST_F(SliceTest, AFailedAssertionGoesToThePolicy) {
  const auto s = Iota(3, 5);
  try {
    static_cast<void>(s[3]);
    FAIL() << "an index beyond the length must not pass";
  } catch (const ThrownFailure& failure) {
    EXPECT_EQ(failure.kind, FailureKind::kAssertion);
    EXPECT_NE(std::string(failure.what()).find("core/slice/slice.h:"), std::string::npos);
  }
}

}  // namespace
}  // namespace slotproof::core
