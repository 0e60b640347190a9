// What a map promises when user code throws: its contents are what they were before the call.

#include <cstddef>
#include <cstdint>
#include <map>
#include <new>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"
#include "core/testing/fuse.h"

namespace slotproof::core {
namespace {

// A value whose copies and moves may throw, and which is counted.
template <int kTag>
class Fragile {
 public:
  Fragile() : Fragile(0) {}
  explicit Fragile(int value) : value_(value) { ++Fuse::objects; }
  Fragile(const Fragile& other) : value_(other.value_) {
    Fuse::Step();
    ++Fuse::objects;
  }
  Fragile& operator=(const Fragile& other) {
    Fuse::Step();
    value_ = other.value_;
    return *this;
  }
  ~Fragile() {
    --Fuse::objects;
    value_ = -1;
  }
  int value() const { return value_; }
  friend bool operator==(const Fragile& a, const Fragile& b) { return a.value_ == b.value_; }

 private:
  int value_;
};
using Key = Fragile<0>;
using Element = Fragile<1>;

// Moves quietly, but each copy may throw.
class Courteous {
 public:
  explicit Courteous(int value) : value_(value) { ++Fuse::objects; }
  Courteous(const Courteous& other) : value_(other.value_) {
    Fuse::Step();
    ++Fuse::objects;
  }
  Courteous(Courteous&& other) noexcept : value_(std::exchange(other.value_, -1)) {
    ++Fuse::objects;
  }
  Courteous& operator=(const Courteous&) = default;
  Courteous& operator=(Courteous&&) = default;
  ~Courteous() { --Fuse::objects; }
  int value() const { return value_; }
  friend bool operator==(const Courteous& a, const Courteous& b) { return a.value_ == b.value_; }

 private:
  int value_;
};

// Larger than 128 bytes, so held indirectly.
class Bulky : public Courteous {
 public:
  using Courteous::Courteous;

 private:
  [[maybe_unused]] unsigned char padding_[200] = {};
};

// Few top bytes and a Fuse; everything in few buckets, so that chains are long.
struct FusedHash {
  template <class T>
  std::uint64_t operator()(const T& key) const {
    Fuse::Step();
    const auto value = static_cast<std::uint64_t>(key.value());
    return value * 0x9E3779B97F4A7C15 & 0xff00000000000013;
  }
};

template <class T, bool kReflexive>
struct FusedPolicy : TestPolicy<T> {
  using Hash = FusedHash;
  static constexpr bool kReflexiveKey = kReflexive;
};

template <class Map>
std::map<int, int> Contents(const Map& map) {
  std::map<int, int> contents;
  map.VisitEntries([&contents](const auto& key, const auto& value) {
    EXPECT_TRUE(contents.emplace(key.value(), value.value()).second) << key.value();
  });
  return contents;
}

template <class K, class V, bool kReflexive>
struct Types {
  using Map = HashMap<K, V, FusedPolicy<K, kReflexive>>;
  static K MakeKey(int value) { return K(value); }
  static V MakeElement(int value) { return V(value); }
};

template <class T>
class ExceptionTest : public testing::Test {
 protected:
  void SetUp() override { Fuse::armed = false; }
  void TearDown() override { EXPECT_EQ(Fuse::objects, 0) << "leaked or destroyed twice"; }
};
using AllTypes = testing::Types<Types<Key, Element, true>, Types<Key, Courteous, true>,
                                Types<Courteous, Element, true>, Types<Courteous, Courteous, true>,
                                Types<Key, Element, false>, Types<Courteous, Bulky, false>,
                                Types<Bulky, Element, true>, Types<Bulky, Bulky, true>>;
TYPED_TEST_SUITE(ExceptionTest, AllTypes);

struct Burnt {
  std::size_t steps;   // at which something threw
  std::size_t undone;  // evacuations taken back
};

// Runs `action` on fresh copies of the same state, with the fuse one step longer each time, until
// it no longer burns.
template <class Types, class Prepare, class Action>
Burnt BurnAtEachStep(Prepare&& prepare, Action&& action) {
  std::size_t undone = 0;
  for (std::size_t steps = 0;; ++steps) {
    typename Types::Map map(0, WyRand(steps + 1));
    prepare(map);
    const std::map<int, int> before = Contents(map);
    bool threw = false;
    Fuse::Arm(steps);
    try {
      action(map);
    } catch (const Thrown&) {
      threw = true;
    }
    Fuse::armed = false;
    ExpectLawful(map);
    undone += map.probe()[MapEvent::kEvacuationUndone];
    if (!threw) return {steps, undone};
    EXPECT_EQ(Contents(map), before) << "thrown at step " << steps;
    for (const auto& [key, value] : before) {
      EXPECT_TRUE(map.Contains(Types::MakeKey(key))) << key << ", thrown at step " << steps;
    }
    // The same action succeeds afterwards.
    action(map);
    ExpectLawful(map);
  }
}

TYPED_TEST(ExceptionTest, AnInsertionThatThrowsChangesNothing) {
  const Burnt burnt = BurnAtEachStep<TypeParam>(
      [](auto& map) {
        for (int i = 0; i < 30; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
      },
      [](auto& map) {
        const auto key = TypeParam::MakeKey(100);
        const auto element = TypeParam::MakeElement(100);
        map.InsertOrAssign(key, element);
      });
  EXPECT_GT(burnt.steps, 2U);
}

// The insertion that begins a growth, and those that carry it on, from every number of entries.
TYPED_TEST(ExceptionTest, AGrowthThatThrowsChangesNothing) {
  std::size_t undone = 0;
  for (int size = 8; size < 60; size += size < 16 ? 1 : 3) {
    undone += BurnAtEachStep<TypeParam>(
                  [size](auto& map) {
                    for (int i = 0; i < size; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
                    for (int i = 0; i < size; i += 5) map.Erase(TypeParam::MakeKey(i));
                    for (int i = 0; i < size; i += 5)
                      map.TryEmplace(TypeParam::MakeKey(1000 + i), i);
                  },
                  [](auto& map) { map.TryEmplace(TypeParam::MakeKey(5000), 1); })
                  .undone;
  }
  EXPECT_GT(undone, 0U);
}

// With an iterator alive, old buckets keep copies; they must go back as well.
TYPED_TEST(ExceptionTest, AGrowthUnderAnIteratorThatThrowsChangesNothing) {
  for (int size : {8, 13, 26, 52}) {
    for (std::size_t steps = 0; steps < 200; ++steps) {
      typename TypeParam::Map map(0, WyRand(steps + 1));
      for (int i = 0; i < size; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
      auto it = map.Iterate();
      ASSERT_TRUE(it.Next());
      std::map<int, int> seen;
      ++seen[it.key().value()];
      bool threw = false;
      for (int i = 0; i < 6 && !threw; ++i) {
        const std::map<int, int> before = Contents(map);
        Fuse::Arm(steps);
        try {
          map.TryEmplace(TypeParam::MakeKey(1000 + i), i);
        } catch (const Thrown&) {
          threw = true;
          EXPECT_EQ(Contents(map), before);
        }
        Fuse::armed = false;
        ExpectLawful(map);
      }
      while (it.Next()) ++seen[it.key().value()];
      for (int i = 0; i < size; ++i) EXPECT_EQ(seen[i], 1) << i << " at step " << steps;
      if (!threw) break;
    }
  }
}

TYPED_TEST(ExceptionTest, ADeletionThatThrowsDeletesNothing) {
  BurnAtEachStep<TypeParam>(
      [](auto& map) {
        // Into the middle of a growth.
        for (int i = 0; i < 27; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
      },
      [](auto& map) {
        const auto key = TypeParam::MakeKey(11);
        map.Erase(key);
      });
}

TYPED_TEST(ExceptionTest, ACopyThatThrowsLeaksNothing) {
  typename TypeParam::Map map(0, WyRand(1));
  for (int i = 0; i < 40; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
  for (std::size_t steps = 0;; steps += 7) {
    Fuse::Arm(steps);
    try {
      typename TypeParam::Map copy = map;
      Fuse::armed = false;
      EXPECT_EQ(Contents(copy), Contents(map));
      copy.Clear();
      break;
    } catch (const Thrown&) {
      EXPECT_EQ(map.size(), 40U);
    }
  }
}

TYPED_TEST(ExceptionTest, ObjectsAreDestroyedExactlyOnceUnderIterators) {
  typename TypeParam::Map map(0, WyRand(3));
  for (int i = 0; i < 200; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
  auto outliving = map.Iterate();
  ASSERT_TRUE(outliving.Next());
  {
    auto it = map.Iterate();
    for (int i = 200; i < 300; ++i) {
      it.Next();
      map.TryEmplace(TypeParam::MakeKey(i), i);
      map.Erase(TypeParam::MakeKey(i - 150));
    }
  }
  map.Clear();
  for (int i = 0; i < 50; ++i) map.TryEmplace(TypeParam::MakeKey(i), i);
}

}  // namespace
}  // namespace slotproof::core
