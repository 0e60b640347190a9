#include "core/map/hash_map.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

struct Nothing {
  bool operator==(const Nothing&) const = default;
};

struct TwoSlots : TestPolicy<int> {
  static constexpr int kBucketWidth = 2;
  static constexpr std::size_t kLoadFactorNumerator = 3;
  static constexpr std::size_t kLoadFactorDenominator = 2;
};
struct FourSlots : TestPolicy<int> {
  static constexpr int kBucketWidth = 4;
  static constexpr std::size_t kLoadFactorNumerator = 13;
  static constexpr std::size_t kLoadFactorDenominator = 4;
};

template <class Map>
auto Contents(const Map& map) {
  std::multimap<typename Map::Key, typename Map::Value> contents;
  map.VisitEntries(
      [&contents](const auto& key, const auto& value) { contents.emplace(key, value); });
  return contents;
}

TEST(HashMapTest, WhatWasAssignedIsFound) {
  HashMap<std::uint64_t, std::uint64_t> map;
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_TRUE(map.InsertOrAssign(i, i * 3).second);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_FALSE(map.InsertOrAssign(i, i * 5).second);
  EXPECT_EQ(map.size(), 1000U);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ASSERT_NE(map.Find(i), nullptr);
    EXPECT_EQ(*map.Find(i), i * 5);
  }
  EXPECT_EQ(map.Find(1000), nullptr);
  EXPECT_FALSE(map.Contains(1000));
  ExpectLawful(map);
}

// A random walk against std::map; the full comparison with the runtime itself is made elsewhere.
TEST(HashMapTest, BehavesLikeAMap) {
  WyRand random(11);
  HashMap<std::string, int> map(0, WyRand(1));
  std::map<std::string, int> model;
  for (int i = 0; i < 60000; ++i) {
    const std::string key = "key" + std::to_string(random.Rand64() % 2000);
    switch (random.Rand64() % 4) {
      case 0:
        EXPECT_EQ(map.Erase(key), model.erase(key) == 1);
        break;
      case 1:
        EXPECT_EQ(map.Contains(key), model.contains(key));
        break;
      default:
        EXPECT_EQ(map.InsertOrAssign(key, i).second, model.insert_or_assign(key, i).second);
    }
    if (i % 5000 == 0) ExpectLawful(map);
  }
  ExpectLawful(map);
  EXPECT_EQ(Contents(map), (std::multimap<std::string, int>(model.begin(), model.end())));
}

TEST(HashMapTest, SubscriptMakesAZeroElement) {
  HashMap<std::string, int> map;
  map["a"] += 2;
  map["a"] += 3;
  EXPECT_EQ(map["a"], 5);
  EXPECT_EQ(map["b"], 0);
  EXPECT_EQ(map.size(), 2U);
}

// IncrementAfterDelete: what was deleted leaves no trace in the element.
TEST(HashMapTest, ElementIsZeroAfterDeleteAndAfterClear) {
  HashMap<int, int> map;
  map[1] = 7;
  EXPECT_TRUE(map.Erase(1));
  EXPECT_EQ(++map[1], 1);
  map.Clear();
  EXPECT_EQ(++map[1], 1);
}

TEST(HashMapTest, TryEmplaceLeavesAnExistingElement) {
  HashMap<int, std::string> map;
  EXPECT_TRUE(map.TryEmplace(1, "one").second);
  EXPECT_FALSE(map.TryEmplace(1, "two").second);
  EXPECT_EQ(*map.Find(1), "one");
}

TEST(HashMapTest, EmptyMapAllocatesNothingUntilTheFirstInsertion) {
  HashMap<int, int> map;
  EXPECT_FALSE(map.Shape().has_buckets);
  EXPECT_EQ(map.Find(1), nullptr);
  EXPECT_FALSE(map.Erase(1));
  map.Clear();
  EXPECT_FALSE(map.Iterate().Next());
  EXPECT_FALSE(map.Shape().has_buckets);
  ExpectLawful(map);
  map[1];
  EXPECT_TRUE(map.Shape().has_buckets);
  ExpectLawful(map);
}

// TestNegativeZero.
TEST(HashMapTest, BothZeroesAreOneKeyAndTheLastIsStored) {
  HashMap<double, int, TestPolicy<double>> map;
  map.InsertOrAssign(0.0, 1);
  map.InsertOrAssign(-0.0, 2);
  EXPECT_EQ(map.size(), 1U);
  EXPECT_TRUE(std::signbit(*map.FindKey(0.0)));
  map.InsertOrAssign(0.0, 3);
  EXPECT_FALSE(std::signbit(*map.FindKey(-0.0)));
  EXPECT_EQ(map.probe()[MapEvent::kUpdateNegativeZero], 2U);
}

// TestMapAssignmentNan.
TEST(HashMapTest, EachNanIsAnEntryOfItsOwnAndCannotBeFound) {
  HashMap<double, int> map(0, WyRand(3));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(map.InsertOrAssign(kNan, i).second);
  EXPECT_EQ(map.size(), 3U);
  EXPECT_FALSE(map.Contains(kNan));
  EXPECT_FALSE(map.Erase(kNan));
  std::set<int> values;
  for (auto [key, value] : map) values.insert(value);
  EXPECT_EQ(values, (std::set<int>{0, 1, 2}));
  ExpectLawful(map);
}

// TestBigItems, TestMapLargeKeyNoPointer.
TEST(HashMapTest, LargeKeysAndElementsAreKeptIndirectly) {
  using Big = std::array<std::uint64_t, 32>;
  HashMap<Big, Big, TestPolicy<Big>> map;
  for (std::uint64_t i = 0; i < 500; ++i) map.InsertOrAssign(Big{i, 1}, Big{i, 2});
  for (std::uint64_t i = 0; i < 500; i += 2) EXPECT_TRUE(map.Erase(Big{i, 1}));
  for (std::uint64_t i = 0; i < 500; ++i) {
    ASSERT_EQ(map.Contains(Big{i, 1}), i % 2 == 1) << i;
    if (i % 2 == 1) EXPECT_EQ(*map.Find(Big{i, 1}), (Big{i, 2}));
  }
  EXPECT_EQ(map.probe()[MapEvent::kIndirectKey], 500U);
  ExpectLawful(map);
}

// TestEmptyKeyAndValue.
TEST(HashMapTest, EmptyKeyAndElementTypesTakeNoRoom) {
  HashMap<int, Nothing> set;
  for (int i = 0; i < 100; ++i) set.InsertOrAssign(i, Nothing{});
  EXPECT_EQ(set.size(), 100U);
  HashMap<Nothing, int> single;
  single.InsertOrAssign(Nothing{}, 1);
  single.InsertOrAssign(Nothing{}, 2);
  EXPECT_EQ(single.size(), 1U);
  EXPECT_EQ(*single.Find(Nothing{}), 2);
  HashMap<Nothing, Nothing> nothing;
  nothing.InsertOrAssign(Nothing{}, Nothing{});
  EXPECT_EQ(nothing.size(), 1U);
  ExpectLawful(set);
  ExpectLawful(single);
  ExpectLawful(nothing);
}

TEST(HashMapTest, OverAlignedElementsAreAligned) {
  struct alignas(64) Line {
    int value;
  };
  HashMap<int, Line> map;
  for (int i = 0; i < 300; ++i) {
    const auto& [line, inserted] = map.InsertOrAssign(i, Line{i});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&line) % 64, 0U);
  }
  for (int i = 0; i < 300; ++i) EXPECT_EQ(map.Find(i)->value, i);
}

TEST(HashMapTest, MoveOnlyElementsLiveThroughGrowthAndIteration) {
  HashMap<int, std::unique_ptr<int>> map;
  map.InsertOrAssign(0, std::make_unique<int>(0));
  auto it = map.Iterate();
  for (int i = 1; i < 1000; ++i) map.InsertOrAssign(i, std::make_unique<int>(i));
  ASSERT_TRUE(it.Next());
  EXPECT_EQ(*it.value(), it.key());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(**map.Find(i), i);
}

TEST(HashMapTest, ACopyIsEqualAndIndependent) {
  HashMap<std::string, int> map;
  for (int i = 0; i < 200; ++i) map[std::to_string(i)] = i;
  HashMap<std::string, int> copy = map;
  EXPECT_EQ(Contents(copy), Contents(map));
  ExpectLawful(copy);
  copy.Erase("7");
  map["7"] = 70;
  EXPECT_FALSE(copy.Contains("7"));
  EXPECT_EQ(*map.Find("7"), 70);
  copy = map;
  EXPECT_EQ(Contents(copy), Contents(map));
  const auto& self = copy;
  copy = self;
  EXPECT_EQ(Contents(copy), Contents(map));
}

TEST(HashMapTest, ACopyIsMadeForItsSize) {
  HashMap<int, int> map(1000);
  map[1] = 1;
  HashMap<int, int> copy = map;
  EXPECT_EQ(copy.Shape().b, 0);
  EXPECT_GT(map.Shape().b, 0);
}

TEST(HashMapTest, ACopyHasTheNansToo) {
  HashMap<double, int> map(0, WyRand(8));
  for (int i = 0; i < 50; ++i) map.InsertOrAssign(kNan, i);
  const HashMap<double, int> copy = map;
  std::multiset<int> values;
  copy.VisitEntries([&values](double key, int value) {
    EXPECT_NE(key, key);
    values.insert(value);
  });
  EXPECT_EQ(values.size(), 50U);
  EXPECT_EQ(std::set<int>(values.begin(), values.end()).size(), 50U);
  ExpectLawful(copy);
}

TEST(HashMapTest, AMovedFromMapIsEmptyAndUsable) {
  HashMap<std::string, int> map;
  for (int i = 0; i < 100; ++i) map[std::to_string(i)] = i;
  HashMap<std::string, int> target = std::move(map);
  EXPECT_EQ(target.size(), 100U);
  EXPECT_TRUE(map.empty());  // NOLINT(bugprone-use-after-move): promised to be empty
  map["again"] = 1;
  EXPECT_EQ(map.size(), 1U);
  ExpectLawful(map);
  ExpectLawful(target);
  map = std::move(target);
  EXPECT_EQ(map.size(), 100U);
  EXPECT_EQ(*map.Find("42"), 42);
  ExpectLawful(map);
  ExpectLawful(target);  // NOLINT(bugprone-use-after-move): promised to be empty
}

TEST(HashMapTest, SwapExchangesEverything) {
  HashMap<int, int> a(0, WyRand(1));
  HashMap<int, int> b(0, WyRand(2));
  a[1] = 10;
  b[2] = 20;
  const auto random_a = a.random().state();
  swap(a, b);
  EXPECT_TRUE(a.Contains(2));
  EXPECT_TRUE(b.Contains(1));
  EXPECT_EQ(b.random().state(), random_a);
}

// Arguments that refer into the map stay good while entries move.
TEST(HashMapTest, ArgumentsMayReferIntoTheMap) {
  HashMap<std::string, std::string> map;
  map["first"] = std::string(100, 'x');
  for (int i = 0; i < 3000; ++i) {
    const std::string* key = map.FindKey("first");
    const std::string* value = map.Find("first");
    map.InsertOrAssign(std::to_string(i), *value);
    key = map.FindKey("first");
    value = map.Find(std::to_string(i));
    map.InsertOrAssign(*key, *value);
  }
  map.VisitEntries([](const std::string&, const std::string& value) {
    EXPECT_EQ(value, std::string(100, 'x'));
  });
  for (auto it = map.Iterate(); it.Next();) map.Erase(it.key());
  EXPECT_TRUE(map.empty());
}

TEST(HashMapTest, RangeForSeesEveryEntryAndMayChangeElements) {
  HashMap<int, int> map;
  for (int i = 0; i < 100; ++i) map[i] = i;
  for (auto [key, value] : map) value += 1000;
  const HashMap<int, int>& view = map;
  int sum = 0;
  for (const auto& [key, value] : view) {
    EXPECT_EQ(value, key + 1000);
    sum += key;
  }
  EXPECT_EQ(sum, 99 * 100 / 2);
}

TEST(HashMapTest, NarrowBucketsWorkAlike) {
  const auto check = [](auto map) {
    std::map<int, int> model;
    WyRand random(5);
    for (int i = 0; i < 5000; ++i) {
      const int key = static_cast<int>(random.Rand64() % 100);
      if (random.Rand64() % 3 == 0) {
        EXPECT_EQ(map.Erase(key), model.erase(key) == 1);
      } else {
        map[key] = model[key] = i;
      }
      if (i % 50 == 0) ExpectLawful(map);
    }
    std::map<int, int> seen;
    for (auto [key, value] : map) EXPECT_TRUE(seen.emplace(key, value).second);
    EXPECT_EQ(seen, model);
  };
  check(HashMap<int, int, TwoSlots>());
  check(HashMap<int, int, FourSlots>());
}

}  // namespace
}  // namespace slotproof::core
