// Rare states of a slice worth knowing about, in the runtime's own words.
//
// A slice reports them to its runtime (policy.h). The default one does nothing with them, and what
// exists only to find an event is then not compiled. Test runs demand that the events they promise
// have happened, and fuzzing is steered towards rare ones.
#ifndef SLOTPROOF_CORE_SLICE_EVENTS_H_
#define SLOTPROOF_CORE_SLICE_EVENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace slotproof::core {

enum class SliceEvent : std::uint8_t {
  kGrewFromNothing,
  kGrewToNeed,
  kGrewByDoubling,
  kGrewByQuarter,
  kGrewByManyQuarters,
  kGrewZeroSize,
  kGrewToSizeClass,
  kGrewToWholePages,
  kGrewFromInsideArray,
  kGrowthLeftOthers,
  kGrowthRefused,
  kAppendedNothing,
  kAppendedNothingToNil,
  kAppendedInPlace,
  kAppendedInPlaceShared,
  kAppendedUpToCapacity,
  kAppendedFromItself,
  kAppendedFromReplacedArray,
  kAppendSourceOverlapped,
  kAppendedZeros,
  kCopiedNothing,
  kCopyCutByTarget,
  kCopyCutBySource,
  kCopiedOntoItself,
  kCopiedForwardOverItself,
  kCopiedBackwardOverItself,
  kSlicedNil,
  kZeroCapacityWindow,
  kCutByFullSlice,
  kExposedBeyondLength,
  kMadeWithoutMemory,
  kMakeRefused,
  kSetShared,
  kClearedShared,
  kBoundsRefused,
  kArrayFreed,
  kUnfinishedHead,
  kUnfinishedTail,
  kUnfinishedZeros,
  kCount,
};

struct SliceEventInfo {
  SliceEvent event;
  std::string_view name;
  std::string_view description;
};

inline constexpr std::size_t kSliceEventCount = static_cast<std::size_t>(SliceEvent::kCount);

inline constexpr std::array<SliceEventInfo, kSliceEventCount> kSliceEvents = {{
    {SliceEvent::kGrewFromNothing, "grew_from_nothing",
     "append gave a slice without capacity an array"},
    {SliceEvent::kGrewToNeed, "grew_to_need",
     "append asked for just what it needed, more than twice the capacity"},
    {SliceEvent::kGrewByDoubling, "grew_by_doubling", "append doubled the capacity"},
    {SliceEvent::kGrewByQuarter, "grew_by_quarter", "append grew by one step of a quarter"},
    {SliceEvent::kGrewByManyQuarters, "grew_by_many_quarters",
     "append grew by several steps of a quarter"},
    {SliceEvent::kGrewZeroSize, "grew_zero_size",
     "append raised the capacity of a slice whose elements have no size"},
    {SliceEvent::kGrewToSizeClass, "grew_to_size_class",
     "rounding up to a size class gave a growth more cells than it asked for"},
    {SliceEvent::kGrewToWholePages, "grew_to_whole_pages",
     "rounding up to whole pages gave a growth more cells than it asked for"},
    {SliceEvent::kGrewFromInsideArray, "grew_from_inside_array",
     "the window that outgrew its array ended before the array did"},
    {SliceEvent::kGrowthLeftOthers, "growth_left_others",
     "append moved a slice to a new array, and others stayed behind on the old one"},
    {SliceEvent::kGrowthRefused, "growth_refused", "append panicked: cap out of range"},
    {SliceEvent::kAppendedNothing, "appended_nothing", "append of no elements to a slice"},
    {SliceEvent::kAppendedNothingToNil, "appended_nothing_to_nil",
     "append of no elements to nil left it nil"},
    {SliceEvent::kAppendedInPlace, "appended_in_place", "append found room in the array"},
    {SliceEvent::kAppendedInPlaceShared, "appended_in_place_shared",
     "append wrote into an array that another slice shares"},
    {SliceEvent::kAppendedUpToCapacity, "appended_up_to_capacity",
     "append filled the last cell of the capacity"},
    {SliceEvent::kAppendedFromItself, "appended_from_itself",
     "append read its source from the array it wrote to"},
    {SliceEvent::kAppendedFromReplacedArray, "appended_from_replaced_array",
     "append read its source from the array that it replaced"},
    {SliceEvent::kAppendSourceOverlapped, "append_source_overlapped",
     "append in place wrote over a part of its source"},
    {SliceEvent::kAppendedZeros, "appended_zeros",
     "append of zeros in place wrote over cells beyond the length"},
    {SliceEvent::kCopiedNothing, "copied_nothing", "copy with an empty source or target"},
    {SliceEvent::kCopyCutByTarget, "copy_cut_by_target",
     "copy ended with the target, before the source did"},
    {SliceEvent::kCopyCutBySource, "copy_cut_by_source",
     "copy ended with the source, before the target did"},
    {SliceEvent::kCopiedOntoItself, "copied_onto_itself", "copy from a place to the same place"},
    {SliceEvent::kCopiedForwardOverItself, "copied_forward_over_itself",
     "copy to a target that overlaps its source and begins before it"},
    {SliceEvent::kCopiedBackwardOverItself, "copied_backward_over_itself",
     "copy to a target that overlaps its source and begins after it"},
    {SliceEvent::kSlicedNil, "sliced_nil", "slicing nil gave nil"},
    {SliceEvent::kZeroCapacityWindow, "zero_capacity_window",
     "slicing at the end of the capacity: the pointer was not advanced"},
    {SliceEvent::kCutByFullSlice, "cut_by_full_slice",
     "a full slice expression took capacity away"},
    {SliceEvent::kExposedBeyondLength, "exposed_beyond_length",
     "slicing beyond the length exposed cells up to the capacity"},
    {SliceEvent::kMadeWithoutMemory, "made_without_memory",
     "make gave a slice that is not nil and has no array"},
    {SliceEvent::kMakeRefused, "make_refused", "make panicked: len or cap out of range"},
    {SliceEvent::kSetShared, "set_shared",
     "an element was set in an array that another slice shares"},
    {SliceEvent::kClearedShared, "cleared_shared",
     "elements were zeroed in an array that another slice shares"},
    {SliceEvent::kBoundsRefused, "bounds_refused", "an index or a slice bound was out of range"},
    {SliceEvent::kArrayFreed, "array_freed", "the last slice of an array let go of it"},
    {SliceEvent::kUnfinishedHead, "unfinished_head",
     "a copy out of the old array threw, and the new array was taken back"},
    {SliceEvent::kUnfinishedTail, "unfinished_tail",
     "a copy of what append adds threw, and the new array was taken back"},
    {SliceEvent::kUnfinishedZeros, "unfinished_zeros",
     "a zero beyond the length threw, and the new array was taken back"},
}};

consteval bool SliceEventsAreInOrder() {
  for (std::size_t i = 0; i < kSliceEventCount; ++i) {
    if (kSliceEvents[i].event != static_cast<SliceEvent>(i)) return false;
    if (kSliceEvents[i].name.empty() || kSliceEvents[i].description.empty()) return false;
  }
  return true;
}
static_assert(SliceEventsAreInOrder());

constexpr std::string_view SliceEventName(SliceEvent event) {
  return kSliceEvents[static_cast<std::size_t>(event)].name;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_EVENTS_H_
