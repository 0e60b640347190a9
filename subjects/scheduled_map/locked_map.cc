#include <memory>
#include <mutex>
#include <string>

#include "core/map/hash_map.h"
#include "subjects/scheduled_map/concurrent_map.h"
#include "subjects/scheduled_map/maps.h"

namespace slotproof {
namespace {

// The reference map, each call under one mutex.
class LockedMap final : public ConcurrentMap {
 public:
  explicit LockedMap(std::uint32_t seed) : map_(0, core::WyRand(seed)) {}

  bool Insert(Key key, Value value) override {
    const std::lock_guard lock(mutex_);
    return map_.InsertOrAssign(key, value).second;
  }
  Value Find(Key key) override {
    const std::lock_guard lock(mutex_);
    return Look(key);
  }
  bool Delete(Key key) override {
    const std::lock_guard lock(mutex_);
    return map_.Erase(key);
  }
  Value LoadOrStore(Key key, Value value) override {
    const std::lock_guard lock(mutex_);
    const Value present = Look(key);
    if (present == 0) map_.InsertOrAssign(key, value);
    return present;
  }
  Value GetAndDelete(Key key) override {
    const std::lock_guard lock(mutex_);
    const Value present = Look(key);
    if (present != 0) map_.Erase(key);
    return present;
  }
  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    const std::lock_guard lock(mutex_);
    if (Look(key) != expected) return false;
    map_.InsertOrAssign(key, desired);
    return true;
  }
  std::string BrokenInvariant() const override {
    const auto broken = map_.CheckInvariants();
    return broken ? std::string(broken->law) : std::string();
  }

 private:
  Value Look(Key key) const {
    const Value* const found = map_.Find(key);
    return found == nullptr ? 0 : *found;
  }

  std::mutex mutex_;
  core::HashMap<Key, Value> map_;
};

}  // namespace

std::unique_ptr<ConcurrentMap> NewLockedMap(std::uint32_t seed) {
  return std::make_unique<LockedMap>(seed);
}

}  // namespace slotproof
