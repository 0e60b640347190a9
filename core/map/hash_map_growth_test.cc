// Growth and where random numbers are drawn.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

using IntMap = HashMap<std::uint64_t, std::uint64_t, TestPolicy<std::uint64_t>>;

// Reports how many random numbers `action` draws from the map's source.
template <class Map, class Action>
std::uint64_t DrawsOf(const Map& map, Action&& action) {
  WyRand counter(map.random().state());
  action();
  for (std::uint64_t draws = 0; draws < 100000; ++draws) {
    if (counter.state() == map.random().state()) return draws;
    counter.Rand64();
  }
  ADD_FAILURE() << "more than 100000 draws";
  return 0;
}

// TestMapBuckets.
TEST(GrowthTest, HintDecidesTheNumberOfBuckets) {
  struct Case {
    std::int64_t hint;
    std::uint8_t b;
  };
  for (const auto& [hint, b] : {Case{0, 0}, {8, 0}, {9, 1}, {13, 1}, {14, 2}, {26, 2}, {27, 3}}) {
    const IntMap map(hint);
    EXPECT_EQ(map.Shape().b, b) << hint;
    EXPECT_EQ(map.Shape().has_buckets, b > 0) << hint;
    ExpectLawful(map);
  }
}

// TestIgnoreBogusMapHint.
TEST(GrowthTest, ImpossibleHintsCountAsNone) {
  for (const std::int64_t hint :
       {std::int64_t{-1}, std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(IntMap(hint).Shape().b, 0) << hint;
  }
}

TEST(GrowthTest, SpareBucketsComeWithSixteenBuckets) {
  EXPECT_EQ(IntMap(52).Shape().spare_buckets, 0U);
  const MapShape shape = IntMap(53).Shape();
  EXPECT_EQ(shape.b, 4);
  EXPECT_EQ(shape.spare_buckets, 2U);
  EXPECT_EQ(shape.spares_left, 2U);
  EXPECT_EQ(shape.next_overflow, 16U);
}

TEST(GrowthTest, TheNinthEntryDoublesASingleBucket) {
  IntMap map;
  for (std::uint64_t i = 0; i < 8; ++i) map[i];
  EXPECT_EQ(map.Shape().b, 0);
  map[3] = 1;
  EXPECT_EQ(map.Shape().b, 0) << "an overwrite never starts a growth";
  map[8];
  EXPECT_EQ(map.Shape().b, 1);
  EXPECT_EQ(map.probe()[MapEvent::kDoublingBegun], 1U);
  EXPECT_EQ(map.probe()[MapEvent::kGrowthFinished], 1U) << "one old bucket is moved at once";
}

TEST(GrowthTest, EachWriteMovesTwoChains) {
  IntMap map(104, WyRand(1));
  for (std::uint64_t i = 0; i < 104; ++i) map[i];
  ASSERT_FALSE(map.Shape().growing);
  map[104];
  ASSERT_TRUE(map.Shape().growing);
  EXPECT_EQ(map.Shape().old_main_buckets, 16U);
  std::size_t moved = 0;
  const auto count_moved = [&map] {
    std::size_t count = 0;
    map.VisitBuckets([&count](const IntMap::View& bucket) {
      if (bucket.in_old_array() && bucket.position() == 0 && IsEvacuated(bucket.tophash()[0])) {
        ++count;
      }
    });
    return count;
  };
  moved = count_moved();
  EXPECT_GE(moved, 1U);
  EXPECT_LE(moved, 2U);
  std::size_t writes = 1;
  while (map.Shape().growing) {
    ExpectLawful(map);
    EXPECT_NE(map.Find(writes), nullptr) << "look-ups move nothing";
    map[0] = writes++;
    if (!map.Shape().growing) break;
    const std::size_t now = count_moved();
    EXPECT_GE(now, moved + 1);
    EXPECT_LE(now, moved + 2);
    moved = now;
  }
  EXPECT_LE(writes, 17U);
  EXPECT_EQ(map.Shape().nevacuate, 16U) << "stays until the next growth";
  ExpectLawful(map);
}

TEST(GrowthTest, EvacuationKeepsOrderAndLeavesNoHoles) {
  PlacedMap map;
  // One bucket; bit 0 decides the way. Slots 2 and 5 are deleted again.
  for (std::uint64_t n = 0; n < 8; ++n) map[PlacedKey(n % 2, n)] = n;
  map.Erase(PlacedKey(0, 2));
  map.Erase(PlacedKey(1, 5));
  map[PlacedKey(0, 8)] = 8;  // takes slot 2, the first free one
  map[PlacedKey(0, 9)] = 9;
  map[PlacedKey(0, 10)] = 10;
  ASSERT_EQ(map.Shape().b, 1);
  std::vector<std::vector<std::uint64_t>> chains(2);
  map.VisitBuckets([&chains](const PlacedMap::View& bucket) {
    for (int slot = 0; slot < 8; ++slot) {
      if (bucket.live(slot)) chains[bucket.main_index()].push_back(*bucket.value(slot));
    }
    if (bucket.main_index() == 1) EXPECT_FALSE(bucket.live(3));
  });
  EXPECT_EQ(chains[0], (std::vector<std::uint64_t>{0, 8, 4, 9, 6, 10}));
  EXPECT_EQ(chains[1], (std::vector<std::uint64_t>{1, 3, 7}));
}

// Many overflow buckets and few entries: the table is packed anew without growing.
TEST(GrowthTest, SparseChainsArePackedBySameSizeGrowth) {
  PlacedMap map(104);
  ASSERT_EQ(map.Shape().b, 4);
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) {
    for (std::uint64_t n = 0; n < 9; ++n) map[PlacedKey(bucket, n)] = n;
    for (std::uint64_t n = 0; n < 8; ++n) map.Erase(PlacedKey(bucket, n));
  }
  ASSERT_EQ(map.Shape().noverflow, 16);
  ASSERT_FALSE(map.Shape().growing);
  map[PlacedKey(3, 20)];
  EXPECT_TRUE(map.Shape().growing);
  EXPECT_TRUE(map.Shape().same_size_grow);
  EXPECT_EQ(map.Shape().old_main_buckets, 16U);
  ExpectLawful(map);
  while (map.Shape().growing) map[PlacedKey(3, 20)];
  EXPECT_EQ(map.Shape().b, 4);
  EXPECT_EQ(map.Shape().noverflow, 0);
  EXPECT_FALSE(map.Shape().same_size_grow);
  EXPECT_EQ(map.size(), 17U);
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) {
    EXPECT_EQ(*map.Find(PlacedKey(bucket, 8)), 8U);
  }
  ExpectLawful(map);
  EXPECT_EQ(map.probe()[MapEvent::kSameSizeGrowthBegun], 1U);
}

TEST(GrowthTest, OverflowBucketsComeFromTheSparesFirst) {
  PlacedMap map(104);
  const auto fill_overflow = [&map](std::uint64_t bucket) {
    for (std::uint64_t n = 0; n < 9; ++n) map[PlacedKey(bucket, n)] = n;
  };
  fill_overflow(0);
  EXPECT_EQ(map.Shape().next_overflow, 17U);
  fill_overflow(1);
  EXPECT_EQ(map.Shape().next_overflow, std::nullopt);
  EXPECT_EQ(map.probe()[MapEvent::kOverflowPreallocatedExhausted], 1U);
  fill_overflow(2);
  EXPECT_EQ(map.probe()[MapEvent::kOverflowFromPreallocated], 2U);
  EXPECT_EQ(map.probe()[MapEvent::kOverflowAllocated], 1U);
  EXPECT_EQ(map.Shape().overflow_list, 3U);
  ExpectLawful(map);
}

// advanceEvacuationMark looks at no more than 1024 buckets in one step.
TEST(GrowthTest, TheEvacuationMarkAdvancesByAtMost1024) {
  PlacedMap map(26624);
  ASSERT_EQ(map.Shape().b, 12);
  auto& table = HashMapTestPeer::Table(map);
  HashGrow(table);
  for (std::size_t i = 1; i < 4096; ++i) Evacuate(table, i);
  EXPECT_EQ(table.nevacuate, 0U);
  Evacuate(table, 0);
  EXPECT_EQ(table.nevacuate, 1025U);
  EXPECT_EQ(map.probe()[MapEvent::kEvacuationMarkCapped], 1U);
}

TEST(GrowthTest, FromSixteenLevelsOnOverflowIsCountedByChance) {
  PlacedMap map(std::int64_t{13} * (1 << 17) / 2 * 2);
  ASSERT_EQ(map.Shape().b, 18);
  std::uint64_t overflows = 0;
  const std::uint64_t draws = DrawsOf(map, [&] {
    for (std::uint64_t n = 0; n < 808; ++n) map[7 | n << 20 | (n % 200 + 20) << 32];
    overflows = 100;
  });
  EXPECT_EQ(draws, overflows) << "one draw for each new overflow bucket";
  EXPECT_LT(map.Shape().noverflow, 60) << "counted with probability 1/8";
  EXPECT_GT(map.Shape().noverflow, 0);
  ExpectLawful(map);
}

TEST(RandomDrawsTest, MakingAMapDrawsTheSeedAndNothingElse) {
  WyRand expected(77);
  const std::uint32_t hash0 = expected.Rand32();
  const IntMap map(1000, WyRand(77));
  EXPECT_EQ(map.Shape().hash0, hash0);
  EXPECT_EQ(map.random().state(), expected.state());
}

TEST(RandomDrawsTest, OrdinaryOperationsDrawNothing) {
  IntMap map;
  EXPECT_EQ(DrawsOf(map,
                    [&map] {
                      for (std::uint64_t i = 0; i < 1000; ++i) map[i] = i;
                      for (std::uint64_t i = 0; i < 2000; ++i) map.Find(i);
                      for (std::uint64_t i = 0; i < 999; ++i) map.Erase(i);
                      map.Shape();
                      EXPECT_FALSE(map.CheckInvariants());
                    }),
            0U);
  EXPECT_EQ(DrawsOf(map, [&map] { map.Erase(999); }), 1U) << "the new seed of an emptied map";
  EXPECT_EQ(DrawsOf(map, [&map] { map.Erase(999); }), 0U);
  EXPECT_EQ(DrawsOf(map, [&map] { map.Clear(); }), 0U) << "clearing an empty map does nothing";
  EXPECT_EQ(DrawsOf(map, [&map] { map.Iterate(); }), 0U);
  map[1];
  EXPECT_EQ(DrawsOf(map, [&map] { map.Iterate(); }), 1U);
  EXPECT_EQ(DrawsOf(map, [&map] { map.Clear(); }), 1U);
}

TEST(RandomDrawsTest, EveryHashOfANanDrawsOnce) {
  HashMap<double, int, TestPolicy<double>> map;
  EXPECT_EQ(DrawsOf(map, [&map] { map.Find(kNan); }), 0U) << "an empty map does not hash";
  EXPECT_EQ(DrawsOf(map,
                    [&map] {
                      for (int i = 0; i < 8; ++i) map.InsertOrAssign(kNan, i);
                    }),
            8U);
  EXPECT_EQ(DrawsOf(map, [&map] { map.Find(kNan); }), 1U);
  EXPECT_EQ(DrawsOf(map, [&map] { map.Erase(kNan); }), 1U);
  EXPECT_EQ(DrawsOf(map, [&map] { map.InsertOrAssign(kNan, 8); }), 1U + 8U)
      << "one for the key, one for each entry moved by the growth, none for the search again";
  EXPECT_EQ(DrawsOf(map,
                    [&map] {
                      EXPECT_FALSE(map.CheckInvariants());
                      map.VisitEntries([](double, int) {});
                    }),
            0U);
}

}  // namespace
}  // namespace slotproof::core
