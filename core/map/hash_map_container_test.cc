// The map as a C++ container: the standard's interface, copies and moves, keys of a program's own
// classes, arguments and elements that refer to the map.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/poison.h"
#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

// Without padding, and equal to what differs.
struct Caseless {
  char letter;
  friend bool operator==(Caseless a, Caseless b) { return (a.letter | 32) == (b.letter | 32); }
};
// One pointer, and compares what it points to.
struct Pointing {
  const std::string* text;
  friend bool operator==(Pointing a, Pointing b) { return *a.text == *b.text; }
};
// Nobody can see that it may be unequal to itself.
struct Measured {
  std::string name;
  double value;
  bool operator==(const Measured&) const = default;
};
std::uint64_t RuntimeHashValue(const Measured& key, std::uint64_t seed) {
  return MemHash(key.name.data(), seed, key.name.size());
}

}  // namespace
}  // namespace slotproof::core

template <>
struct std::hash<slotproof::core::Caseless> {
  std::size_t operator()(slotproof::core::Caseless key) const {
    return static_cast<std::size_t>(key.letter | 32);
  }
};
template <>
struct std::hash<slotproof::core::Pointing> {
  std::size_t operator()(slotproof::core::Pointing key) const {
    return std::hash<std::string>{}(*key.text);
  }
};

namespace slotproof::core {
namespace {

TEST(OwnKeyTest, AnEqualityCoarserThanBytesIsFoundByItsHash) {
  HashMap<Caseless, int> map;
  for (const char letter : std::string("abcdefghijklmnopqrstuvwxyz"))
    map[Caseless{letter}] = letter;
  for (const char letter : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    EXPECT_TRUE(map.Contains(Caseless{letter}));
    map[Caseless{letter}] = letter;
  }
  EXPECT_EQ(map.size(), 26U);
  ExpectLawful(map);
}

TEST(OwnKeyTest, AClassOfOnePointerMayCompareWhatItPointsTo) {
  const std::string first = "text";
  const std::string second = "text";
  HashMap<Pointing, int> map;
  map[Pointing{&first}] = 1;
  EXPECT_TRUE(map.Contains(Pointing{&second}));
  map[Pointing{&second}] = 2;
  EXPECT_EQ(map.size(), 1U);
}

TEST(OwnKeyTest, AFloatInsideAClassLosesNoEntryUnderAnIteration) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    HashMap<Measured, int> map(0, WyRand(seed));
    for (int i = 0; i < 8; ++i) map.InsertOrAssign({"nan" + std::to_string(i), kNan}, i);
    std::multiset<int> seen;
    auto it = map.Iterate();
    for (int i = 0; i < 100; ++i) map.InsertOrAssign({"fresh" + std::to_string(i), 1.0}, -1);
    while (it.Next()) {
      if (it.value() >= 0) seen.insert(it.value());
    }
    ASSERT_EQ(seen, (std::multiset<int>{0, 1, 2, 3, 4, 5, 6, 7})) << seed;
    ExpectLawful(map);
  }
}

TEST(OwnKeyTest, ArraysOfMoreThan256ElementsAreKeys) {
  using Long = std::array<int, 1000>;
  HashMap<Long, int> map;
  for (int i = 0; i < 50; ++i) map[Long{i}] = i;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(map.at(Long{i}), i);
  using Floats = std::array<float, 1000>;
  HashMap<Floats, int> floats;
  floats[Floats{0.0F}] = 1;
  EXPECT_TRUE(floats.Contains(Floats{-0.0F}));
}

template <class Map>
std::vector<int> OrderOf(const Map& map) {
  std::vector<int> order;
  for (const auto& [key, value] : map) order.push_back(key);
  return order;
}

TEST(CopyTest, CopiesHaveSeedsAndOrdersOfTheirOwn) {
  HashMap<int, int> map(0, WyRand(1));
  for (int i = 0; i < 50; ++i) map[i] = i;
  std::set<std::uint32_t> seeds = {map.Shape().hash0};
  std::set<std::vector<int>> orders = {OrderOf(map)};
  std::vector<HashMap<int, int>> copies;
  for (int i = 0; i < 100; ++i) {
    copies.push_back(map);
    seeds.insert(copies.back().Shape().hash0);
    orders.insert(OrderOf(copies.back()));
  }
  EXPECT_EQ(seeds.size(), 101U);
  EXPECT_EQ(orders.size(), 101U);
  HashMap<int, int> copy = copies.front();
  HashMap<int, int> assigned;
  assigned = copies.front();
  EXPECT_NE(copy.Shape().hash0, copies.front().Shape().hash0);
  EXPECT_NE(copy.Shape().hash0, assigned.Shape().hash0);
}

TEST(CopyTest, TheSameSeedAndTheSameCopiesGiveTheSameOrders) {
  const auto run = [] {
    HashMap<int, int> map(0, WyRand(7));
    for (int i = 0; i < 50; ++i) map[i] = i;
    HashMap<int, int> first = map;
    HashMap<int, int> second = map;
    HashMap<int, int> moved = std::move(map);
    return std::array{OrderOf(first), OrderOf(second), OrderOf(moved)};
  };
  EXPECT_EQ(run(), run());
}

// What a trace replays with.
TEST(CopyTest, ACopyGoesOnWithTheRandomNumbersOfItsSource) {
  HashMap<int, int> map(0, WyRand(7));
  WyRand expected = map.random();
  const HashMap<int, int> copy = map;
  EXPECT_EQ(copy.Shape().hash0, expected.Rand32());
  EXPECT_EQ(copy.random().state(), expected.state());
}

TEST(CopyTest, AMovedFromMapDrawsSeedsOfItsOwn) {
  HashMap<int, int> map(0, WyRand(7));
  map[1] = 1;
  const std::uint64_t state = map.random().state();
  HashMap<int, int> target = std::move(map);
  EXPECT_EQ(target.random().state(), state);
  // NOLINTBEGIN(bugprone-use-after-move): promised to be usable
  std::set<std::uint32_t> seeds = {target.Shape().hash0, map.Shape().hash0};
  for (int i = 0; i < 10; ++i) {
    for (HashMap<int, int>* each : {&target, &map}) {
      (*each)[1] = 1;
      each->Clear();
      seeds.insert(each->Shape().hash0);
    }
  }
  // NOLINTEND(bugprone-use-after-move)
  EXPECT_EQ(seeds.size(), 22U);
}

TEST(AliasingTest, TryEmplaceTakesArgumentsFromTheMapAtAGrowth) {
  HashMap<int, std::string> map;
  map[0] = std::string(100, 'x');
  for (int i = 1; i < 3000; ++i) {
    ASSERT_TRUE(map.TryEmplace(i, *map.Find(i - 1)).second);
    ASSERT_EQ(map.at(i), std::string(100, 'x')) << i;
  }
  HashMap<int, int> words;
  words[0] = 7;
  for (int i = 1; i < 3000; ++i) ASSERT_EQ(words.TryEmplace(i, *words.Find(i - 1)).first, 7);
}

TEST(AliasingTest, TryEmplaceLeavesItsArgumentsWhereTheKeyIsThere) {
  HashMap<int, std::unique_ptr<int>, TestPolicy<int>> map(0, WyRand(1));
  bool growing = false;
  for (int i = 0; i < 300; ++i) {
    map.TryEmplace(i, std::make_unique<int>(i));
    auto other = std::make_unique<int>(-1);
    growing |= map.Shape().growing;
    EXPECT_FALSE(map.TryEmplace(i, std::move(other)).second);
    EXPECT_NE(other, nullptr);  // NOLINT(bugprone-use-after-move): promised
    EXPECT_EQ(*map.at(i), i);
  }
  EXPECT_TRUE(growing);
}

// The reference m[j] is taken before the write m[i], which moves what it refers to.
TEST(AliasingDeathTest, AddressSanitizerReportsAReferenceThatAGrowthLeftBehind) {
  if constexpr (kPoisons) {
    const auto misuse = [] {
      HashMap<int, std::string> map(104, WyRand(1));
      for (int i = 0; i < 104; ++i) map[i] = std::string(100, 'x');
      for (int i = 104; i < 130; ++i) map[i] = map[0];
    };
    EXPECT_DEATH(misuse(), "use-after-poison");
  }
}

TEST(ContainerTest, TheStandardsNamesAreThere) {
  HashMap<std::string, int> map = {{"one", 1}, {"two", 2}, {"one", 3}};
  EXPECT_EQ(map.size(), 2U);
  EXPECT_TRUE(map.contains("one"));
  EXPECT_EQ(map.count("three"), 0U);
  EXPECT_EQ(map.count("two"), 1U);
  EXPECT_EQ(map.at("one"), 1) << "the first of equal keys counts";
  map.at("one") = 5;
  EXPECT_EQ(std::as_const(map).at("one"), 5);
  EXPECT_THROW(map.at("three"), std::out_of_range);
  EXPECT_EQ(map.size(), 2U);
  map = {{"four", 4}};
  EXPECT_EQ(map.at("four"), 4);
  EXPECT_FALSE(map.contains("one"));
  const HashMap<std::uint64_t, std::uint64_t> hinted{1000};
  EXPECT_TRUE(hinted.empty());
}

TEST(ContainerTest, StringsAreLookedUpByViews) {
  HashMap<std::string, int> map;
  const std::string text = "a key that is too long to be kept inline, and so on the heap";
  map[text] = 1;
  const std::string_view view = text;
  EXPECT_TRUE(map.contains(view));
  EXPECT_EQ(map.at(view), 1);
  EXPECT_EQ(map.count(view), 1U);
  EXPECT_TRUE(map.Contains(view));
  EXPECT_EQ(*std::as_const(map).Find(view), 1);
  EXPECT_EQ(map.Find(view.substr(1)), nullptr);
  EXPECT_TRUE(map.Erase(view));
  EXPECT_TRUE(map.empty());
  for (int i = 0; i < 500; ++i) map[std::to_string(i)] = i;
  // A view of the very key that goes, while the table grows and at rest.
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(map.Erase(std::string_view(*map.FindKey(std::to_string(i)))));
    map["again " + std::to_string(i)] = i;
    map["more " + std::to_string(i)] = i;
  }
  EXPECT_EQ(map.size(), 1000U);
  ExpectLawful(map);
}

TEST(ContainerTest, MapsAreEqualWhateverTheirLayout) {
  HashMap<int, std::string> a(1000, WyRand(1));
  HashMap<int, std::string> b(0, WyRand(2));
  for (int i = 0; i < 200; ++i) a[i] = std::to_string(i);
  for (int i = 199; i >= 0; --i) b[i] = std::to_string(i);
  EXPECT_EQ(a, b);
  b[7] = "other";
  EXPECT_NE(a, b);
  b.Erase(7);
  EXPECT_NE(a, b);
  b[1000] = "7";
  EXPECT_NE(a, b) << "as many entries, other keys";
  HashMap<double, int> nan(0, WyRand(3));
  nan.InsertOrAssign(kNan, 1);
  const std::uint64_t state = nan.random().state();
  EXPECT_NE(nan, nan);
  EXPECT_EQ(nan.random().state(), state) << "a comparison draws nothing";
}

TEST(EraseIfTest, WhatIsChosenGoesAndTheRestStays) {
  for (const int size : {0, 1, 8, 9, 100, 105, 3000}) {
    HashMap<int, std::string, TestPolicy<int>> map(0, WyRand(2));
    std::map<int, std::string> model;
    for (int i = 0; i < size; ++i) map[i] = model[i] = std::to_string(i);
    const auto third = [](const auto& entry) { return entry.first % 3 == 0; };
    EXPECT_EQ(erase_if(map, third), std::erase_if(model, third));
    EXPECT_EQ(map.size(), model.size());
    for (const auto& [key, value] : model) EXPECT_EQ(map.at(key), value);
    ExpectLawful(map);
    for (int i = 0; i < size; ++i) map[i] = "again";
    ExpectLawful(map);
  }
}

TEST(EraseIfTest, ErasesNansToo) {
  HashMap<double, int> map(0, WyRand(2));
  for (int i = 0; i < 100; ++i) map.InsertOrAssign(i % 2 == 0 ? kNan : i, i);
  const std::uint32_t seed = map.Shape().hash0;
  EXPECT_EQ(erase_if(map, [](const auto& entry) { return entry.first != entry.first; }), 50U);
  ExpectLawful(map);
  EXPECT_EQ(map.Shape().hash0, seed);
  EXPECT_EQ(erase_if(map, [](const auto&) { return true; }), 50U);
  EXPECT_TRUE(map.empty());
  EXPECT_NE(map.Shape().hash0, seed) << "an emptied map draws its seed anew";
  ExpectLawful(map);
}

TEST(EraseIfTest, AnIterationGoesOnWithoutWhatWasErased) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    HashMap<int, std::string> map(0, WyRand(seed));
    for (int i = 0; i < 105; ++i) map[i] = std::to_string(i);
    ASSERT_TRUE(map.Shape().growing);
    std::set<int> seen;
    auto it = map.Iterate();
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(it.Next());
      seen.insert(it.key());
    }
    erase_if(map, [&seen](const auto& entry) {
      return entry.first % 2 == 1 && !seen.contains(entry.first);
    });
    while (it.Next()) {
      EXPECT_EQ(it.key() % 2, 0);
      EXPECT_TRUE(seen.insert(it.key()).second);
    }
    for (int i = 0; i < 105; i += 2) EXPECT_TRUE(seen.contains(i));
  }
}

TEST(EraseIfTest, APredicateThatThrowsLeavesALawfulMap) {
  HashMap<int, std::string> map;
  for (int i = 0; i < 100; ++i) map[i] = "text";
  int asked = 0;
  const auto throwing = [&asked](const auto&) -> bool {
    if (++asked == 50) throw std::runtime_error("thrown on purpose");
    return true;
  };
  EXPECT_THROW(erase_if(map, throwing), std::runtime_error);
  EXPECT_EQ(map.size(), 51U);
  ExpectLawful(map);
}

TEST(ReserveTest, ReservedRoomIsFilledWithoutDoubling) {
  for (const int before : {0, 1, 9, 105, 500}) {
    HashMap<int, std::string, TestPolicy<int>> map(0, WyRand(4));
    for (int i = 0; i < before; ++i) map[i] = std::to_string(i);
    map.reserve(2000);
    ExpectLawful(map);
    const std::size_t doublings = map.probe()[MapEvent::kDoublingBegun];
    for (int i = 0; i < 2000; ++i) map[i] = std::to_string(i);
    EXPECT_EQ(map.probe()[MapEvent::kDoublingBegun], doublings);
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(map.at(i), std::to_string(i));
    ExpectLawful(map);
    const std::uint8_t b = map.Shape().b;
    map.reserve(10);
    EXPECT_EQ(map.Shape().b, b) << "room is never taken back";
  }
  HashMap<int, int> map;
  EXPECT_THROW(map.reserve(~std::size_t{0}), std::length_error);
}

TEST(ReserveTest, AnIterationVisitsEachEntryOnceAcrossIt) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    HashMap<double, int> map(0, WyRand(seed));
    for (int i = 0; i < 40; ++i) map.InsertOrAssign(i % 4 == 0 ? kNan : i, i);
    std::multiset<int> seen;
    auto it = map.Iterate();
    for (int i = 0; i < 15 && it.Next(); ++i) seen.insert(it.value());
    map.reserve(1000);
    while (it.Next()) seen.insert(it.value());
    EXPECT_EQ(seen.size(), 40U);
    EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), 40U);
  }
}

}  // namespace
}  // namespace slotproof::core
