// Names an object without keeping it.
//
//   handle A ---.
//   handle B ----> | object, or null | <---- special of the object, until it is unreachable
//
// A sweep sets it to null when it finds the object unmarked, also if a finalizer brings the object
// back. Only the heap can tell whether the object may still be used: Heap::Upgrade. A handle may
// outlive the heap, and names nothing then.
#ifndef SLOTPROOF_CORE_HEAP_WEAK_HANDLE_H_
#define SLOTPROOF_CORE_HEAP_WEAK_HANDLE_H_

#include <cstddef>
#include <utility>

#include "core/heap/special.h"

namespace slotproof::core {

class WeakHandle {
 public:
  // Names nothing.
  WeakHandle() = default;
  WeakHandle(WeakTarget* target, std::size_t offset) : target_(target), offset_(offset) {
    ++target_->handles;
  }
  WeakHandle(WeakHandle&& other) noexcept
      : target_(std::exchange(other.target_, nullptr)), offset_(other.offset_) {}
  WeakHandle& operator=(WeakHandle&& other) noexcept {
    std::swap(target_, other.target_);
    std::swap(offset_, other.offset_);
    return *this;
  }
  ~WeakHandle() {
    if (target_ != nullptr && --target_->handles == 0 && target_->object == nullptr) delete target_;
  }

  const WeakTarget* target() const { return target_; }
  // Of the pointer that the handle was made from, in its object.
  std::size_t offset() const { return offset_; }

 private:
  WeakTarget* target_ = nullptr;
  std::size_t offset_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_WEAK_HANDLE_H_
