// Look-up (mapaccess): where a key is, if it is there. Never moves anything, so that any number of
// threads may look up at once.
//
// While growing, a chain not yet evacuated is searched in the old array; its destinations are
// still empty. The search of a chain ends at the first emptyRest.
//
// A key is a Key, or what the policy's Hash and Equal take for one: a view, passed by value.
//
// Cost: one hash and, nearly always, one comparison of eight tophash bytes and one of keys.
#ifndef SLOTPROOF_CORE_MAP_LOOKUP_H_
#define SLOTPROOF_CORE_MAP_LOOKUP_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/map/table.h"

namespace slotproof::core {

// A slot of a bucket, or nothing.
template <class T>
struct SlotRef {
  typename T::Bucket* bucket = nullptr;
  int slot = 0;

  explicit operator bool() const noexcept { return bucket != nullptr; }
  typename T::Key* key() const noexcept { return bucket->keys.Get(slot); }
  typename T::Value* elem() const noexcept { return bucket->elems.Get(slot); }
};

// The chain in which a key with this hash is now.
template <class T>
typename T::Bucket* ChainForLookup(const T& h, std::uint64_t hash) {
  std::size_t mask = BucketMask(h.b);
  if (h.Growing()) [[unlikely]] {
    if (!h.SameSizeGrow()) mask >>= 1;
    typename T::Bucket* old_bucket = h.old_buckets->At(hash & mask);
    if (!IsEvacuated(old_bucket->tophash[0])) {
      h.Report(MapEvent::kFindInOldBucket);
      return old_bucket;
    }
    h.Report(MapEvent::kFindInEvacuatedBucket);
    mask = BucketMask(h.b);
  }
  typename T::Bucket* bucket = h.buckets->At(hash & mask);
  // In a small bucket the loads for a miss, which needs one line, would cost as much as they save.
  if constexpr (sizeof(typename T::Bucket) > 192) bucket->Prefetch();
  return bucket;
}

// Searches one chain.
template <class T, class KeyArg = const typename T::Key&>
SlotRef<T> SearchChain(typename T::Bucket* bucket, std::uint8_t top,
                       std::type_identity_t<KeyArg> key) {
  do {
    for (const int slot : T::TopHashes::Match(bucket->tophash, top)) {
      if (T::Equal(*bucket->keys.Get(slot), key)) [[likely]]
        return {bucket, slot};
    }
    // Only emptyRest follows emptyRest, so the last slot tells.
    if (bucket->tophash[T::kWidth - 1] == kEmptyRest) return {};
    bucket = bucket->overflow;
  } while (bucket != nullptr);
  return {};
}

// mapaccessK: the slot of a key. Does not look at the misuse flags.
template <class T, class KeyArg = const typename T::Key&>
SlotRef<T> MapAccessK(const T& h, std::type_identity_t<KeyArg> key) {
  if (h.count == 0) return {};
  const std::uint64_t hash = h.Hash(key);
  return SearchChain<T, KeyArg>(ChainForLookup(h, hash), TopHash(hash), key);
}

// mapaccess: the same for the map's users.
template <class T, class KeyArg = const typename T::Key&>
SlotRef<T> MapAccess(const T& h, std::type_identity_t<KeyArg> key) {
  if (h.count == 0) return {};
  if (h.HashWriting()) [[unlikely]] {
    FailInUse(h, FailureKind::kConcurrentReadAndWrite, "concurrent map read and map write");
  }
  return MapAccessK<T, KeyArg>(h, key);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_LOOKUP_H_
