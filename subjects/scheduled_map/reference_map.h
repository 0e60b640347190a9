#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_REFERENCE_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_REFERENCE_MAP_H_

#include <functional>
#include <mutex>
#include <string>

#include "core/map/hash_map.h"
#include "subjects/scheduled_map/concurrent_map.h"

namespace slotproof {

// The reference map, each call under one lock of this kind.
template <class Lock>
class ReferenceMap final : public ConcurrentMap {
 public:
  explicit ReferenceMap(std::uint32_t seed) : map_(0, core::WyRand(seed)) {}

  bool Insert(Key key, Value value) override {
    const std::lock_guard lock(lock_);
    return map_.InsertOrAssign(key, value).second;
  }
  Value Find(Key key) override {
    const std::lock_guard lock(lock_);
    return Look(key);
  }
  bool Delete(Key key) override {
    const std::lock_guard lock(lock_);
    return map_.Erase(key);
  }
  Value LoadOrStore(Key key, Value value) override {
    const std::lock_guard lock(lock_);
    const Value present = Look(key);
    if (present == 0) map_.InsertOrAssign(key, value);
    return present;
  }
  Value GetAndDelete(Key key) override {
    const std::lock_guard lock(lock_);
    const Value present = Look(key);
    if (present != 0) map_.Erase(key);
    return present;
  }
  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    const std::lock_guard lock(lock_);
    if (Look(key) != expected) return false;
    map_.InsertOrAssign(key, desired);
    return true;
  }
  Value Swap(Key key, Value value) override {
    const std::lock_guard lock(lock_);
    const Value present = Look(key);
    map_.InsertOrAssign(key, value);
    return present;
  }
  bool CompareAndDelete(Key key, Value expected) override {
    const std::lock_guard lock(lock_);
    return Look(key) == expected && map_.Erase(key);
  }
  void Range(const std::function<void(Key, Value)>& visit) override {
    const std::lock_guard lock(lock_);
    for (const auto& [key, value] : map_) visit(key, value);
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

  Lock lock_;
  core::HashMap<Key, Value> map_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_REFERENCE_MAP_H_
