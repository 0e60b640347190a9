// ShardedMap: a map that any number of threads use at once, as parts with a lock each. For writes
// to keys of all kinds; where keys are mostly read, a SyncMap takes no lock (sync_map.h).
//
//   ShardedMap<std::string, int> m;
//   m.Store("one", 1);
//   if (std::optional<int> v = m.Load("one")) Use(*v);
//
//   hash of the key, its upper bits ──► shards_[3]   lock │ HashMap
//                                       shards_[4]   lock │ HashMap
//
// A key is in the shard of its hash, and nowhere else. Each operation takes one lock, of that
// shard: shared to look, alone to write. So it is linearizable, and takes effect while it has the
// lock.
//
// Range takes the locks one after the other, never two. What it visits of one shard was there at
// one time, and shards are looked at at different times: each key is visited with a value that it
// had during the call, or not, if it was absent. The entries of a shard are copied, and visited
// when the lock is given back, so that the visit may use the map.
//
// Costs. Those of a HashMap, a second hash and a lock. Threads wait for each other if they want the
// same shard.
#ifndef SLOTPROOF_CORE_MAP_SHARDED_MAP_H_
#define SLOTPROOF_CORE_MAP_SHARDED_MAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "core/map/hash_map.h"

namespace slotproof::core {

template <class Key>
struct DefaultShardedMapPolicy {
  using Mutex = std::shared_mutex;
  using MapPolicy = DefaultMapPolicy<Key>;
  static constexpr std::size_t kShards = 16;  // a power of two
};

template <class Key, class Value, class Policy = DefaultShardedMapPolicy<Key>>
class ShardedMap {
 public:
  using Random = typename Policy::MapPolicy::Random;

  explicit ShardedMap(Random random = Random())
      : random_(std::move(random)), seed_(random_.Rand32()) {
    for (Shard& shard : shards_) shard.map = Map(0, SplitRandom(random_));
  }
  ShardedMap(const ShardedMap&) = delete;
  ShardedMap& operator=(const ShardedMap&) = delete;

  std::optional<Value> Load(const Key& key) const {
    const Shard& shard = ShardOf(key);
    const std::shared_lock lock(shard.mutex);
    return ValueOf(shard.map.Find(key));
  }

  void Store(const Key& key, Value value) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    shard.map.InsertOrAssign(key, std::move(value));
  }

  // What was there.
  std::optional<Value> Swap(const Key& key, Value value) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    shard.map.InsertOrAssign(key, std::move(value));
    return was;
  }

  // What is there, and whether it was before.
  std::pair<Value, bool> LoadOrStore(const Key& key, Value value) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    const auto [there, is_new] = shard.map.TryEmplace(key, std::move(value));
    return {there, !is_new};
  }

  std::optional<Value> LoadAndDelete(const Key& key) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    std::optional<Value> was = ValueOf(shard.map.Find(key));
    if (was) shard.map.Erase(key);
    return was;
  }

  void Delete(const Key& key) { LoadAndDelete(key); }

  // Stores `desired` if `expected` is there; whether it was.
  bool CompareAndSwap(const Key& key, const Value& expected, Value desired) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    Value* const there = shard.map.Find(key);
    if (there == nullptr || !(*there == expected)) return false;
    *there = std::move(desired);
    return true;
  }

  // Deletes the key if `expected` is there; whether it was.
  bool CompareAndDelete(const Key& key, const Value& expected) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    const Value* const there = shard.map.Find(key);
    return there != nullptr && *there == expected && shard.map.Erase(key);
  }

  // visit(key, value) until it returns false.
  template <class Visit>
  void Range(Visit&& visit) const {
    std::vector<std::pair<Key, Value>> entries;
    for (const Shard& shard : shards_) {
      entries.clear();
      {
        const std::shared_lock lock(shard.mutex);
        shard.map.VisitEntries(
            [&entries](const Key& key, const Value& value) { entries.emplace_back(key, value); });
      }
      for (const auto& [key, value] : entries) {
        if (!visit(key, value)) return;
      }
    }
  }

  // When no thread uses it: the law that is broken, if one is.
  std::optional<std::string_view> CheckInvariants() const {
    std::optional<std::string_view> broken;
    for (const Shard& shard : shards_) {
      if (shard.map.CheckInvariants()) return "map";
      shard.map.VisitEntries([&](const Key& key, const Value&) {
        if (&ShardOf(key) != &shard) broken = "key-in-its-shard";
      });
    }
    return broken;
  }

 private:
  using Map = HashMap<Key, Value, typename Policy::MapPolicy>;
  static_assert(std::has_single_bit(Policy::kShards));

  struct alignas(64) Shard {
    mutable typename Policy::Mutex mutex;
    Map map;
  };

  static std::optional<Value> ValueOf(const Value* value) {
    return value == nullptr ? std::nullopt : std::optional<Value>(*value);
  }

  Shard& ShardOf(const Key& key) { return const_cast<Shard&>(std::as_const(*this).ShardOf(key)); }
  const Shard& ShardOf(const Key& key) const {
    const std::uint64_t hash = typename Policy::MapPolicy::Hash()(key, seed_, random_);
    return shards_[(hash >> 32) & (Policy::kShards - 1)];
  }

  mutable Random random_;  // a NaN's hash draws
  const std::uint32_t seed_;
  std::array<Shard, Policy::kShards> shards_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_SHARDED_MAP_H_
