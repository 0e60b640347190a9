// Clearing (mapclear): an empty table of the same size, with a new hash seed.
//
// A running growth is dropped with the old array; main and spare buckets are zeroed in place.
// Iterators see the zeroed buckets, and then whatever is inserted later. One that stands in an
// overflow bucket, or in the old array, reads on in what has been cut loose and may yield entries
// that are no longer in the map; their memory stays until no iterator can reach it.
//
// Clearing an empty map does nothing at all: overflow chains and seed stay.
#ifndef SLOTPROOF_CORE_MAP_CLEAR_H_
#define SLOTPROOF_CORE_MAP_CLEAR_H_

#include <cstdint>
#include <utility>

#include "core/map/table.h"

namespace slotproof::core {

template <class T>
void MapClear(T& h) {
  if (h.count == 0) return;
  if (h.HashWriting()) [[unlikely]]
    FailConcurrentWrites(h);
  WriteSection<T> section(h);
  if (h.Growing()) h.Report(MapEvent::kClearWhileGrowing);
  if (h.buckets->IsShared() || (h.Growing() && h.old_buckets->IsShared())) {
    h.Report(MapEvent::kClearWithLiveIterator);
  }
  h.flags.And(static_cast<std::uint8_t>(~kSameSizeGrow));
  if (h.Growing()) std::exchange(h.old_buckets, nullptr)->Release();
  h.nevacuate = 0;
  h.noverflow = 0;
  h.hash0 = h.random.Rand32();
  h.buckets->Clear();
  h.count = 0;  // last, so that a destructor that uses the map is noticed
  section.Finish();
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_CLEAR_H_
