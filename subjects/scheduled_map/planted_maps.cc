#include "subjects/scheduled_map/planted_maps.h"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "subjects/scheduled_map/entry_map.h"
#include "subjects/scheduled_map/pooled_map.h"
#include "subjects/scheduled_map/reference_map.h"

namespace slotproof {
namespace {

template <EntryBug kBug>
std::unique_ptr<ConcurrentMap> New(std::uint32_t) {
  return std::make_unique<EntryMap<kBug>>();
}

// Keeps nobody out.
struct NoLock {
  void lock() {}
  void unlock() {}
};

std::unique_ptr<ConcurrentMap> NewUnguardedMap(std::uint32_t seed) {
  return std::make_unique<ReferenceMap<NoLock>>(seed);
}

// Lets one in at a time. Who finds it taken waits for a signal, without having looked again under
// the mutex: a signal that comes in between is lost.
class SleepyGate {
 public:
  void lock() {
    while (taken_.exchange(true)) {
      std::unique_lock lock(mutex_);
      left_.wait(lock);
    }
  }
  void unlock() {
    taken_.store(false);
    left_.notify_one();
  }

 private:
  std::atomic<bool> taken_ = false;
  std::mutex mutex_;
  std::condition_variable left_;
};

// Does now and then what it does at no other time: its calls are counted across runs.
class DriftingLock {
 public:
  void lock() {
    mutex_.lock();
    static std::uint32_t calls = 0;
    constexpr std::uint32_t kSeldom = 1009;
    if (++calls % kSeldom == 0) drifts_.fetch_add(1);
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
  std::atomic<std::uint32_t> drifts_ = 0;
};

std::unique_ptr<ConcurrentMap> NewDriftingMap(std::uint32_t seed) {
  return std::make_unique<ReferenceMap<DriftingLock>>(seed);
}

std::unique_ptr<ConcurrentMap> NewGatedMap(std::uint32_t seed) {
  return std::make_unique<ReferenceMap<SleepyGate>>(seed);
}

template <bool kTagged>
std::unique_ptr<ConcurrentMap> NewPooled(std::uint32_t) {
  return std::make_unique<PooledMap<kTagged>>();
}

}  // namespace

std::span<const PlantedMap> PlantedMaps() {
  static constexpr PlantedMap kAll[] = {
      {"None", New<EntryBug::kNone>, ""},
      {"StoreIntoDeadEntry", New<EntryBug::kStoreIntoDeadEntry>, "not linearizable/calls"},
      {"CompareThenStore", New<EntryBug::kCompareThenStore>, "not linearizable/calls"},
      {"PublishUnchecked", New<EntryBug::kPublishUnchecked>, "not linearizable/calls"},
      {"FreesAtOnce", New<EntryBug::kFreesAtOnce>, "fatal/use after free|data race/data race"},
      {"PlainValue", New<EntryBug::kPlainValue>, "data race/data race|not linearizable/calls"},
      {"LocksInBothOrders", New<EntryBug::kLocksInBothOrders>, "deadlock/deadlock"},
      {"ForgottenUnlock", New<EntryBug::kForgottenUnlock>, "deadlock/deadlock|fatal/lock misuse"},
      {"Unguarded", NewUnguardedMap, "data race/data race"},
      {"NotifiedBeforeWaiting", NewGatedMap, "deadlock/lost wake-up"},
      {"Tagged", NewPooled<true>, ""},
      {"Untagged", NewPooled<false>, "not linearizable/calls|fatal/failed"},
      {"RelaxedFind", New<EntryBug::kRelaxedFind>, "not linearizable/calls"},
      {"Drifting", NewDriftingMap, "nondeterminism/digest"},
  };
  return kAll;
}

}  // namespace slotproof
