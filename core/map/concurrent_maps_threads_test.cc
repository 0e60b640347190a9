// Real threads on the maps that they may share: what each of them was answered, and what is left,
// must fit together.

#include <algorithm>
#include <array>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/random.h"
#include "core/map/sharded_map.h"
#include "core/map/sync_map.h"

namespace slotproof::core {
namespace {

constexpr std::uint32_t kThreads = 4;
constexpr std::uint32_t kKeys = 24;
constexpr int kRounds = 12;
constexpr int kOpsOfRound = 400;

// A value says who stored it and when, and is stored once. It is long, so that its memory is its
// own.
struct Stored {
  std::uint64_t id = 0;
  std::string text;

  static Stored Of(std::uint64_t id) {
    return {id, "a value on the heap, number " + std::to_string(id)};
  }
  bool IsWhole() const { return text == Of(id).text; }
  friend bool operator==(const Stored&, const Stored&) = default;
};

// What one thread did to one key.
struct Deeds {
  std::vector<std::uint64_t> stored;
  std::vector<std::uint64_t> taken;  // replaced or deleted, each value by who was told so
};

struct Log {
  std::array<Deeds, kKeys> deeds;
  std::vector<std::string> wrong;
};

template <class Map>
class Worker {
 public:
  Worker(Map& map, std::uint32_t number, std::uint64_t seed, Log& log)
      : map_(map),
        log_(log),
        random_(seed * 64 + number),
        next_id_((std::uint64_t{number} + 1) << 40 | seed << 20) {}

  void Run() {
    for (int i = 0; i < kOpsOfRound; ++i) Step(random_.Rand32() % kKeys);
  }

 private:
  void Step(std::uint32_t key) {
    Deeds& deeds = log_.deeds[key];
    const Stored fresh = Stored::Of(++next_id_);
    switch (random_.Rand32() % 8) {
      case 0:
        deeds.stored.push_back(fresh.id);
        Took(key, map_.Swap(key, fresh));
        return;
      case 1: {
        const auto [there, was_there] = map_.LoadOrStore(key, fresh);
        Saw(key, there);
        if (!was_there) deeds.stored.push_back(fresh.id);
        return;
      }
      case 2:
        Took(key, map_.LoadAndDelete(key));
        return;
      case 3: {
        const std::optional<Stored> seen = Looked(key);
        if (!seen || !map_.CompareAndSwap(key, *seen, fresh)) return;
        deeds.stored.push_back(fresh.id);
        deeds.taken.push_back(seen->id);
        return;
      }
      case 4: {
        const std::optional<Stored> seen = Looked(key);
        if (seen && map_.CompareAndDelete(key, *seen)) deeds.taken.push_back(seen->id);
        return;
      }
      case 5:
        return Visit();
      default:
        Looked(key);
    }
  }

  std::optional<Stored> Looked(std::uint32_t key) {
    std::optional<Stored> seen = map_.Load(key);
    if (seen) Saw(key, *seen);
    return seen;
  }
  void Took(std::uint32_t key, const std::optional<Stored>& was) {
    if (!was) return;
    Saw(key, *was);
    log_.deeds[key].taken.push_back(was->id);
  }
  void Saw(std::uint32_t key, const Stored& value) {
    if (!value.IsWhole()) log_.wrong.push_back("torn value of key " + std::to_string(key));
  }
  void Visit() {
    std::array<bool, kKeys> visited{};
    map_.Range([&](std::uint32_t key, const Stored& value) {
      Saw(key, value);
      if (visited[key]) log_.wrong.push_back("visited twice: " + std::to_string(key));
      visited[key] = true;
      return true;
    });
  }

  Map& map_;
  Log& log_;
  WyRand random_;
  std::uint64_t next_id_;
};

// Law: what was stored under a key is what was taken from it, each once, and what is there.
template <class Map>
void ExpectLogsExplainContents(Map& map, const std::vector<Log>& logs,
                               std::array<std::optional<std::uint64_t>, kKeys>& contents) {
  for (std::uint32_t key = 0; key < kKeys; ++key) {
    std::vector<std::uint64_t> stored;
    std::vector<std::uint64_t> gone;
    if (contents[key]) stored.push_back(*contents[key]);
    for (const Log& log : logs) {
      const Deeds& deeds = log.deeds[key];
      stored.insert(stored.end(), deeds.stored.begin(), deeds.stored.end());
      gone.insert(gone.end(), deeds.taken.begin(), deeds.taken.end());
    }
    const std::optional<Stored> there = map.Load(key);
    contents[key] = there ? std::optional(there->id) : std::nullopt;
    if (there) gone.push_back(there->id);
    std::ranges::sort(stored);
    std::ranges::sort(gone);
    ASSERT_EQ(stored, gone) << "key " << key;
  }
}

template <class Map>
class ConcurrentMapsTest : public ::testing::Test {};

struct EagerSyncMapPolicy : DefaultSyncMapPolicy<std::uint32_t> {
  using Grace = GracePeriods<1, 1>;
};
using Maps = ::testing::Types<SyncMap<std::uint32_t, Stored>,
                              SyncMap<std::uint32_t, Stored, EagerSyncMapPolicy>,
                              ShardedMap<std::uint32_t, Stored>>;
TYPED_TEST_SUITE(ConcurrentMapsTest, Maps);

TYPED_TEST(ConcurrentMapsTest, EachValueIsTakenOnceOrThere) {
  TypeParam map(WyRand(1));
  std::array<std::optional<std::uint64_t>, kKeys> contents{};
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<Log> logs(kThreads);
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    for (std::uint32_t number = 0; number < kThreads; ++number) {
      threads.emplace_back([&, number] {
        Worker<TypeParam> worker(map, number, round, logs[number]);
        start.arrive_and_wait();
        worker.Run();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Log& log : logs) ASSERT_TRUE(log.wrong.empty()) << log.wrong.front();
    ExpectLogsExplainContents(map, logs, contents);
    ASSERT_FALSE(map.CheckInvariants()) << *map.CheckInvariants();
  }
}

}  // namespace
}  // namespace slotproof::core
