// Iteration (mapiterinit, mapiternext): every entry once, in an order nobody can rely on, while
// the map may grow, shrink and change.
//
//   start_bucket = 5, offset = 3:    buckets 5 6 7 0 1 2 3 4, slots 3 4 5 6 7 0 1 2 of each,
//                                    overflow buckets of a chain one after the other
//
// The iterator walks the array that was current when it started, whatever happens to the table:
//   - an entry still in place is yielded from there;
//   - an entry that has moved is looked up in the current table: changed elements are seen, deleted
//     entries skipped. A NaN cannot be looked up, nor deleted, so its old copy is yielded;
//   - when the iteration began during a growth, a bucket of the new array that has not been filled
//     is read from the old chain, leaving out what will go to the other new bucket.
//
// Promises: an entry present throughout is yielded exactly once; one deleted before it is reached
// is not yielded; one inserted meanwhile at most once. In a few states the runtime breaks them, and
// so does this (docs/go-map-gaps.md has them all):
//   - clearing the map: what was deleted is yielded (clear.h);
//   - two growths of the same size: entries are missed, and the entry under the zero key, which is
//     looked up in place of each key that was zeroed, is yielded again (evacuate.h). Nothing that
//     was deleted is yielded;
//   - a growth of the same size and a doubling, or NaNs under the former alone: entries are missed
//     or yielded twice;
//   - deleting the last entry: one inserted since is yielded twice.
//
// key() and value() are good until the map is next written to. The iterator keeps the memory it
// may read; it must not be advanced after its map has been moved, swapped or destroyed.
#ifndef SLOTPROOF_CORE_MAP_ITERATOR_H_
#define SLOTPROOF_CORE_MAP_ITERATOR_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/map/lookup.h"
#include "core/map/table.h"

namespace slotproof::core {

template <class T, bool kConst>
class MapIterator {
 public:
  using Key = typename T::Key;
  using Value = std::conditional_t<kConst, const typename T::Value, typename T::Value>;

  // An iterator at its end.
  MapIterator() = default;

  // mapiterinit, except that the first entry is found by the first Next. Draws once, unless the
  // map is empty: then the iteration is over, even if something is inserted later.
  explicit MapIterator(const T& h) {
    if (h.count == 0) return;
    FailIfWriting(h);
    h_ = &h;
    b_ = h.b;
    if constexpr (!Bucket::kHasPointers) h.buckets->CreateOverflowList();
    start_array_ = ArrayRef<Array>(h.buckets);
    constexpr unsigned kWidthBits = std::countr_zero(static_cast<unsigned>(T::kWidth));
    const std::uint64_t r = h.b > 31 - kWidthBits ? h.random.Rand64() : h.random.Rand32();
    start_bucket_ = r & BucketMask(h.b);
    offset_ = static_cast<int>((r >> h.b) & (T::kWidth - 1));
    next_bucket_ = start_bucket_;
    constexpr std::uint8_t kBoth = kIterator | kOldIterator;
    if ((h.flags.Load() & kBoth) != kBoth) h.flags.FetchOr(kBoth);
    if (h.Growing()) h.Report(MapEvent::kIteratorStartedWhileGrowing);
  }

  // mapiternext: goes to the next entry. False when there is none; then it stays false.
  bool Next() {
    if (h_ == nullptr) return false;
    FailIfWriting(*h_);
    for (;;) {
      if (bucket_ == nullptr && !BeginChain()) {
        *this = MapIterator();
        return false;
      }
      for (const int i : SlotsLeft()) {
        const int slot = (i + offset_) & (T::kWidth - 1);
        if (!Yield({bucket_, slot})) continue;
        slots_done_ = i + 1;
        return true;
      }
      bucket_ = bucket_->overflow;
      slots_done_ = 0;
    }
  }

  // Of the entry that the last Next found.
  const Key& key() const {
    SLOTPROOF_POLICY_ASSERT(T::Policy, current_.bucket != nullptr);
    return *current_.key();
  }
  Value& value() const {
    SLOTPROOF_POLICY_ASSERT(T::Policy, current_.bucket != nullptr);
    return *current_.elem();
  }

  // Where the walk began: with these two numbers the order is determined.
  std::size_t start_bucket() const { return start_bucket_; }
  int offset() const { return offset_; }

 private:
  using Bucket = typename T::Bucket;
  using Array = typename T::Array;

  static constexpr std::size_t kNoCheck = ~std::size_t{0};

  static void FailIfWriting(const T& h) {
    if (h.HashWriting()) [[unlikely]] {
      FailInUse(h, FailureKind::kConcurrentIterationAndWrite,
                "concurrent map iteration and map write");
    }
  }

  // Chooses the next chain to walk; false when all have been.
  bool BeginChain() {
    if (next_bucket_ == start_bucket_ && wrapped_) return false;
    ReportAge();
    check_bucket_ = kNoCheck;
    bucket_ = start_array_->At(next_bucket_);
    if (h_->Growing() && b_ == h_->b) {
      // Started during this growth, or the growth keeps the size. A new bucket not filled yet
      // stands for a part of the old one.
      Bucket* old_bucket = h_->old_buckets->At(next_bucket_ & h_->OldBucketMask());
      if (!IsEvacuated(old_bucket->tophash[0])) {
        bucket_ = old_bucket;
        check_bucket_ = next_bucket_;
        if (old_array_.get() != h_->old_buckets) old_array_ = ArrayRef<Array>(h_->old_buckets);
        h_->Report(MapEvent::kIteratorReadOldChain);
      }
    }
    ++next_bucket_;
    if (next_bucket_ == BucketShift(b_)) {
      next_bucket_ = 0;
      wrapped_ = true;
      h_->Report(MapEvent::kIteratorWrapped);
    }
    slots_done_ = 0;
    // The next chain is needed soon; a walk of wide buckets would else wait for each.
    start_array_->At(next_bucket_)->Prefetch();
    return true;
  }

  // The occupied slots of this bucket not yet visited, counted from the offset.
  SlotMask SlotsLeft() const {
    const std::uint32_t occupied = T::TopHashes::MatchOccupied(bucket_->tophash).bits();
    const std::uint32_t rotated = occupied >> offset_ | occupied << (T::kWidth - offset_);
    return SlotMask((rotated & T::TopHashes::kAll) >> slots_done_ << slots_done_);
  }

  // Makes the entry of this slot current, if it is to be yielded.
  bool Yield(SlotRef<T> slot) {
    const std::uint8_t state = slot.bucket->tophash[slot.slot];
    const bool moved = HasMoved(state);
    if constexpr (Bucket::Keys::kOwnsObjects) {
      if (moved && KeyWasCleared(slot.bucket)) [[unlikely]]
        return YieldClearedKey(state);
    }
    const Key& key = *slot.key();
    if (GoesElsewhere(key, state)) return false;
    if (!moved) {
      current_ = slot;
      return true;
    }
    if (!T::EqualsItself(key)) {
      h_->Report(MapEvent::kNanYieldedFromOldBucket);
      current_ = slot;
      return true;
    }
    return YieldFound(key);
  }

  // Whether this is an entry of an old chain that belongs to the other new bucket.
  bool GoesElsewhere(const Key& key, std::uint8_t state) const {
    if (check_bucket_ == kNoCheck || h_->SameSizeGrow()) return false;
    if (T::EqualsItself(key)) {
      if ((h_->Hash(key) & BucketMask(b_)) == check_bucket_) return false;
      h_->Report(MapEvent::kIteratorFilteredByCheckBucket);
      return true;
    }
    // Evacuation will decide by the same bit, or has: evacuatedX is even, evacuatedY odd.
    if (check_bucket_ >> (b_ - 1) == static_cast<std::size_t>(state & 1)) return false;
    h_->Report(MapEvent::kNanFilteredInIteration);
    return true;
  }

  // An entry that has moved: what the table has under its key now. The stored key may differ from
  // the one looked up (+0 and -0).
  bool YieldFound(const Key& key) {
    const SlotRef<T> found = MapAccessK(*h_, key);
    if (!found) {
      h_->Report(MapEvent::kIteratorSkippedDeletedEvacuated);
      return false;
    }
    h_->Report(MapEvent::kIteratorLookedUpEvacuated);
    current_ = found;
    return true;
  }

  // Whether evacuation took the keys of this old bucket away under the iterator; see evacuate.h.
  bool KeyWasCleared(const Bucket* bucket) const {
    const Array* array = check_bucket_ == kNoCheck ? start_array_.get() : old_array_.get();
    return array->IsMain(bucket) && !array->IsKept(array->IndexOf(bucket));
  }
  // The runtime reads a zero key there and looks that up; through a pointer it would fault.
  bool YieldClearedKey(std::uint8_t state) {
    h_->Report(MapEvent::kIteratorReadClearedKey);
    if constexpr (std::is_default_constructible_v<Key> && kSlotKind<Key> == SlotKind::kInline) {
      const Key key{};
      return !GoesElsewhere(key, state) && YieldFound(key);
    } else {
      return false;
    }
  }

  void ReportAge() const {
    if constexpr (T::kProbed) {
      if (h_->b == b_ + 1) h_->Report(MapEvent::kIteratorOutlivedDoubling);
      if (h_->b >= b_ + 2) h_->Report(MapEvent::kIteratorOutlivedTwoGrowths);
      if (h_->b == b_ && start_array_.get() != h_->buckets &&
          start_array_.get() != h_->old_buckets) {
        h_->Report(MapEvent::kIteratorOutlivedSameSizeGrowth);
      }
    }
  }

  const T* h_ = nullptr;
  SlotRef<T> current_;
  ArrayRef<Array> start_array_;
  ArrayRef<Array> old_array_;  // the old array last read from
  typename T::Policy::template Local<Bucket> bucket_ = nullptr;
  std::size_t start_bucket_ = 0;
  std::size_t next_bucket_ = 0;
  std::size_t check_bucket_ = kNoCheck;
  int offset_ = 0;
  int slots_done_ = 0;
  std::uint8_t b_ = 0;
  bool wrapped_ = false;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_ITERATOR_H_
