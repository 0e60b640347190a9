#include "core/map/growth.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "core/map/policy.h"

namespace slotproof::core {
namespace {

using Policy = DefaultMapPolicy<int>;

TEST(GrowthTest, LoadLimitsAreThoseOfTheRuntime) {
  const std::array<std::size_t, 5> limits = {8, 13, 26, 52, 104};
  for (unsigned b = 0; b < limits.size(); ++b) {
    EXPECT_FALSE(OverLoadFactor<Policy>(limits[b], b)) << b;
    EXPECT_TRUE(OverLoadFactor<Policy>(limits[b] + 1, b)) << b;
  }
}

TEST(GrowthTest, AHintAsksForTheSmallestTableThatHoldsIt) {
  for (std::size_t hint = 0; hint <= 8; ++hint) EXPECT_EQ(LogBucketsForHint<Policy>(hint), 0);
  for (std::size_t hint = 9; hint <= 13; ++hint) EXPECT_EQ(LogBucketsForHint<Policy>(hint), 1);
  for (std::size_t hint = 14; hint <= 26; ++hint) EXPECT_EQ(LogBucketsForHint<Policy>(hint), 2);
  for (std::size_t hint = 27; hint <= 52; ++hint) EXPECT_EQ(LogBucketsForHint<Policy>(hint), 3);
  EXPECT_EQ(LogBucketsForHint<Policy>(1000000), 18);
}

TEST(GrowthTest, AsManyOverflowBucketsAsBucketsAreTooMany) {
  for (unsigned b = 0; b < 15; ++b) {
    EXPECT_FALSE(TooManyOverflowBuckets(static_cast<std::uint16_t>((1U << b) - 1), b));
    EXPECT_TRUE(TooManyOverflowBuckets(static_cast<std::uint16_t>(1U << b), b));
  }
  // From 2^15 buckets on the limit stays, for the counter has 16 bits.
  EXPECT_FALSE(TooManyOverflowBuckets((1U << 15) - 1, 20));
  EXPECT_TRUE(TooManyOverflowBuckets(1U << 15, 20));
}

TEST(GrowthTest, SparesBeginAtSixteenBuckets) {
  EXPECT_EQ(BucketsWithSpares(3, 144), 8U);
  // 17 * 144 = 2448, rounded to 2688, holds 18.
  EXPECT_EQ(BucketsWithSpares(4, 144), 18U);
  // 17 * 32 = 544, rounded to 576.
  EXPECT_EQ(BucketsWithSpares(4, 32), 18U);
  // 34 * 144 = 4896, rounded to 5376.
  EXPECT_EQ(BucketsWithSpares(5, 144), 37U);
  // Page-sized blocks beyond the small sizes.
  EXPECT_EQ(BucketsWithSpares(10, 144), 160 * 1024 / 144U);
}

}  // namespace
}  // namespace slotproof::core
