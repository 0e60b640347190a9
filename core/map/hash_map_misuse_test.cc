// Misuse that a map detects, and its assertions.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

struct Asserting : PlacedPolicy {
  static constexpr bool kAssertions = true;
};

template <class Action>
void ExpectFatal(FailureKind kind, const std::string& message, Action&& action) {
  try {
    action();
    ADD_FAILURE() << "expected: " << message;
  } catch (const ThrownFailure& failure) {
    EXPECT_EQ(failure.kind, kind);
    EXPECT_EQ(failure.what(), message);
  }
}

class MisuseTest : public testing::Test {
 protected:
  MisuseTest() {
    for (std::uint64_t i = 0; i < 20; ++i) map_[i] = i;
  }
  // As if another thread were in the middle of a write.
  void BeginForeignWrite() { HashMapTestPeer::Table(map_).flags.Xor(kHashWriting); }
  void EndForeignWrite() { BeginForeignWrite(); }

  PlacedMap map_;
};

TEST_F(MisuseTest, AReadDuringAWriteIsFatal) {
  BeginForeignWrite();
  ExpectFatal(FailureKind::kConcurrentReadAndWrite, "concurrent map read and map write",
              [this] { map_.Find(1); });
  EndForeignWrite();
  EXPECT_TRUE(map_.Contains(1));
}

TEST_F(MisuseTest, AWriteDuringAWriteIsFatal) {
  BeginForeignWrite();
  const std::string message = "concurrent map writes";
  ExpectFatal(FailureKind::kConcurrentWrites, message, [this] { map_[1] = 1; });
  ExpectFatal(FailureKind::kConcurrentWrites, message, [this] { map_.Erase(1); });
  ExpectFatal(FailureKind::kConcurrentWrites, message, [this] { map_.Clear(); });
  EndForeignWrite();
  EXPECT_EQ(map_.size(), 20U);
  ExpectLawful(map_);
}

TEST_F(MisuseTest, IterationDuringAWriteIsFatal) {
  auto it = map_.Iterate();
  BeginForeignWrite();
  ExpectFatal(FailureKind::kConcurrentIterationAndWrite, "concurrent map iteration and map write",
              [&it] { it.Next(); });
  EndForeignWrite();
  EXPECT_TRUE(it.Next());
}

TEST_F(MisuseTest, AnEmptyMapIsNotLookedAt) {
  map_.Clear();
  BeginForeignWrite();
  EXPECT_EQ(map_.Find(1), nullptr);
  EXPECT_FALSE(map_.Erase(1));
  map_.Clear();
  EndForeignWrite();
}

// Two interleaved writers toggle the flag off; the one that ends last sees it.
TEST(WriteSectionTest, AFlagTakenAwayDuringAWriteIsFatalAtItsEnd) {
  struct CallingProbe {
    void operator()(MapEvent event) const {
      if (call && event == MapEvent::kEmptyRestBlocked) call();
    }
    std::function<void()> call;
  };
  struct Policy : PlacedPolicy {
    using Probe = CallingProbe;
  };
  HashMap<std::uint64_t, std::uint64_t, Policy> map;
  map[PlacedKey(0, 1)];
  map[PlacedKey(0, 2)];
  map.probe().call = [&map] { HashMapTestPeer::Table(map).flags.Xor(kHashWriting); };
  ExpectFatal(FailureKind::kConcurrentWrites, "concurrent map writes",
              [&map] { map.Erase(PlacedKey(0, 1)); });
}

TEST(WriteSectionTest, AHashThatThrowsLeavesTheMapWritable) {
  struct ThrowingHash {
    std::uint64_t operator()(int key) const {
      if (key < 0) throw std::out_of_range("negative");
      return static_cast<std::uint64_t>(key);
    }
  };
  struct Policy : TestPolicy<int> {
    using Hash = ThrowingHash;
  };
  HashMap<int, int, Policy> map;
  map[1] = 1;
  EXPECT_THROW(map[-1], std::out_of_range);
  EXPECT_THROW(map.Erase(-1), std::out_of_range);
  EXPECT_THROW(map.Find(-1), std::out_of_range);
  map[2] = 2;
  EXPECT_EQ(map.size(), 2U);
  ExpectLawful(map);
}

// An element that does something to its map when it goes.
struct Parting {
  explicit Parting(std::function<void()> what = {}) : act(std::move(what)) {}
  Parting(Parting&&) = default;
  Parting& operator=(Parting&&) = default;
  ~Parting() {
    if (act) act();
  }
  std::function<void()> act;
};

struct Unasserted : DefaultMapPolicy<int> {
  static constexpr bool kAssertions = false;
};

class PartingDeathTest : public testing::Test {
 protected:
  using Map = HashMap<int, Parting>;
  // Ends the program as `act` runs in the destructor of an element.
  template <class Act, class Leave>
  void ExpectNamed(Act act, Leave leave) {
    const auto misuse = [&] {
      Map map;
      for (int i = 0; i < 20; ++i) map.TryEmplace(i);
      map.at(3) = Parting([&map, &act] { act(map); });
      leave(map);
    };
    EXPECT_DEATH(misuse(), "fatal error: a key or an element uses its own map");
  }
};

TEST_F(PartingDeathTest, ALookUpFromAnElementsDestructorIsNamed) {
  const auto find = [](Map& map) { map.Find(1); };
  ExpectNamed(find, [](Map& map) { map.Erase(3); });
  ExpectNamed(find, [](Map& map) { map.Clear(); });
  ExpectNamed(find, [](Map& map) { erase_if(map, [](const auto&) { return true; }); });
  ExpectNamed(find, [](Map&) {});
}

TEST_F(PartingDeathTest, AWriteFromAnElementsDestructorIsNamed) {
  ExpectNamed([](Map& map) { map[100]; }, [](Map& map) { map.Erase(3); });
  ExpectNamed([](Map& map) { map.Erase(4); }, [](Map& map) { map.Clear(); });
  ExpectNamed([](Map& map) { map.reserve(1000); }, [](Map&) {});
}

TEST_F(PartingDeathTest, AnIterationFromAnElementsDestructorIsNamed) {
  const auto iterate = [](Map& map) {
    for (auto it = map.Iterate(); it.Next();) {
    }
  };
  ExpectNamed(iterate, [](Map& map) { map.Erase(3); });
  ExpectNamed(iterate, [](Map& map) { map.Clear(); });
  ExpectNamed(iterate, [](Map&) {});
  ExpectNamed([](Map& map) { map.Iterate(); }, [](Map&) {});
}

TEST_F(PartingDeathTest, WithoutAssertionsItEndsAsAConcurrentUse) {
  const auto misuse = [] {
    HashMap<int, Parting, Unasserted> map;
    for (int i = 0; i < 20; ++i) map.TryEmplace(i);
    map.at(3) = Parting([&map] {
      for (auto it = map.Iterate(); it.Next();) {
      }
    });
  };
  EXPECT_DEATH(misuse(), "fatal error: concurrent map iteration and map write");
}

TEST(PartingTest, TheSizeMayBeAsked) {
  HashMap<int, Parting> map;
  for (int i = 0; i < 20; ++i) map.TryEmplace(i);
  std::size_t size = 0;
  map.at(3) = Parting([&] { size = map.size(); });
  map.Erase(3);
  EXPECT_EQ(size, 20U);
}

// The assignment comes when the write is over.
TEST(PartingTest, WhatAnOverwriteReplacesMayUseTheMap) {
  HashMap<int, std::shared_ptr<int>> map;
  for (int i = 0; i < 20; ++i) map[i];
  bool found = false;
  map[4] = std::shared_ptr<int>(new int(4), [&](const int* value) {
    delete value;
    found = map.Contains(5);
  });
  map.InsertOrAssign(4, nullptr);
  EXPECT_TRUE(found);
}

TEST(BadMapStateTest, AnEvacuatedSlotInAChainThatIsNotIsFatal) {
  PlacedMap map(104);
  for (std::uint64_t n = 0; n < 104; ++n) map[PlacedKey(n % 16, n)] = n;
  auto& table = HashMapTestPeer::Table(map);
  table.buckets->At(0)->tophash[2] = kEvacuatedX;
  HashGrow(table);
  ExpectFatal(FailureKind::kBadMapState, "bad map state", [&table] { Evacuate(table, 0); });
}

TEST(AssertionTest, AFailedAssertionGoesToThePolicy) {
  HashMap<std::uint64_t, std::uint64_t, Asserting> map(104);
  auto& table = HashMapTestPeer::Table(map);
  HashGrow(table);
  try {
    HashGrow(table);
    FAIL() << "a second growth must not begin during the first";
  } catch (const ThrownFailure& failure) {
    EXPECT_EQ(failure.kind, FailureKind::kAssertion);
    EXPECT_NE(std::string(failure.what()).find("!h.Growing()"), std::string::npos);
  }
}

TEST(FatalDeathTest, TheDefaultPolicyEndsTheProgramAsTheRuntimeDoes) {
  HashMap<int, int> map;
  map[1] = 1;
  HashMapTestPeer::Table(map).flags.Xor(kHashWriting);
  EXPECT_DEATH(map.Find(1), "fatal error: concurrent map read and map write");
  HashMapTestPeer::Table(map).flags.Xor(kHashWriting);
}

}  // namespace
}  // namespace slotproof::core
