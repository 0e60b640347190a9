// Deletion, the emptyRest marks, and clearing.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

// The states of one chain: 'r' emptyRest, '1' emptyOne, 'x' live, one string for each bucket.
std::vector<std::string> Chain(const PlacedMap& map, std::size_t index) {
  std::vector<std::string> chain;
  map.VisitBuckets([&](const PlacedMap::View& bucket) {
    if (bucket.in_old_array() || bucket.main_index() != index) return;
    std::string states;
    for (const std::uint8_t state : bucket.tophash()) {
      states += state == kEmptyRest ? 'r' : state == kEmptyOne ? '1' : 'x';
    }
    chain.push_back(states);
  });
  return chain;
}

// A table of 16 buckets with 20 entries in bucket 0, in three buckets.
PlacedMap LongChain() {
  PlacedMap map(104);
  for (std::uint64_t n = 0; n < 20; ++n) map[PlacedKey(0, n)] = n;
  return map;
}

TEST(DeleteTest, ADeletedSlotBeforeOthersIsEmptyOne) {
  PlacedMap map = LongChain();
  map.Erase(PlacedKey(0, 3));
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"xxx1xxxx", "xxxxxxxx", "xxxxrrrr"}));
  map.Erase(PlacedKey(0, 7));
  EXPECT_EQ(Chain(map, 0)[0], "xxx1xxx1");
  EXPECT_EQ(map.probe()[MapEvent::kEmptyRestBlocked], 2U);
  ExpectLawful(map);
}

TEST(DeleteTest, TheLastSlotBecomesEmptyRest) {
  PlacedMap map = LongChain();
  map.Erase(PlacedKey(0, 19));
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"xxxxxxxx", "xxxxxxxx", "xxxrrrrr"}));
  EXPECT_EQ(map.probe()[MapEvent::kEmptyRestPropagated], 0U);
}

TEST(DeleteTest, EmptyRestRunsBackOverEmptyOnes) {
  PlacedMap map = LongChain();
  for (std::uint64_t n = 17; n < 20; ++n) map.Erase(PlacedKey(0, n));
  EXPECT_EQ(Chain(map, 0)[2], "xrrrrrrr");
  EXPECT_EQ(map.probe()[MapEvent::kEmptyRestPropagated], 2U);
}

TEST(DeleteTest, EmptyRestRunsIntoThePreviousBuckets) {
  PlacedMap map = LongChain();
  for (std::uint64_t n = 4; n < 19; ++n) map.Erase(PlacedKey(0, n));
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"xxxx1111", "11111111", "111xrrrr"}));
  ExpectLawful(map);
  map.Erase(PlacedKey(0, 19));
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"xxxxrrrr", "rrrrrrrr", "rrrrrrrr"}));
  EXPECT_EQ(map.probe()[MapEvent::kEmptyRestCrossedBucket], 2U);
  ExpectLawful(map);
}

TEST(DeleteTest, TheLastSlotOfABucketLooksAtTheNextBucket) {
  PlacedMap map = LongChain();
  for (std::uint64_t n = 16; n < 20; ++n) map.Erase(PlacedKey(0, n));
  map.Erase(PlacedKey(0, 15));
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"xxxxxxxx", "xxxxxxxr", "rrrrrrrr"}));
}

TEST(DeleteTest, AFreedSlotIsUsedBeforeLaterOnes) {
  PlacedMap map = LongChain();
  map.Erase(PlacedKey(0, 9));
  map.Erase(PlacedKey(0, 5));
  map[PlacedKey(0, 30)];
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"xxxxxxxx", "x1xxxxxx", "xxxxrrrr"}));
  EXPECT_EQ(map.probe()[MapEvent::kEmptyOneReused], 1U);
}

TEST(DeleteTest, OverflowBucketsStayLinked) {
  PlacedMap map = LongChain();
  for (std::uint64_t n = 0; n < 20; ++n) EXPECT_TRUE(map.Erase(PlacedKey(0, n)));
  EXPECT_EQ(Chain(map, 0), (std::vector<std::string>{"rrrrrrrr", "rrrrrrrr", "rrrrrrrr"}));
  EXPECT_EQ(map.Shape().noverflow, 2);
  EXPECT_EQ(map.Shape().b, 4);
}

// TestMapTombstones: fill, delete half, refill, delete all.
TEST(DeleteTest, TombstonesAreWellFormedAllAlong) {
  HashMap<std::uint64_t, std::uint64_t> map(0, WyRand(6));
  const std::uint64_t n = 2000;
  for (std::uint64_t i = 0; i < n; ++i) map[i] = i;
  ExpectLawful(map);
  for (std::uint64_t i = 0; i < n; i += 2) map.Erase(i);
  ExpectLawful(map);
  for (std::uint64_t i = n; i < 2 * n; ++i) map[i] = i;
  ExpectLawful(map);
  for (std::uint64_t i = 0; i < 2 * n; ++i) map.Erase(i);
  ExpectLawful(map);
  EXPECT_TRUE(map.empty());
}

TEST(DeleteTest, AnAbsentKeyChangesNothing) {
  PlacedMap map = LongChain();
  const MapShape before = map.Shape();
  EXPECT_FALSE(map.Erase(PlacedKey(0, 50)));
  EXPECT_FALSE(map.Erase(PlacedKey(9, 0)));
  EXPECT_EQ(map.Shape(), before);
}

TEST(DeleteTest, TheSeedIsDrawnAnewWhenTheMapEmpties) {
  HashMap<int, int> map(0, WyRand(1));
  map[1];
  map[2];
  const std::uint32_t seed = map.Shape().hash0;
  map.Erase(1);
  EXPECT_EQ(map.Shape().hash0, seed);
  map.Erase(2);
  EXPECT_NE(map.Shape().hash0, seed);
}

TEST(DeleteTest, PlainKeysStayAsStaleBytesPointersAndElementsDoNot) {
  PlacedMap map;
  map[PlacedKey(0, 1)] = 77;
  map.Erase(PlacedKey(0, 1));
  map.VisitBuckets([](const PlacedMap::View& bucket) {
    EXPECT_EQ(*bucket.key(0), PlacedKey(0, 1));
    EXPECT_EQ(*bucket.value(0), 0U);
  });
  HashMap<std::string_view, int*> views;
  int target = 0;
  views["name"] = &target;
  views.Erase("name");
  views.VisitBuckets([](const auto& bucket) {
    EXPECT_EQ(bucket.key(0)->data(), nullptr);
    EXPECT_EQ(*bucket.value(0), nullptr);
  });
}

TEST(DeleteTest, ObjectsDieWhenDeletedOrCleared) {
  HashMap<int, std::shared_ptr<int>> map;
  const auto object = std::make_shared<int>(1);
  for (int i = 0; i < 100; ++i) map[i] = object;
  EXPECT_EQ(object.use_count(), 101);
  map.Erase(5);
  EXPECT_EQ(object.use_count(), 100);
  map.Clear();
  EXPECT_EQ(object.use_count(), 1);
}

// Only a same-size growth has so few entries.
TEST(DeleteTest, DeletingToZeroDuringGrowthKeepsTheMapUsable) {
  PlacedMap map(104);
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) {
    for (std::uint64_t n = 0; n < 9; ++n) map[PlacedKey(bucket, n)] = n;
    for (std::uint64_t n = 0; n < 9; ++n) map.Erase(PlacedKey(bucket, n));
  }
  map[PlacedKey(5, 1)] = 1;
  ASSERT_TRUE(map.Shape().growing);
  const std::uint32_t seed = map.Shape().hash0;
  EXPECT_TRUE(map.Erase(PlacedKey(5, 1)));
  EXPECT_TRUE(map.Shape().growing);
  EXPECT_NE(map.Shape().hash0, seed);
  EXPECT_EQ(map.probe()[MapEvent::kDeleteToZeroWhileGrowing], 1U);
  ExpectLawful(map);
  while (map.Shape().growing) map[PlacedKey(1, 200)] = 1;
  EXPECT_TRUE(map.Contains(PlacedKey(1, 200)));
  ExpectLawful(map);
}

TEST(ClearTest, AClearedMapIsEmptyKeepsItsSizeAndHasANewSeed) {
  PlacedMap map = LongChain();
  const std::uint32_t seed = map.Shape().hash0;
  map.Clear();
  const MapShape shape = map.Shape();
  EXPECT_EQ(shape.count, 0U);
  EXPECT_EQ(shape.b, 4);
  EXPECT_EQ(shape.noverflow, 0);
  EXPECT_NE(shape.hash0, seed);
  EXPECT_EQ(shape.next_overflow, 16U) << "spares are as new";
  EXPECT_EQ(shape.overflow_list, std::nullopt);
  EXPECT_EQ(Chain(map, 0), std::vector<std::string>{"rrrrrrrr"});
  ExpectLawful(map);
  for (std::uint64_t n = 0; n < 20; ++n) map[PlacedKey(0, n)] = n;
  ExpectLawful(map);
}

TEST(ClearTest, ClearingEndsAGrowth) {
  PlacedMap map(104);
  for (std::uint64_t n = 0; n < 105; ++n) map[PlacedKey(n % 16, n)] = n;
  ASSERT_TRUE(map.Shape().growing);
  map.Clear();
  EXPECT_FALSE(map.Shape().growing);
  EXPECT_EQ(map.Shape().nevacuate, 0U);
  EXPECT_EQ(map.Shape().b, 5);
  EXPECT_EQ(map.probe()[MapEvent::kClearWhileGrowing], 1U);
  ExpectLawful(map);
}

TEST(ClearTest, ClearingAnEmptyMapDoesNothing) {
  PlacedMap map = LongChain();
  for (std::uint64_t n = 0; n < 20; ++n) map.Erase(PlacedKey(0, n));
  const MapShape before = map.Shape();
  map.Clear();
  EXPECT_EQ(map.Shape(), before);
  EXPECT_EQ(Chain(map, 0).size(), 3U) << "stale overflow buckets stay";
}

}  // namespace
}  // namespace slotproof::core
