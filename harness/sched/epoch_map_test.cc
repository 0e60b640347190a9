#include "harness/sched/epoch_map.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

struct Counted {
  int now = 0;     // of this epoch
  int sticky = 0;  // outlives it
  void Reset() { now = 0; }
};

// Law: at each moment a key's value is what was put there in this epoch, or as Reset() leaves it,
// and what Reset() keeps is kept, however often the table has grown.
TEST(EpochMapTest, ValuesAreThoseOfTheEpoch) {
  for (const std::size_t slots : {2UL, 4UL, 1024UL}) {
    std::mt19937 random(static_cast<unsigned>(slots));
    EpochMap<Counted> map(slots);
    std::map<std::uintptr_t, Counted> model;
    std::set<std::uintptr_t> touched;
    for (int step = 0; step < 20'000; ++step) {
      // Keys that are near each other, and keys that differ above bit 32.
      const std::uintptr_t key =
          (1 + random() % 40) << (random() % 2 == 0 ? 3 : 36) | (random() % 8 == 0 ? 1U : 0U);
      if (random() % 500 == 0) {
        map.NextEpoch();
        for (auto& [of, value] : model) value.now = 0;
        touched.clear();
      }
      ASSERT_EQ(map.IfTouched(key) != nullptr, touched.contains(key));
      if (random() % 2 == 0) continue;
      Counted& value = map.At(key);
      touched.insert(key);
      ASSERT_EQ(value.now, model[key].now);
      ASSERT_EQ(value.sticky, model[key].sticky);
      value.now = model[key].now = step;
      value.sticky = model[key].sticky += 1;
    }
    std::set<std::uintptr_t> seen;
    map.ForEach([&](std::uintptr_t key, Counted& value) {
      EXPECT_TRUE(seen.insert(key).second);
      EXPECT_EQ(value.now, model[key].now);
    });
    EXPECT_EQ(seen, touched);
  }
}

TEST(EpochMapTest, AValueThatWasNotTouchedInAnEpochIsReset) {
  EpochMap<Counted> map;
  map.At(8) = {.now = 1, .sticky = 2};
  for (int i = 0; i < 5; ++i) map.NextEpoch();
  EXPECT_EQ(map.IfTouched(8), nullptr);
  EXPECT_EQ(map.At(8).now, 0);
  EXPECT_EQ(map.At(8).sticky, 2);
}

// Law: where there are many values, those that are wanted are kept, as Reset() leaves them.
TEST(EpochMapTest, OfManyValuesTheWantedAreKept) {
  EpochMap<Counted> map;
  constexpr std::uintptr_t kValues = EpochMap<Counted>::kManySlots;
  for (std::uintptr_t key = 1; key <= kValues; ++key) {
    map.At(key) = {.now = 1, .sticky = static_cast<int>(key)};
  }
  map.NextEpoch([](const Counted& value) { return value.sticky % 5 == 0; });
  for (std::uintptr_t key = 1; key <= kValues; ++key) {
    ASSERT_EQ(map.IfTouched(key), nullptr);
    ASSERT_EQ(map.At(key).now, 0);
    ASSERT_EQ(map.At(key).sticky, key % 5 == 0 ? static_cast<int>(key) : 0);
  }
}

TEST(EpochMapTest, ClearForgetsAll) {
  EpochMap<Counted> map(2);
  for (std::uintptr_t key = 1; key < 100; ++key) map.At(key) = {.now = 1, .sticky = 1};
  map.NextEpoch();
  map.Clear();
  for (std::uintptr_t key = 1; key < 100; ++key) {
    EXPECT_EQ(map.IfTouched(key), nullptr);
    EXPECT_EQ(map.At(key).sticky, 0);
  }
}

}  // namespace
}  // namespace slotproof::sched
