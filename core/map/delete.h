// Deletion (mapdelete): empties the slot of a key, and keeps the end of each chain marked.
//
//   before   a1 b7 .. c3 d9 -> e2 .  .  .      "." emptyOne, "_" emptyRest
//   delete e a1 b7 .. c3 d9 -> _  _  _  _      nothing follows: emptyRest runs backwards
//   delete d a1 b7 .. c3 _  -> _  _  _  _      and on into the previous bucket
//
// Overflow buckets are never unlinked. When the last entry goes, the hash seed is drawn anew, so
// that nobody can collect colliding keys; nothing is left that was placed by the old one.
//
// Exceptions: only hashing and the evacuation of a running growth can throw, both before anything
// is deleted.
#ifndef SLOTPROOF_CORE_MAP_DELETE_H_
#define SLOTPROOF_CORE_MAP_DELETE_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/map/evacuate.h"
#include "core/map/lookup.h"
#include "core/map/table.h"

namespace slotproof::core {

// Ends the objects of a slot. A key of plain bytes stays readable as a stale key, an element never.
template <class T>
void ClearEntry(SlotRef<T> slot) {
  using Bucket = typename T::Bucket;
  if constexpr (Bucket::Keys::kOwnsObjects) {
    slot.bucket->keys.Destroy(slot.slot);
  } else if constexpr (T::Policy::template kHasPointers<typename T::Key>) {
    slot.bucket->keys.Zero(slot.slot);
  }
  if constexpr (Bucket::Elems::kOwnsObjects) {
    slot.bucket->elems.Destroy(slot.slot);
  } else {
    slot.bucket->elems.Zero(slot.slot);
  }
}

// Whether only empty slots follow this one in its chain.
template <class T>
bool IsLastInChain(SlotRef<T> slot) {
  if (slot.slot == T::kWidth - 1) {
    const typename T::Bucket* next = slot.bucket->overflow;
    return next == nullptr || next->tophash[0] == kEmptyRest;
  }
  return slot.bucket->tophash[slot.slot + 1] == kEmptyRest;
}

// The slot before this one in the chain, or nothing.
template <class T>
SlotRef<T> PreviousInChain(typename T::Bucket* head, SlotRef<T> slot) {
  if (slot.slot > 0) return {slot.bucket, slot.slot - 1};
  if (slot.bucket == head) return {};
  typename T::Bucket* previous = head;
  while (previous->overflow != slot.bucket) previous = previous->overflow;
  return {previous, T::kWidth - 1};
}

// Marks a slot empty; at the end of a chain, and all emptyOne slots before it, emptyRest.
template <class T>
void MarkEmpty(const T& h, typename T::Bucket* head, SlotRef<T> slot) {
  slot.bucket->tophash[slot.slot] = kEmptyOne;
  if (!IsLastInChain(slot)) {
    h.Report(MapEvent::kEmptyRestBlocked);
    return;
  }
  for (;;) {
    slot.bucket->tophash[slot.slot] = kEmptyRest;
    const SlotRef<T> previous = PreviousInChain(head, slot);
    if (!previous) break;
    if (previous.bucket->tophash[previous.slot] != kEmptyOne) break;
    h.Report(MapEvent::kEmptyRestPropagated);
    if (previous.bucket != slot.bucket) h.Report(MapEvent::kEmptyRestCrossedBucket);
    slot = previous;
  }
}

// True when there was an entry.
template <class T, class KeyArg = const typename T::Key&>
bool MapDelete(T& h, std::type_identity_t<KeyArg> key) {
  if (h.count == 0) return false;
  if (h.HashWriting()) [[unlikely]]
    FailConcurrentWrites(h);
  const std::uint64_t hash = h.Hash(key);
  // After hashing, which may throw: then nothing has been written.
  WriteSection<T> section(h);

  const std::size_t index = hash & BucketMask(h.b);
  if (h.Growing()) [[unlikely]]
    GrowWork(h, index);
  typename T::Bucket* head = h.buckets->At(index);
  head->Prefetch();
  const SlotRef<T> slot = SearchChain<T, KeyArg>(head, TopHash(hash), key);
  if (slot) {
    if (h.Growing()) h.Report(MapEvent::kDeleteWhileGrowing);
    ClearEntry(slot);
    MarkEmpty(h, head, slot);
    --h.count;
    if (h.count == 0) {
      h.hash0 = h.random.Rand32();
      h.Report(MapEvent::kSeedRedrawnOnEmpty);
      if (h.Growing()) h.Report(MapEvent::kDeleteToZeroWhileGrowing);
    }
  }
  section.Finish();
  return static_cast<bool>(slot);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_DELETE_H_
