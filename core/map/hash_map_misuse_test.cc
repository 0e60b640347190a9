// Misuse that a map detects, and its assertions.

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

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
