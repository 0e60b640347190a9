// What a table looks like from outside: for invariants, drawings, and comparison with the runtime.
//
//   MapVitals      the header's fields that every write may change, cheap to read
//   MapShape       those and what can be told of the arrays, a plain value
//   BucketView     one bucket: where it is, its tophash bytes, its raw bytes, its entries
//   VisitBuckets   every chain of the old array and then of the new one, bucket by bucket
#ifndef SLOTPROOF_CORE_MAP_SHAPE_H_
#define SLOTPROOF_CORE_MAP_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/map/table.h"

namespace slotproof::core {

struct MapVitals {
  std::size_t count = 0;
  std::uint8_t flags = 0;  // kIterator, kOldIterator, kHashWriting, kSameSizeGrow
  std::uint8_t b = 0;
  std::uint16_t noverflow = 0;
  std::uint32_t hash0 = 0;
  std::size_t nevacuate = 0;
  bool growing = false;
  bool same_size_grow = false;

  friend bool operator==(const MapVitals&, const MapVitals&) = default;
};

struct MapShape : MapVitals {
  bool has_buckets = false;  // allocated at the first insertion when small
  std::size_t main_buckets = 0;
  std::size_t spare_buckets = 0;
  std::size_t spares_left = 0;
  std::size_t old_main_buckets = 0;  // 0 unless growing
  // Index of the next spare bucket in the array.
  std::optional<std::size_t> next_overflow;
  // Lengths of extra.overflow and extra.oldoverflow: tables without pointers, once created.
  std::optional<std::size_t> overflow_list;
  std::optional<std::size_t> old_overflow_list;

  friend bool operator==(const MapShape&, const MapShape&) = default;
};

template <class T>
class BucketView {
 public:
  using Key = typename T::Key;
  using Value = typename T::Value;
  using Bucket = typename T::Bucket;

  BucketView(const typename T::Array& array, const Bucket& bucket, bool in_old,
             std::size_t main_index, std::size_t position)
      : array_(&array),
        bucket_(&bucket),
        in_old_(in_old),
        main_index_(main_index),
        position_(position) {}

  bool in_old_array() const { return in_old_; }
  // Which chain, and the place in it; 0 is the main bucket.
  std::size_t main_index() const { return main_index_; }
  std::size_t position() const { return position_; }
  // An overflow bucket from the spare end of the array, and its index there.
  bool preallocated() const { return array_->IsSpare(bucket_); }
  std::size_t array_index() const { return array_->IndexOf(bucket_); }

  std::span<const std::uint8_t> tophash() const { return bucket_->tophash; }
  std::span<const std::byte> bytes() const {
    return {reinterpret_cast<const std::byte*>(bucket_), sizeof(Bucket)};
  }
  bool has_overflow() const { return bucket_->overflow != nullptr; }
  bool live(int slot) const { return IsLive(bucket_->tophash[slot]); }

  // Null where the slot holds no object. What is just bytes can be read in every slot.
  const Key* key(int slot) const {
    if (!Bucket::Keys::kOwnsObjects || live(slot) || KeptKey(slot)) {
      return bucket_->keys.Get(slot);
    }
    return nullptr;
  }
  const Value* value(int slot) const {
    if (!Bucket::Elems::kOwnsObjects || live(slot)) return bucket_->elems.Get(slot);
    if (KeptKey(slot) && !T::EqualsItself(*bucket_->keys.Get(slot))) {
      return bucket_->elems.Get(slot);
    }
    return nullptr;
  }

 private:
  bool KeptKey(int slot) const {
    if (!HasMoved(bucket_->tophash[slot])) return false;
    return position_ != 0 || array_->IsKept(main_index_);
  }

  const typename T::Array* array_;
  const Bucket* bucket_;
  bool in_old_;
  std::size_t main_index_;
  std::size_t position_;
};

template <class T>
inline MapVitals VitalsOf(const T& h) {
  return {.count = h.count,
          .flags = h.flags.Load(),
          .b = h.b,
          .noverflow = h.noverflow,
          .hash0 = h.hash0,
          .nevacuate = h.nevacuate,
          .growing = h.Growing(),
          .same_size_grow = h.SameSizeGrow()};
}

template <class T>
MapShape ShapeOf(const T& h) {
  const auto length = [](const typename T::Array* array) -> std::optional<std::size_t> {
    if (array == nullptr || array->overflow_list() < 0) return std::nullopt;
    return static_cast<std::size_t>(array->overflow_list());
  };
  MapShape shape;
  static_cast<MapVitals&>(shape) = VitalsOf(h);
  shape.has_buckets = h.buckets != nullptr;
  shape.main_buckets = BucketShift(h.b);
  if (h.buckets != nullptr) {
    shape.spare_buckets = h.buckets->total_count() - h.buckets->main_count();
    shape.spares_left = h.buckets->spares_left();
    if (h.buckets->next_overflow() != nullptr) {
      shape.next_overflow = h.buckets->IndexOf(h.buckets->next_overflow());
    }
  }
  if (h.Growing()) shape.old_main_buckets = h.old_buckets->main_count();
  shape.overflow_list = length(h.buckets);
  shape.old_overflow_list = length(h.old_buckets);
  return shape;
}

// Calls `visit(BucketView)` for each bucket of one chain.
template <class T, class Visit>
void VisitChainOf(const typename T::Array& array, bool in_old, std::size_t main_index,
                  Visit&& visit) {
  std::size_t position = 0;
  for (const auto* bucket = array.At(main_index); bucket != nullptr; bucket = bucket->overflow) {
    visit(BucketView<T>(array, *bucket, in_old, main_index, position));
    ++position;
  }
}

// Calls `visit(BucketView)` for each bucket of each chain.
template <class T, class Visit>
void VisitBuckets(const T& h, Visit&& visit) {
  for (const bool in_old : {true, false}) {
    const typename T::Array* array = in_old ? h.old_buckets : h.buckets;
    if (array == nullptr) continue;
    for (std::size_t i = 0; i < array->main_count(); ++i) VisitChainOf<T>(*array, in_old, i, visit);
  }
}

// The chain of one main bucket of the new array and, while growing, the old chain it is filled
// from.
template <class T, class Visit>
void VisitChain(const T& h, std::size_t main_index, Visit&& visit) {
  if (h.Growing()) {
    VisitChainOf<T>(*h.old_buckets, true, main_index & h.OldBucketMask(), visit);
  }
  if (h.buckets != nullptr) VisitChainOf<T>(*h.buckets, false, main_index, visit);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_SHAPE_H_
