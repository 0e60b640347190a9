#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_ENTRY_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_ENTRY_MAP_H_

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "subjects/scheduled_map/concurrent_map.h"

// A small concurrent map with the two ideas of Go's sync.Map: values are swapped in their entries
// without a lock, and an entry that was deleted is dead for ever.
//
//   slots_   [ entry* | null | entry* | ... ]      a slot for each key; changed under the lock
//   entry    value: 0 is dead
//
// It exists for its bugs, which the reference has no code for: each is a parameter.

namespace slotproof {

enum class EntryBug : std::uint8_t {
  kNone,
  kStoreIntoDeadEntry,  // insert does not look whether the entry that it found died meanwhile
  kCompareThenStore,    // compare-and-swap as two steps
  kPublishUnchecked,    // an entry is linked without looking again under the lock
  kFreesAtOnce,         // a deleted entry is freed while others look at it
  kPlainValue,          // values are written without an atomic
  kLocksInBothOrders,   // two locks, taken in the order of the operation
  kForgottenUnlock,     // a lock is kept where the key was absent
  kRelaxedFind,         // a look-up may see a value that another thread has replaced
};

template <EntryBug kBug>
class EntryMap final : public ConcurrentMap {
 public:
  EntryMap() = default;

  bool Insert(Key key, Value value) override { return Swap(key, value) == 0; }

  Value Swap(Key key, Value value) override {
    for (;;) {
      Entry* const entry = slots_[key].load();
      const Value was = entry == nullptr ? 0 : Replace(entry, value);
      if (was != 0) return was;
      if (Link(key, entry, value)) return 0;
    }
  }

  Value Find(Key key) override {
    Entry* const entry = slots_[key].load();
    return entry == nullptr ? 0 : entry->Load();
  }

  bool Delete(Key key) override { return GetAndDelete(key) != 0; }

  Value LoadOrStore(Key key, Value value) override {
    for (;;) {
      Entry* const entry = slots_[key].load();
      const Value present = entry == nullptr ? 0 : entry->Load();
      if (present != 0) return present;
      if (Link(key, entry, value)) return 0;
    }
  }

  Value GetAndDelete(Key key) override {
    Entry* const entry = slots_[key].load();
    if (entry == nullptr) return 0;
    const Value was = entry->value.exchange(0);
    if (was == 0) return 0;
    Unlink(key, entry);
    return was;
  }

  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    Entry* const entry = slots_[key].load();
    if (entry == nullptr) return false;
    if constexpr (kBug == EntryBug::kCompareThenStore) {
      if (entry->value.load() != expected) return false;
      entry->value.store(desired);
      return true;
    }
    return entry->value.compare_exchange_strong(expected, desired);
  }

  bool CompareAndDelete(Key key, Value expected) override {
    Entry* const entry = slots_[key].load();
    if (entry == nullptr || !entry->value.compare_exchange_strong(expected, 0)) return false;
    Unlink(key, entry);
    return true;
  }

  void Range(const std::function<void(Key, Value)>& visit) override {
    for (Key key = 0; key < slots_.size(); ++key) {
      const Value value = Find(key);
      if (value != 0) visit(key, value);
    }
  }

 private:
  struct Entry {
    explicit Entry(Value initial) : value(initial), plain(initial) {}

    Value Load() const {
      if (kBug == EntryBug::kPlainValue) return plain;
      return value.load(kBug == EntryBug::kRelaxedFind ? std::memory_order_relaxed
                                                       : std::memory_order_seq_cst);
    }

    std::atomic<Value> value;
    Value plain;  // of kPlainValue
  };

  // What was there; 0 when the entry is dead.
  Value Replace(Entry* entry, Value value) {
    if constexpr (kBug == EntryBug::kStoreIntoDeadEntry) {
      const Value was = entry->value.load();
      if (was != 0) entry->value.store(value);
      return was;
    }
    Value present = entry->value.load();
    while (present != 0) {
      if (entry->value.compare_exchange_weak(present, value)) {
        if (kBug == EntryBug::kPlainValue) entry->plain = value;
        return present;
      }
    }
    return 0;
  }

  // False when the slot is not any more as it was found.
  bool Link(Key key, Entry* found, Value value) {
    if constexpr (kBug == EntryBug::kForgottenUnlock) {
      lock_.lock();
      if (slots_[key].load() != found) return false;
      slots_[key].store(NewEntry(value));
      lock_.unlock();
      return true;
    }
    const std::lock_guard lock(lock_);
    if constexpr (kBug == EntryBug::kLocksInBothOrders) {
      const std::lock_guard second(entries_lock_);
      return LinkLocked(key, found, value);
    }
    return LinkLocked(key, found, value);
  }

  bool LinkLocked(Key key, Entry* found, Value value) {
    if (kBug != EntryBug::kPublishUnchecked && slots_[key].load() != found) return false;
    slots_[key].store(NewEntry(value));
    return true;
  }

  void Unlink(Key key, Entry* entry) {
    if constexpr (kBug == EntryBug::kLocksInBothOrders) {
      const std::lock_guard first(entries_lock_);
      const std::lock_guard second(lock_);
      if (slots_[key].load() == entry) slots_[key].store(nullptr);
      return;
    }
    const std::lock_guard lock(lock_);
    if (slots_[key].load() == entry) slots_[key].store(nullptr);
    if constexpr (kBug == EntryBug::kFreesAtOnce) {
      std::erase_if(entries_, [entry](const auto& owned) { return owned.get() == entry; });
    }
  }

  Entry* NewEntry(Value value) {
    entries_.push_back(std::make_unique<Entry>(value));
    return entries_.back().get();
  }

  std::mutex lock_;
  std::mutex entries_lock_;
  std::array<std::atomic<Entry*>, 16> slots_{};
  std::vector<std::unique_ptr<Entry>> entries_;  // under the lock
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_ENTRY_MAP_H_
