#include "core/heap/object_type.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

TEST(ObjectTypeTest, WithoutAMapItHasNoPointers) {
  constexpr ObjectType kOdd(13);
  static_assert(kOdd.bytes() == 13 && !kOdd.HasPointers() && kOdd.pointer_words() == 0);
  EXPECT_FALSE(kOdd.IsPointer(0));
  EXPECT_FALSE(kOdd.IsPointer(1000));
}

TEST(ObjectTypeTest, PointerWordsEndWithTheLastPointer) {
  constexpr ObjectType kType(80, 0b0100'0010);
  static_assert(kType.HasPointers() && kType.pointer_words() == 7);
  for (std::size_t word = 0; word < 10; ++word) {
    EXPECT_EQ(kType.IsPointer(word), word == 1 || word == 6) << word;
  }
}

TEST(ObjectTypeTest, AMapOf64WordsMayBeFull) {
  constexpr ObjectType kFull(512, ~std::uint64_t{0});
  static_assert(kFull.pointer_words() == 64);
  EXPECT_TRUE(kFull.IsPointer(63));
  EXPECT_FALSE(kFull.IsPointer(64));
}

// Far larger than its pointers reach.
TEST(ObjectTypeTest, ASmallMapServesALargeObject) {
  constexpr ObjectType kHead(std::size_t{1} << 20, 0b1);
  EXPECT_EQ(kHead.pointer_words(), 1U);
  EXPECT_TRUE(kHead.IsPointer(0));
  EXPECT_FALSE(kHead.IsPointer(64));
}

TEST(ObjectTypeTest, ALongMapGoesOnInTheNextWord) {
  static constexpr std::array<std::uint64_t, 3> kMap = {std::uint64_t{1} << 63, 0, 0b100};
  constexpr ObjectType kType(192 * kWordBytes, kMap);
  static_assert(kType.pointer_words() == 131);
  for (std::size_t word = 0; word < 200; ++word) {
    EXPECT_EQ(kType.IsPointer(word), word == 63 || word == 130) << word;
  }
}

TEST(ObjectTypeTest, ALongMapOfZeroesAndAnEmptyOneHaveNoPointers) {
  static constexpr std::array<std::uint64_t, 2> kMap = {0, 0};
  constexpr ObjectType kType(1001, kMap);
  static_assert(!kType.HasPointers());
  EXPECT_FALSE(kType.IsPointer(3));
  constexpr ObjectType kEmpty(16, std::span<const std::uint64_t>());
  static_assert(!kEmpty.HasPointers());
}

TEST(ObjectTypeDeathTest, APointerBeyondTheEndIsAnError) {
  if (!kAssertionsEnabled) GTEST_SKIP();
  EXPECT_DEATH(ObjectType(16, 0b100), "pointer_words_");
  EXPECT_DEATH(ObjectType(17, 0b1), "kWordBytes == 0");
}

}  // namespace
}  // namespace slotproof::core
