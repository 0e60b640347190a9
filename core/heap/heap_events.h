// Rare states of a heap worth knowing about, in the runtime's own words.
//
// A heap reports them to its probe (heap_policy.h). The default one does nothing with them, and
// what exists only to find an event is then not compiled. Test runs demand that the events they
// promise have happened, and fuzzing is steered towards rare ones.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_EVENTS_H_
#define SLOTPROOF_CORE_HEAP_HEAP_EVENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace slotproof::core {

enum class HeapEvent : std::uint8_t {
  kCycleStarted,
  kMarkTerminated,
  kTinyShared,
  kTinyReplaced,
  kTinyKept,
  kSpanFromPartial,
  kSpanSweptForAllocation,
  kSpanFullAfterSweep,
  kSpanFreed,
  kLargeAllocated,
  kLargeFreed,
  kSweptToMakeRoom,
  kCollectedToMakeRoom,
  kOutOfMemory,
  kAllocatedBlack,
  kStackScanned,
  kShadedOld,
  kShadedNew,
  kShadedBeforeStackScan,
  kShadedAfterStackScan,
  kBarrierFlushed,
  kInteriorPointer,
  kScannedInPieces,
  kAssisted,
  kMarkTerminatedByAssist,
  kFinalizerSetWhileMarking,
  kFinalizerQueued,
  kWeakCleared,
  kWeakUpgradedWhileMarking,
  kWeakUpgradedWhileSweeping,
  kLimitRuled,
  kPoolVictimUsed,
  kPoolVictimDropped,
  kPoolStolen,
  kSpanFromScavenged,
  kCount,
};

struct HeapEventInfo {
  HeapEvent event;
  std::string_view name;
  std::string_view description;
};

inline constexpr std::size_t kHeapEventCount = static_cast<std::size_t>(HeapEvent::kCount);

inline constexpr std::array<HeapEventInfo, kHeapEventCount> kHeapEvents = {{
    {HeapEvent::kCycleStarted, "cycle_started", "a cycle began; nothing is marked yet"},
    {HeapEvent::kMarkTerminated, "mark_terminated",
     "marking ended, with the mark bits as they are; nothing is swept yet"},
    {HeapEvent::kTinyShared, "tiny_shared", "a tiny object was put into a block with others"},
    {HeapEvent::kTinyReplaced, "tiny_replaced",
     "a new tiny block had more room left than the present one and replaced it"},
    {HeapEvent::kTinyKept, "tiny_kept",
     "a new tiny block had less room left than the present one, which stayed"},
    {HeapEvent::kSpanFromPartial, "span_from_partial", "a cache took a span that was swept before"},
    {HeapEvent::kSpanSweptForAllocation, "span_swept_for_allocation",
     "a cache swept a span and took it"},
    {HeapEvent::kSpanFullAfterSweep, "span_full_after_sweep",
     "a span swept for an allocation had no free object"},
    {HeapEvent::kSpanFreed, "span_freed", "a span without live objects went back to the pages"},
    {HeapEvent::kLargeAllocated, "large_allocated", "an object took a span of its own"},
    {HeapEvent::kLargeFreed, "large_freed", "such a span was freed"},
    {HeapEvent::kSweptToMakeRoom, "swept_to_make_room", "pages were swept free before a growth"},
    {HeapEvent::kCollectedToMakeRoom, "collected_to_make_room",
     "an allocation that the limit refused was met after a collection"},
    {HeapEvent::kOutOfMemory, "out_of_memory", "an allocation was refused"},
    {HeapEvent::kAllocatedBlack, "allocated_black", "an object was allocated during marking"},
    {HeapEvent::kStackScanned, "stack_scanned", "a stack with pointers was scanned"},
    {HeapEvent::kShadedOld, "shaded_old", "the barrier shaded a white object that a slot lost"},
    {HeapEvent::kShadedNew, "shaded_new", "the barrier shaded a white object that a slot gained"},
    {HeapEvent::kShadedBeforeStackScan, "shaded_before_stack_scan",
     "the barrier shaded a gained object while the mutator's stack was grey"},
    {HeapEvent::kShadedAfterStackScan, "shaded_after_stack_scan",
     "the barrier shaded a lost object while the mutator's stack was black"},
    {HeapEvent::kBarrierFlushed, "barrier_flushed", "a full barrier buffer was flushed"},
    {HeapEvent::kInteriorPointer, "interior_pointer", "a pointer into an object marked it"},
    {HeapEvent::kScannedInPieces, "scanned_in_pieces",
     "an object over 128 KiB was scanned in pieces"},
    {HeapEvent::kAssisted, "assisted", "an allocation paid for itself with marking"},
    {HeapEvent::kMarkTerminatedByAssist, "mark_terminated_by_assist",
     "an assist found nothing left to mark"},
    {HeapEvent::kFinalizerSetWhileMarking, "finalizer_set_while_marking",
     "an object got a finalizer during marking"},
    {HeapEvent::kFinalizerQueued, "finalizer_queued", "a sweep queued a finalizer"},
    {HeapEvent::kWeakCleared, "weak_cleared", "a sweep cleared a weak handle"},
    {HeapEvent::kWeakUpgradedWhileMarking, "weak_upgraded_while_marking",
     "a white object was had from a weak handle during marking"},
    {HeapEvent::kWeakUpgradedWhileSweeping, "weak_upgraded_while_sweeping",
     "a weak handle was asked for an object whose span had not been swept"},
    {HeapEvent::kLimitRuled, "limit_ruled", "the memory limit set a lower goal than GOGC"},
    {HeapEvent::kPoolVictimUsed, "pool_victim_used", "a pool gave out an item of the last cycle"},
    {HeapEvent::kPoolVictimDropped, "pool_victim_dropped",
     "a pool dropped items that two cycles had not seen used"},
    {HeapEvent::kPoolStolen, "pool_stolen", "a pool gave out an item of another worker"},
    {HeapEvent::kSpanFromScavenged, "span_from_scavenged",
     "a span took pages that had been given back to the system"},
}};

consteval bool HeapEventsAreInOrder() {
  for (std::size_t i = 0; i < kHeapEventCount; ++i) {
    if (kHeapEvents[i].event != static_cast<HeapEvent>(i)) return false;
    if (kHeapEvents[i].name.empty() || kHeapEvents[i].description.empty()) return false;
  }
  return true;
}
static_assert(HeapEventsAreInOrder());

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_EVENTS_H_
