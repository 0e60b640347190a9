// The slice as a C++ range: what the standard's algorithms and views take.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <new>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/idioms.h"
#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

struct Nothing {
  bool operator==(const Nothing&) const = default;
};

static_assert(std::ranges::contiguous_range<Slice<int>>);
static_assert(std::ranges::sized_range<Slice<std::string>>);
static_assert(std::convertible_to<Slice<int>, std::span<const int>>);
static_assert(!std::convertible_to<Slice<int>, std::span<int>>);
static_assert(std::ranges::forward_range<Slice<Nothing>>);

using SliceContainerTest = CountingTest;

TEST_F(SliceContainerTest, RangeForVisitsWhatIsWithinTheLength) {
  const TestSlice<int> s = Iota(5, 8);
  std::vector<int> seen;
  for (const int value : s) seen.push_back(value);
  EXPECT_EQ(seen, IotaVector(0, 5));
  EXPECT_EQ(s.size(), 5U);
  EXPECT_FALSE(s.empty());
  const TestSlice<int> part = s.Sub(2, 4).value();
  EXPECT_TRUE(std::ranges::equal(part, Ints({2, 3})));
  EXPECT_EQ(std::accumulate(s.begin(), s.end(), 0), 10);
}

TEST_F(SliceContainerTest, NilIsAnEmptyRange) {
  const TestSlice<int> nil = Nil();
  EXPECT_TRUE(nil.empty());
  EXPECT_EQ(nil.size(), 0U);
  EXPECT_EQ(nil.begin(), nil.end());
  EXPECT_TRUE(std::span<const int>(nil).empty());
}

TEST_F(SliceContainerTest, ASliceConvertsToASpanOfItsWindow) {
  const auto sum = [](std::span<const int> values) {
    return std::accumulate(values.begin(), values.end(), 0);
  };
  const TestSlice<int> s = Iota(5, 8);
  EXPECT_EQ(sum(s), 10);
  EXPECT_EQ(sum(s.Sub(1, 3).value()), 3);
  EXPECT_EQ(std::span<const int>(s).data(), s.data());
}

TEST_F(SliceContainerTest, ElementsWithoutSizeAreCounted) {
  const TestSlice<Nothing> s = Make<Nothing>(1000, 1000);
  EXPECT_EQ(s.size(), 1000U);
  std::size_t seen = 0;
  for (const Nothing& each : s) {
    EXPECT_EQ(&each, s.data());
    ++seen;
  }
  EXPECT_EQ(seen, 1000U);
}

TEST_F(SliceContainerTest, ALiteralHasAnArrayOfItsLength) {
  TestSlice<int> s({3, 1, 2}, runtime());
  EXPECT_EQ(Contents(s), Ints({3, 1, 2}));
  EXPECT_EQ(s.cap(), 3);
  EXPECT_EQ(counters_.live_arrays, 1U);
  ExpectLawful(s);
  const TestSlice<int> shared = s;
  ASSERT_TRUE(s.Append({5, 6}));
  EXPECT_EQ(Contents(s), Ints({3, 1, 2, 5, 6}));
  EXPECT_EQ(Contents(shared), Ints({3, 1, 2}));
  const Slice<std::string> names = {"a", "b"};
  EXPECT_EQ(names.len(), 2);
  const Slice<Nothing> nothings = {Nothing{}, Nothing{}};
  EXPECT_EQ(nothings.len(), 2);
  ExpectLawful(nothings);
  const Slice<int> none = {};
  EXPECT_TRUE(none.IsNil());
}

TEST_F(SliceContainerTest, ALiteralThatCannotBeMadeLeaksNothing) {
  counters_.allocations_left = 0;
  EXPECT_THROW((TestSlice<int>({1, 2}, runtime())), std::bad_alloc);
}

}  // namespace
}  // namespace slotproof::core
