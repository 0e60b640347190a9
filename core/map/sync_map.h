// SyncMap: Go 1.19's sync.Map, a map that any number of threads use at once. For keys that are
// written once and read many times, or threads that use different keys; else a ShardedMap or a map
// behind a mutex may do as well.
//
//   SyncMap<std::string, int> m;
//   m.Store("one", 1);
//   if (std::optional<int> v = m.Load("one")) Use(*v);
//   auto [value, was_there] = m.LoadOrStore("one", 2);
//
//   read_ ──► ReadPart {amended, entries}            replaced under the lock, read without it
//                                   │
//                                   ▼
//                        k1 ─► entry ◄─ k1           an entry is an atomic word:
//                        k2 ─► entry ◄─ k2             ──► Box{value}
//                        k3 ─► EXPUNGED                null       deleted
//                                       k4 ─► entry    EXPUNGED   deleted, and not in dirty_
//                                       ▲
//   dirty_ ─────────────────────────────┘            under the lock; none unless amended
//
// A key of the read part is loaded, stored and deleted without a lock, by its entry alone. New keys
// go to dirty_, which has all other keys, too, but the expunged ones. A look-up that has to go to
// dirty_ is a miss; with as many misses as it has keys, dirty_ becomes the read part, without a
// copy. The next new key makes another dirty_: a copy of the read part in which what is deleted is
// left out, and expunged in the read part.
//
// Invariants, while nobody has the lock (CheckInvariants):
//   dirty-iff-amended    there is a dirty_ exactly when the read part says so
//   expunged-not-dirty   an expunged entry's key is not in dirty_, and there is a dirty_
//   read-in-dirty        each other entry of the read part is in dirty_, if there is one
//   misses               are fewer than the keys of dirty_, and none without it
//   map                  those of both maps
//   sections             when no thread uses the map, none is counted
// An expunged entry gets no value before it is null again and in dirty_: stored in the read part
// alone, the value would be lost when dirty_ is promoted.
//
// Linearization points:
//   Load                 the load of the entry's word; of no entry, that of read_ or the look-up in
//                        dirty_. Of an entry that was deleted from dirty_ meanwhile, that deletion
//   Store, Swap          the exchange of the word, or the insertion into dirty_
//   LoadOrStore          the load of a value, the compare-and-swap from null, the insertion
//   LoadAndDelete        the compare-and-swap to null, or the deletion from dirty_
//   CompareAndSwap, CompareAndDelete   the compare-and-swap, or the load of a word that differs
//   Range                none: each key by itself, at some time during the call
//
// Atomics are sequentially consistent, as Go's are. With loads that only acquire, a thread that
// nothing has synchronized with could see a value that was replaced before its call began.
//
// Swap, CompareAndSwap and CompareAndDelete came with Go 1.20 and do what they do there; Store is a
// Swap, as it is there.
//
// Memory: boxes, entries and read parts that are replaced are freed after a grace period, for
// others may look at them (core/sync/grace_periods.h): two atomic additions an operation. Entries
// that were expunged are retired by the promotion that loses them. A visit of Range that does not
// return keeps what is retired meanwhile.
//
// Costs. Of a key in the read part: a look-up and an atomic operation on its word; a box for what
// is stored. A promotion and a new dirty_ walk over the read part; a promotion is paid for by
// misses.
//
// Keys and values are copied. What allocates, hashes or compares may throw before anything has
// changed, but for an allocation while dirty_ is made or promoted: then the map is good for its
// destructor only. Values must be destructible by any thread.
#ifndef SLOTPROOF_CORE_MAP_SYNC_MAP_H_
#define SLOTPROOF_CORE_MAP_SYNC_MAP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/assert.h"
#include "core/map/hash_map.h"
#include "core/sync/grace_periods.h"

namespace slotproof::core {

// Rare events of a SyncMap, as its policy is told of them.
enum class SyncMapEvent : std::uint8_t {
  kMissed,            // a look-up went to dirty_
  kPromoted,          // dirty_ became the read part
  kPromotedByRange,   // the same, for an iteration
  kAmended,           // dirty_ was made
  kExpunged,          // and a deleted entry left out
  kMetExpunged,       // a writer without the lock found its entry expunged
  kUnexpunged,        // an expunged entry got a value
  kEntryLost,         // a promotion retired an expunged entry
  kDeletedFromDirty,  // an entry that the read part did not have
  kReadPartChanged,   // while a look-up waited for the lock, so that it needed no more
  kWordChanged,       // a compare-and-swap of an entry's word failed
};
inline constexpr std::size_t kSyncMapEventCount = 11;

template <class Key>
struct DefaultSyncMapPolicy {
  using Mutex = std::mutex;
  using MapPolicy = DefaultMapPolicy<Key>;
  using Grace = GracePeriods<>;
  static void Report(SyncMapEvent) {}
};

template <class Key, class Value, class Policy = DefaultSyncMapPolicy<Key>>
class SyncMap {
 public:
  using Random = typename Policy::MapPolicy::Random;

  explicit SyncMap(Random random = Random())
      : random_(std::move(random)),
        read_(new ReadPart(new Entries(0, SplitRandom(random_)), false)) {}
  // When no thread uses it.
  ~SyncMap() {
    const ReadPart* const read = Read();
    read->entries->map.VisitEntries([this](const Key& key, Entry* entry) {
      if (FindDirty(key) == nullptr) delete entry;
    });
    if (dirty_ != nullptr) {
      dirty_->map.VisitEntries([](const Key&, Entry* entry) { delete entry; });
    }
    delete read->entries;
    delete read;
  }
  SyncMap(const SyncMap&) = delete;
  SyncMap& operator=(const SyncMap&) = delete;

  std::optional<Value> Load(const Key& key) {
    Section section(grace_);
    const Entry* const entry = Search(section, key, IfDirty::kKeep);
    return entry == nullptr ? std::nullopt : ValueOf(entry->Load());
  }

  void Store(const Key& key, Value value) { Swap(key, std::move(value)); }

  // What was there.
  std::optional<Value> Swap(const Key& key, Value value) {
    Section section(grace_);
    auto box = std::make_unique<Box>(std::move(value));
    if (Entry* const entry = Read()->Find(key)) {
      if (const auto was = TrySwap(*entry, box)) return Taken(section, *was);
    }
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked(key, *entry);
      return Taken(section, SwapLocked(*entry, std::move(box)));
    }
    if (Entry* const entry = FindDirty(key)) {
      return Taken(section, SwapLocked(*entry, std::move(box)));
    }
    AddLocked(section, key, std::move(box));
    return std::nullopt;
  }

  // What is there, and whether it was before.
  std::pair<Value, bool> LoadOrStore(const Key& key, Value value) {
    Section section(grace_);
    auto box = std::make_unique<Box>(std::move(value));
    if (Entry* const entry = Read()->Find(key)) {
      if (const Box* const there = TryLoadOrStore(*entry, box)) {
        return {there->value, box != nullptr};
      }
    }
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      UnexpungeLocked(key, *entry);
      const Box* const there = TryLoadOrStore(*entry, box);
      return {there->value, box != nullptr};
    }
    if (Entry* const entry = FindDirty(key)) {
      const Box* const there = TryLoadOrStore(*entry, box);
      MissLocked(section);
      return {there->value, box != nullptr};
    }
    const Box* const stored = box.get();
    AddLocked(section, key, std::move(box));
    return {stored->value, false};
  }

  std::optional<Value> LoadAndDelete(const Key& key) {
    Section section(grace_);
    Entry* const entry = Search(section, key, IfDirty::kDelete);
    if (entry == nullptr) return std::nullopt;
    const Box* there = entry->Load();
    while (there != nullptr && !entry->Replace(there, nullptr)) there = entry->Load();
    return Taken(section, there);
  }

  void Delete(const Key& key) { LoadAndDelete(key); }

  // Stores `desired` if `expected` is there; whether it was.
  bool CompareAndSwap(const Key& key, const Value& expected, Value desired) {
    Section section(grace_);
    auto box = std::make_unique<Box>(std::move(desired));
    const ReadPart* const read = Read();
    if (Entry* const entry = read->Find(key)) {
      return CompareAndReplace(section, *entry, expected, std::move(box));
    }
    if (!read->amended) return false;
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = Read()->Find(key)) {
      Policy::Report(SyncMapEvent::kReadPartChanged);
      return CompareAndReplace(section, *entry, expected, std::move(box));
    }
    Entry* const entry = FindDirty(key);
    if (entry == nullptr) return false;
    const bool swapped = CompareAndReplace(section, *entry, expected, std::move(box));
    MissLocked(section);
    return swapped;
  }

  // Deletes the key if `expected` is there; whether it was. The entry stays in dirty_, for it may
  // have another value.
  bool CompareAndDelete(const Key& key, const Value& expected) {
    Section section(grace_);
    Entry* const entry = Search(section, key, IfDirty::kKeep);
    return entry != nullptr && CompareAndReplace(section, *entry, expected, nullptr);
  }

  // visit(key, value) of each key that is there throughout, until it returns false. A key that is
  // stored or deleted meanwhile is visited with a value that it has during the call, or not if it
  // is absent at some time. No key is visited twice. The visit may use the map.
  template <class Visit>
  void Range(Visit&& visit) {
    Section section(grace_);
    const ReadPart* read = Read();
    if (read->amended) {
      const std::lock_guard lock(mutex_);
      if (Read()->amended) {
        Policy::Report(SyncMapEvent::kPromotedByRange);
        PromoteLocked(section);
      }
      read = Read();
    }
    const auto& map = std::as_const(read->entries->map);
    for (auto it = map.Iterate(); it.Next();) {
      const Box* const there = it.value()->Load();
      if (there != nullptr && !visit(it.key(), there->value)) return;
    }
  }

  // When no thread uses it: the law that is broken, if one is.
  std::optional<std::string_view> CheckInvariants() const {
    if (!grace_.IsAtRest()) return "sections";
    const ReadPart* const read = Read();
    if ((dirty_ != nullptr) != read->amended) return "dirty-iff-amended";
    if (dirty_ == nullptr ? misses_ != 0 : misses_ >= dirty_->map.size()) return "misses";
    if (read->entries->map.CheckInvariants()) return "map";
    if (dirty_ != nullptr && dirty_->map.CheckInvariants()) return "map";
    std::optional<std::string_view> broken;
    read->entries->map.VisitEntries([&](const Key& key, const Entry* entry) {
      const Entry* const in_dirty = FindDirty(key);
      if (entry->word.load() == Expunged()) {
        if (dirty_ == nullptr || in_dirty != nullptr) broken = "expunged-not-dirty";
      } else if (dirty_ != nullptr && in_dirty != entry) {
        broken = "read-in-dirty";
      }
    });
    return broken;
  }

 private:
  using Grace = typename Policy::Grace;
  using Section = typename Grace::Section;

  struct Box final : Retirable {
    explicit Box(Value initial) : value(std::move(initial)) {}
    const Value value;
  };

  static const Box* Expunged() { return reinterpret_cast<const Box*>(std::uintptr_t{1}); }

  struct Entry final : Retirable {
    explicit Entry(const Box* initial) : word(initial) {}
    ~Entry() override {
      if (Load() != nullptr) delete Load();
    }

    // The value, if there is one.
    const Box* Load() const {
      const Box* const there = word.load(std::memory_order_seq_cst);
      return there == Expunged() ? nullptr : there;
    }
    bool Replace(const Box*& expected, const Box* desired) {
      if (word.compare_exchange_strong(expected, desired, std::memory_order_seq_cst,
                                       std::memory_order_seq_cst)) {
        return true;
      }
      Policy::Report(SyncMapEvent::kWordChanged);
      return false;
    }

    std::atomic<const Box*> word;
  };

  struct Entries final : Retirable {
    Entries(std::size_t hint, Random random)
        : map(static_cast<std::int64_t>(hint), std::move(random)) {}
    Entry* Find(const Key& key) const {
      Entry* const* const found = map.Find(key);
      return found == nullptr ? nullptr : *found;
    }

    HashMap<Key, Entry*, typename Policy::MapPolicy> map;
  };

  struct ReadPart final : Retirable {
    ReadPart(Entries* all, bool is_amended) : entries(all), amended(is_amended) {}
    Entry* Find(const Key& key) const { return entries->Find(key); }

    Entries* const entries;  // nobody writes to it
    const bool amended;      // dirty_ may have keys that are not here
  };

  enum class IfDirty : std::uint8_t { kKeep, kDelete };

  static std::optional<Value> ValueOf(const Box* box) {
    return box == nullptr ? std::nullopt : std::optional<Value>(box->value);
  }

  // The value of a box that is in its entry no more.
  static std::optional<Value> Taken(Section& section, const Box* box) {
    if (box != nullptr) section.Retire(const_cast<Box*>(box));
    return ValueOf(box);
  }

  const ReadPart* Read() const { return read_.load(std::memory_order_seq_cst); }
  Entry* FindDirty(const Key& key) const { return dirty_ == nullptr ? nullptr : dirty_->Find(key); }

  // The entry of the read part or, under the lock, of dirty_, which is a miss.
  Entry* Search(Section& section, const Key& key, IfDirty if_dirty) {
    const ReadPart* read = Read();
    Entry* entry = read->Find(key);
    if (entry != nullptr || !read->amended) return entry;
    const std::lock_guard lock(mutex_);
    read = Read();
    entry = read->Find(key);
    if (entry != nullptr || !read->amended) {
      Policy::Report(SyncMapEvent::kReadPartChanged);
      return entry;
    }
    entry = FindDirty(key);
    if (entry != nullptr && if_dirty == IfDirty::kDelete) {
      Policy::Report(SyncMapEvent::kDeletedFromDirty);
      dirty_->map.Erase(key);
      section.Retire(entry);
    }
    MissLocked(section);
    return entry;
  }

  // Puts the box into the entry unless it is expunged; what was there.
  static std::optional<const Box*> TrySwap(Entry& entry, std::unique_ptr<Box>& box) {
    const Box* there = entry.word.load(std::memory_order_seq_cst);
    for (;;) {
      if (there == Expunged()) {
        Policy::Report(SyncMapEvent::kMetExpunged);
        return std::nullopt;
      }
      if (entry.Replace(there, box.get())) break;
    }
    box.release();
    return there;
  }

  // The entry is not expunged, and cannot be.
  static const Box* SwapLocked(Entry& entry, std::unique_ptr<Box> box) {
    const Box* const was = entry.word.exchange(box.release(), std::memory_order_seq_cst);
    SLOTPROOF_ASSERT(was != Expunged());
    return was;
  }

  // What is in the entry, which is the box if nothing was; null if the entry is expunged.
  static const Box* TryLoadOrStore(Entry& entry, std::unique_ptr<Box>& box) {
    const Box* there = entry.word.load(std::memory_order_seq_cst);
    do {
      if (there == Expunged()) {
        Policy::Report(SyncMapEvent::kMetExpunged);
        return nullptr;
      }
      if (there != nullptr) return there;
    } while (!entry.Replace(there, box.get()));
    return box.release();
  }

  // Whether what was expected is there; then the box, or nothing, is there in its stead.
  static bool CompareAndReplace(Section& section, Entry& entry, const Value& expected,
                                std::unique_ptr<Box> box) {
    const Box* there = entry.Load();
    while (there != nullptr && there != Expunged() && there->value == expected) {
      if (!entry.Replace(there, box.get())) continue;
      box.release();
      Taken(section, there);
      return true;
    }
    return false;
  }

  // Before an entry of the read part gets a value: if dirty_ has not got it, it gets it now.
  void UnexpungeLocked(const Key& key, Entry& entry) {
    const Box* there = Expunged();
    if (!entry.word.compare_exchange_strong(there, nullptr)) return;
    Policy::Report(SyncMapEvent::kUnexpunged);
    SLOTPROOF_ASSERT(dirty_ != nullptr);
    dirty_->map.InsertOrAssign(key, &entry);
  }

  // A key that neither map has.
  void AddLocked(Section& section, const Key& key, std::unique_ptr<Box> box) {
    if (!Read()->amended) AmendLocked(section);
    SLOTPROOF_ASSERT(FindDirty(key) == nullptr);
    auto entry = std::make_unique<Entry>(box.release());
    dirty_->map.InsertOrAssign(key, entry.get());
    entry.release();
  }

  void AmendLocked(Section& section) {
    SLOTPROOF_ASSERT(dirty_ == nullptr);
    Policy::Report(SyncMapEvent::kAmended);
    const ReadPart* const read = Read();
    dirty_ = std::make_unique<Entries>(read->entries->map.size(), SplitRandom(random_));
    read->entries->map.VisitEntries([this](const Key& key, Entry* entry) {
      if (!ExpungeIfDeleted(*entry)) dirty_->map.InsertOrAssign(key, entry);
    });
    Publish(new ReadPart(read->entries, true));
    section.Retire(const_cast<ReadPart*>(read));
  }

  // Whether the entry is expunged now.
  static bool ExpungeIfDeleted(Entry& entry) {
    const Box* there = entry.word.load(std::memory_order_seq_cst);
    while (there == nullptr) {
      if (!entry.Replace(there, Expunged())) continue;
      Policy::Report(SyncMapEvent::kExpunged);
      return true;
    }
    return there == Expunged();
  }

  void MissLocked(Section& section) {
    Policy::Report(SyncMapEvent::kMissed);
    ++misses_;
    if (misses_ >= dirty_->map.size()) PromoteLocked(section);
  }

  void PromoteLocked(Section& section) {
    SLOTPROOF_ASSERT(dirty_ != nullptr);
    Policy::Report(SyncMapEvent::kPromoted);
    const ReadPart* const was = Read();
    Publish(new ReadPart(dirty_.release(), false));
    misses_ = 0;
    was->entries->map.VisitEntries([&section](const Key&, Entry* entry) {
      if (entry->word.load(std::memory_order_relaxed) != Expunged()) return;
      Policy::Report(SyncMapEvent::kEntryLost);
      section.Retire(entry);
    });
    section.Retire(was->entries);
    section.Retire(const_cast<ReadPart*>(was));
  }

  void Publish(const ReadPart* read) { read_.store(read, std::memory_order_seq_cst); }

  Grace grace_;
  Random random_;  // this and what follows read_: under the lock
  std::atomic<const ReadPart*> read_;
  typename Policy::Mutex mutex_;
  std::unique_ptr<Entries> dirty_;
  std::size_t misses_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_SYNC_MAP_H_
