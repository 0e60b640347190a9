// What the runtime does not have and C++ programs expect, each one write of O(size): reserving
// room, and erasing all entries that a predicate chooses.
//
// Both end a running growth first. Iterators live on: to them it is a growth like any other, and
// the deletions are deletions. But a NaN that had moved before it was erased is yielded all the
// same, as it cannot be looked up; the runtime itself has no way to delete one.
//
// Exceptions: when evacuation throws, the contents are what they were. When the predicate throws,
// what it has chosen until then is gone.
#ifndef SLOTPROOF_CORE_MAP_BULK_H_
#define SLOTPROOF_CORE_MAP_BULK_H_

#include <cstddef>
#include <cstdint>

#include "core/map/delete.h"
#include "core/map/evacuate.h"
#include "core/map/lookup.h"
#include "core/map/table.h"

namespace slotproof::core {

// Room for `entries` in all, so that none of them begins a doubling.
template <class T>
void MapReserve(T& h, std::size_t entries) {
  if (h.HashWriting()) [[unlikely]]
    FailConcurrentWrites(h);
  const std::uint8_t b = LogBucketsForHint<typename T::Policy>(entries);
  if (b <= h.b) return;
  WriteSection<T> section(h);
  if (h.buckets == nullptr) {
    h.buckets = T::Array::Make(b);
    h.b = b;
  }
  FinishGrowth(h);
  while (h.b < b) {
    BeginGrowth(h, true);
    FinishGrowth(h);
  }
  section.Finish();
}

// Erases what `chosen(key, element)` is true of. Entries go by their slots, so that a NaN goes,
// too.
template <class T, class Chosen>
std::size_t MapEraseIf(T& h, Chosen&& chosen) {
  if (h.count == 0) return 0;
  if (h.HashWriting()) [[unlikely]]
    FailConcurrentWrites(h);
  WriteSection<T> section(h);
  FinishGrowth(h);
  const std::size_t before = h.count;
  for (std::size_t i = 0; i < h.buckets->main_count(); ++i) {
    typename T::Bucket* const head = h.buckets->At(i);
    for (typename T::Bucket* bucket = head; bucket != nullptr; bucket = bucket->overflow) {
      for (int slot = 0; slot < T::kWidth; ++slot) {
        if (!IsLive(bucket->tophash[slot])) continue;
        const SlotRef<T> entry = {bucket, slot};
        if (!chosen(*entry.key(), *entry.elem())) continue;
        ClearEntry(entry);
        MarkEmpty(h, head, entry);
        --h.count;
      }
    }
  }
  if (h.count == 0) {
    h.hash0 = h.random.Rand32();
    h.Report(MapEvent::kSeedRedrawnOnEmpty);
  }
  section.Finish();
  return before - h.count;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_BULK_H_
