#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_DRAWING_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_DRAWING_H_

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "subjects/elements/elements.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_subject.h"

// The picture of a reference map's table: each slot of each chain, old array first.

namespace slotproof {

template <class Map>
std::string ReferenceTitle(const Map& map) {
  const auto shape = map.Shape();
  char text[200];
  std::snprintf(text, sizeof(text), "%zu entries, B=%u (%zu buckets), %u overflow, hash0 %08x",
                shape.count, unsigned{shape.b}, shape.main_buckets, unsigned{shape.noverflow},
                shape.hash0);
  std::string title = text;
  if (shape.growing) {
    std::snprintf(text, sizeof(text), ", %s: %zu of %zu old buckets evacuated in order",
                  shape.same_size_grow ? "growing to the same size" : "doubling", shape.nevacuate,
                  shape.old_main_buckets);
    title += text;
  }
  return title;
}

template <class Map>
MapDrawing DrawReference(const Map& map) {
  MapDrawing drawing;
  drawing.title = ReferenceTitle(map);
  map.VisitBuckets([&](const typename Map::View& view) {
    MapDrawing::Bucket bucket = {.old_array = view.in_old_array(),
                                 .preallocated = view.preallocated(),
                                 .index = view.main_index(),
                                 .position = view.position(),
                                 .slots = {}};
    for (int slot = 0; slot < Map::Policy::kBucketWidth; ++slot) {
      MapDrawing::Slot drawn = {.tophash = view.tophash()[static_cast<std::size_t>(slot)],
                                .entry = std::nullopt};
      if (view.live(slot)) {
        drawn.entry = MapEntry{IndexOfKey(*view.key(slot)),
                               ElementTraits<typename Map::Value>::Read(*view.value(slot))};
      }
      bucket.slots.push_back(drawn);
    }
    drawing.buckets.push_back(std::move(bucket));
  });
  return drawing;
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_REFERENCE_DRAWING_H_
