#include "core/map/sync_map.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/map/sharded_map.h"

namespace slotproof::core {
namespace {

template <class Map>
class OneThreadTest : public ::testing::Test {
 protected:
  std::map<int, std::string> Contents() {
    std::map<int, std::string> contents;
    map_.Range([&](int key, const std::string& value) {
      EXPECT_TRUE(contents.emplace(key, value).second) << key << " visited twice";
      return true;
    });
    return contents;
  }

  Map map_{WyRand(1)};
};

using Maps = ::testing::Types<SyncMap<int, std::string>, ShardedMap<int, std::string>>;
TYPED_TEST_SUITE(OneThreadTest, Maps);

TYPED_TEST(OneThreadTest, AnAbsentKeyHasNothing) {
  EXPECT_EQ(this->map_.Load(1), std::nullopt);
  EXPECT_EQ(this->map_.LoadAndDelete(1), std::nullopt);
  EXPECT_FALSE(this->map_.CompareAndSwap(1, "", "one"));
  EXPECT_FALSE(this->map_.CompareAndDelete(1, ""));
  EXPECT_TRUE(this->Contents().empty());
}

TYPED_TEST(OneThreadTest, EachOperationSaysWhatWasThere) {
  this->map_.Store(1, "one");
  EXPECT_EQ(this->map_.Swap(1, "uno"), "one");
  EXPECT_EQ(this->map_.LoadOrStore(1, "eins"), std::pair(std::string("uno"), true));
  EXPECT_EQ(this->map_.LoadOrStore(2, "zwei"), std::pair(std::string("zwei"), false));
  EXPECT_FALSE(this->map_.CompareAndSwap(2, "two", "deux"));
  EXPECT_TRUE(this->map_.CompareAndSwap(2, "zwei", "deux"));
  EXPECT_FALSE(this->map_.CompareAndDelete(2, "zwei"));
  EXPECT_EQ(this->Contents(), (std::map<int, std::string>{{1, "uno"}, {2, "deux"}}));
  EXPECT_TRUE(this->map_.CompareAndDelete(2, "deux"));
  EXPECT_EQ(this->map_.LoadAndDelete(1), "uno");
  EXPECT_TRUE(this->Contents().empty());
}

// A visit that says so is the last one, and may use the map.
TYPED_TEST(OneThreadTest, AVisitMayEndTheRangeAndUseTheMap) {
  for (int key = 0; key < 10; ++key) this->map_.Store(key, "old");
  int visits = 0;
  this->map_.Range([&](int key, const std::string& value) {
    EXPECT_EQ(value, "old");
    this->map_.Store(key, "new");
    return ++visits < 5;
  });
  EXPECT_EQ(visits, 5);
  EXPECT_FALSE(this->map_.CheckInvariants());
}

// How many there are, so that a test sees what is kept.
struct Counted {
  static inline std::ptrdiff_t live = 0;
  explicit Counted(int id_of) : id(id_of) { ++live; }
  Counted(const Counted& other) : id(other.id) { ++live; }
  ~Counted() { --live; }
  int id;
};

// Values that were replaced are freed while the map lives, and all that is left with it.
TEST(SyncMapTest, KeepsNoMoreThanTwoEpochsOfWhatItReplaced) {
  constexpr std::ptrdiff_t kBatch = 64;
  {
    SyncMap<int, Counted> map(WyRand(1));
    for (int i = 0; i < 10000; ++i) {
      map.Store(i % 10, Counted(i));
      if (i % 7 == 0) map.Delete(i % 10);
      EXPECT_LE(Counted::live, 10 + 4 * kBatch);
    }
  }
  EXPECT_EQ(Counted::live, 0);
}

struct CountingPolicy : DefaultSyncMapPolicy<int> {
  static inline int times[kSyncMapEventCount] = {};
  static void Report(SyncMapEvent event) { ++times[static_cast<std::size_t>(event)]; }
};

// As many misses as there are keys promote the dirty map; then there are none.
TEST(SyncMapTest, MissesPromote) {
  const auto times = [](SyncMapEvent event) {
    return CountingPolicy::times[static_cast<std::size_t>(event)];
  };
  SyncMap<int, int, CountingPolicy> map(WyRand(1));
  for (int key = 0; key < 5; ++key) map.Store(key, key);
  EXPECT_EQ(times(SyncMapEvent::kAmended), 1);
  for (int i = 0; i < 4; ++i) map.Load(i);
  EXPECT_EQ(times(SyncMapEvent::kPromoted), 0);
  map.Load(99);
  EXPECT_EQ(times(SyncMapEvent::kPromoted), 1);
  EXPECT_EQ(times(SyncMapEvent::kMissed), 5);
  for (int i = 0; i < 100; ++i) map.Load(i);
  EXPECT_EQ(times(SyncMapEvent::kMissed), 5);
}

}  // namespace
}  // namespace slotproof::core
