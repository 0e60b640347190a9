// Assignment (mapassign): finds the slot of a key, or makes one.
//
//   hash the key -> hashWriting on -> evacuate for this bucket (when growing) -> search the chain
//     found:      store the new key if equal keys may differ; that slot
//     not found:  start growing if this entry is too many, and search again with the same hash;
//                 else the first empty slot of the chain, or slot 0 of a new overflow bucket
//   -> hashWriting off
//
// An overwrite thus never starts a growth, but carries a running one on.
//
// Exceptions: if hashing, comparing, copying or allocating throws, the map's contents are what they
// were. An overflow bucket linked for the new entry stays, empty.
#ifndef SLOTPROOF_CORE_MAP_ASSIGN_H_
#define SLOTPROOF_CORE_MAP_ASSIGN_H_

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/map/evacuate.h"
#include "core/map/lookup.h"
#include "core/map/table.h"

namespace slotproof::core {

// What a search of the chain for assignment has seen.
template <class T>
struct AssignSearch {
  SlotRef<T> found;
  SlotRef<T> first_empty;
  typename T::Bucket* last = nullptr;
};

template <class T>
[[gnu::always_inline]] inline AssignSearch<T> SearchForAssign(T& h, std::uint64_t hash,
                                                              const typename T::Key& key) {
  const std::size_t index = hash & BucketMask(h.b);
  if (h.Growing()) [[unlikely]]
    GrowWork(h, index);
  typename T::Bucket* bucket = h.buckets->At(index);
  bucket->Prefetch();
  const std::uint8_t top = TopHash(hash);
  AssignSearch<T> search;
  for (;;) {
    for (const int slot : T::TopHashes::Match(bucket->tophash, top)) {
      if (!T::Equal(*bucket->keys.Get(slot), key)) continue;
      search.found = {bucket, slot};
      return search;
    }
    if (!search.first_empty) {
      const SlotMask empty = T::TopHashes::MatchEmpty(bucket->tophash);
      if (empty) search.first_empty = {bucket, empty.Lowest()};
    }
    search.last = bucket;
    if (bucket->tophash[T::kWidth - 1] == kEmptyRest) return search;
    if (bucket->overflow == nullptr) return search;
    bucket = bucket->overflow;
  }
}

// "again": after growing, everything is somewhere else. The hash is the same one; hashing a NaN
// anew would be another key.
template <class T>
[[gnu::noinline]] AssignSearch<T> GrowAndSearchAgain(T& h, std::uint64_t hash,
                                                     const typename T::Key& key) {
  HashGrow(h);
  return SearchForAssign(h, hash, key);
}

template <class T, class KeyArg>
void UpdateKey(T& h, typename T::Key* stored, KeyArg&& key) {
  if constexpr (T::Policy::kNeedsKeyUpdate) {
    if constexpr (T::kProbed && std::floating_point<typename T::Key>) {
      if (std::signbit(*stored) != std::signbit(key)) h.Report(MapEvent::kUpdateNegativeZero);
    }
    *stored = std::forward<KeyArg>(key);
    h.Report(MapEvent::kKeyUpdated);
  }
}

// Constructs key and element; all or nothing.
template <class T, class KeyArg, class MakeElem>
void ConstructEntry(SlotRef<T> slot, KeyArg&& key, MakeElem&& make_elem) {
  slot.bucket->keys.Construct(slot.slot, std::forward<KeyArg>(key));
  if constexpr (noexcept(make_elem(slot))) {
    make_elem(slot);
  } else {
    try {
      make_elem(slot);
    } catch (...) {
      slot.bucket->keys.Destroy(slot.slot);
      throw;
    }
  }
}

template <class T>
void ReportInsertion(const T& h, SlotRef<T> slot, std::uint64_t hash) {
  if constexpr (T::kProbed) {
    using enum MapEvent;
    const typename T::Bucket* head = h.buckets->At(hash & BucketMask(h.b));
    if (slot.bucket->tophash[slot.slot] == kEmptyOne) h.Report(MapEvent::kEmptyOneReused);
    if (slot.bucket != head) h.Report(kInsertInOverflow);
    if (head->overflow != nullptr && head->overflow->overflow != nullptr &&
        head->overflow->overflow->overflow == slot.bucket) {
      h.Report(kOverflowChainOfThree);
    }
    if (h.Growing()) h.Report(kInsertWhileGrowing);
    if (TopHash(hash) != hash >> 56) h.Report(kTophashRaised);
    if (!T::EqualsItself(*slot.key())) h.Report(kNanInserted);
    if (kSlotKind<typename T::Key> == SlotKind::kIndirect) h.Report(kIndirectKey);
    if (kSlotKind<typename T::Value> == SlotKind::kIndirect) h.Report(kIndirectElem);
  }
}

template <class T>
struct AssignResult {
  SlotRef<T> slot;
  bool inserted;
};

// mapassign, the key's hash being known.
template <class T, class KeyArg, class MakeElem>
[[gnu::always_inline]] inline AssignResult<T> MapAssignHashed(T& h, std::uint64_t hash,
                                                              KeyArg&& key, MakeElem&& make_elem) {
  WriteSection<T> section(h);
  if (h.buckets == nullptr) [[unlikely]]
    h.buckets = T::Array::Make(0);

  AssignSearch<T> search = SearchForAssign(h, hash, key);
  if (search.found) {
    UpdateKey(h, search.found.key(), std::forward<KeyArg>(key));
    section.Finish();
    return {search.found, false};
  }
  while (h.ShouldGrow()) search = GrowAndSearchAgain(h, hash, key);

  SlotRef<T> slot = search.first_empty;
  if (!slot) slot = {NewOverflow(h, search.last), 0};
  ConstructEntry<T>(slot, std::forward<KeyArg>(key), std::forward<MakeElem>(make_elem));
  ReportInsertion(h, slot, hash);
  slot.bucket->tophash[slot.slot] = TopHash(hash);
  ++h.count;
  section.Finish();
  return {slot, true};
}

// `make_elem(SlotRef)` constructs the element of a new entry.
template <class T, class KeyArg, class MakeElem>
AssignResult<T> MapAssign(T& h, KeyArg&& key, MakeElem&& make_elem) {
  if (h.HashWriting()) [[unlikely]]
    FailConcurrentWrites(h);
  // Hashing may throw: then nothing has been written.
  const std::uint64_t hash = h.Hash(key);
  return MapAssignHashed(h, hash, std::forward<KeyArg>(key), std::forward<MakeElem>(make_elem));
}

// The same for an entry whose element is made of `args`, which may refer to what is about to move:
// the element is made first, unless the key is there.
template <class T, class KeyArg, class... Args>
AssignResult<T> MapAssignFromWithin(T& h, KeyArg&& key, Args&&... args) {
  using Value = typename T::Value;
  if (h.HashWriting()) [[unlikely]]
    FailConcurrentWrites(h);
  const std::uint64_t hash = h.Hash(key);
  std::optional<Value> value;
  if (!SearchChain<T>(ChainForLookup(h, hash), TopHash(hash), key)) {
    value.emplace(std::forward<Args>(args)...);
  }
  return MapAssignHashed(h, hash, std::forward<KeyArg>(key), [&value](SlotRef<T> slot) {
    slot.bucket->elems.Construct(slot.slot, *std::move(value));
  });
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_ASSIGN_H_
