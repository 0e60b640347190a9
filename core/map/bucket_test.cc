#include "core/map/bucket.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <gtest/gtest.h>

#include "core/map/policy.h"
#include "core/map/tophash.h"

namespace slotproof::core {
namespace {

struct Nothing {
  bool operator==(const Nothing&) const = default;
};
template <std::size_t kBytes>
struct Blob {
  std::array<unsigned char, kBytes> bytes;
};
struct alignas(64) Wide {
  int value;
};

template <class Key, class Value, class Policy = DefaultMapPolicy<Key>>
using BucketOf = Bucket<Key, Value, Policy>;

struct FourSlots : DefaultMapPolicy<std::uint64_t> {
  static constexpr int kBucketWidth = 4;
};

TEST(BucketTest, SizesAreThoseOfTheRuntime) {
  EXPECT_EQ(sizeof(BucketOf<std::uint64_t, std::uint64_t>), 144U);
  EXPECT_EQ(sizeof(BucketOf<std::int32_t, std::int32_t>), 80U);
  EXPECT_EQ(sizeof(BucketOf<std::string_view, std::string_view>), 272U);
  EXPECT_EQ(sizeof(BucketOf<std::uint64_t, Nothing>), 80U);
  EXPECT_EQ(sizeof(BucketOf<std::uint8_t, std::uint8_t>), 32U);
  EXPECT_EQ(sizeof(BucketOf<Nothing, Nothing>), 16U);
  EXPECT_EQ(sizeof(BucketOf<Blob<136>, Blob<136>>), 144U);
}

TEST(BucketTest, KeysBeginAtByteEightAndTheLinkIsLast) {
  using B = BucketOf<std::uint64_t, std::uint8_t>;
  static_assert(std::is_standard_layout_v<std::uint64_t>);
  B bucket{};
  const auto offset = [&bucket](const void* part) {
    return static_cast<const std::byte*>(part) - reinterpret_cast<const std::byte*>(&bucket);
  };
  EXPECT_EQ(offset(bucket.keys.Get(0)), 8);
  EXPECT_EQ(offset(bucket.keys.Get(7)), 8 + 7 * 8);
  EXPECT_EQ(offset(bucket.elems.Get(0)), 8 + 64);
  EXPECT_EQ(offset(bucket.elems.Get(7)), 8 + 64 + 7);
  EXPECT_EQ(offset(static_cast<const void*>(&bucket.overflow)),
            static_cast<std::ptrdiff_t>(sizeof(B) - sizeof(void*)));
  EXPECT_EQ(offset(bucket.data()), 8);
}

TEST(BucketTest, MoreThan128BytesAreHeldIndirectly) {
  EXPECT_EQ(kSlotKind<Blob<128>>, SlotKind::kInline);
  EXPECT_EQ(kSlotKind<Blob<129>>, SlotKind::kIndirect);
  EXPECT_EQ(kSlotKind<Nothing>, SlotKind::kEmpty);
  EXPECT_EQ((sizeof(BucketOf<std::uint64_t, Blob<128>>)), 16U + 64 + 8 * 128);
  EXPECT_EQ((sizeof(BucketOf<std::uint64_t, Blob<129>>)), 16U + 64 + 64);
}

TEST(BucketTest, NarrowBucketsHaveTheSameShape) {
  EXPECT_EQ(sizeof(BucketOf<std::uint64_t, std::uint64_t, FourSlots>), 8U + 32 + 32 + 8);
}

TEST(BucketTest, OverAlignedKeysAreAligned) {
  EXPECT_EQ(alignof(BucketOf<Wide, int>), 64U);
  EXPECT_EQ((BucketOf<Wide, int>::DataOffset()), 64U);
}

TEST(BucketTest, PointersAreSeenInSlotTypes) {
  EXPECT_FALSE((BucketOf<std::uint64_t, std::uint64_t>::kHasPointers));
  EXPECT_TRUE((BucketOf<std::uint64_t, int*>::kHasPointers));
  EXPECT_TRUE((BucketOf<std::string_view, int>::kHasPointers));
  EXPECT_TRUE((BucketOf<std::string, int>::kHasPointers));
  EXPECT_TRUE((BucketOf<int, Blob<129>>::kHasPointers));
  EXPECT_FALSE((BucketOf<int, Blob<128>>::kHasPointers));
  EXPECT_FALSE((BucketOf<int, int*>::kOwnsObjects));
  EXPECT_TRUE((BucketOf<int, std::string>::kOwnsObjects));
}

TEST(BucketTest, ZeroDataLeavesTheTophashBytes) {
  BucketOf<std::uint64_t, std::uint64_t> bucket{};
  for (std::uint8_t i = 0; i < 8; ++i) bucket.tophash[i] = static_cast<std::uint8_t>(i + 2);
  bucket.keys.Construct(0, 5U);
  bucket.elems.Construct(7, 6U);
  bucket.overflow = &bucket;
  bucket.ZeroData();
  for (std::uint8_t i = 0; i < 8; ++i) EXPECT_EQ(bucket.tophash[i], i + 2);
  EXPECT_TRUE(bucket.keys.IsZero(0));
  EXPECT_TRUE(bucket.elems.IsZero(7));
  EXPECT_EQ(bucket.overflow, nullptr);
}

}  // namespace
}  // namespace slotproof::core
