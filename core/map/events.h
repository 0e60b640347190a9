// Rare states of a map worth knowing about, in the runtime's own words.
//
// A map reports them to the probe of its policy, a functor called with a MapEvent. The default
// probe does nothing and compiles to nothing; what exists only to find an event is compiled only
// for another probe. Test runs demand that the events they promise have happened, and fuzzing is
// steered towards rare ones.
#ifndef SLOTPROOF_CORE_MAP_EVENTS_H_
#define SLOTPROOF_CORE_MAP_EVENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace slotproof::core {

enum class MapEvent : std::uint8_t {
  kSameSizeGrowthBegun,
  kDoublingBegun,
  kGrowthFinished,
  kGrownPastB8,
  kEvacuationSplitNan,
  kEvacuationNanByFreshHash,
  kEvacuateToOverflow,
  kEvacuateKeptForOldIterator,
  kEvacuationMarkSkipped,
  kEvacuationMarkCapped,
  kEvacuationUndone,
  kUndoneEmptySlot,
  kUndoneFromOverflow,
  kUndoneNan,
  kUndoneCopy,
  kUndoneMove,
  kOverflowFromPreallocated,
  kOverflowPreallocatedExhausted,
  kOverflowAllocated,
  kOverflowChainOfThree,
  kApproximateNoverflow,
  kEmptyRestPropagated,
  kEmptyRestCrossedBucket,
  kEmptyRestBlocked,
  kEmptyOneReused,
  kInsertInOverflow,
  kInsertWhileGrowing,
  kKeyUpdated,
  kUpdateNegativeZero,
  kTophashRaised,
  kNanInserted,
  kIndirectKey,
  kIndirectElem,
  kSeedRedrawnOnEmpty,
  kDeleteWhileGrowing,
  kDeleteToZeroWhileGrowing,
  kClearWhileGrowing,
  kClearWithLiveIterator,
  kFindInOldBucket,
  kFindInEvacuatedBucket,
  kIteratorStartedWhileGrowing,
  kIteratorReadOldChain,
  kIteratorFilteredByCheckBucket,
  kIteratorLookedUpEvacuated,
  kIteratorSkippedDeletedEvacuated,
  kIteratorReadClearedKey,
  kIteratorOutlivedDoubling,
  kIteratorOutlivedTwoGrowths,
  kIteratorOutlivedSameSizeGrowth,
  kIteratorWrapped,
  kNanFilteredInIteration,
  kNanYieldedFromOldBucket,
  kCount,
};

struct MapEventInfo {
  MapEvent event;
  std::string_view name;
  std::string_view description;
};

inline constexpr std::size_t kMapEventCount = static_cast<std::size_t>(MapEvent::kCount);

inline constexpr std::array<MapEventInfo, kMapEventCount> kMapEvents = {{
    {MapEvent::kSameSizeGrowthBegun, "same_size_growth_begun",
     "too many overflow buckets: growth to the same number of buckets began"},
    {MapEvent::kDoublingBegun, "doubling_begun", "load factor exceeded: growth to twice began"},
    {MapEvent::kGrowthFinished, "growth_finished", "the last old bucket was evacuated"},
    {MapEvent::kGrownPastB8, "grown_past_b8", "the table reached more than 256 buckets"},
    {MapEvent::kEvacuationSplitNan, "evacuation_split_nan",
     "with an iterator alive, a NaN went where the low bit of its tophash says"},
    {MapEvent::kEvacuationNanByFreshHash, "evacuation_nan_by_fresh_hash",
     "with no iterator alive, a NaN went where its freshly drawn hash says"},
    {MapEvent::kEvacuateToOverflow, "evacuate_to_overflow",
     "an evacuation filled its destination and went on in an overflow bucket"},
    {MapEvent::kEvacuateKeptForOldIterator, "evacuate_kept_for_old_iterator",
     "an evacuated bucket kept its contents for iterators that may still read it"},
    {MapEvent::kEvacuationMarkSkipped, "evacuation_mark_skipped",
     "the evacuation mark moved past buckets that writes had evacuated before"},
    {MapEvent::kEvacuationMarkCapped, "evacuation_mark_capped",
     "the evacuation mark stopped after 1024 buckets in one step"},
    {MapEvent::kEvacuationUndone, "evacuation_undone",
     "an exception during evacuation put everything back"},
    {MapEvent::kUndoneEmptySlot, "undone_empty_slot",
     "an undone evacuation made an old slot empty again"},
    {MapEvent::kUndoneFromOverflow, "undone_from_overflow",
     "an undone evacuation took entries back from an overflow bucket"},
    {MapEvent::kUndoneNan, "undone_nan",
     "an undone evacuation gave a NaN a tophash with the low bit that it had"},
    {MapEvent::kUndoneCopy, "undone_copy", "an undone evacuation dropped a copy"},
    {MapEvent::kUndoneMove, "undone_move", "an undone evacuation moved an object back"},
    {MapEvent::kOverflowFromPreallocated, "overflow_from_preallocated",
     "an overflow bucket came from the spare end of the bucket array"},
    {MapEvent::kOverflowPreallocatedExhausted, "overflow_preallocated_exhausted",
     "the last spare overflow bucket was taken"},
    {MapEvent::kOverflowAllocated, "overflow_allocated", "an overflow bucket was allocated"},
    {MapEvent::kOverflowChainOfThree, "overflow_chain_of_three",
     "an insertion made a chain of at least three overflow buckets"},
    {MapEvent::kApproximateNoverflow, "approximate_noverflow",
     "with 2^16 buckets or more, noverflow was counted by chance"},
    {MapEvent::kEmptyRestPropagated, "empty_rest_propagated",
     "a deletion turned earlier emptyOne slots into emptyRest"},
    {MapEvent::kEmptyRestCrossedBucket, "empty_rest_crossed_bucket",
     "emptyRest went back into the previous bucket of a chain"},
    {MapEvent::kEmptyRestBlocked, "empty_rest_blocked",
     "a deleted slot stayed emptyOne because something follows it"},
    {MapEvent::kEmptyOneReused, "empty_one_reused", "an insertion reused a deleted slot"},
    {MapEvent::kInsertInOverflow, "insert_in_overflow", "an insertion went to an overflow bucket"},
    {MapEvent::kInsertWhileGrowing, "insert_while_growing", "an insertion during growth"},
    {MapEvent::kKeyUpdated, "key_updated", "an overwrite stored the new key over an equal one"},
    {MapEvent::kUpdateNegativeZero, "update_negative_zero",
     "an overwrite exchanged +0 for -0 or -0 for +0"},
    {MapEvent::kTophashRaised, "tophash_raised",
     "an inserted key's top byte was below 5 and was raised"},
    {MapEvent::kNanInserted, "nan_inserted", "a key unequal to itself was inserted"},
    {MapEvent::kIndirectKey, "indirect_key", "a large key was stored through a pointer"},
    {MapEvent::kIndirectElem, "indirect_elem", "a large element was stored through a pointer"},
    {MapEvent::kSeedRedrawnOnEmpty, "seed_redrawn_on_empty",
     "the last entry was deleted and the hash seed drawn anew"},
    {MapEvent::kDeleteWhileGrowing, "delete_while_growing", "an entry was deleted during growth"},
    {MapEvent::kDeleteToZeroWhileGrowing, "delete_to_zero_while_growing",
     "the last entry was deleted during growth"},
    {MapEvent::kClearWhileGrowing, "clear_while_growing", "a clear cut a growth short"},
    {MapEvent::kClearWithLiveIterator, "clear_with_live_iterator",
     "the map was cleared under a live iterator"},
    {MapEvent::kFindInOldBucket, "find_in_old_bucket",
     "a look-up during growth searched a bucket not yet evacuated"},
    {MapEvent::kFindInEvacuatedBucket, "find_in_evacuated_bucket",
     "a look-up during growth searched the new table"},
    {MapEvent::kIteratorStartedWhileGrowing, "iterator_started_while_growing",
     "an iteration began during growth"},
    {MapEvent::kIteratorReadOldChain, "iterator_read_old_chain",
     "an iterator read an old bucket in place of an empty new one"},
    {MapEvent::kIteratorFilteredByCheckBucket, "iterator_filtered_by_check_bucket",
     "an iterator skipped an entry that belongs to the other new bucket"},
    {MapEvent::kIteratorLookedUpEvacuated, "iterator_looked_up_evacuated",
     "an iterator found a moved entry by looking it up"},
    {MapEvent::kIteratorSkippedDeletedEvacuated, "iterator_skipped_deleted_evacuated",
     "an iterator skipped a moved entry that has since been deleted"},
    {MapEvent::kIteratorReadClearedKey, "iterator_read_cleared_key",
     "an iterator that outlived two same-size growths met a key that evacuation had zeroed"},
    {MapEvent::kIteratorOutlivedDoubling, "iterator_outlived_doubling",
     "an iterator went on after the table had doubled"},
    {MapEvent::kIteratorOutlivedTwoGrowths, "iterator_outlived_two_growths",
     "an iterator went on after the table had doubled twice"},
    {MapEvent::kIteratorOutlivedSameSizeGrowth, "iterator_outlived_same_size_growth",
     "an iterator went on after a finished same-size growth"},
    {MapEvent::kIteratorWrapped, "iterator_wrapped",
     "an iterator passed the last bucket and went on with the first"},
    {MapEvent::kNanFilteredInIteration, "nan_filtered_in_iteration",
     "an iterator skipped a NaN that will move to the other new bucket"},
    {MapEvent::kNanYieldedFromOldBucket, "nan_yielded_from_old_bucket",
     "an iterator yielded the old copy of a NaN entry that has moved"},
}};

consteval bool MapEventsAreInOrder() {
  for (std::size_t i = 0; i < kMapEventCount; ++i) {
    if (kMapEvents[i].event != static_cast<MapEvent>(i) || kMapEvents[i].name.empty()) return false;
  }
  return true;
}
static_assert(MapEventsAreInOrder());

constexpr std::string_view MapEventName(MapEvent event) {
  return kMapEvents[static_cast<std::size_t>(event)].name;
}

// The probe of production: nothing.
struct NoProbe {
  constexpr void operator()(MapEvent) const noexcept {}
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_EVENTS_H_
