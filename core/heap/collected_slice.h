// Slices (core/slice) whose arrays are objects of the heap, and go when no window reaches them.
//
//   header (an object)            array (an object)
//   +-------+------+-----+-----+        +---+---+---+---+---+---+
//   | array | data | len | cap | -----> | 0 | 1 | 2 | 3 | 4 | 5 |
//   +-------+------+-----+-----+        +---+---+---+---+---+---+
//
//   using Nodes = CollectedSlice<HeapPointer<Node>>;
//   Running running(heap, mutator, roots);
//   frame[0] = NewSlice<Nodes>(2, 8);                         new([]*Node), made with 2 and 8
//   static_cast<Nodes*>(frame[0])->Append(node);
//
// There is no count, and no header before the cells: an array takes the room that it takes in Go.
// However short a window is, it keeps the whole array, and with it what all its cells refer to.
//
// A slice in a local variable keeps nothing, like any pointer there; each use of it must end before
// the next allocation, or its header must be an object.
#ifndef SLOTPROOF_CORE_HEAP_COLLECTED_SLICE_H_
#define SLOTPROOF_CORE_HEAP_COLLECTED_SLICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "core/heap/heap_pointer.h"
#include "core/heap/object_type.h"
#include "core/heap/running.h"
#include "core/slice/policy.h"
#include "core/slice/slice.h"

namespace slotproof::core {

template <class T>
inline constexpr bool kIsHeapPointer = false;
template <class T, class Policy>
inline constexpr bool kIsHeapPointer<HeapPointer<T, Policy>> = true;

// What cells and slots may be: nobody destroys what a collector frees.
template <class T>
inline constexpr bool kIsCollectable =
    kIsHeapPointer<T> || (std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);

// The cells themselves; its address is that of the first.
template <class T, class HeapPolicy>
class CollectedArray {
  static_assert(kIsCollectable<T>, "elements are HeapPointers, or plain and without pointers");

 public:
  template <class Runtime>
  static CollectedArray* Make(Runtime&, std::int64_t cap, std::span<const T> head,
                              std::span<const T> tail) {
    constexpr ObjectType kCell(sizeof(T), kIsHeapPointer<T> ? 1 : 0);
    void* const memory = Running<HeapPolicy>::Now().New(kCell, static_cast<std::size_t>(cap));
    T* const rest = std::uninitialized_copy_n(head.data(), head.size(), static_cast<T*>(memory));
    std::uninitialized_copy_n(tail.data(), tail.size(), rest);
    return static_cast<CollectedArray*>(memory);
  }

  static constexpr void Acquire() noexcept {}
  template <class Runtime>
  static constexpr bool Release(Runtime&) noexcept {
    return false;
  }
  // Nobody knows.
  static constexpr bool IsShared() noexcept { return false; }

  // With what the size class adds.
  std::int64_t cap() const {
    return static_cast<std::int64_t>(Running<HeapPolicy>::Now().SizeOf(this) / sizeof(T));
  }
  T* cells() noexcept { return reinterpret_cast<T*>(this); }
  const T* cells() const noexcept { return reinterpret_cast<const T*>(this); }
};

template <class T, class HeapPolicy = DefaultHeapPolicy>
struct CollectedSlicePolicy : DefaultSlicePolicy<T> {
  using Array = CollectedArray<T, HeapPolicy>;
  using ArrayLink = HeapPointer<Array, HeapPolicy>;
};

template <class T, class HeapPolicy = DefaultHeapPolicy>
using CollectedSlice = Slice<T, CollectedSlicePolicy<T, HeapPolicy>>;

// A slice's header as an object, which is nil. May collect.
template <class S, class HeapPolicy = DefaultHeapPolicy>
[[nodiscard]] S* NewNilSlice() {
  static_assert(sizeof(S) == 4 * kWordBytes && std::is_empty_v<typename S::Runtime>);
  constexpr ObjectType kHeader(sizeof(S), 0b1);
  return ::new (Running<HeapPolicy>::Now().New(kHeader)) S();
}
// make([]T, len, cap), which are known to be good. May collect.
template <class S, class HeapPolicy = DefaultHeapPolicy>
[[nodiscard]] S* NewSlice(std::int64_t len, std::int64_t cap) {
  Frame frame(Running<HeapPolicy>::Now().mutator(), 1);
  S* const slice = NewNilSlice<S, HeapPolicy>();
  frame[0] = slice;
  *slice = S::Make(len, cap).value();
  return slice;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_COLLECTED_SLICE_H_
