#include "subjects/scheduled_map/planted_maps.h"

#include "core/map/hash_map.h"
#include "subjects/scheduled_map/entry_map.h"

namespace slotproof {
namespace {

template <EntryBug kBug>
std::unique_ptr<ConcurrentMap> New(std::uint32_t) {
  return std::make_unique<EntryMap<kBug>>();
}

// The reference map without a lock.
class UnguardedMap final : public ConcurrentMap {
 public:
  explicit UnguardedMap(std::uint32_t seed) : map_(0, core::WyRand(seed)) {}

  bool Insert(Key key, Value value) override { return map_.InsertOrAssign(key, value).second; }
  Value Find(Key key) override {
    const Value* const found = map_.Find(key);
    return found == nullptr ? 0 : *found;
  }
  bool Delete(Key key) override { return map_.Erase(key); }
  Value LoadOrStore(Key key, Value value) override {
    const Value present = Find(key);
    if (present == 0) Insert(key, value);
    return present;
  }
  Value GetAndDelete(Key key) override {
    const Value present = Find(key);
    if (present != 0) Delete(key);
    return present;
  }
  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    if (Find(key) != expected) return false;
    Insert(key, desired);
    return true;
  }

 private:
  core::HashMap<Key, Value> map_;
};

std::unique_ptr<ConcurrentMap> NewUnguardedMap(std::uint32_t seed) {
  return std::make_unique<UnguardedMap>(seed);
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
  };
  return kAll;
}

}  // namespace slotproof
