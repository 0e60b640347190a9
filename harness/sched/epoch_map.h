#ifndef SLOTPROOF_HARNESS_SCHED_EPOCH_MAP_H_
#define SLOTPROOF_HARNESS_SCHED_EPOCH_MAP_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace slotproof::sched {

// A hash table from addresses whose values start anew with each schedule, at no cost: a value is
// reset when it is first asked for in an epoch. T::Reset() keeps what is to outlive a schedule.
//
//   | key, epoch, value | key, epoch, value | ...      open addressing, at most half full
template <class T>
class EpochMap {
 public:
  static constexpr std::size_t kFewSlots = std::size_t{1} << 10;
  static constexpr std::size_t kManySlots = std::size_t{1} << 18;

  explicit EpochMap(std::size_t slots = kFewSlots) : slots_(slots) {}

  // All values are as Reset() leaves them from now on.
  void NextEpoch() { ++epoch_; }

  // The same, and where there are many values, only those that keep(value) wants outlive it: one
  // schedule that touched much must not make all others slow.
  template <class Keep>
  void NextEpoch(Keep keep) {
    ++epoch_;
    if (slots_.size() <= kManySlots) return;
    std::vector<Slot> old(kFewSlots);
    old.swap(slots_);
    used_ = 0;
    for (Slot& slot : old) {
      if (slot.key == 0 || !keep(slot.value)) continue;
      At(slot.key);
      slot.epoch = 0;
      Find(slot.key) = std::move(slot);
    }
  }

  // Forgets everything.
  void Clear() {
    slots_.assign(slots_.size() <= kManySlots ? slots_.size() : kFewSlots, Slot{});
    slots_.shrink_to_fit();
    used_ = 0;
    epoch_ = 1;
  }

  // The value of the key, which is not 0. The reference holds until the next call.
  T& At(std::uintptr_t key) {
    Slot* slot = &Find(key);
    if (slot->key == 0) [[unlikely]] {
      if (2 * ++used_ > slots_.size()) {
        Grow();
        slot = &Find(key);
      }
      slot->key = key;
    }
    if (slot->epoch != epoch_) {
      slot->epoch = epoch_;
      slot->value.Reset();
    }
    return slot->value;
  }

  // The value if it was asked for in this epoch.
  T* IfTouched(std::uintptr_t key) {
    Slot& slot = Find(key);
    return slot.key != 0 && slot.epoch == epoch_ ? &slot.value : nullptr;
  }

  // Each value of this epoch with its key, in an order that depends on the keys alone.
  template <class Body>
  void ForEach(Body body) {
    for (Slot& slot : slots_) {
      if (slot.key != 0 && slot.epoch == epoch_) body(slot.key, slot.value);
    }
  }

 private:
  struct Slot {
    std::uintptr_t key = 0;
    std::uint64_t epoch = 0;
    T value;
  };

  Slot& Find(std::uintptr_t key) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = (key * 0x9e3779b97f4a7c15) >> 32;
    for (;; ++i) {
      Slot& slot = slots_[i & mask];
      if (slot.key == key || slot.key == 0) return slot;
    }
  }

  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.key != 0) Find(slot.key) = std::move(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::uint64_t epoch_ = 1;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_EPOCH_MAP_H_
