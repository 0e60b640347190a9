// Maps that threads share on the work that go/concurrent_bench.go does with Go's sync.Map.
//
//   concurrent_bench IMPL LOAD THREADS OPERATIONS
//     IMPL  mutex: core::HashMap behind a std::mutex | sync: core::SyncMap
//           sharded: core::ShardedMap | tbb: tbb::concurrent_hash_map
//
// 65,536 keys are there, and each has been looked up once. Then THREADS threads do so many
// operations together. Each draws its own random numbers, the same in all implementations:
//
//   read     of 100 operations on average 99 Load, 1 Store; any of the keys
//   write    of 8, 4 Load, 3 Store, 1 Delete; any of the keys, of which a quarter is absent before
//            long
//   replace  of 5, 2 Load, 1 Store, 1 Delete of the oldest key, 1 Store of one that never was
//            there; each thread has an equal part of the keys for itself
//
// `read` and `write` touch the 65,536 keys alone. The checksum is of what was loaded and what is
// left; with several threads it depends on the schedule, but for `replace`.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include <tbb/concurrent_hash_map.h>

#include "bench/result.h"
#include "bench/split_mix.h"
#include "core/map/hash_map.h"
#include "core/map/sharded_map.h"
#include "core/map/sync_map.h"

namespace slotproof {
namespace {

using Key = std::uint64_t;
using Value = std::uint64_t;

constexpr std::uint64_t kKeys = 65536;
// Numbers of a thread, of keys as of its random ones, begin at multiples of this.
constexpr std::uint64_t kPerThread = std::uint64_t{1} << 40;

class LockedMap {
 public:
  std::optional<Value> Load(Key key) const {
    const std::lock_guard lock(mutex_);
    const Value* const value = map_.Find(key);
    return value == nullptr ? std::nullopt : std::optional(*value);
  }
  void Store(Key key, Value value) {
    const std::lock_guard lock(mutex_);
    map_.InsertOrAssign(key, value);
  }
  void Delete(Key key) {
    const std::lock_guard lock(mutex_);
    map_.Erase(key);
  }

 private:
  mutable std::mutex mutex_;
  core::HashMap<Key, Value> map_;
};

class TbbMap {
  using Map = tbb::concurrent_hash_map<Key, Value>;

 public:
  std::optional<Value> Load(Key key) const {
    Map::const_accessor entry;
    return map_.find(entry, key) ? std::optional(entry->second) : std::nullopt;
  }
  void Store(Key key, Value value) {
    Map::accessor entry;
    map_.insert(entry, key);
    entry->second = value;
  }
  void Delete(Key key) { map_.erase(key); }

 private:
  Map map_;
};

enum class LoadKind : std::uint8_t { kRead, kWrite, kReplace };

template <class Map>
class Worker {
 public:
  Worker(Map& map, LoadKind kind, std::uint64_t number, std::uint64_t threads)
      : map_(map),
        kind_(kind),
        numbers_(number * kPerThread),
        own_keys_(kKeys / threads),
        oldest_(number * (kind == LoadKind::kReplace ? kPerThread : own_keys_)),
        next_(oldest_ + own_keys_) {}

  void Fill() {
    for (std::uint64_t n = oldest_; n < next_; ++n) map_.Store(SplitMix(n), n);
  }
  void LoadOwn() {
    for (std::uint64_t n = oldest_; n < next_; ++n) Load(SplitMix(n));
  }

  void Run(std::uint64_t operations) {
    switch (kind_) {
      case LoadKind::kRead:
        for (std::uint64_t i = 0; i < operations; ++i) ReadMostly();
        return;
      case LoadKind::kWrite:
        for (std::uint64_t i = 0; i < operations; ++i) WriteHalf();
        return;
      case LoadKind::kReplace:
        for (std::uint64_t done = 0; done < operations;) done += Replace();
        return;
    }
  }
  std::uint64_t sum() const { return sum_; }

 private:
  void ReadMostly() {
    const std::uint64_t random = SplitMix(numbers_++);
    const Key key = SplitMix(random % kKeys);
    if ((random >> 32) % 100 == 0) {
      map_.Store(key, random);
    } else {
      Load(key);
    }
  }
  void WriteHalf() {
    const std::uint64_t random = SplitMix(numbers_++);
    const Key key = SplitMix(random % kKeys);
    const std::uint64_t what = (random >> 32) % 8;
    if (what < 4) {
      Load(key);
    } else if (what < 7) {
      map_.Store(key, random);
    } else {
      map_.Delete(key);
    }
  }
  // How many operations it was.
  std::uint64_t Replace() {
    const std::uint64_t random = SplitMix(numbers_++);
    const std::uint64_t what = (random >> 32) % 4;
    if (what == 3) {
      map_.Delete(SplitMix(oldest_++));
      map_.Store(SplitMix(next_++), random);
      return 2;
    }
    const Key key = SplitMix(oldest_ + (random & 0xffffffff) % own_keys_);
    if (what == 2) {
      map_.Store(key, random);
    } else {
      Load(key);
    }
    return 1;
  }
  void Load(Key key) {
    if (const std::optional<Value> value = map_.Load(key)) sum_ += *value + 1;
  }

  Map& map_;
  const LoadKind kind_;
  std::uint64_t numbers_;
  const std::uint64_t own_keys_;
  std::uint64_t oldest_;
  std::uint64_t next_;
  std::uint64_t sum_ = 0;
};

template <class Map>
void Bench(std::string_view load, std::uint64_t threads, std::uint64_t operations) {
  const LoadKind kind = load == "read"    ? LoadKind::kRead
                        : load == "write" ? LoadKind::kWrite
                                          : LoadKind::kReplace;
  Map map;
  std::vector<Worker<Map>> workers;
  for (std::uint64_t n = 0; n < threads; ++n) workers.emplace_back(map, kind, n, threads);
  for (Worker<Map>& worker : workers) worker.Fill();
  for (Worker<Map>& worker : workers) worker.LoadOwn();

  std::latch ready(static_cast<std::ptrdiff_t>(threads));
  std::latch begin(1);
  std::vector<std::jthread> running;
  for (Worker<Map>& worker : workers) {
    running.emplace_back([&ready, &begin, &worker, share = operations / threads] {
      ready.count_down();
      begin.wait();
      worker.Run(share);
    });
  }
  ready.wait();
  const Stopwatch watch;
  begin.count_down();
  running.clear();  // which waits for them
  const double seconds = watch.Seconds();

  std::uint64_t sum = 0;
  for (Worker<Map>& worker : workers) {
    worker.LoadOwn();
    sum += worker.sum();
  }
  PrintResult("operations", operations / threads * threads, seconds, sum);
}

bool Main(int argc, char** argv) {
  if (argc != 5) return false;
  const std::string_view implementation = argv[1];
  const std::string_view load = argv[2];
  const std::uint64_t threads = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t operations = std::strtoull(argv[4], nullptr, 10);
  if (load != "read" && load != "write" && load != "replace") return false;
  if (threads == 0 || kKeys % threads != 0 || operations < threads) return false;
  if (implementation == "mutex") {
    Bench<LockedMap>(load, threads, operations);
  } else if (implementation == "sync") {
    Bench<core::SyncMap<Key, Value>>(load, threads, operations);
  } else if (implementation == "sharded") {
    Bench<core::ShardedMap<Key, Value>>(load, threads, operations);
  } else if (implementation == "tbb") {
    Bench<TbbMap>(load, threads, operations);
  } else {
    return false;
  }
  return true;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  if (slotproof::Main(argc, argv)) return 0;
  std::fprintf(stderr,
               "usage: concurrent_bench mutex|sync|sharded|tbb read|write|replace THREADS "
               "OPERATIONS\n");
  return 2;
}
