#include "core/heap/size_classes.h"

#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

TEST(SizeClassesTest, ClassesRiseAndEndAtTheSmallLimit) {
  for (std::size_t i = 1; i < kSizeClassBytes.size(); ++i) {
    EXPECT_LT(kSizeClassBytes[i - 1], kSizeClassBytes[i]);
  }
  EXPECT_EQ(kSizeClassBytes.size(), 68U);
  EXPECT_EQ(kSizeClassBytes.back(), kMaxSmallBytes);
}

TEST(SizeClassesTest, ASmallRequestGetsTheSmallestClassThatHoldsIt) {
  std::size_t size_class = 0;
  for (std::size_t bytes = 0; bytes < kMaxSmallBytes; ++bytes) {
    while (kSizeClassBytes[size_class] < bytes) ++size_class;
    ASSERT_EQ(RoundUpSize(bytes), kSizeClassBytes[size_class]) << bytes;
    ASSERT_EQ(SizeClassOf(bytes), size_class) << bytes;
  }
}

TEST(SizeClassesTest, ALargeRequestGetsWholePages) {
  EXPECT_EQ(RoundUpSize(kMaxSmallBytes), 32768U);
  EXPECT_EQ(RoundUpSize(32769), 40960U);
  EXPECT_EQ(RoundUpSize(40960), 40960U);
  EXPECT_EQ(RoundUpSize(1000001), 1007616U);
}

TEST(SizeClassesTest, ARequestTooLargeToRoundStaysAsItIs) {
  constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(RoundUpSize(kMax), kMax);
  EXPECT_EQ(RoundUpSize(kMax - kPageBytes + 1), kMax - kPageBytes + 1);
}

// 5120 was a class in older releases; slices of 8-byte elements show that it is gone.
TEST(SizeClassesTest, FivekibIsNotAClass) { EXPECT_EQ(RoundUpSize(5120), 5376U); }

}  // namespace
}  // namespace slotproof::core
