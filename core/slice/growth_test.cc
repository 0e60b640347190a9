// Growth and make, number by number.

#include "core/slice/growth.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr SliceError kGrowError{.code = SliceErrorCode::kGrowSliceCap};
constexpr SliceError kLenError{.code = SliceErrorCode::kMakeSliceLen};
constexpr SliceError kCapError{.code = SliceErrorCode::kMakeSliceCap};
constexpr auto kBothRules = {GrowthRule::kGo117, GrowthRule::kGo118};

// Capacities while elements are appended to nil one by one.
std::vector<std::int64_t> Capacities(GrowthRule rule, std::int64_t elem_bytes, std::size_t count) {
  std::vector<std::int64_t> capacities;
  for (std::int64_t cap = 0; capacities.size() < count;) {
    cap = GrowCapacity(rule, elem_bytes, cap, cap + 1).value();
    capacities.push_back(cap);
  }
  return capacities;
}

TEST(GrowthTest, WordsOneByOneByTheRuleOf118) {
  EXPECT_EQ(Capacities(GrowthRule::kGo118, 8, 18),
            (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560,
                                       3408, 5120, 7168, 9216}));
}

TEST(GrowthTest, WordsOneByOneByTheRuleOf117) {
  EXPECT_EQ(Capacities(GrowthRule::kGo117, 8, 17),
            (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1280, 1696,
                                       2304, 3072, 4096, 5120}));
}

TEST(GrowthTest, BytesOneByOneStartWithTheSmallestClass) {
  for (const GrowthRule rule : kBothRules) {
    EXPECT_EQ(Capacities(rule, 1, 6), (std::vector<std::int64_t>{8, 16, 32, 64, 128, 256}));
  }
}

TEST(GrowthTest, SeveralAtOnceAreRoundedUpToASizeClass) {
  for (const GrowthRule rule : kBothRules) {
    EXPECT_EQ(GrowCapacity(rule, 8, 0, 5), 6) << "five words take the class of 48 bytes";
    EXPECT_EQ(GrowCapacity(rule, 16, 0, 3), 3) << "three string headers take just that class";
    EXPECT_EQ(GrowCapacity(rule, 24, 0, 1), 1);
    EXPECT_EQ(GrowCapacity(rule, 24, 1, 2), 2);
    EXPECT_EQ(GrowCapacity(rule, 24, 2, 3), 4) << "a division that leaves a rest";
    EXPECT_EQ(GrowCapacity(rule, 40, 1, 5), 5) << "208 bytes are 5 of 40 and a rest";
  }
}

// Just at, below and above: twice the capacity, and each rule's threshold.
TEST(GrowthTest, EachBranchBeginsWhereTheRuleSays) {
  const auto plan = [](GrowthRule rule, std::int64_t cap, std::int64_t need) {
    return PlanGrowth(rule, 8, cap, need).value();
  };
  for (const GrowthRule rule : kBothRules) {
    EXPECT_EQ(plan(rule, 100, 200).step, GrowthStep::kDoubled);
    EXPECT_EQ(plan(rule, 100, 201).step, GrowthStep::kToNeed);
    EXPECT_EQ(plan(rule, 100, 201).wanted, 201);
    EXPECT_EQ(plan(rule, 0, 1).step, GrowthStep::kToNeed);
    EXPECT_EQ(plan(rule, 255, 256).wanted, 510);
  }
  EXPECT_EQ(plan(GrowthRule::kGo118, 255, 256).step, GrowthStep::kDoubled);
  EXPECT_EQ(plan(GrowthRule::kGo118, 256, 257).step, GrowthStep::kQuarters);
  EXPECT_EQ(plan(GrowthRule::kGo118, 256, 257).wanted, 512);
  EXPECT_EQ(plan(GrowthRule::kGo118, 257, 258).wanted, 513);
  EXPECT_EQ(plan(GrowthRule::kGo117, 1023, 1024).step, GrowthStep::kDoubled);
  EXPECT_EQ(plan(GrowthRule::kGo117, 1024, 1025).step, GrowthStep::kQuarters);
  EXPECT_EQ(plan(GrowthRule::kGo117, 1024, 1025).wanted, 1280);
}

TEST(GrowthTest, QuartersAreAddedUntilItIsEnough) {
  const Growth once = PlanGrowth(GrowthRule::kGo118, 1, 1000, 1442).value();
  EXPECT_EQ(once.wanted, 1442);
  EXPECT_EQ(once.quarters, 1);
  const Growth twice = PlanGrowth(GrowthRule::kGo118, 1, 1000, 1443).value();
  EXPECT_EQ(twice.wanted, 1442 + (1442 + 768) / 4);
  EXPECT_EQ(twice.quarters, 2);
  const Growth old_rule = PlanGrowth(GrowthRule::kGo117, 1, 2000, 4000).value();
  EXPECT_EQ(old_rule.wanted, 4882) << "2500, 3125, 3906, 4882";
  EXPECT_EQ(old_rule.quarters, 4);
}

TEST(GrowthTest, LargeArraysAreWholePages) {
  EXPECT_EQ(GrowCapacity(GrowthRule::kGo118, 1, 0, 32767), 32768);
  EXPECT_EQ(GrowCapacity(GrowthRule::kGo118, 1, 0, 32768), 32768);
  EXPECT_EQ(GrowCapacity(GrowthRule::kGo118, 1, 0, 32769), 40960);
  EXPECT_EQ(GrowCapacity(GrowthRule::kGo118, 3, 0, 20000), 65536 / 3);
}

TEST(GrowthTest, ElementsWithoutSizeGetWhatTheyNeed) {
  for (const GrowthRule rule : kBothRules) {
    EXPECT_EQ(GrowCapacity(rule, 0, 0, 1), 1);
    EXPECT_EQ(GrowCapacity(rule, 0, 1000, 1001), 1001);
    EXPECT_EQ(GrowCapacity(rule, 0, 0, kMax), kMax);
    EXPECT_EQ(GrowCapacity(rule, 0, kMax, kMin).error(), kGrowError);
  }
}

TEST(GrowthTest, WhatNoMemoryHoldsIsRefused) {
  for (const GrowthRule rule : kBothRules) {
    EXPECT_EQ(GrowCapacity(rule, 8, 10, 9).error(), kGrowError);
    EXPECT_EQ(GrowCapacity(rule, 8, 10, kMin).error(), kGrowError) << "the length overflowed";
    EXPECT_EQ(GrowCapacity(rule, 8, 10, kMax).error(), kGrowError);
    EXPECT_EQ(GrowCapacity(rule, 1, 0, std::int64_t{1} << 48), std::int64_t{1} << 48);
    EXPECT_EQ(GrowCapacity(rule, 1, 0, (std::int64_t{1} << 48) + 1).error(), kGrowError);
    EXPECT_EQ(GrowCapacity(rule, 8, 0, std::int64_t{1} << 45), std::int64_t{1} << 45);
    EXPECT_EQ(GrowCapacity(rule, 8, 0, (std::int64_t{1} << 45) + 1).error(), kGrowError);
    EXPECT_EQ(GrowCapacity(rule, std::int64_t{1} << 40, 0, std::int64_t{1} << 40).error(),
              kGrowError)
        << "the product overflows";
    EXPECT_EQ(PlanGrowth(rule, 1, kMax / 2 + 1, kMax).error(), kGrowError);
  }
}

// Nobody gets such an array, but the arithmetic is the runtime's to the end.
TEST(GrowthTest, WhenDoublingOrQuartersOverflowTheNeedCounts) {
  using internal_growth::WantedGrowth;
  for (const GrowthRule rule : kBothRules) {
    const Growth doubled = WantedGrowth(rule, kMax / 2 + 1, kMax);
    EXPECT_EQ(doubled.wanted, kMax);
    EXPECT_EQ(doubled.step, GrowthStep::kToNeed);
    const Growth quarters = WantedGrowth(rule, kMax / 2, kMax - 1);
    EXPECT_EQ(quarters.wanted, kMax - 1);
    EXPECT_EQ(quarters.step, GrowthStep::kQuarters);
    EXPECT_EQ(quarters.quarters, 4);
  }
}

TEST(GrowthTest, IsAConstantExpression) {
  static_assert(GrowCapacity(GrowthRule::kGo118, 8, 256, 257) == 512);
  static_assert(!GrowCapacity(GrowthRule::kGo118, 8, 1, 0).has_value());
  static_assert(!CheckMakeSlice(8, 1, 1).has_value());
}

TEST(MakeSliceTest, AllThatFitsMayBeMade) {
  EXPECT_EQ(CheckMakeSlice(8, 0, 0), std::nullopt);
  EXPECT_EQ(CheckMakeSlice(8, 3, 3), std::nullopt);
  EXPECT_EQ(CheckMakeSlice(8, 0, std::int64_t{1} << 45), std::nullopt);
  EXPECT_EQ(CheckMakeSlice(0, kMax, kMax), std::nullopt);
}

TEST(MakeSliceTest, TheLengthIsBlamedIfItAloneIsBad) {
  EXPECT_EQ(CheckMakeSlice(8, -1, 3), kLenError);
  EXPECT_EQ(CheckMakeSlice(8, -1, -1), kLenError);
  EXPECT_EQ(CheckMakeSlice(0, -1, 0), kLenError);
  EXPECT_EQ(CheckMakeSlice(8, (std::int64_t{1} << 45) + 1, kMax), kLenError);
  EXPECT_EQ(CheckMakeSlice(8, kMax, 0), kLenError);
}

TEST(MakeSliceTest, OtherwiseTheCapacityIs) {
  EXPECT_EQ(CheckMakeSlice(8, 4, 3), kCapError);
  EXPECT_EQ(CheckMakeSlice(8, 0, -1), kCapError);
  EXPECT_EQ(CheckMakeSlice(0, 4, 3), kCapError);
  EXPECT_EQ(CheckMakeSlice(8, 0, (std::int64_t{1} << 45) + 1), kCapError);
  EXPECT_EQ(CheckMakeSlice(8, 0, kMax), kCapError);
  EXPECT_EQ(CheckMakeSlice(std::int64_t{1} << 40, 0, std::int64_t{1} << 40), kCapError);
}

}  // namespace
}  // namespace slotproof::core
