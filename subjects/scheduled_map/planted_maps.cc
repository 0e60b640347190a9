#include "subjects/scheduled_map/planted_maps.h"

#include "subjects/scheduled_map/entry_map.h"
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
