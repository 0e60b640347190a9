// The array behind one or more slices, and a window onto it.
//
//   BackingArray   refs = 2   cap = 8
//   +--------+---+---+---+---+---+---+---+---+
//   | header | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |      all cells are constructed, always
//   +--------+---+---+---+---+---+---+---+---+
//            ^       ^
//            |       SliceWindow t = s[2:4:7]       len 2, cap 5
//            SliceWindow s                          len 6, cap 8
//
// The runtime leaves it to the collector how long an array lives. Here each window counts, and the
// last to go destroys the cells and returns the memory.
//
// A window that is not nil but has no array (made with capacity 0, or of elements without size)
// points to one address that all share, ZeroBase. Elements without size are all that one object.
//
// Costs: 16 bytes an array; one atomic addition for a window's copy, one for its end.
#ifndef SLOTPROOF_CORE_SLICE_BACKING_ARRAY_H_
#define SLOTPROOF_CORE_SLICE_BACKING_ARRAY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "core/base/poison.h"
#include "core/slice/events.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

template <class T>
class BackingArray {
 public:
  static constexpr std::size_t kAlignment = std::max(alignof(T), alignof(std::max_align_t));
  // What an array takes besides its cells.
  static constexpr std::size_t kHeaderBytes = (16 + kAlignment - 1) / kAlignment * kAlignment;

  BackingArray(const BackingArray&) = delete;
  BackingArray& operator=(const BackingArray&) = delete;

  // `cap` cells, at least one: copies of `head`, then of `tail`, then zeros. The caller owns the
  // one reference. If a copy throws, everything is taken back.
  template <class Runtime>
  [[gnu::always_inline]] static BackingArray* Make(Runtime& runtime, std::int64_t cap,
                                                   std::span<const T> head,
                                                   std::span<const T> tail) {
    void* memory = runtime.Allocate(BytesFor(cap), kAlignment);
    auto* array = ::new (memory) BackingArray(cap);
    if constexpr (kFillCannotThrow) {
      T* built = array->cells();
      array->Fill(built, head, tail);
    } else {
      Unfinished<Runtime> unfinished(runtime, array, head.size(), tail.size());
      array->Fill(unfinished.built, head, tail);
      unfinished.array = nullptr;
    }
    return array;
  }

  void Acquire() noexcept { refs_.Acquire(); }
  // True if that was the last reference: the array is gone.
  template <class Runtime>
  bool Release(Runtime& runtime) noexcept {
    // An array that is not shared has nobody to count down against.
    if (refs_.IsShared() && !refs_.Release()) return false;
    // Cells that no window reached any more may be poisoned; destroying them is no access.
    UnpoisonMemory(cells(), static_cast<std::size_t>(cap_) * sizeof(T));
    std::destroy_n(cells(), cap_);
    Free(runtime);
    return true;
  }
  // Whether other windows than the caller's have it.
  bool IsShared() const noexcept { return refs_.IsShared(); }

  std::int64_t cap() const noexcept { return cap_; }
  T* cells() noexcept {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(this) + kHeaderBytes);
  }
  const T* cells() const noexcept {
    return reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(this) + kHeaderBytes);
  }

 private:
  static constexpr bool kFillCannotThrow =
      std::is_nothrow_copy_constructible_v<T> && std::is_nothrow_default_constructible_v<T>;

  explicit BackingArray(std::int64_t cap) noexcept : cap_(cap) {
    static_assert(sizeof(BackingArray) <= kHeaderBytes);
  }
  ~BackingArray() = default;

  static std::size_t BytesFor(std::int64_t cap) {
    const auto cells = static_cast<std::size_t>(cap);
    if (cells > (std::numeric_limits<std::size_t>::max() - kHeaderBytes) / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    return kHeaderBytes + cells * sizeof(T);
  }

  // `built` follows the constructed cells, a range at a time; within a range the library cleans
  // up.
  void Fill(T*& built, std::span<const T> head, std::span<const T> tail) {
    built = std::uninitialized_copy_n(head.data(), head.size(), built);
    built = std::uninitialized_copy_n(tail.data(), tail.size(), built);
    built = BuildZeros(built, cells() + cap_ - built);
  }
  static T* BuildZeros(T* first, std::ptrdiff_t n) {
    if constexpr (std::is_class_v<T> && std::is_trivially_copyable_v<T> &&
                  std::is_trivially_default_constructible_v<T>) {
      // The library would copy the first cell, which the compiler then reads again for each.
      return std::uninitialized_fill_n(first, n, T{});
    } else {
      return std::uninitialized_value_construct_n(first, n);
    }
  }

  template <class Runtime>
  void Free(Runtime& runtime) noexcept {
    const std::size_t bytes = kHeaderBytes + static_cast<std::size_t>(cap_) * sizeof(T);
    this->~BackingArray();
    runtime.Free(this, bytes, kAlignment);
  }

  // Takes an array back whose cells could not all be built.
  //
  //   | head  | tail  | zeros |      `built` is at the beginning of the range that threw
  template <class Runtime>
  struct Unfinished {
    Unfinished(Runtime& of, BackingArray* what, std::size_t head_size,
               std::size_t tail_size) noexcept
        : runtime(of),
          array(what),
          built(what->cells()),
          head(static_cast<std::ptrdiff_t>(head_size)),
          tail(static_cast<std::ptrdiff_t>(tail_size)) {}
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
      if (array == nullptr) return;
      runtime.OnEvent(WhatThrew());
      std::destroy(array->cells(), built);
      array->Free(runtime);
    }

    SliceEvent WhatThrew() const noexcept {
      const std::ptrdiff_t done = built - array->cells();
      if (done < head) return SliceEvent::kUnfinishedHead;
      return done < head + tail ? SliceEvent::kUnfinishedTail : SliceEvent::kUnfinishedZeros;
    }

    Runtime& runtime;
    BackingArray* array;
    T* built;
    std::ptrdiff_t head;
    std::ptrdiff_t tail;
  };

  RefCount refs_;
  std::int64_t cap_;
};

// A number of cells that is stored as no type of element is, so that the compiler knows that to
// write to a cell changes neither length nor capacity, and keeps both in registers.
class CellCount {
 public:
  // It stands for the integer. NOLINTBEGIN(google-explicit-constructor)
  constexpr CellCount(std::int64_t cells = 0) noexcept : cells_(Stored{cells}) {}
  constexpr operator std::int64_t() const noexcept { return static_cast<std::int64_t>(cells_); }
  // NOLINTEND(google-explicit-constructor)

 private:
  enum class Stored : std::int64_t {};
  Stored cells_;
};

// What s is: Go's three words, and the array that the pointer points into.
template <class T, class Array = BackingArray<T>, class Link = Array*>
struct SliceWindow {
  Link array = nullptr;
  T* data = nullptr;
  CellCount len;
  CellCount cap;

  // Where the window is in its array, in cells; 0 without an array.
  std::int64_t offset() const noexcept { return array == nullptr ? 0 : data - array->cells(); }
  std::int64_t array_cap() const noexcept { return array == nullptr ? 0 : array->cap(); }
  // Whether another window has the same array.
  bool SharesArray() const noexcept { return array != nullptr && array->IsShared(); }
  // Whether it is a cell of the array, within the window or not.
  bool IsInArray(const T* cell) const noexcept {
    if (array == nullptr || cell == nullptr) return false;
    const std::less<const T*> before;  // a total order, unlike <, whatever the arrays
    const T* cells = array->cells();
    return !before(cell, cells) && before(cell, cells + array->cap());
  }
};

// Never written to: an address, and for an empty class the only object.
template <class T>
T* ZeroBase() noexcept {
  if constexpr (std::is_empty_v<T>) {
    static T base{};
    return &base;
  } else {
    alignas(T) static std::byte base[1];
    return reinterpret_cast<T*>(base);
  }
}

// Over elements without size: a step further it is the same object.
template <class T>
class ZeroSizeIterator {
 public:
  using value_type = T;
  using difference_type = std::int64_t;

  ZeroSizeIterator() = default;
  explicit ZeroSizeIterator(std::int64_t index) noexcept : index_(index) {}
  const T& operator*() const noexcept { return *ZeroBase<T>(); }
  const T* operator->() const noexcept { return ZeroBase<T>(); }
  ZeroSizeIterator& operator++() noexcept {
    ++index_;
    return *this;
  }
  ZeroSizeIterator operator++(int) noexcept { return ZeroSizeIterator(index_++); }
  friend bool operator==(const ZeroSizeIterator&, const ZeroSizeIterator&) = default;

 private:
  std::int64_t index_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_BACKING_ARRAY_H_
