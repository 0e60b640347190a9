// Iteration while the map grows, shrinks, changes and is cleared.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

template <class Key, class Value>
using TestMap = HashMap<Key, Value, TestPolicy<Key>>;

// Adds enough overflow to a 16-bucket table for a same-size growth, and starts it.
template <class Map, class MakeKey>
void ForceSameSizeGrowth(Map& map, MakeKey make_key) {
  while (map.Shape().growing) map[make_key(0, 300)];
  const std::size_t begun = map.probe()[MapEvent::kSameSizeGrowthBegun];
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) {
    for (std::uint64_t n = 1000; n < 1012; ++n) {
      map[make_key(bucket, n)];
      if (map.probe()[MapEvent::kSameSizeGrowthBegun] > begun) {
        for (std::uint64_t m = 1000; m <= n; ++m) map.Erase(make_key(bucket, m));
        return;
      }
    }
    for (std::uint64_t n = 1000; n < 1012; ++n) map.Erase(make_key(bucket, n));
  }
  ASSERT_GT(map.probe()[MapEvent::kSameSizeGrowthBegun], begun);
}

TEST(IterationTest, VisitsEachEntryOnce) {
  for (const std::uint64_t size : {1U, 8U, 9U, 100U, 3000U}) {
    HashMap<std::uint64_t, std::uint64_t> map(0, WyRand(size));
    for (std::uint64_t i = 0; i < size; ++i) map[i] = i * 2;
    std::map<std::uint64_t, std::uint64_t> seen;
    for (auto it = map.Iterate(); it.Next();) {
      EXPECT_TRUE(seen.emplace(it.key(), it.value()).second);
    }
    EXPECT_EQ(seen.size(), size);
    for (const auto& [key, value] : seen) EXPECT_EQ(value, key * 2);
  }
}

// TestMapIterOrder, TestMapSparseIterOrder.
TEST(IterationTest, TheOrderVariesEvenInSmallAndSparseMaps) {
  for (const int size : {3, 7, 9, 15}) {
    HashMap<int, bool> map(0, WyRand(3));
    for (int i = 0; i < size; ++i) map[i] = true;
    std::set<std::vector<int>> orders;
    for (int round = 0; round < 100; ++round) {
      std::vector<int> order;
      for (auto [key, value] : map) order.push_back(key);
      orders.insert(order);
    }
    EXPECT_GT(orders.size(), 2U) << size;
  }
}

// The draw alone decides where the walk begins: low bits the bucket, the next three the slot.
TEST(IterationTest, StartAndOffsetComeFromOneDraw) {
  PlacedMap map(104);
  for (std::uint64_t n = 0; n < 50; ++n) map[PlacedKey(n % 16, n)] = n;
  for (int round = 0; round < 50; ++round) {
    WyRand next(map.random().state());
    const std::uint32_t draw = next.Rand32();
    const auto it = map.Iterate();
    EXPECT_EQ(it.start_bucket(), draw & 15);
    EXPECT_EQ(it.offset(), static_cast<int>(draw >> 4 & 7));
    EXPECT_EQ(map.random().state(), next.state());
  }
}

TEST(IterationTest, BucketsAndSlotsAreVisitedCyclically) {
  PlacedMap map(104);
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) {
    for (std::uint64_t n = 0; n < 4; ++n) map[PlacedKey(bucket, n)] = bucket * 8 + n;
  }
  auto it = map.Iterate();
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 16; ++i) {
    for (std::uint64_t j = 0; j < 8; ++j) {
      const std::uint64_t slot = (j + static_cast<std::uint64_t>(it.offset())) % 8;
      if (slot < 4) expected.push_back((it.start_bucket() + i) % 16 * 8 + slot);
    }
  }
  std::vector<std::uint64_t> seen;
  while (it.Next()) seen.push_back(it.value());
  EXPECT_EQ(seen, expected);
}

TEST(IterationTest, AnIterationOfAnEmptyMapIsOverForGood) {
  HashMap<int, int> map;
  auto it = map.Iterate();
  map[1] = 1;
  EXPECT_FALSE(it.Next());
  EXPECT_FALSE(it.Next());
}

TEST(IterationTest, FlagsStayUntilTheNextGrowthHandsThemOn) {
  PlacedMap map(104);
  for (std::uint64_t n = 0; n < 104; ++n) map[PlacedKey(n % 16, n)] = n;
  EXPECT_EQ(map.Shape().flags, 0);
  map.Iterate();
  EXPECT_EQ(map.Shape().flags, kIterator | kOldIterator);
  map[PlacedKey(0, 200)];
  ASSERT_TRUE(map.Shape().growing);
  EXPECT_EQ(map.Shape().flags, kOldIterator);
}

// The law above all others, for every size at which growth may begin and every number of entries
// seen before it does: an entry there all along is seen once.
TEST(IterationTest, VisitsEachEntryThatStaysOnceAcrossGrowth) {
  for (std::uint64_t size = 1; size < 110; size += 3) {
    for (std::uint64_t before = 0; before <= size; before += 1 + size / 7) {
      TestMap<std::uint64_t, std::uint64_t> map(0, WyRand(size * 1000 + before));
      for (std::uint64_t i = 0; i < size; ++i) map[i] = i;
      std::map<std::uint64_t, int> seen;
      auto it = map.Iterate();
      std::uint64_t fresh = 1000;
      for (std::uint64_t n = 0; it.Next(); ++n) {
        ++seen[it.key()];
        if (n < before) continue;
        for (int i = 0; i < 5 && fresh < 1000 + 4 * size; ++i) map[fresh++] = 0;
      }
      for (std::uint64_t i = 0; i < size; ++i) ASSERT_EQ(seen[i], 1) << i << " of " << size;
      for (const auto& [key, times] : seen) ASSERT_LE(times, 1) << key;
      ExpectLawful(map);
    }
  }
}

// TestIterGrowAndDelete.
TEST(IterationTest, WhatIsDeletedBeforeItIsReachedIsNotVisited) {
  TestMap<int, int> map(0, WyRand(9));
  for (int i = 0; i < 100; ++i) map[i] = i;
  bool grown = false;
  for (auto it = map.Iterate(); it.Next();) {
    if (!grown) {
      grown = true;
      for (int i = 100; i < 1000; ++i) map[i] = i;
      for (int i = 1; i < 1000; i += 2) map.Erase(i);
    } else {
      EXPECT_EQ(it.key() % 2, 0);
    }
  }
  EXPECT_GT(map.probe()[MapEvent::kIteratorSkippedDeletedEvacuated], 0U);
}

TEST(IterationTest, AMovedEntryIsYieldedWithItsCurrentElement) {
  TestMap<int, int> map(0, WyRand(4));
  for (int i = 0; i < 50; ++i) map[i] = 0;
  auto it = map.Iterate();
  ASSERT_TRUE(it.Next());
  for (int i = 50; i < 500; ++i) map[i] = 0;
  for (int i = 0; i < 500; ++i) map[i] = i + 1;
  while (it.Next()) EXPECT_EQ(it.value(), it.key() + 1);
  EXPECT_GT(map.probe()[MapEvent::kIteratorLookedUpEvacuated], 0U);
  EXPECT_GT(map.probe()[MapEvent::kIteratorOutlivedTwoGrowths], 0U);
}

// TestGrowWithNegativeZero: the current form of the key is seen, once.
TEST(IterationTest, AZeroUpdatedMeanwhileIsVisitedOnceInItsCurrentForm) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    HashMap<double, int> map(0, WyRand(seed));
    for (const double key : {0.0, 1.0, 2.0, 3.0}) map[key] = 1;
    int zeroes = 0;
    bool updated = false;
    for (auto it = map.Iterate(); it.Next();) {
      if (it.key() == 0) {
        ++zeroes;
        EXPECT_EQ(std::signbit(it.key()), updated);
      }
      if (!updated) {
        updated = true;
        map[-0.0] = 2;
        for (int i = 10; i < 200; ++i) map[i] = 3;
      }
    }
    EXPECT_EQ(zeroes, 1);
  }
}

// TestGrowWithNaN.
TEST(IterationTest, NansSurviveAGrowthInMidIteration) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    TestMap<double, int> map(0, WyRand(seed));
    for (int i = 0; i < 8; ++i) map.InsertOrAssign(kNan, i);
    std::multiset<int> seen;
    bool grown = false;
    for (auto it = map.Iterate(); it.Next();) {
      if (std::isnan(it.key())) seen.insert(it.value());
      if (!grown) {
        grown = true;
        for (int i = 0; i < 300; ++i) map[i] = -1;
      }
    }
    EXPECT_EQ(seen, (std::multiset<int>{0, 1, 2, 3, 4, 5, 6, 7}));
    ExpectLawful(map);
  }
}

// TestMapNanGrowIterator: growth begins and ends while a table full of NaNs is visited. Elements
// with destructors show that old copies live exactly as long as they must.
TEST(IterationTest, EachNanIsVisitedOnceWhenGrowthEndsHalfway) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    TestMap<double, std::shared_ptr<int>> map(0, WyRand(seed));
    const int n = 54;
    std::vector<std::weak_ptr<int>> alive;
    for (int i = 0; i < n; ++i) {
      auto element = std::make_shared<int>(i);
      alive.push_back(element);
      map.InsertOrAssign(kNan, std::move(element));
    }
    ASSERT_TRUE(map.Shape().growing);
    {
      std::set<int> seen;
      for (auto it = map.Iterate(); it.Next();) {
        if (seen.size() == n / 2) {
          while (map.Shape().growing) map.InsertOrAssign(0.0, std::make_shared<int>(1000));
        }
        if (it.key() == 0) continue;
        EXPECT_TRUE(seen.insert(*it.value()).second);
      }
      EXPECT_EQ(seen.size(), static_cast<std::size_t>(n));
      EXPECT_GT(map.probe()[MapEvent::kEvacuationSplitNan], 0U);
    }
    ExpectLawful(map);
    map.Clear();
    for (const auto& element : alive) EXPECT_TRUE(element.expired());
  }
}

TEST(IterationTest, AnIterationBegunDuringGrowthVisitsEachEntryOnce) {
  TestMap<double, std::string> map(104, WyRand(2));
  for (int i = 0; i < 90; ++i) map[i] = std::to_string(i);
  for (int i = 0; i < 15; ++i) map.InsertOrAssign(kNan, "nan" + std::to_string(i));
  ASSERT_TRUE(map.Shape().growing);
  for (int round = 0; round < 200; ++round) {
    std::set<std::string> seen;
    for (auto it = map.Iterate(); it.Next();) {
      EXPECT_TRUE(seen.insert(it.value()).second) << it.value();
    }
    EXPECT_EQ(seen.size(), map.size());
    if (round % 20 == 19 && map.Shape().growing) map[1] = "1";
  }
  EXPECT_GT(map.probe()[MapEvent::kIteratorStartedWhileGrowing], 0U);
  EXPECT_GT(map.probe()[MapEvent::kIteratorFilteredByCheckBucket], 0U);
  EXPECT_GT(map.probe()[MapEvent::kNanFilteredInIteration], 0U);
}

TEST(IterationTest, SameSizeGrowthUnderAnIteratorLosesNothing) {
  PlacedMap map(104);
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) map[PlacedKey(bucket, 1)] = 1;
  auto it = map.Iterate();
  std::map<std::uint64_t, int> seen;
  for (int i = 0; i < 3 && it.Next(); ++i) ++seen[it.key()];
  ForceSameSizeGrowth(map, PlacedKey);
  while (it.Next()) {
    ++seen[it.key()];
    map[PlacedKey(3, 1)] = 1;
  }
  for (std::uint64_t bucket = 0; bucket < 16; ++bucket) EXPECT_EQ(seen[PlacedKey(bucket, 1)], 1);
  EXPECT_GT(map.probe()[MapEvent::kIteratorReadOldChain] +
                map.probe()[MapEvent::kIteratorLookedUpEvacuated],
            0U);
}

// The runtime's own gap: oldIterator is lost at the second growth, so the second same-size growth
// zeroes keys that an iterator still stands before. The memory is safe.
class TwoSameSizeGrowthsTest : public testing::Test {
 protected:
  struct StringIsHash {
    std::uint64_t operator()(const std::string& key) const {
      return key.empty() ? 0 : KeyIsHash{}(std::stoull(key));
    }
  };
  struct Policy : TestPolicy<std::string> {
    using Hash = StringIsHash;
  };
  using Map = HashMap<std::string, std::string, Policy>;

  static std::string MakeKey(std::uint64_t bucket, std::uint64_t n) {
    return std::to_string(PlacedKey(bucket, n));
  }
  // Two entries a bucket.
  static Map NewMap(std::uint64_t seed) {
    Map map(104, WyRand(seed));
    for (std::uint64_t bucket = 0; bucket < 16; ++bucket) {
      map[MakeKey(bucket, 1)] = "a";
      map[MakeKey(bucket, 2)] = "b";
    }
    return map;
  }
  static void EndGrowth(Map& map) {
    while (map.Shape().growing) map[MakeKey(0, 1)] = "a";
  }
  // The keys that an iteration yields which meets both. `evacuate` is called when it stands inside
  // a chain that the second one has yet to evacuate.
  template <class Evacuate>
  static std::vector<std::string> Iterate(Map& map, Evacuate evacuate) {
    std::vector<std::string> seen;
    auto it = map.Iterate();
    const auto next = [&] {
      if (!it.Next()) return false;
      EXPECT_TRUE(map.Contains(it.key())) << "what was deleted is not yielded";
      seen.push_back(it.key());
      return true;
    };
    EXPECT_TRUE(next());
    ForceSameSizeGrowth(map, MakeKey);
    EndGrowth(map);
    ForceSameSizeGrowth(map, MakeKey);
    EXPECT_TRUE(map.Shape().growing);
    const std::size_t chains = map.probe()[MapEvent::kIteratorReadOldChain];
    while (map.probe()[MapEvent::kIteratorReadOldChain] == chains && next()) {
    }
    evacuate(seen.back());
    while (next()) {
    }
    ExpectLawful(map);
    return seen;
  }
};

TEST_F(TwoSameSizeGrowthsTest, MayTakeKeysFromUnderAnIterator) {
  std::size_t cleared = 0;
  std::size_t missed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Map map = NewMap(seed);
    const std::vector<std::string> seen = Iterate(map, [&map](const std::string&) {
      map.Erase(MakeKey(5, 1));
      EndGrowth(map);
    });
    const std::set<std::string> different(seen.begin(), seen.end());
    EXPECT_EQ(different.size(), seen.size());
    EXPECT_FALSE(different.contains(""));
    cleared += map.probe()[MapEvent::kIteratorReadClearedKey];
    missed += different.size() < map.size() ? 1 : 0;
  }
  EXPECT_GT(cleared, 0U) << "no round reached the state that this test is about";
  EXPECT_GT(missed, 0U);
}

TEST_F(TwoSameSizeGrowthsTest, MayYieldTheEntryUnderTheZeroKeyAgain) {
  std::ptrdiff_t most = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Map map = NewMap(seed);
    map[""] = "zero";
    // While that growth is under way.
    const auto overwrite = [&map](const std::string& key) { map[key] = "c"; };
    const std::vector<std::string> seen = Iterate(map, overwrite);
    most = std::max(most, std::ranges::count(seen, ""));
  }
  EXPECT_GT(most, 1);
}

TEST(IterationTest, AClearUnderAnIteratorEndsItInMainBuckets) {
  HashMap<int, std::string> map(0, WyRand(1));
  for (int i = 0; i < 8; ++i) map[i] = "some text that is not short enough to be kept inline";
  auto it = map.Iterate();
  ASSERT_TRUE(it.Next());
  map.Clear();
  EXPECT_FALSE(it.Next());
}

// Go 1.19: what was cut loose by clear is still yielded by an iterator standing in it.
TEST(IterationTest, AClearLeavesDetachedChainsReadable) {
  struct Policy : TestPolicy<int> {
    using Hash = decltype([](int key) { return static_cast<std::uint64_t>(key + 20) << 56; });
  };
  std::size_t stale = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    HashMap<int, std::string, Policy> map(14, WyRand(seed));
    for (int i = 0; i < 20; ++i) map[i] = "text of entry number " + std::to_string(i) + ", long";
    auto it = map.Iterate();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(it.Next());
    map.Clear();
    map[100] = "new";
    while (it.Next()) {
      if (it.key() == 100) continue;
      EXPECT_EQ(it.value(), "text of entry number " + std::to_string(it.key()) + ", long");
      ++stale;
    }
    map.Clear();
    EXPECT_EQ(map.probe()[MapEvent::kClearWithLiveIterator], 1U);
    ExpectLawful(map);
  }
  EXPECT_GT(stale, 0U);
}

TEST(IterationTest, AClearDuringGrowthLeavesTheOldArrayToItsIterator) {
  HashMap<int, std::string, TestPolicy<int>> map(104, WyRand(3));
  for (int i = 0; i < 105; ++i) map[i] = "text of entry number " + std::to_string(i) + ", long";
  ASSERT_TRUE(map.Shape().growing);
  auto it = map.Iterate();
  ASSERT_TRUE(it.Next());
  map.Clear();
  for (int i = 0; i < 105; ++i) map[i] = "text of entry number " + std::to_string(i) + ", long";
  while (it.Next()) {
    EXPECT_EQ(it.value(), "text of entry number " + std::to_string(it.key()) + ", long");
  }
  ExpectLawful(map);
}

TEST(IterationTest, AnIteratorMayBeDroppedAfterItsMap) {
  std::optional<HashMap<std::string, std::string>> map(std::in_place);
  for (int i = 0; i < 100; ++i) (*map)[std::to_string(i)] = "value";
  auto it = map->Iterate();
  ASSERT_TRUE(it.Next());
  auto copy = it;
  for (int i = 100; i < 300; ++i) (*map)[std::to_string(i)] = "value";
  ASSERT_TRUE(copy.Next());
  map.reset();
}

TEST(IterationTest, ErasingEachEntryAsItIsVisitedEmptiesTheMap) {
  HashMap<std::string, int> map(0, WyRand(5));
  for (int i = 0; i < 500; ++i) map["a key of some length, number " + std::to_string(i)] = i;
  std::size_t visited = 0;
  for (auto it = map.Iterate(); it.Next(); ++visited) EXPECT_TRUE(map.Erase(it.key()));
  EXPECT_EQ(visited, 500U);
  EXPECT_TRUE(map.empty());
}

}  // namespace
}  // namespace slotproof::core
