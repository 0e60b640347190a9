// The laws of a table between writes. CheckInvariants walks all of it and reports the first one
// broken; each law has a short stable name.
//
// kMapLaws below is the list. In it, "old" and "new" are the arrays of a running growth; a chain is
// a main bucket with its overflow buckets. Keys unequal to themselves (NaN) hash to something else
// each time, so laws about hashes pass over them. The walk draws no random numbers and leaves no
// mark on the table.
//
// Cost: O(size), with one hash a key, and keys compared only where their tophash bytes agree.
#ifndef SLOTPROOF_CORE_MAP_INVARIANTS_H_
#define SLOTPROOF_CORE_MAP_INVARIANTS_H_

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/map/table.h"

namespace slotproof::core {

struct MapLaw {
  std::string_view name;
  std::string_view statement;
};

inline constexpr std::array kMapLaws = std::to_array<MapLaw>({
    {"count", "count is the number of live slots in new chains and unevacuated old ones"},
    {"flags.hash_writing", "hashWriting is off between writes"},
    {"flags.same_size", "sameSizeGrow is set only while growing"},
    {"buckets.size", "the array has 2^B main buckets, the old one as many or half as many"},
    {"load", "no growth, and over the load factor by more than a growth's writes could insert"},
    {"growth.nevacuate", "every old bucket below nevacuate is evacuated, and nevacuate is not all"},
    {"growth.whole_chain", "an old chain is evacuated in all of its slots or in none"},
    {"growth.destination", "the destinations of an unevacuated old chain are empty"},
    {"tophash.state", "slots of new chains are empty or live, never evacuated"},
    {"tophash.hash", "a live slot's tophash byte is that of its key's hash"},
    {"slot.bucket", "a live key is in the chain that the low bits of its hash name"},
    {"slot.object", "a live slot of an indirect type has its object"},
    {"duplicate_key", "no two live keys of a chain are equal"},
    {"emptyRest.tail", "after an emptyRest slot every slot of the chain is emptyRest"},
    {"emptyRest.maximal", "the empty slots at the end of a chain are all emptyRest"},
    {"empty.elem_zeroed", "an empty slot's element is zero"},
    {"empty.key_zeroed", "an empty slot's key is zero if it could hold a pointer"},
    {"noverflow", "below 2^16 buckets, noverflow is the number of overflow buckets in new chains"},
    {"overflow.owner", "an overflow bucket is a used spare of its array or was allocated by it"},
    {"overflow.shared", "an overflow bucket is in one chain, once"},
    {"spare.unused", "spare buckets not handed out are zero, but for the end marker in the last"},
    {"overflow.lost",
     "an overflow bucket that the new array has handed out is in one of its chains"},
    {"overflow.list", "a table without pointers lists the overflow buckets of each array's chains"},
});

struct InvariantViolation {
  std::string_view law;
  std::string message;
};

template <class T>
class InvariantChecker {
 public:
  explicit InvariantChecker(const T& h) : h_(h) {}

  std::optional<InvariantViolation> Check() {
    CheckHeader();
    if (violation_ || h_.buckets == nullptr) return violation_;
    if (h_.Growing()) CheckOldArray();
    if (!violation_) CheckNewArray();
    if (!violation_) CheckTotals();
    return violation_;
  }

  // The laws about the header alone.
  void CheckHeader() {
    if (h_.HashWriting()) Fail("flags.hash_writing", "hashWriting is set");
    if (h_.SameSizeGrow() && !h_.Growing()) Fail("flags.same_size", "sameSizeGrow without growth");
    if (h_.buckets == nullptr) {
      if (h_.count != 0) Fail("count", "entries without buckets");
      if (h_.Growing() || h_.b != 0) Fail("buckets.size", "no buckets, but B or an old array");
      return;
    }
    if (h_.buckets->b() != h_.b) Fail("buckets.size", "the array's size is not 2^B");
    if (h_.Growing()) {
      if (h_.old_buckets->main_count() != h_.NoldBuckets()) {
        Fail("buckets.size", "the old array has " + std::to_string(h_.old_buckets->main_count()) +
                                 " buckets, not " + std::to_string(h_.NoldBuckets()));
      } else if (h_.nevacuate >= h_.NoldBuckets()) {
        Fail("growth.nevacuate", "growing, yet nevacuate says all has moved");
      }
    } else if (BucketShift(h_.b) >= Policy::kLoadFactorDenominator &&
               h_.count > BucketShift(h_.b) &&
               OverLoadFactor<Policy>(h_.count - BucketShift(h_.b), h_.b)) {
      // Growth of the same size moves at least one of 2^B old buckets with each insertion.
      Fail("load", std::to_string(h_.count) + " entries in 2^" + std::to_string(h_.b) +
                       " buckets and no growth");
    }
  }

  const std::optional<InvariantViolation>& violation() const { return violation_; }

 private:
  using Policy = typename T::Policy;
  using Bucket = typename T::Bucket;
  using Array = typename T::Array;

  // Where the walk is, for messages.
  struct Place {
    bool in_old;
    std::size_t index;
    std::size_t position;
    int slot;
  };
  static std::string ToString(const Place& place) {
    return std::string(place.in_old ? "old" : "new") + " bucket " + std::to_string(place.index) +
           ", position " + std::to_string(place.position) + ", slot " + std::to_string(place.slot);
  }

  // Out of the way of the walk, which hardly ever comes here.
  [[gnu::cold, gnu::noinline]] void Fail(std::string_view law, std::string message) {
    if (!violation_) violation_ = InvariantViolation{law, std::move(message)};
  }
  [[gnu::cold, gnu::noinline]] void FailAt(std::string_view law, Place place,
                                           std::string_view what) {
    Fail(law, ToString(place) + ": " + std::string(what));
  }

  [[gnu::cold, gnu::noinline]] void FailTophash(Place place, int actual, int expected) {
    FailAt("tophash.hash", place,
           "tophash is " + std::to_string(actual) + ", the key's is " + std::to_string(expected));
  }
  [[gnu::cold, gnu::noinline]] void FailBucket(Place place, std::size_t expected) {
    FailAt("slot.bucket", place, "the key belongs to bucket " + std::to_string(expected));
  }

  void CheckOldArray() {
    CollectAllocated(*h_.old_buckets);
    for (std::size_t i = 0; i < h_.NoldBuckets() && !violation_; ++i) {
      const Bucket* head = h_.old_buckets->At(i);
      if (IsEvacuated(head->tophash[0])) {
        CheckEvacuatedChain(i, head);
        continue;
      }
      if (i < h_.nevacuate) {
        FailAt("growth.nevacuate", {true, i, 0, 0}, "below nevacuate, but not evacuated");
        return;
      }
      CheckChain(true, i, *h_.old_buckets, h_.OldBucketMask());
      CheckDestinationIsEmpty(i);
      if (!h_.SameSizeGrow()) CheckDestinationIsEmpty(i + h_.NoldBuckets());
    }
    // Without pointers nothing cuts an evacuated chain loose before the growth ends.
    if constexpr (!Bucket::kHasPointers) CheckList(true, *h_.old_buckets, old_overflow_count_);
  }

  void CheckEvacuatedChain(std::size_t index, const Bucket* head) {
    std::size_t position = 0;
    for (const Bucket* b = head; b != nullptr; b = b->overflow, ++position) {
      for (int slot = 0; slot < T::kWidth; ++slot) {
        if (!IsEvacuated(b->tophash[slot])) {
          FailAt("growth.whole_chain", {true, index, position, slot}, "left behind by evacuation");
          return;
        }
      }
    }
    old_overflow_count_ += position - 1;
  }

  void CheckDestinationIsEmpty(std::size_t index) {
    std::size_t position = 0;
    for (const Bucket* b = h_.buckets->At(index); b != nullptr; b = b->overflow, ++position) {
      for (int slot = 0; slot < T::kWidth; ++slot) {
        if (!IsEmpty(b->tophash[slot])) {
          FailAt("growth.destination", {false, index, position, slot},
                 "in use before its old bucket was evacuated");
          return;
        }
      }
    }
  }

  void CheckNewArray() {
    CollectAllocated(*h_.buckets);
    for (std::size_t i = 0; i < h_.buckets->main_count() && !violation_; ++i) {
      CheckChain(false, i, *h_.buckets, BucketMask(h_.b));
    }
    CheckSpares();
  }

  void CheckChain(bool in_old, std::size_t index, const Array& array, std::size_t mask) {
    bool rest = false;
    std::uint8_t previous = kMinTopHash;
    Place place{in_old, index, 0, 0};
    tops_.reset();
    const Bucket* const head = array.At(index);
    for (const Bucket* b = head; b != nullptr; b = b->overflow, ++place.position) {
      if (place.position > 0) CheckOwner(array, b, place);
      if (violation_) return;
      for (place.slot = 0; place.slot < T::kWidth; ++place.slot) {
        const std::uint8_t state = b->tophash[place.slot];
        if (rest && state != kEmptyRest) {
          return FailAt("emptyRest.tail", place, "something follows emptyRest");
        }
        if (state == kEmptyRest && !rest && previous == kEmptyOne) {
          return FailAt("emptyRest.maximal", place, "emptyOne is the last before emptyRest");
        }
        rest = rest || state == kEmptyRest;
        previous = state;
        if (IsEmpty(state)) {
          CheckEmptySlot(b, place);
        } else if (IsLive(state)) {
          CheckLiveSlot(head, b, place, mask);
        } else {
          const auto law = in_old ? "growth.whole_chain" : "tophash.state";
          return FailAt(law, place, "an evacuated slot in a chain that is not");
        }
        if (violation_) return;
      }
      if (place.position > 0) ++(in_old ? old_overflow_count_ : overflow_count_);
    }
    if (previous == kEmptyOne) {
      --place.position;
      place.slot = T::kWidth - 1;
      FailAt("emptyRest.maximal", place, "the last slot of the chain is emptyOne");
    }
  }

  void CheckEmptySlot(const Bucket* b, const Place& place) {
    if constexpr (!Bucket::Elems::kOwnsObjects) {
      if (!b->elems.IsZero(place.slot)) {
        FailAt("empty.elem_zeroed", place, "the element of an empty slot is not zero");
      }
    }
    if constexpr (!Bucket::Keys::kOwnsObjects && Policy::template kHasPointers<typename T::Key>) {
      if (!b->keys.IsZero(place.slot)) {
        FailAt("empty.key_zeroed", place, "the key of an empty slot is not zero");
      }
    }
  }

  void CheckLiveSlot(const Bucket* head, const Bucket* b, const Place& place, std::size_t mask) {
    ++live_count_;
    if (b->keys.Get(place.slot) == nullptr || b->elems.Get(place.slot) == nullptr) {
      return FailAt("slot.object", place, "a live slot without its object");
    }
    const auto& key = *b->keys.Get(place.slot);
    if (!T::EqualsItself(key)) return;
    const std::uint64_t hash = h_.Hash(key);
    if (TopHash(hash) != b->tophash[place.slot]) {
      FailTophash(place, b->tophash[place.slot], TopHash(hash));
    }
    if ((hash & mask) != place.index) FailBucket(place, hash & mask);
    // A byte that is new in the chain says that the key is.
    const std::uint8_t top = b->tophash[place.slot];
    if (tops_[top] && IsBefore(head, b, place.slot, key)) {
      FailAt("duplicate_key", place, "the key is in this chain twice");
    }
    tops_.set(top);
  }

  // Whether the key is also in an earlier slot of its chain.
  static bool IsBefore(const Bucket* head, const Bucket* b, int slot, const typename T::Key& key) {
    for (const Bucket* other = head;; other = other->overflow) {
      const int end = other == b ? slot : T::kWidth;
      for (int i = 0; i < end; ++i) {
        if (other->tophash[i] == b->tophash[slot] && T::Equal(*other->keys.Get(i), key))
          return true;
      }
      if (other == b) return false;
    }
  }

  void CheckOwner(const Array& array, const Bucket* b, const Place& place) {
    if (!std::binary_search(allocated_.begin(), allocated_.end(), b) && !array.IsSpare(b)) {
      return FailAt("overflow.owner", place, "not an overflow bucket of this array");
    }
    if (array.IsSpare(b) && array.next_overflow() != nullptr && b >= array.next_overflow()) {
      return FailAt("overflow.owner", place, "a spare bucket that was not handed out");
    }
    const auto at = std::lower_bound(seen_.begin(), seen_.end(), b);
    if (at != seen_.end() && *at == b) {
      return FailAt("overflow.shared", place, "this overflow bucket is linked twice");
    }
    seen_.insert(at, b);
  }

  void CheckSpares() {
    const Array& array = *h_.buckets;
    if (array.next_overflow() == nullptr) return;
    const Bucket* last = array.At(array.total_count() - 1);
    for (const Bucket* b = array.next_overflow(); b <= last; ++b) {
      const bool zero = std::all_of(std::begin(b->tophash), std::end(b->tophash),
                                    [](std::uint8_t state) { return state == kEmptyRest; });
      const Bucket* expected = b == last ? array.At(0) : nullptr;
      if (!zero || b->overflow != expected) {
        Fail("spare.unused", "spare bucket " + std::to_string(array.IndexOf(b)) +
                                 (zero ? " has the wrong link" : " is in use"));
        return;
      }
    }
  }

  void CheckTotals() {
    if (live_count_ != h_.count) {
      Fail("count", "count is " + std::to_string(h_.count) + ", live slots are " +
                        std::to_string(live_count_));
    }
    if (h_.b < 16 && overflow_count_ != h_.noverflow) {
      Fail("noverflow", "noverflow is " + std::to_string(h_.noverflow) + ", overflow buckets are " +
                            std::to_string(overflow_count_));
    }
    CheckHandedOut(*h_.buckets);
    CheckList(false, *h_.buckets, overflow_count_);
  }

  // Chains are never shortened, so what is in none was lost.
  void CheckHandedOut(const Array& array) {
    const std::size_t spares = array.total_count() - array.main_count() - array.spares_left();
    if (spares + allocated_.size() == seen_.size()) return;
    Fail("overflow.lost", std::to_string(spares + allocated_.size()) +
                              " overflow buckets were handed out, " + std::to_string(seen_.size()) +
                              " are in chains");
  }

  // The list is made with its first bucket, or by an iteration.
  void CheckList(bool in_old, const Array& array, std::size_t in_chains) {
    const std::int64_t listed = array.overflow_list();
    const auto expected = static_cast<std::int64_t>(Bucket::kHasPointers ? 0 : in_chains);
    if (listed == expected || (expected == 0 && listed == Array::kNoOverflowList)) return;
    Fail("overflow.list", std::string(in_old ? "old" : "new") +
                              " array: " + std::to_string(listed) +
                              " overflow buckets listed, not " + std::to_string(expected));
  }

  void CollectAllocated(const Array& array) {
    allocated_ = array.AllocatedBuckets();
    std::sort(allocated_.begin(), allocated_.end());
    seen_.clear();
  }

  const T& h_;
  std::optional<InvariantViolation> violation_;
  std::size_t live_count_ = 0;
  std::size_t overflow_count_ = 0;
  std::size_t old_overflow_count_ = 0;
  std::bitset<256> tops_;                 // tophash bytes of the current chain's live slots
  std::vector<const Bucket*> allocated_;  // of the current array, sorted
  std::vector<const Bucket*> seen_;       // overflow buckets met in it, sorted
};

template <class T>
std::optional<InvariantViolation> CheckInvariants(const T& h) {
  return InvariantChecker<T>(h).Check();
}

template <class T>
bool CheckCheapInvariants(const T& h) {
  InvariantChecker<T> checker(h);
  checker.CheckHeader();
  return !checker.violation();
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_INVARIANTS_H_
