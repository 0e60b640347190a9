#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CORE_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CORE_MAP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "core/map/random.h"
#include "subjects/scheduled_map/concurrent_map.h"

namespace slotproof {

// A map of core that threads share, under the names of the vocabulary.
template <class Map>
class CoreMap final : public ConcurrentMap {
 public:
  explicit CoreMap(std::uint32_t seed) : map_(core::WyRand(seed)) {}

  bool Insert(Key key, Value value) override { return Swap(key, value) == 0; }
  Value Find(Key key) override { return map_.Load(key).value_or(0); }
  bool Delete(Key key) override { return GetAndDelete(key) != 0; }
  Value LoadOrStore(Key key, Value value) override {
    const auto [there, was_there] = map_.LoadOrStore(key, value);
    return was_there ? there : 0;
  }
  Value GetAndDelete(Key key) override { return map_.LoadAndDelete(key).value_or(0); }
  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    return map_.CompareAndSwap(key, expected, desired);
  }
  Value Swap(Key key, Value value) override { return map_.Swap(key, value).value_or(0); }
  bool CompareAndDelete(Key key, Value expected) override {
    return map_.CompareAndDelete(key, expected);
  }
  void Range(const std::function<void(Key, Value)>& visit) override {
    map_.Range([&visit](Key key, Value value) {
      visit(key, value);
      return true;
    });
  }
  std::string BrokenInvariant() const override {
    return std::string(map_.CheckInvariants().value_or(""));
  }

 private:
  Map map_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CORE_MAP_H_
