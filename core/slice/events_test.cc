// Every event happens, in a program of a few lines each.

#include "core/slice/events.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <new>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

using E = SliceEvent;
using Ints64 = TestSlice<std::int64_t>;

struct Nothing {};
using Nothings = TestSlice<Nothing>;

// The one of this number to be made throws.
struct Brittle {
  static inline int left = 0;
  int size = 0;  // an empty one would need no cell

  Brittle() { Step(); }
  Brittle(const Brittle&) { Step(); }
  Brittle& operator=(const Brittle&) = default;

 private:
  static void Step() {
    if (--left == 0) throw std::bad_alloc();
  }
};

// append(make([]Brittle, 3), two...), to six cells; the element of this number throws.
void GrowUntilOneThrows(const CountingRuntime& runtime, int number) {
  using Brittles = TestSlice<Brittle>;
  Brittle::left = 0;
  Brittles s = Brittles::Make(3, 3, runtime).value();
  const Brittles two = Brittles::Make(2, 2, runtime).value();
  Brittle::left = number;
  EXPECT_THROW(static_cast<void>(s.Append(two)), std::bad_alloc);
}

// What each makes happen, besides other things.
struct Program {
  E event;
  std::function<void(const CountingRuntime&)> run;
};

Ints64 Made(const CountingRuntime& runtime, std::int64_t len, std::int64_t cap) {
  return Ints64::Make(len, cap, runtime).value();
}
void Grow(const CountingRuntime& runtime, std::int64_t cap, std::int64_t n) {
  EXPECT_TRUE(Made(runtime, cap, cap).AppendZeros(n));
}

const std::vector<Program>& Programs() {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  using R = const CountingRuntime&;
  static const std::vector<Program> programs = {
      {E::kGrewFromNothing, [](R r) { Grow(r, 0, 1); }},
      {E::kGrewToNeed, [](R r) { Grow(r, 4, 5); }},
      {E::kGrewByDoubling, [](R r) { Grow(r, 4, 4); }},
      {E::kGrewByQuarter, [](R r) { Grow(r, 256, 1); }},
      {E::kGrewByManyQuarters, [](R r) { Grow(r, 1000, 1000); }},
      {E::kGrewZeroSize, [](R r) { EXPECT_TRUE(Nothings(r).Append(Nothing{})); }},
      {E::kGrewToSizeClass, [](R r) { Grow(r, 0, 5); }},
      {E::kGrewToWholePages, [](R r) { Grow(r, 0, 5000); }},
      {E::kGrewFromInsideArray, [](R r) { EXPECT_TRUE(Made(r, 4, 4).Sub3(0, 2, 2)->Append(1)); }},
      {E::kGrowthLeftOthers,
       [](R r) {
         const auto s = Made(r, 2, 2);
         EXPECT_TRUE(Ints64(s).Append(1));
       }},
      {E::kGrowthRefused,
       [](R r) { EXPECT_FALSE(Nothings::Make(kMax, kMax, r)->Append(Nothing{})); }},
      {E::kAppendedNothing, [](R r) { EXPECT_TRUE(Made(r, 1, 1).Append(Ints64(r))); }},
      {E::kAppendedNothingToNil, [](R r) { EXPECT_TRUE(Ints64(r).Append(Ints64(r))); }},
      {E::kAppendedInPlace, [](R r) { EXPECT_TRUE(Made(r, 1, 3).Append(1)); }},
      {E::kAppendedInPlaceShared,
       [](R r) {
         const auto s = Made(r, 1, 3);
         EXPECT_TRUE(Ints64(s).Append(1));
       }},
      {E::kAppendedUpToCapacity, [](R r) { EXPECT_TRUE(Made(r, 1, 2).Append(1)); }},
      {E::kAppendedFromItself,
       [](R r) {
         auto s = Made(r, 1, 3);
         EXPECT_TRUE(s.Append(s));
       }},
      {E::kAppendedFromReplacedArray,
       [](R r) {
         auto s = Made(r, 1, 1);
         EXPECT_TRUE(s.Append(s));
       }},
      {E::kAppendSourceOverlapped,
       [](R r) {
         const auto s = Made(r, 5, 5);
         EXPECT_TRUE(s.Sub(0, 2)->Append(s.Sub(1, 4).value()));
       }},
      {E::kAppendedZeros, [](R r) { EXPECT_TRUE(Made(r, 1, 3).AppendZeros(1)); }},
      {E::kCopiedNothing, [](R r) { Made(r, 1, 1).CopyFrom(Ints64(r)); }},
      {E::kCopyCutByTarget, [](R r) { Made(r, 1, 1).CopyFrom(Made(r, 2, 2)); }},
      {E::kCopyCutBySource, [](R r) { Made(r, 2, 2).CopyFrom(Made(r, 1, 1)); }},
      {E::kCopiedOntoItself,
       [](R r) {
         auto s = Made(r, 2, 2);
         s.CopyFrom(s);
       }},
      {E::kCopiedForwardOverItself,
       [](R r) {
         auto s = Made(r, 3, 3);
         s.CopyFrom(s.Sub(1, 3).value());
       }},
      {E::kCopiedBackwardOverItself,
       [](R r) {
         const auto s = Made(r, 3, 3);
         s.Sub(1, 3)->CopyFrom(s);
       }},
      {E::kSlicedNil, [](R r) { EXPECT_TRUE(Ints64(r).Sub(0, 0)); }},
      {E::kZeroCapacityWindow, [](R r) { EXPECT_TRUE(Made(r, 2, 2).Sub(2, 2)); }},
      {E::kCutByFullSlice, [](R r) { EXPECT_TRUE(Made(r, 2, 2).Sub3(0, 1, 1)); }},
      {E::kExposedBeyondLength, [](R r) { EXPECT_TRUE(Made(r, 1, 2).Sub(0, 2)); }},
      {E::kMadeWithoutMemory, [](R r) { Made(r, 0, 0); }},
      {E::kMakeRefused, [](R r) { EXPECT_FALSE(Ints64::Make(1, 0, r)); }},
      {E::kSetShared,
       [](R r) {
         const auto s = Made(r, 1, 1);
         EXPECT_TRUE(Ints64(s).Set(0, 1));
       }},
      {E::kClearedShared,
       [](R r) {
         const auto s = Made(r, 1, 1);
         Ints64(s).Clear();
       }},
      {E::kBoundsRefused, [](R r) { EXPECT_FALSE(Ints64(r).At(0)); }},
      {E::kArrayFreed, [](R r) { Made(r, 1, 1); }},
      {E::kUnfinishedHead, [](R r) { GrowUntilOneThrows(r, 2); }},
      {E::kUnfinishedTail, [](R r) { GrowUntilOneThrows(r, 4); }},
      {E::kUnfinishedZeros, [](R r) { GrowUntilOneThrows(r, 6); }},
  };
  return programs;
}

TEST(EventsTest, EachHasAProgramThatMakesItHappenOnce) {
  std::set<E> seen;
  for (const Program& program : Programs()) {
    SliceCounters counters;
    program.run(CountingRuntime(&counters));
    EXPECT_EQ(counters[program.event], 1U) << SliceEventName(program.event);
    EXPECT_EQ(counters.live_arrays, 0U) << SliceEventName(program.event);
    seen.insert(program.event);
  }
  EXPECT_EQ(seen.size(), kSliceEventCount);
}

TEST(EventsTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const SliceEventInfo& info : kSliceEvents) EXPECT_TRUE(names.insert(info.name).second);
}

// What is beyond these calls is quiet.
TEST(EventsTest, AnAppendThatHasRoomReportsThatAlone) {
  SliceCounters counters;
  auto s = Made(CountingRuntime(&counters), 1, 3);
  EXPECT_TRUE(s.Append(1));
  std::size_t all = 0;
  for (const std::size_t count : counters.events) all += count;
  EXPECT_EQ(all, 1U);
}

}  // namespace
}  // namespace slotproof::core
