#include "core/map/sync_map.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "subjects/scheduled_map/maps.h"

namespace slotproof {
namespace {

struct Policy : core::DefaultSyncMapPolicy<ConcurrentMap::Key> {
  // Epochs change as often as they can, and no address chooses what a thread meets.
  using Grace = core::GracePeriods<1, 1>;
  static void Report(core::SyncMapEvent event) { ReportGoal(static_cast<std::size_t>(event)); }
};

class ScheduledSyncMap final : public ConcurrentMap {
 public:
  explicit ScheduledSyncMap(std::uint32_t seed) : map_(core::WyRand(seed)) {}

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
  core::SyncMap<Key, Value, Policy> map_;
};

}  // namespace

std::unique_ptr<ConcurrentMap> NewSyncMap(std::uint32_t seed) {
  return std::make_unique<ScheduledSyncMap>(seed);
}

}  // namespace slotproof
