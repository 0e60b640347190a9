// Pointers of containers that live on the heap.
//
//   HeapPointer<Node>    a word of an object: each write is the heap's write barrier. As a key or
//   an
//                        element it makes a container hold references.
//   Rooted<Node>         keeps what it refers to, wherever it lies: an iterator's
//
// A HeapPointer outside of the heap, such as a local variable, is a plain pointer and no root.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_POINTER_H_
#define SLOTPROOF_CORE_HEAP_HEAP_POINTER_H_

#include <cstddef>
#include <functional>

#include "core/heap/heap_policy.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"

namespace slotproof::core {

template <class T, class Policy = DefaultHeapPolicy>
class HeapPointer {
 public:
  HeapPointer() noexcept = default;
  // It stands for the pointer. NOLINTBEGIN(google-explicit-constructor)
  HeapPointer(T* pointer) { Set(pointer); }
  operator T*() const noexcept { return static_cast<T*>(pointer_); }
  // NOLINTEND(google-explicit-constructor)
  HeapPointer(const HeapPointer& other) { Set(other.pointer_); }
  HeapPointer& operator=(const HeapPointer& other) {
    if (this != &other) Set(other.pointer_);
    return *this;
  }
  HeapPointer& operator=(T* pointer) {
    Set(pointer);
    return *this;
  }
  ~HeapPointer() = default;

  T* operator->() const noexcept { return static_cast<T*>(pointer_); }

 private:
  void Set(void* pointer) { Running<Policy>::Now().Store(&pointer_, pointer); }

  void* pointer_ = nullptr;
};

// May not outlive the root table of the scope in which it was given something.
template <class T, class Policy = DefaultHeapPolicy>
class Rooted {
 public:
  Rooted() noexcept = default;
  // It stands for the pointer. NOLINTBEGIN(google-explicit-constructor)
  Rooted(T* pointer) { Set(pointer); }
  operator T*() const noexcept { return pointer_; }
  // NOLINTEND(google-explicit-constructor)
  Rooted(const Rooted& other) { Set(other.pointer_); }
  Rooted& operator=(const Rooted& other) {
    if (this != &other) Set(other.pointer_);
    return *this;
  }
  Rooted& operator=(T* pointer) {
    Set(pointer);
    return *this;
  }
  ~Rooted() {
    if (roots_ != nullptr) roots_->Remove(number_);
  }

  T* operator->() const noexcept { return pointer_; }

 private:
  void Set(T* pointer) {
    if (roots_ == nullptr && pointer != nullptr) {
      roots_ = &Running<Policy>::Now().roots();
      number_ = roots_->Add(pointer);
    } else if (roots_ != nullptr) {
      roots_->Set(number_, pointer);
    }
    pointer_ = pointer;
  }

  T* pointer_ = nullptr;
  RootTable<Policy>* roots_ = nullptr;
  std::size_t number_ = 0;
};

}  // namespace slotproof::core

// Nothing moves, so an address is as good as what lies there.
template <class T, class Policy>
struct std::hash<slotproof::core::HeapPointer<T, Policy>> {
  std::size_t operator()(const slotproof::core::HeapPointer<T, Policy>& pointer) const noexcept {
    return std::hash<T*>{}(pointer);
  }
};

#endif  // SLOTPROOF_CORE_HEAP_HEAP_POINTER_H_
