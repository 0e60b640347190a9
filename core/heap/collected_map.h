// Maps (core/map) that are objects of the heap, as are their arrays and overflow buckets.
//
//   map (hmap)          array (mapextra)       buckets
//   +-------------+     +---------------+     +---+---+---+- ... -+---+---+
//   | buckets     | --> | buckets       | --> | 0 | 1 | 2 |       | s0 s1 |     main ones, spares
//   | old_buckets |     | overflow_list |     +---+---+---+- ... -+---+---+
//   | ...         |     | ...           |       |
//   +-------------+     +---------------+       +--> overflow buckets, an object each
//
//   using Graph = CollectedMap<HeapPointer<Node>, HeapPointer<Node>>;
//   Running running(heap, mutator, roots);
//   frame[0] = NewMap<Graph>();
//   static_cast<Graph*>(frame[0])->InsertOrAssign(a, b);
//
// Nobody counts: what is no longer referred to goes with a collection. A deleted entry keeps
// neither its key nor its element, for both are zeroed. An old array lives until the growth has
// ended and no iterator stands in it.
//
// Buckets without pointers are not looked into, so the links between them count for nothing: the
// array lists its overflow buckets, spares too, in a slice (the runtime's extra.overflow).
//
// Keys and elements are HeapPointers, or plain and without pointers, and at most 128 bytes. What is
// given to an insertion must be kept in a frame, as it may collect. Out of memory is
// std::bad_alloc, and leaves the contents as they were. No destructor runs.
#ifndef SLOTPROOF_CORE_HEAP_COLLECTED_MAP_H_
#define SLOTPROOF_CORE_HEAP_COLLECTED_MAP_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/heap/collected_slice.h"
#include "core/heap/frame.h"
#include "core/heap/heap_pointer.h"
#include "core/heap/object_type.h"
#include "core/heap/running.h"
#include "core/map/hash_map.h"

namespace slotproof::core {

// Slots that hold references: no objects, but cleared and copied with the write barrier.
template <class T, class HeapPolicy, int kWidth>
class SlotArray<HeapPointer<T, HeapPolicy>, kWidth, SlotKind::kInline> {
  using Pointer = HeapPointer<T, HeapPolicy>;

 public:
  static constexpr bool kOwnsObjects = false;
  static constexpr bool kRelocatesNoexcept = true;
  static constexpr std::size_t kSlotBytes = sizeof(Pointer);

  Pointer* Get(int slot) noexcept { return &pointers_[slot]; }
  const Pointer* Get(int slot) const noexcept { return &pointers_[slot]; }

  template <class... Args>
  void Construct(int slot, Args&&... args) {
    pointers_[slot] = Pointer(std::forward<Args>(args)...);
  }
  static void Destroy(int) noexcept {}
  // The old slot keeps it, until its bucket is zeroed.
  void Relocate(int slot, const SlotArray& from, int from_slot) {
    pointers_[slot] = from.pointers_[from_slot];
  }
  void Zero(int slot) { pointers_[slot] = nullptr; }
  bool IsZero(int slot) const noexcept { return pointers_[slot] == nullptr; }

 private:
  Pointer pointers_[kWidth];
};

template <class T, class HeapPolicy>
inline constexpr bool kIsReflexive<HeapPointer<T, HeapPolicy>> = true;
template <class T, class HeapPolicy>
inline constexpr bool kNeedsKeyUpdate<HeapPointer<T, HeapPolicy>> = false;

template <class Slots>
inline constexpr bool kHoldsPointers = false;
template <class T, class HeapPolicy, int kWidth>
inline constexpr bool kHoldsPointers<SlotArray<HeapPointer<T, HeapPolicy>, kWidth>> = true;

template <class Bucket, class Policy, class HeapPolicy>
class CollectedBucketArray
    : public ArrayBuckets<Bucket, CollectedBucketArray<Bucket, Policy, HeapPolicy>> {
  using Buckets = ArrayBuckets<Bucket, CollectedBucketArray>;
  using Now = Running<HeapPolicy>;
  using List = CollectedSlice<HeapPointer<Bucket, HeapPolicy>, HeapPolicy>;
  static_assert(!Bucket::kOwnsObjects,
                "keys and elements of a collected map are HeapPointers, or plain and small");
  static_assert(Bucket::kHasPointers == (kHoldsPointers<typename Bucket::Keys> ||
                                         kHoldsPointers<typename Bucket::Elems>),
                "a pointer that is no HeapPointer would keep nothing");

 public:
  using Buckets::IsSpare;
  using Buckets::kNoOverflowList;
  using Buckets::main_count;
  using Buckets::total_count;
  using typename Buckets::Mark;

  // makeBucketArray. Whoever gets it must store it before the next allocation.
  static CollectedBucketArray* Make(std::uint8_t b) {
    constexpr ObjectType kHeader(sizeof(CollectedBucketArray), PointersOfHeader());
    const std::size_t total = BucketsWithSpares(b, sizeof(Bucket));
    Frame frame(Now::Now().mutator(), 1);
    void* const header = Now::Now().New(kHeader);
    frame[0] = header;
    auto* const array = ::new (header) CollectedBucketArray(b, total);
    array->buckets_ = static_cast<Bucket*>(Now::Now().New(BucketType(), total));
    array->MarkSpares();
    return array;
  }

  static constexpr void Acquire() noexcept {}
  static constexpr void Release() noexcept {}
  // Nobody knows.
  static constexpr bool IsShared() noexcept { return false; }

  Bucket* AllocateOverflow() { return static_cast<Bucket*>(Now::Now().New(BucketType())); }
  // Those of the list, or, where there is none, what is linked.
  std::vector<const Bucket*> AllocatedBuckets() const {
    std::vector<const Bucket*> allocated;
    const auto add = [&](const Bucket* bucket) {
      if (!IsSpare(bucket)) allocated.push_back(bucket);
    };
    if constexpr (Bucket::kHasPointers) {
      for (std::size_t i = 0; i < main_count(); ++i) {
        const Bucket* next = this->At(i)->overflow;
        // A main bucket is not linked to; where one is, this would not end.
        for (; next != nullptr && !this->IsMain(next); next = next->overflow) add(next);
      }
    } else if (overflow_list_ != nullptr) {
      for (const Bucket* const bucket : *overflow_list_) add(bucket);
    }
    return allocated;
  }

  std::int64_t overflow_list() const noexcept {
    return overflow_list_ == nullptr ? kNoOverflowList : overflow_list_->len();
  }
  void CreateOverflowList() {
    if (overflow_list_ == nullptr) overflow_list_ = NewNilSlice<List, HeapPolicy>();
  }
  void ReserveListing() {
    CreateOverflowList();
    const std::int64_t length = overflow_list_->len();
    if (length < overflow_list_->cap()) return;
    Must(overflow_list_->AppendZeros(1));
    Truncate(length);
  }
  void ListOverflow(Bucket* bucket) { Must(overflow_list_->Append(bucket)); }

  Mark mark() const noexcept { return {this->next_spare(), overflow_list()}; }
  void TakeBack(Bucket* chain) {
    while (chain != nullptr) {
      Bucket* const next = chain->overflow;
      if (IsSpare(chain)) Policy::ZeroMemory(chain, sizeof(Bucket));
      chain = next;
    }
  }
  void UndoOverflow(const Mark& mark) {
    Buckets::UndoSpares(mark);
    if (mark.overflow_list < 0) {
      overflow_list_ = nullptr;
    } else {
      Truncate(mark.overflow_list);
    }
  }

  // mapclear's half. An iterator has the list that there was.
  void Clear() {
    Policy::ZeroMemory(buckets(), total_count() * sizeof(Bucket));
    overflow_list_ = nullptr;
    Buckets::MarkSpares();
  }

  static constexpr bool IsKept(std::size_t) noexcept { return false; }
  static constexpr void MarkEvacuated() noexcept {}

 private:
  friend Buckets;
  template <class Array>
  friend class ArrayRef;

  CollectedBucketArray(std::uint8_t b, std::size_t total) noexcept : Buckets(b, total) {}

  static constexpr std::uint64_t PointersOfHeader() {
    // Its own members come last.
    constexpr std::size_t kWords = sizeof(CollectedBucketArray) / kWordBytes;
    return std::uint64_t{0b11} << (kWords - 2);
  }
  // Tophash bytes, keys, elements, the link.
  static ObjectType BucketType() {
    constexpr std::size_t kWords = sizeof(Bucket) / kWordBytes;
    if constexpr (!Bucket::kHasPointers) {
      return ObjectType(sizeof(Bucket));
    } else {
      static_assert(kWords <= 64);
      std::uint64_t map = std::uint64_t{1} << (kWords - 1);
      const auto add = [&map](std::size_t from, std::size_t words) {
        map |= ((std::uint64_t{1} << words) - 1) << from;
      };
      constexpr std::size_t kKeyWords = sizeof(typename Bucket::Keys) / kWordBytes;
      if (kHoldsPointers<typename Bucket::Keys>) add(1, kKeyWords);
      if (kHoldsPointers<typename Bucket::Elems>) {
        add(kWords - 1 - Bucket::kWidth, Bucket::kWidth);
      }
      return ObjectType(sizeof(Bucket), map);
    }
  }

  Bucket* buckets() const noexcept { return buckets_; }
  static void Must([[maybe_unused]] const Checked<void>& done) {
    SLOTPROOF_POLICY_ASSERT(Policy, done.has_value());
  }
  void Truncate(std::int64_t length) {
    overflow_list_->Sub(length, overflow_list_->len()).value().Clear();
    *overflow_list_ = overflow_list_->Sub(0, length).value();
  }

  HeapPointer<Bucket, HeapPolicy> buckets_;
  HeapPointer<List, HeapPolicy> overflow_list_;
};

// What an iterator keeps: the array, and the list that it had then (hiter's overflow), which a
// clear takes from the array.
template <class Bucket, class Policy, class HeapPolicy>
class ArrayRef<CollectedBucketArray<Bucket, Policy, HeapPolicy>> {
  using Array = CollectedBucketArray<Bucket, Policy, HeapPolicy>;

 public:
  ArrayRef() noexcept = default;
  explicit ArrayRef(Array* array) : array_(array), list_(array->overflow_list_) {}

  Array* get() const noexcept { return array_; }
  Array* operator->() const noexcept { return array_; }

 private:
  Rooted<Array, HeapPolicy> array_;
  Rooted<typename Array::List, HeapPolicy> list_;
};

template <class Key, class HeapPolicy = DefaultHeapPolicy>
struct CollectedMapPolicy : DefaultMapPolicy<Key> {
  template <class Bucket, class Policy>
  using Array = CollectedBucketArray<Bucket, Policy, HeapPolicy>;
  template <class T>
  using Link = HeapPointer<T, HeapPolicy>;
  template <class T>
  using Local = Rooted<T, HeapPolicy>;

  // memclrHasPointers
  static void ZeroMemory(void* memory, std::size_t bytes) {
    Running<HeapPolicy>::Now().Clear(memory, bytes);
  }
};

template <class Key, class Value, class HeapPolicy = DefaultHeapPolicy>
using CollectedMap = HashMap<Key, Value, CollectedMapPolicy<Key, HeapPolicy>>;

// make(map[Key]Value, hint): the arguments are those of the map's constructor. May collect.
template <class Map, class HeapPolicy = DefaultHeapPolicy, class... Args>
[[nodiscard]] Map* NewMap(Args&&... args) {
  constexpr ObjectType kHeader(sizeof(Map), Map::PointerWords());
  static_assert(std::is_trivially_destructible_v<typename Map::Random>);
  Frame frame(Running<HeapPolicy>::Now().mutator(), 1);
  void* const map = Running<HeapPolicy>::Now().New(kHeader);
  frame[0] = map;
  return ::new (map) Map(std::forward<Args>(args)...);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_COLLECTED_MAP_H_
