// Which of its events (events.h) a growth is: how much it asked for and got, and whom it left.
#ifndef SLOTPROOF_CORE_SLICE_GROWTH_EVENTS_H_
#define SLOTPROOF_CORE_SLICE_GROWTH_EVENTS_H_

#include <cstdint>

#include "core/heap/size_classes.h"
#include "core/slice/backing_array.h"
#include "core/slice/events.h"
#include "core/slice/growth.h"

namespace slotproof::core {

// Tells `runtime` of the growth of the window `old` for `items`, which are null for zeros.
template <std::int64_t kElemBytes, class Runtime, class T, class Array, class Link>
void NoteGrowth(Runtime& runtime, const SliceWindow<T, Array, Link>& old, const Growth& growth,
                const T* items) {
  const auto note_if = [&runtime](bool condition, SliceEvent event) {
    if (condition) runtime.OnEvent(event);
  };
  note_if(old.cap == 0, SliceEvent::kGrewFromNothing);
  note_if(growth.step == GrowthStep::kZeroSize, SliceEvent::kGrewZeroSize);
  note_if(growth.step == GrowthStep::kToNeed, SliceEvent::kGrewToNeed);
  note_if(growth.step == GrowthStep::kDoubled, SliceEvent::kGrewByDoubling);
  note_if(growth.quarters == 1, SliceEvent::kGrewByQuarter);
  note_if(growth.quarters > 1, SliceEvent::kGrewByManyQuarters);
  if (growth.cap > growth.wanted) {
    const bool small = growth.cap * kElemBytes <= static_cast<std::int64_t>(kMaxSmallBytes);
    runtime.OnEvent(small ? SliceEvent::kGrewToSizeClass : SliceEvent::kGrewToWholePages);
  }
  note_if(old.IsInArray(items), SliceEvent::kAppendedFromReplacedArray);
  note_if(old.offset() + old.cap < old.array_cap(), SliceEvent::kGrewFromInsideArray);
  note_if(old.SharesArray(), SliceEvent::kGrowthLeftOthers);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_GROWTH_EVENTS_H_
