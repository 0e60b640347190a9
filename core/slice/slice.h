// Slice: the runtime's slice, as a C++ container.
//
//   auto s = Slice<int>::Make(3, 8).value();          s := make([]int, 3, 8)
//   s.Append(7);                                       s = append(s, 7)
//   Slice<int> t = s.Sub(1, 3).value();                t := s[1:3]
//   t.Append(9);                                       t = append(t, 9)     writes s[3]
//
//   s  array ------------> | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
//      data  --------------^   ^       ^                   ^
//      len 4, cap 8            |<-len->|                   |
//   t  data -------------------+       |                   |
//      len 2, cap 7            |<------------ cap -------->|
//
// A slice is a window onto an array that it may share (backing_array.h). Copying or assigning a
// slice shares the array, as in Go; only append can leave it, when the capacity is used up. Then
// it copies what is within the length to a larger array (growth.h), and others keep the old one.
//
// What panics in Go returns a SliceError here, and the slice is as it was. Arguments may lie in
// the slice's own array: append and copy read them as if they had been set aside first.
//
// Nil: a default slice is nil; append of nothing to nil and slicing nil give nil. make([]T, 0) is
// not nil, and has no array. A window without capacity keeps its array, and does not point past
// its end. Elements without size (empty classes) never need memory.
//
// Costs. Append: amortised O(1), and when there is room a comparison, a store and an increment.
// Sub, Sub3 and copies: O(1), one atomic addition. Growth copies cells and never moves them, as
// the old array may have other readers.
//
// References to elements are good as long as some slice keeps their array.
//
// Exceptions from the copying of elements or from Runtime::Allocate: an append that grows changes
// nothing then. An append in place, Set, CopyFrom and Clear leave the slice itself as it was, but
// a part of the target cells may be new (for an append those are beyond the length). Destructors
// must not throw.
//
// Threads: slices that share an array may be copied and destroyed in any threads, and read as long
// as nobody writes to what is read. One slice is for one thread at a time.
#ifndef SLOTPROOF_CORE_SLICE_SLICE_H_
#define SLOTPROOF_CORE_SLICE_SLICE_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "core/base/assert.h"
#include "core/base/poison.h"
#include "core/slice/backing_array.h"
#include "core/slice/cells.h"
#include "core/slice/events.h"
#include "core/slice/growth.h"
#include "core/slice/growth_events.h"
#include "core/slice/invariants.h"
#include "core/slice/policy.h"
#include "core/slice/slice_error.h"

namespace slotproof::core {

struct SliceTestPeer;

template <std::semiregular T, class PolicyType = DefaultSlicePolicy<T>>
class Slice {
 public:
  using Element = T;
  using Policy = PolicyType;
  using Runtime = typename Policy::Runtime;

  static constexpr std::int64_t kElemBytes = Policy::kElemBytes;
  static constexpr bool kZeroSize = kElemBytes == 0;
  static_assert(SliceRuntimeLike<Runtime>);
  static_assert(kElemBytes >= 0 && (!kZeroSize || std::is_empty_v<T>));

  // Nil.
  Slice() = default;
  explicit Slice(Runtime runtime) noexcept : runtime_(std::move(runtime)) {}

  // make([]T, len, cap)
  [[nodiscard]] static Checked<Slice> Make(std::int64_t len, std::int64_t cap,
                                           Runtime runtime = Runtime()) {
    Slice made(std::move(runtime));
    if (const auto error = CheckMakeSlice(kElemBytes, len, cap)) [[unlikely]] {
      made.Note(SliceEvent::kMakeRefused);
      return tl::unexpected<SliceError>(*error);
    }
    if (kZeroSize || cap == 0) {
      made.Note(SliceEvent::kMadeWithoutMemory);
      made.window_ = {nullptr, ZeroBase<T>(), len, cap};
    } else {
      Array* array = Array::Make(made.runtime_, cap, {}, {});
      made.window_ = {array, array->cells(), len, cap};
    }
    made.AssertLawful();
    return made;
  }

  // []T{a, b, c}. Without any it is nil, as Slice<T>{} is.
  Slice(std::initializer_list<T> items, Runtime runtime = Runtime()) : Slice(std::move(runtime)) {
    window_ = {nullptr, ZeroBase<T>(), static_cast<std::int64_t>(items.size()),
               static_cast<std::int64_t>(items.size())};
    if constexpr (!kZeroSize) {
      window_.array = Array::Make(runtime_, window_.cap, items, {});
      window_.data = window_.array->cells();
    }
  }

  // The window is shared, as by Go's assignment. A source that is moved from is nil.
  Slice(const Slice& other) noexcept : runtime_(other.runtime_), window_(other.window_) {
    if (window_.array != nullptr) window_.array->Acquire();
  }
  Slice(Slice&& other) noexcept
      : runtime_(other.runtime_), window_(std::exchange(other.window_, {})) {}
  Slice& operator=(const Slice& other) noexcept {
    Slice copy(other);
    swap(copy);
    return *this;
  }
  Slice& operator=(Slice&& other) noexcept {
    Slice moved(std::move(other));
    swap(moved);
    return *this;
  }
  [[gnu::always_inline]] ~Slice() {
    if (window_.array != nullptr) ReleaseArray(runtime_, window_.array);
  }

  void swap(Slice& other) noexcept {
    std::swap(runtime_, other.runtime_);
    std::swap(window_, other.window_);
  }
  friend void swap(Slice& a, Slice& b) noexcept { a.swap(b); }

  std::int64_t len() const noexcept { return window_.len; }
  std::int64_t cap() const noexcept { return window_.cap; }
  bool IsNil() const noexcept { return window_.data == nullptr; }
  // The first element, or the address where it would be; null for nil.
  const T* data() const noexcept { return window_.data; }
  // What C++ expects of a range, and so a conversion to std::span<const T>, but for elements
  // without size. Read-only: to write is Set, which others of the array may see. What compares two
  // slices is std::ranges::equal; like Go's they have no ==.
  using value_type = T;
  using const_iterator = std::conditional_t<kZeroSize, ZeroSizeIterator<T>, const T*>;
  std::size_t size() const noexcept { return static_cast<std::size_t>(len()); }
  bool empty() const noexcept { return len() == 0; }
  const_iterator begin() const noexcept { return IteratorAt(0); }
  const_iterator end() const noexcept { return IteratorAt(len()); }
  const Runtime& runtime() const noexcept { return runtime_; }

  // Where the window is in its array, in cells; 0 without an array.
  std::int64_t offset() const noexcept { return window_.offset(); }
  // Equal for slices of the same array; null without one.
  const void* array_id() const noexcept { return window_.array; }
  std::int64_t array_cap() const noexcept { return window_.array_cap(); }
  // Whether another slice has the same array.
  bool SharesArray() const noexcept { return window_.SharesArray(); }
  // Whether it is a cell of the slice's array, within the window or not.
  bool IsInArray(const T* cell) const noexcept { return window_.IsInArray(cell); }

  // s[i], for an index that is known to be good.
  const T& operator[](std::int64_t i) const {
    SLOTPROOF_POLICY_ASSERT(Policy, IsBelow(i, window_.len));
    return *Cell(i);
  }
  // &s[i]
  [[nodiscard]] Checked<const T*> At(std::int64_t i) const {
    if (!IsBelow(i, window_.len)) [[unlikely]]
      return Refuse(SliceErrorCode::kIndex, i, len());
    return Cell(i);
  }
  // s[i] = value
  [[nodiscard]] Checked<void> Set(std::int64_t i, const T& value) {
    if (!IsBelow(i, window_.len)) [[unlikely]]
      return Refuse(SliceErrorCode::kIndex, i, len());
    NoteIfShared(SliceEvent::kSetShared);
    Store(i, value);
    return {};
  }

  // s[i:j]
  [[nodiscard]] Checked<Slice> Sub(std::int64_t i, std::int64_t j) const {
    if (!IsAtMost(j, window_.cap)) [[unlikely]] {
      return Refuse(SliceErrorCode::kSliceAcap, j, cap());
    }
    if (!IsAtMost(i, j)) [[unlikely]]
      return Refuse(SliceErrorCode::kSliceB, i, j);
    return Part(i, j, window_.cap);
  }
  // s[i:j:k]
  [[nodiscard]] Checked<Slice> Sub3(std::int64_t i, std::int64_t j, std::int64_t k) const {
    if (!IsAtMost(k, window_.cap)) [[unlikely]] {
      return Refuse(SliceErrorCode::kSlice3Acap, k, cap());
    }
    if (!IsAtMost(j, k)) [[unlikely]]
      return Refuse(SliceErrorCode::kSlice3B, j, k);
    if (!IsAtMost(i, j)) [[unlikely]]
      return Refuse(SliceErrorCode::kSlice3C, i, j);
    return Part(i, j, k);
  }

  // s = append(s, item)
  [[nodiscard]] Checked<void> Append(const T& item) {
    const Kept kept = item;
    if (window_.len >= window_.cap) [[unlikely]] {
      if constexpr (!kKeepsItem) {
        return AppendRangeAndGrow(&item, 1);
      } else if (!MakeRoomForOne()) {
        return GrowthError();
      }
    } else {
      NoteInPlace(&item, 1);
    }
    Store(window_.len, kept);
    window_.len = window_.len + 1;
    AssertLawful();
    return {};
  }
  // s = append(s, items...)
  [[nodiscard]] Checked<void> Append(std::span<const T> items) {
    return AppendRange(items.data(), static_cast<std::int64_t>(items.size()));
  }
  [[nodiscard]] Checked<void> Append(std::initializer_list<T> items) {
    return Append(std::span<const T>(items));
  }
  [[nodiscard]] Checked<void> Append(const Slice& items) {
    return AppendRange(items.window_.data, items.window_.len);
  }
  // s = append(s, make([]T, n)...), without making the zeros first.
  [[nodiscard]] Checked<void> AppendZeros(std::int64_t n) {
    if (const auto error = CheckMakeSlice(kElemBytes, n, n)) [[unlikely]] {
      Note(SliceEvent::kMakeRefused);
      return tl::unexpected<SliceError>(*error);
    }
    return AppendRange(nullptr, n);
  }

  // copy(s, source): how many elements.
  std::int64_t CopyFrom(const Slice& source) {
    return CopyRange(source.window_.data, source.window_.len);
  }
  std::int64_t CopyFrom(std::span<const T> source) {
    return CopyRange(source.data(), static_cast<std::int64_t>(source.size()));
  }

  // for i := range s { s[i] = zero }
  void Clear() {
    NoteIfShared(SliceEvent::kClearedShared);
    StoreZeros(0, window_.len);
  }

  // (*[n]T)(s)
  [[nodiscard]] Checked<const T*> ToArray(std::int64_t n) const {
    if (!IsAtMost(n, window_.len)) [[unlikely]]
      return Refuse(SliceErrorCode::kConvert, n, len());
    return window_.data;
  }

  // The first law that does not hold, if any; see invariants.h.
  std::optional<SliceViolation> CheckInvariants() const {
    return core::CheckInvariants<kElemBytes>(window_);
  }

  // Marks the cells of the array outside [first, last) as not to be touched again; see poison.h.
  void PoisonOutside(std::int64_t first, std::int64_t last) const {
    if (window_.array == nullptr) return;
    SLOTPROOF_POLICY_ASSERT(Policy, 0 <= first && first <= last && last <= array_cap());
    const T* cells = window_.array->cells();
    PoisonMemory(cells, static_cast<std::size_t>(first) * sizeof(T));
    PoisonMemory(cells + last, static_cast<std::size_t>(array_cap() - last) * sizeof(T));
  }

 private:
  friend struct SliceTestPeer;
  using Array = typename Policy::Array;
  using Window = SliceWindow<T, Array, typename Policy::ArrayLink>;

  // Whether someone may listen to events.
  static constexpr bool kObserved = !std::same_as<Runtime, SliceRuntime>;

  // 0 <= x < y and 0 <= x <= y in one comparison each, as y is not negative.
  static constexpr bool IsBelow(std::int64_t x, std::int64_t y) noexcept {
    return static_cast<std::uint64_t>(x) < static_cast<std::uint64_t>(y);
  }
  static constexpr bool IsAtMost(std::int64_t x, std::int64_t y) noexcept {
    return static_cast<std::uint64_t>(x) <= static_cast<std::uint64_t>(y);
  }

  [[gnu::cold, gnu::noinline]] tl::unexpected<SliceError> Refuse(SliceErrorCode code,
                                                                 std::int64_t x,
                                                                 std::int64_t y) const {
    Note(SliceEvent::kBoundsRefused);
    return tl::unexpected<SliceError>(SliceError{.code = code, .x = x, .y = y});
  }

  // Elements without size are all one object.
  T* Cell(std::int64_t i) const noexcept {
    if constexpr (kZeroSize) {
      return window_.data;
    } else {
      return window_.data + i;
    }
  }
  const_iterator IteratorAt(std::int64_t i) const noexcept {
    if constexpr (kZeroSize) {
      return const_iterator(i);
    } else {
      return window_.data + i;
    }
  }
  void Store(std::int64_t i, const T& value) {
    if constexpr (!kZeroSize) window_.data[i] = value;
  }
  void StoreZeros(std::int64_t first, std::int64_t n) {
    if constexpr (!kZeroSize) {
      if (n > 0) std::fill_n(window_.data + first, n, T{});
    }
  }

  // The bounds are good. Without capacity the pointer stays, so that it never points past the end.
  Slice Part(std::int64_t i, std::int64_t j, std::int64_t k) const {
    NoteWindow(i, j, k);
    Slice part(*this);
    part.window_.len = j - i;
    part.window_.cap = k - i;
    if (k != i) part.window_.data = Cell(i);
    part.AssertLawful();
    return part;
  }

  // `items` may be null: zeros.
  [[nodiscard]] Checked<void> AppendRange(const T* items, std::int64_t n) {
    SLOTPROOF_POLICY_ASSERT(Policy, n >= 0);
    if (n == 0) {
      Note(IsNil() ? SliceEvent::kAppendedNothingToNil : SliceEvent::kAppendedNothing);
      return {};
    }
    const std::int64_t need = WrappingAdd(window_.len, n);
    if (!IsAtMost(need, window_.cap)) [[unlikely]]
      return AppendRangeAndGrow(items, n);
    NoteInPlace(items, n);
    if (items == nullptr) {
      StoreZeros(window_.len, n);
    } else if constexpr (!kZeroSize) {
      CopyCells(window_.data + window_.len, items, n);
    }
    window_.len = need;
    AssertLawful();
    return {};
  }

  // An item that may lie in an array that goes is copied, if that costs little and cannot throw.
  static constexpr bool kKeepsItem = std::is_trivially_copyable_v<T> && sizeof(T) <= 64;
  using Kept = std::conditional_t<kKeepsItem, T, const T&>;

  // A growth is out of line, and gets and returns values in registers: the address of a slice that
  // is a local variable stays unknown, as does that of the item, so that a loop of appends may keep
  // the slice in registers.
  struct Grown {
    Array* array;
    CellCount cap;  // that of the old window, which stays, if growslice panics
  };
  [[gnu::noinline]] static Grown GrowForOne(Runtime runtime, Array* array, T* data, CellCount len,
                                            CellCount cap) {
    return Grow(runtime, {array, data, len, cap}, nullptr, 1);
  }
  [[gnu::noinline]] static Grown GrowForRange(Runtime runtime, const Window& old, const T* items,
                                              std::int64_t n) {
    return Grow(runtime, old, items, n);
  }
  // The source may lie in the old array, which therefore goes last.
  [[gnu::always_inline]] static Grown Grow(Runtime& runtime, const Window& old, const T* items,
                                           std::int64_t n) {
    const std::int64_t need = WrappingAdd(old.len, n);
    const Checked<Growth> growth = PlanGrowth(Policy::kGrowthRule, kElemBytes, old.cap, need);
    if (!growth) [[unlikely]] {
      Note(runtime, SliceEvent::kGrowthRefused);
      return {.array = old.array, .cap = old.cap};
    }
    SLOTPROOF_POLICY_ASSERT(Policy, need > old.cap && growth->cap >= need);
    Array* grown = nullptr;
    if constexpr (!kZeroSize) {
      grown = Array::Make(runtime, growth->cap, Cells(old.data, old.len),
                          Cells(items, items == nullptr ? 0 : n));
    }
    if constexpr (kObserved) NoteGrowth<kElemBytes>(runtime, old, *growth, items);
    if (old.array != nullptr) ReleaseArray(runtime, old.array);
    return {.array = grown, .cap = growth->cap};
  }
  // All of the window is written, so that the compiler knows it without reading it again.
  [[gnu::always_inline]] bool MakeRoomForOne() {
    const Window old = window_;
    const Grown grown = GrowForOne(runtime_, old.array, old.data, old.len, old.cap);
    const bool made = old.len < grown.cap;
    window_ = made ? WindowOf(grown, old.len) : old;
    return made;
  }
  [[nodiscard]] Checked<void> AppendRangeAndGrow(const T* items, std::int64_t n) {
    const Window old = window_;
    const std::int64_t need = WrappingAdd(old.len, n);
    const Grown grown = GrowForRange(runtime_, old, items, n);
    if (!IsAtMost(need, grown.cap)) [[unlikely]]
      return GrowthError();
    window_ = WindowOf(grown, need);
    AssertLawful();
    return {};
  }
  static Window WindowOf(Grown grown, std::int64_t len) noexcept {
    if constexpr (kZeroSize) {
      return {nullptr, ZeroBase<T>(), len, grown.cap};
    } else {
      return {grown.array, grown.array->cells(), len, grown.cap};
    }
  }
  static tl::unexpected<SliceError> GrowthError() noexcept {
    return tl::unexpected<SliceError>(SliceError{.code = SliceErrorCode::kGrowSliceCap});
  }
  static std::span<const T> Cells(const T* first, std::int64_t n) noexcept {
    return {first, static_cast<std::size_t>(n)};
  }

  std::int64_t CopyRange(const T* source, std::int64_t source_len) {
    const std::int64_t n = std::min(len(), source_len);
    NoteCopy(source, source_len, n);
    if constexpr (!kZeroSize) CopyCells(window_.data, source, n);
    return n;
  }

  static void ReleaseArray(Runtime runtime, Array* array) noexcept {
    if (array->Release(runtime)) Note(runtime, SliceEvent::kArrayFreed);
  }

  void AssertLawful() const {
    SLOTPROOF_POLICY_ASSERT(Policy, BrokenSliceLaw<kElemBytes>(window_).empty());
  }

  // What follows reports events and compiles to nothing if nobody listens.
  static void Note(Runtime& runtime, SliceEvent event) {
    if constexpr (kObserved) runtime.OnEvent(event);
  }
  void Note(SliceEvent event) const { Note(runtime_, event); }
  void NoteIf(bool condition, SliceEvent event) const {
    if (condition) Note(event);
  }
  void NoteIfShared(SliceEvent event) const {
    if constexpr (kObserved) NoteIf(SharesArray() && window_.len > 0, event);
  }
  void NoteWindow(std::int64_t i, std::int64_t j, std::int64_t k) const {
    if constexpr (kObserved) {
      if (IsNil()) return Note(SliceEvent::kSlicedNil);
      NoteIf(j > window_.len, SliceEvent::kExposedBeyondLength);
      NoteIf(k < window_.cap, SliceEvent::kCutByFullSlice);
      NoteIf(k == i, SliceEvent::kZeroCapacityWindow);
    }
  }
  void NoteInPlace(const T* items, std::int64_t n) const {
    if constexpr (kObserved) {
      Note(SliceEvent::kAppendedInPlace);
      NoteIf(SharesArray(), SliceEvent::kAppendedInPlaceShared);
      NoteIf(window_.len + n == window_.cap, SliceEvent::kAppendedUpToCapacity);
      NoteIf(items == nullptr, SliceEvent::kAppendedZeros);
      if (!IsInArray(items)) return;
      Note(SliceEvent::kAppendedFromItself);
      NoteIf(OverlapOf<T>(window_.data + window_.len, items, n) != Overlap::kNone,
             SliceEvent::kAppendSourceOverlapped);
    }
  }
  void NoteCopy(const T* source, std::int64_t source_len, std::int64_t n) const {
    if constexpr (kObserved) {
      if (n == 0) return Note(SliceEvent::kCopiedNothing);
      NoteIf(n < source_len, SliceEvent::kCopyCutByTarget);
      NoteIf(n < window_.len, SliceEvent::kCopyCutBySource);
      if constexpr (kZeroSize) return;
      const Overlap overlap = OverlapOf<T>(window_.data, source, n);
      NoteIf(overlap == Overlap::kSame, SliceEvent::kCopiedOntoItself);
      NoteIf(overlap == Overlap::kTargetFirst, SliceEvent::kCopiedForwardOverItself);
      NoteIf(overlap == Overlap::kTargetLast, SliceEvent::kCopiedBackwardOverItself);
    }
  }

  // Copies count with the original's listener, whatever the const of its methods.
  [[no_unique_address]] mutable Runtime runtime_{};
  Window window_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_SLICE_H_
