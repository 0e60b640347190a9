#include "subjects/map/map_subject.h"

#include <set>

#include <gtest/gtest.h>

#include "harness/subject/vocabulary.h"
#include "subjects/map/bad_hash.h"

namespace slotproof {
namespace {

template <class T>
class KeyTest : public testing::Test {};
using KeyTypes = testing::Types<std::uint64_t, std::uint32_t, std::string, double, Bytes136>;
TYPED_TEST_SUITE(KeyTest, KeyTypes);

TYPED_TEST(KeyTest, EachIndexHasItsKeyAndEachKeyItsIndex) {
  for (KeyIndex index = 0; index < kMostKeys; ++index) {
    ASSERT_EQ(IndexOfKey(KeyTable<TypeParam>::At(index)), index);
  }
}

TEST(Keys, DoublesHaveTwoZerosAndTwoNaNs) {
  EXPECT_EQ(MakeKey<double>(0), MakeKey<double>(1));
  EXPECT_TRUE(std::signbit(MakeKey<double>(1)));
  EXPECT_EQ(EqualKey(KeyKind::kDouble, 1), 0u);
  EXPECT_EQ(EqualKey(KeyKind::kUint64, 1), 1u);
  for (KeyIndex index = 0; index < kMostKeys; ++index) {
    const double key = MakeKey<double>(index);
    EXPECT_EQ(IsUnequalKey(KeyKind::kDouble, index), key != key);
    EXPECT_FALSE(IsUnequalKey(KeyKind::kUint64, index));
  }
}

TEST(Keys, ADamagedLargeKeyIsRecognised) {
  for (std::size_t word = 0; word < 17; ++word) {
    Bytes136 bytes = Bytes136::Of(5);
    bytes.word[word] ^= 1;
    EXPECT_EQ(bytes.Number(), ~std::uint64_t{0}) << "word " << word;
  }
}

TEST(SpoilHash, EachBadHashIsBadInItsOwnWay) {
  std::set<std::uint64_t> constant, low, top, buckets, clusters;
  for (std::uint64_t i = 1; i < 1000; ++i) {
    const std::uint64_t hash = i * 0x9e3779b97f4a7c15;
    EXPECT_EQ(SpoilHash(HashKind::kGood, hash), hash);
    constant.insert(SpoilHash(HashKind::kConstant, hash));
    low.insert(SpoilHash(HashKind::kEqualLowBits, hash) & 0xffff);
    top.insert(SpoilHash(HashKind::kEqualTophash, hash) >> 56);
    buckets.insert(SpoilHash(HashKind::kEqualTophash, hash) & 0xff);
    clusters.insert(SpoilHash(HashKind::kTwoClusters, hash));
  }
  EXPECT_EQ(constant.size(), 1u);
  EXPECT_EQ(low.size(), 1u);
  EXPECT_EQ(top, std::set<std::uint64_t>{3}) << "below 5, so that it has to be raised";
  EXPECT_GT(buckets.size(), 200u);
  EXPECT_EQ(clusters.size(), 4u);
}

TEST(MapVocabulary, ItsTablesAreSound) {
  EXPECT_EQ(CheckVocabulary(MapVocabulary()), std::nullopt);
  for (const Profile& profile : MapProfiles()) {
    EXPECT_EQ(profile.ops.size(), MapVocabulary().ops.size()) << profile.name;
  }
}

}  // namespace
}  // namespace slotproof
