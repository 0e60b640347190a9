// Growth: hashGrow installs a larger (or equally large) array, and every later write moves one or
// two chains of the old array over, until none is left.
//
//   old array, 2^(B-1)                new array, 2^B
//   [o] a b c d e f g h -> i j        [o]              X: hash bit B-1 clear,  a c d i
//                                     [o + 2^(B-1)]    Y: hash bit B-1 set,    b e f g h j
//
// Entries keep their order and leave no holes. A same-size growth has only X. Each old slot is
// marked evacuatedX, evacuatedY or evacuatedEmpty, which tells look-ups to go to the new array and
// iterators that an entry has moved.
//
// Iterators. When one may still read the old array (oldIterator), an old slot keeps its key, for
// the iterator to look up, and the element too when the key is a NaN, which cannot be looked up.
// Else tables with pointers zero the old bucket, its link included, so that it keeps nothing alive.
// NaN hashes to something else each time; while an iterator is alive its way is decided by the low
// bit of its tophash, as the iterator decided it.
//
// One gap is the runtime's own: oldIterator is lost at the second growth after an iteration began.
// If both keep the size, an iterator reads on in the array that the second one evacuates, and
// meets keys that were zeroed: it looks up a zero key, and where keys are held by pointer the
// runtime of Go 1.19 follows a nil one and panics. Here that entry is skipped. Overflow buckets are
// not zeroed, so what they hold stays readable.
//
// A reference to an element that has moved is dead. AddressSanitizer reports its use, where
// elements are more than bytes and nothing of them was kept.
//
// Exceptions: when hashing, copying or allocating throws while a chain moves, everything moved so
// far goes back, and the old chain is whole again. Elements whose move may throw are copied.
//
// Cost: two chains a write; a growth of n buckets ends within n writes.
#ifndef SLOTPROOF_CORE_MAP_EVACUATE_H_
#define SLOTPROOF_CORE_MAP_EVACUATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/poison.h"
#include "core/map/table.h"

namespace slotproof::core {

// Moves one chain. Made for it, run once.
template <class T>
class Evacuation {
 public:
  using Bucket = typename T::Bucket;
  using Key = typename T::Key;
  using Value = typename T::Value;
  static_assert(Bucket::Keys::kRelocatesNoexcept || std::is_copy_constructible_v<Key>);
  static_assert(Bucket::Elems::kRelocatesNoexcept || std::is_copy_constructible_v<Value>,
                "an element whose move may throw must be copyable");

  Evacuation(T& h, std::size_t old_index)
      : h_(h),
        head_(h.old_buckets->At(old_index)),
        index_(old_index),
        newbit_(h.NoldBuckets()),
        keeps_head_((h.flags.Load() & kOldIterator) != 0),
        keeps_overflow_(keeps_head_ || h.old_buckets->IsShared()) {
    xy_[0].bucket = h.buckets->At(old_index);
    if (!h.SameSizeGrow()) xy_[1].bucket = h.buckets->At(old_index + newbit_);
    heads_[0] = xy_[0].bucket;
    heads_[1] = xy_[1].bucket;
  }

  void Run() {
    if constexpr (Bucket::kOwnsObjects) {
      if (keeps_head_) h_.old_buckets->ReserveKept();
    }
    const auto mark = h_.buckets->mark();
    const std::uint16_t noverflow = h_.noverflow;
    try {
      for (Bucket* b = head_; b != nullptr; b = b->overflow) EvacuateBucket(b);
    } catch (...) {
      Undo();
      UndoDestinations(mark);
      h_.noverflow = noverflow;
      h_.Report(MapEvent::kEvacuationUndone);
      throw;
    }
    if constexpr (Bucket::kOwnsObjects) SettleObjects();
    ClearHead();
  }

 private:
  // An evacuation destination: the next free slot.
  struct EvacDst {
    Bucket* bucket = nullptr;
    int slot = 0;
  };

  // Whether an object is copied, for it stays in the old slot or its move may throw.
  template <class Slots, class Object>
  static constexpr bool kMustCopy =
      !Slots::kRelocatesNoexcept && std::is_copy_constructible_v<Object>;
  static constexpr bool kMustCopyKey = kMustCopy<typename Bucket::Keys, Key>;
  static constexpr bool kMustCopyElem = kMustCopy<typename Bucket::Elems, Value>;

  // Whether the contents of this old bucket stay readable.
  bool Keeps(const Bucket* b) const { return b == head_ ? keeps_head_ : keeps_overflow_; }

  bool UnderIterator() const { return (h_.flags.Load() & kIterator) != 0; }

  // Which way an entry goes, and for a NaN under iteration its new tophash.
  bool UseY(const Key& key, std::uint8_t& top) {
    if (h_.SameSizeGrow()) return false;
    const std::uint64_t hash = h_.Hash(key);
    if constexpr (!T::Policy::kReflexiveKey) {
      if (!T::EqualsItself(key)) {
        if (UnderIterator()) {
          h_.Report(MapEvent::kEvacuationSplitNan);
          const bool use_y = (top & 1) != 0;
          top = TopHash(hash);
          return use_y;
        }
        h_.Report(MapEvent::kEvacuationNanByFreshHash);
      }
    }
    return (hash & newbit_) != 0;
  }

  void EvacuateBucket(Bucket* b) {
    for (int i = 0; i < T::kWidth; ++i) {
      std::uint8_t top = b->tophash[i];
      if (IsEmpty(top)) {
        b->tophash[i] = kEvacuatedEmpty;
        continue;
      }
      if (top < kMinTopHash) [[unlikely]] {
        T::Policy::Fatal(FailureKind::kBadMapState, "bad map state");
      }
      const bool use_y = UseY(*b->keys.Get(i), top);
      EvacDst& dst = xy_[use_y];
      SLOTPROOF_POLICY_ASSERT(T::Policy, dst.bucket != nullptr);
      if (dst.slot == T::kWidth) {
        dst.bucket = NewOverflow(h_, dst.bucket);
        dst.slot = 0;
        h_.Report(MapEvent::kEvacuateToOverflow);
      }
      MoveEntry(b, i, dst);
      dst.bucket->tophash[dst.slot] = top;
      b->tophash[i] = static_cast<std::uint8_t>(kEvacuatedX + use_y);
      ++dst.slot;
    }
  }

  // Key and element of one slot; copies, which may throw, before moves, which do not.
  void MoveEntry(Bucket* from, int i, const EvacDst& to) {
    if constexpr (!Bucket::kOwnsObjects) {
      to.bucket->keys.Relocate(to.slot, from->keys, i);
      to.bucket->elems.Relocate(to.slot, from->elems, i);
    } else {
      const bool copy_key = CopiesKey(from);
      const bool copy_elem = CopiesElem(from, *from->keys.Get(i));
      if (copy_key) CopyKey(to.bucket, to.slot, from, i);
      if (copy_elem) CopyElem(to.bucket, to.slot, from, i, copy_key);
      if (!copy_key) to.bucket->keys.Relocate(to.slot, from->keys, i);
      if (!copy_elem) to.bucket->elems.Relocate(to.slot, from->elems, i);
    }
  }

  bool CopiesKey(const Bucket* from) const {
    return Bucket::Keys::kOwnsObjects && (kMustCopyKey || Keeps(from));
  }
  bool KeepsElem(const Bucket* from, const Key& key) const {
    return Bucket::kOwnsObjects && Keeps(from) && !T::EqualsItself(key);
  }
  bool CopiesElem(const Bucket* from, const Key& key) const {
    return Bucket::Elems::kOwnsObjects && (kMustCopyElem || KeepsElem(from, key));
  }

  static void CopyKey(Bucket* to, int to_slot, Bucket* from, int from_slot) {
    static_assert(std::is_copy_constructible_v<Key>,
                  "keys must be copyable: an old bucket keeps its keys for iterators");
    const Key& key = *from->keys.Get(from_slot);
    to->keys.Construct(to_slot, key);
  }
  static void CopyElem(Bucket* to, int to_slot, Bucket* from, int from_slot, bool copied_key) {
    if constexpr (std::is_copy_constructible_v<Value>) {
      const Value& elem = *from->elems.Get(from_slot);
      try {
        to->elems.Construct(to_slot, elem);
      } catch (...) {
        if (copied_key) to->keys.Destroy(to_slot);
        throw;
      }
    } else {
      static_assert(T::Policy::kReflexiveKey,
                    "move-only elements need keys that equal themselves: specialise kIsReflexive");
    }
  }

  // Ends the life of what was copied only because its move might have thrown, and notes what
  // stays, so that the array can end it.
  void SettleObjects() {
    for (Bucket* b = head_; b != nullptr; b = b->overflow) {
      const bool keeps = Keeps(b);
      for (int i = 0; i < T::kWidth; ++i) {
        if (!HasMoved(b->tophash[i])) continue;
        if (kMustCopyElem && !(keeps && KeepsElem(b, *b->keys.Get(i)))) b->elems.Destroy(i);
        if (kMustCopyKey && !keeps) b->keys.Destroy(i);
        if (b != head_ && !keeps) b->tophash[i] = kEvacuatedEmpty;
      }
      if (b != head_ && keeps) h_.old_buckets->MarkOverflowKept();
    }
    if (Keeps(head_)) h_.old_buckets->MarkKept(index_);
  }

  // Drops the chain and what the head refers to; its tophash bytes say what became of it.
  void ClearHead() {
    if (keeps_head_) {
      h_.Report(MapEvent::kEvacuateKeptForOldIterator);
      return;
    }
    [[maybe_unused]] Bucket* const overflow = head_->overflow;
    if constexpr (Bucket::kHasPointers) head_->ZeroData();
    PoisonMoved(head_);
    if constexpr (kPoisons) {
      for (Bucket* b = overflow; b != nullptr && !keeps_overflow_; b = b->overflow) PoisonMoved(b);
    }
  }

  // Nothing is written here again. One that is held indirectly has not moved itself.
  static void PoisonMoved(const Bucket* b) {
    if constexpr (Bucket::Elems::kOwnsObjects && kSlotKind<Value> == SlotKind::kInline) {
      PoisonMemory(&b->elems, sizeof(b->elems));
    }
  }

  // Plays the evacuation back: the destinations are filled in the order of the old slots.
  void Undo() noexcept {
    EvacDst next[2];
    next[0].bucket = heads_[0];
    next[1].bucket = heads_[1];
    for (Bucket* b = head_; b != nullptr; b = b->overflow) {
      for (int i = 0; i < T::kWidth; ++i) {
        const std::uint8_t state = b->tophash[i];
        if (state == kEvacuatedEmpty) {
          // The slot whose move failed comes later, so this one is not the rest.
          b->tophash[i] = kEmptyOne;
          h_.Report(MapEvent::kUndoneEmptySlot);
          continue;
        }
        if (!HasMoved(state)) return;
        EvacDst& source = next[state - kEvacuatedX];
        if (source.slot == T::kWidth) {
          source = {source.bucket->overflow, 0};
          h_.Report(MapEvent::kUndoneFromOverflow);
        }
        b->tophash[i] = RestoredTop(source, state);
        UndoEntry(b, i, source);
        ++source.slot;
      }
    }
  }

  // The tophash that the entry had. Of one drawn anew, only the low bit was kept, as the direction;
  // the other bits mean nothing.
  std::uint8_t RestoredTop(const EvacDst& moved, std::uint8_t state) const noexcept {
    const std::uint8_t top = moved.bucket->tophash[moved.slot];
    if (!UnderIterator() || T::EqualsItself(*moved.bucket->keys.Get(moved.slot))) return top;
    h_.Report(MapEvent::kUndoneNan);
    const int even = std::max<int>(top, kMinTopHash + 1) & ~1;
    return static_cast<std::uint8_t>(even | (state & 1));
  }

  void UndoEntry(Bucket* b, int i, const EvacDst& moved) noexcept {
    if constexpr (Bucket::kOwnsObjects) {
      const bool copied_elem = CopiesElem(b, *moved.bucket->keys.Get(moved.slot));
      h_.Report(copied_elem ? MapEvent::kUndoneCopy : MapEvent::kUndoneMove);
      if (copied_elem) {
        moved.bucket->elems.Destroy(moved.slot);
      } else {
        b->elems.Relocate(i, moved.bucket->elems, moved.slot);
      }
      if (CopiesKey(b)) {
        moved.bucket->keys.Destroy(moved.slot);
      } else {
        b->keys.Relocate(i, moved.bucket->keys, moved.slot);
      }
    } else {
      static_cast<void>(b);
      static_cast<void>(i);
      static_cast<void>(moved);
    }
  }

  void UndoDestinations(const typename T::Array::Mark& mark) noexcept {
    Bucket* overflow[2] = {nullptr, nullptr};
    for (int i = 0; i < 2; ++i) {
      if (heads_[i] == nullptr) continue;
      overflow[i] = heads_[i]->overflow;
      T::Policy::ZeroMemory(heads_[i], sizeof(Bucket));
    }
    h_.buckets->TakeBack(overflow[0]);
    h_.buckets->TakeBack(overflow[1]);
    h_.buckets->UndoOverflow(mark);
  }

  T& h_;
  Bucket* head_;
  std::size_t index_;
  std::size_t newbit_;
  bool keeps_head_;
  bool keeps_overflow_;
  EvacDst xy_[2];
  Bucket* heads_[2] = {nullptr, nullptr};
};

// Moves the mark over the chain just moved and over later ones that writes have moved already, at
// most 1024 at a time; at the end of the old array the growth is over.
template <class T>
void AdvanceEvacuationMark(T& h, std::size_t newbit) {
  constexpr std::size_t kMaxAdvance = 1024;
  ++h.nevacuate;
  const std::size_t stop = std::min(h.nevacuate + kMaxAdvance, newbit);
  const std::size_t first = h.nevacuate;
  while (h.nevacuate != stop && IsEvacuated(h.old_buckets->At(h.nevacuate)->tophash[0])) {
    ++h.nevacuate;
  }
  if (h.nevacuate != first) h.Report(MapEvent::kEvacuationMarkSkipped);
  if (h.nevacuate == first + kMaxAdvance) h.Report(MapEvent::kEvacuationMarkCapped);
  if (h.nevacuate == newbit) {
    h.old_buckets->MarkEvacuated();
    h.old_buckets->Release();
    h.old_buckets = nullptr;
    h.flags.And(static_cast<std::uint8_t>(~kSameSizeGrow));
    h.Report(MapEvent::kGrowthFinished);
  }
}

template <class T>
void Evacuate(T& h, std::size_t old_index) {
  const std::size_t newbit = h.NoldBuckets();
  SLOTPROOF_POLICY_ASSERT(T::Policy, old_index < newbit);
  if (!IsEvacuated(h.old_buckets->At(old_index)->tophash[0])) Evacuation<T>(h, old_index).Run();
  if (old_index == h.nevacuate) AdvanceEvacuationMark(h, newbit);
}

// The share of growth that a write of this bucket does.
template <class T>
[[gnu::noinline]] void GrowWork(T& h, std::size_t index) {
  // The chain about to be used, so that the write finds it in the new array.
  Evacuate(h, index & h.OldBucketMask());
  // One more, to make progress.
  if (h.Growing()) Evacuate(h, h.nevacuate);
}

// Installs the array to grow into, of twice the size or the same. Nothing moves yet.
template <class T>
void BeginGrowth(T& h, bool bigger) {
  SLOTPROOF_POLICY_ASSERT(T::Policy, !h.Growing());
  const auto new_b = static_cast<std::uint8_t>(h.b + bigger);
  typename T::Array* new_buckets = T::Array::Make(new_b);
  if (!bigger) h.flags.Store(h.flags.Load() | kSameSizeGrow);
  const std::uint8_t before = h.flags.Load();
  auto flags = static_cast<std::uint8_t>(before & ~(kIterator | kOldIterator));
  if ((before & kIterator) != 0) flags |= kOldIterator;
  h.b = new_b;
  h.flags.Store(flags);
  h.old_buckets = h.buckets;
  h.buckets = new_buckets;
  h.nevacuate = 0;
  h.noverflow = 0;
  h.Report(bigger ? MapEvent::kDoublingBegun : MapEvent::kSameSizeGrowthBegun);
  if (new_b > 8) h.Report(MapEvent::kGrownPastB8);
}

// hashGrow: for one entry more than the table holds well.
template <class T>
void HashGrow(T& h) {
  const bool bigger = OverLoadFactor<typename T::Policy>(h.count + 1, h.b);
  BeginGrowth(h, bigger);
}

// All of the growth that is left, at once.
template <class T>
void FinishGrowth(T& h) {
  while (h.Growing()) Evacuate(h, h.nevacuate);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_EVACUATE_H_
