// The main buckets of a table, its spare overflow buckets behind them, and all overflow buckets
// that were ever linked to them.
//
//   BucketArray   main buckets              spare overflow buckets
//   +--------+---+---+---+- ... -+------+-----+-----+- ... -+------+
//   | header | 0 | 1 | 2 |       | 2^B-1|  s0 |  s1 |       |  sn  |---> bucket 0 (end marker)
//   +--------+---+---+---+- ... -+------+-----+-----+- ... -+------+
//      |                                   ^ next_overflow
//      +--> overflow blocks allocated singly, newest first (allocated, detached)
//
// Spare buckets exist from B = 4 on. They are handed out from the front. A spare with a nil link
// has another behind it; only the last has a link, to bucket 0, which says "no more after this".
//
// Ownership. The runtime leaves it to the collector how long an array lives: a table holds its
// new and its old array, and an iterator holds the array it started on and the one it stands in.
// Here each of them holds a reference. Overflow buckets belong to the array whose chains they are
// in and go when it goes, or when the table is cleared and no iterator holds the array. If one
// does, the cleared chains are set aside (detached) with their contents until the array goes.
//
// Which slots hold an object (for types that are not just bytes):
//   live tophash                    key and element
//   evacuatedX, evacuatedY          none, unless the bucket was kept for old iterators: then the
//                                   key, and the element when the key is unequal to itself
//   anything else                   nothing
// Whether it was kept is a bit per main bucket (kept_), which exists only when one was. An
// overflow bucket that was not kept has its moved slots set to evacuatedEmpty, which nobody can
// see: the link to it is gone.
//
// Memory comes zeroed from calloc: large arrays are paid for page by page, when first touched.
#ifndef SLOTPROOF_CORE_MAP_BUCKET_ARRAY_H_
#define SLOTPROOF_CORE_MAP_BUCKET_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "core/map/growth.h"
#include "core/map/tophash.h"
#include "core/map/zeroed_memory.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

// Main and spare buckets, wherever an array has them: Derived::buckets().
template <class Bucket, class Derived>
class ArrayBuckets {
 public:
  // extra.overflow is nil; lengths are 0 and more.
  static constexpr std::int64_t kNoOverflowList = -1;

  unsigned b() const noexcept { return b_; }
  std::size_t main_count() const noexcept { return BucketShift(b_); }
  std::size_t total_count() const noexcept { return total_; }

  Bucket* At(std::size_t index) noexcept { return derived().buckets() + index; }
  const Bucket* At(std::size_t index) const noexcept { return derived().buckets() + index; }
  std::size_t IndexOf(const Bucket* bucket) const noexcept {
    return static_cast<std::size_t>(bucket - At(0));
  }
  bool IsMain(const Bucket* bucket) const noexcept { return IsWithin(bucket, 0, main_count()); }
  bool IsSpare(const Bucket* bucket) const noexcept {
    return IsWithin(bucket, main_count(), total_);
  }

  // The first spare not yet handed out, or null.
  const Bucket* next_overflow() const noexcept { return next_overflow_; }
  std::size_t spares_left() const noexcept {
    return next_overflow_ == nullptr ? 0 : total_ - IndexOf(next_overflow_);
  }

  // Hands out the next spare bucket; there is one.
  Bucket* TakeSpare() noexcept {
    Bucket* spare = next_overflow_;
    if (spare->overflow == nullptr) {
      next_overflow_ = spare + 1;
    } else {
      spare->overflow = nullptr;
      next_overflow_ = nullptr;
    }
    return spare;
  }

  // A state of overflow allocation to which UndoOverflow returns, for a failed evacuation: first
  // each chain is taken back, then the state. The last spare's link marks the end of the spares
  // again, and is no link to follow.
  struct Mark {
    Bucket* next_overflow;
    std::int64_t overflow_list;
  };

 protected:
  ~ArrayBuckets() = default;

  void MarkSpares() noexcept {
    next_overflow_ = nullptr;
    if (total_ == main_count()) return;
    next_overflow_ = At(main_count());
    At(total_ - 1)->overflow = At(0);
  }
  void UndoSpares(const Mark& mark) noexcept {
    if (mark.next_overflow == nullptr) return;
    next_overflow_ = mark.next_overflow;
    At(total_ - 1)->overflow = At(0);
  }
  Bucket* next_spare() const noexcept { return next_overflow_; }

 private:
  friend Derived;

  ArrayBuckets(std::uint8_t b, std::size_t total) noexcept : b_(b), total_(total) {}

  Derived& derived() noexcept { return static_cast<Derived&>(*this); }
  const Derived& derived() const noexcept { return static_cast<const Derived&>(*this); }

  bool IsWithin(const Bucket* bucket, std::size_t first, std::size_t last) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(bucket);
    return address >= reinterpret_cast<std::uintptr_t>(At(first)) &&
           address < reinterpret_cast<std::uintptr_t>(At(last));
  }

  std::uint8_t b_;
  std::size_t total_;
  Bucket* next_overflow_ = nullptr;
};

template <class Bucket, class Policy>
class BucketArray : public ArrayBuckets<Bucket, BucketArray<Bucket, Policy>> {
  using Buckets = ArrayBuckets<Bucket, BucketArray>;

 public:
  using Buckets::At;
  using Buckets::IsSpare;
  using Buckets::kNoOverflowList;
  using Buckets::main_count;
  using Buckets::total_count;
  using typename Buckets::Mark;
  static constexpr int kWidth = Bucket::kWidth;

  // makeBucketArray: 2^b main buckets and their spares. The caller owns the one reference.
  static BucketArray* Make(std::uint8_t b) {
    static_assert(sizeof(BucketArray) <= kHeaderBytes);
    const std::size_t total = BucketsWithSpares(b, sizeof(Bucket));
    if (total > (kMaxBytes - kHeaderBytes) / sizeof(Bucket)) throw std::bad_alloc();
    void* memory = AllocateZeroed(kHeaderBytes + total * sizeof(Bucket), kAlignment);
    auto* array = ::new (memory) BucketArray(b, total);
    array->MarkSpares();
    return array;
  }

  void Acquire() noexcept { refs_.Acquire(); }
  void Release() noexcept {
    if (refs_.Release()) Delete();
  }
  // Whether an iterator holds this array besides the table.
  bool IsShared() const noexcept { return refs_.IsShared(); }

  // Whether `bucket` is an overflow bucket that this array allocated and has in use.
  bool IsAllocated(const Bucket* bucket) const noexcept {
    for (const Block* block = allocated_; block != nullptr; block = block->next) {
      if (&block->bucket == bucket) return true;
    }
    return false;
  }
  std::vector<const Bucket*> AllocatedBuckets() const {
    std::vector<const Bucket*> buckets;
    for (const Block* block = allocated_; block != nullptr; block = block->next) {
      buckets.push_back(&block->bucket);
    }
    return buckets;
  }

  Bucket* AllocateOverflow() {
    auto* block = static_cast<Block*>(AllocateZeroed(sizeof(Block), alignof(Block)));
    block->next = allocated_;
    allocated_ = block;
    return &block->bucket;
  }

  // The length of the list by which a collector keeps overflow buckets of pointer-free tables.
  std::int64_t overflow_list() const noexcept { return overflow_list_.Load(); }
  void CreateOverflowList() noexcept {
    if (overflow_list_.Load() == kNoOverflowList) overflow_list_.Store(0);
  }
  // So that ListOverflow cannot fail.
  static void ReserveListing() noexcept {}
  void ListOverflow(const Bucket*) noexcept {
    CreateOverflowList();
    overflow_list_.Store(overflow_list_.Load() + 1);
  }

  Mark mark() const noexcept { return {Buckets::next_spare(), overflow_list_.Load()}; }
  // Takes back overflow buckets handed out since the mark; none of them holds an object.
  void TakeBack(Bucket* chain) noexcept {
    while (chain != nullptr) {
      Bucket* next = std::exchange(chain->overflow, nullptr);
      if (IsSpare(chain)) {
        std::memset(static_cast<void*>(chain), 0, sizeof(Bucket));
      } else {
        FreeAllocated(chain);
      }
      chain = next;
    }
  }
  void UndoOverflow(const Mark& mark) noexcept {
    Buckets::UndoSpares(mark);
    overflow_list_.Store(mark.overflow_list);
  }

  // mapclear's half: every main and spare bucket becomes zero, and is as if newly made.
  void Clear() noexcept {
    DestroyInArray();
    if (IsShared()) {
      Detach();
    } else {
      DestroyBlocks(allocated_);
      DestroyBlocks(detached_);
    }
    std::memset(static_cast<void*>(buckets()), 0, total_count() * sizeof(Bucket));
    overflow_list_.Store(kNoOverflowList);
    Buckets::MarkSpares();
  }

  // Allocates the kept bits, so that MarkKept cannot fail.
  void ReserveKept() {
    if (kept_.empty()) kept_.resize(main_count());
  }
  void MarkKept(std::size_t index) noexcept { kept_[index] = true; }
  void MarkOverflowKept() noexcept { keeps_overflow_ = true; }
  bool IsKept(std::size_t index) const noexcept { return !kept_.empty() && kept_[index]; }
  // Said when every bucket has been evacuated: unless something was kept, nothing is left.
  void MarkEvacuated() noexcept { holds_objects_ = !kept_.empty() || keeps_overflow_; }

 private:
  struct Block {
    Block* next;
    Bucket bucket;
  };
  static constexpr std::size_t kAlignment = alignof(Bucket) > alignof(std::max_align_t)
                                                ? alignof(Bucket)
                                                : alignof(std::max_align_t);
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 48;

  friend Buckets;

  BucketArray(std::uint8_t b, std::size_t total) noexcept : Buckets(b, total) {}
  ~BucketArray() = default;

  // The buckets begin right behind the header.
  Bucket* buckets() noexcept {
    return reinterpret_cast<Bucket*>(reinterpret_cast<std::byte*>(this) + kHeaderBytes);
  }
  const Bucket* buckets() const noexcept {
    return reinterpret_cast<const Bucket*>(reinterpret_cast<const std::byte*>(this) + kHeaderBytes);
  }
  void FreeAllocated(Bucket* bucket) noexcept {
    for (Block** link = &allocated_; *link != nullptr; link = &(*link)->next) {
      if (&(*link)->bucket != bucket) continue;
      Block* block = *link;
      *link = block->next;
      FreeZeroed(block);
      return;
    }
  }

  void Detach() noexcept {
    while (allocated_ != nullptr) {
      Block* block = allocated_;
      allocated_ = block->next;
      block->next = detached_;
      detached_ = block;
    }
  }

  static void DestroyObjects(Bucket* bucket, bool kept) noexcept {
    for (int slot = 0; slot < kWidth; ++slot) {
      const std::uint8_t state = bucket->tophash[slot];
      if (IsLive(state)) {
        bucket->keys.Destroy(slot);
        bucket->elems.Destroy(slot);
      } else if (kept && HasMoved(state)) {
        if (KeepsElem(bucket, slot)) bucket->elems.Destroy(slot);
        bucket->keys.Destroy(slot);
      }
    }
  }
  static bool KeepsElem(const Bucket* bucket, int slot) noexcept {
    if constexpr (Policy::kReflexiveKey) {
      return false;
    } else {
      const auto& key = *bucket->keys.Get(slot);
      return !typename Policy::Equal{}(key, key);
    }
  }

  void DestroyInArray() noexcept {
    if constexpr (Bucket::kOwnsObjects) {
      if (!holds_objects_) return;
      for (std::size_t i = 0; i < main_count(); ++i) DestroyObjects(At(i), IsKept(i));
      for (std::size_t i = main_count(); i < total_count(); ++i) DestroyObjects(At(i), true);
    }
  }
  void DestroyBlocks(Block*& list) noexcept {
    while (list != nullptr) {
      Block* block = list;
      list = block->next;
      if constexpr (Bucket::kOwnsObjects) DestroyObjects(&block->bucket, true);
      FreeZeroed(block);
    }
  }

  void Delete() noexcept {
    DestroyInArray();
    DestroyBlocks(allocated_);
    DestroyBlocks(detached_);
    this->~BucketArray();
    FreeZeroed(this);
  }

  RefCount refs_;
  bool holds_objects_ = true;
  bool keeps_overflow_ = false;
  Block* allocated_ = nullptr;
  Block* detached_ = nullptr;
  Relaxed<std::int64_t> overflow_list_{kNoOverflowList};
  std::vector<bool> kept_;

  static constexpr std::size_t kHeaderUnrounded = 128;
  static constexpr std::size_t kHeaderBytes =
      (kHeaderUnrounded + kAlignment - 1) / kAlignment * kAlignment;
};

// A counted reference to an array, for iterators. May be empty.
template <class Array>
class ArrayRef {
 public:
  ArrayRef() noexcept = default;
  explicit ArrayRef(Array* array) noexcept : array_(array) {
    if (array_ != nullptr) array_->Acquire();
  }
  ArrayRef(const ArrayRef& other) noexcept : ArrayRef(other.array_) {}
  ArrayRef(ArrayRef&& other) noexcept : array_(std::exchange(other.array_, nullptr)) {}
  ArrayRef& operator=(ArrayRef other) noexcept {
    std::swap(array_, other.array_);
    return *this;
  }
  ~ArrayRef() {
    if (array_ != nullptr) array_->Release();
  }

  Array* get() const noexcept { return array_; }
  Array* operator->() const noexcept { return array_; }

 private:
  Array* array_ = nullptr;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_BUCKET_ARRAY_H_
