// Finalizers that are due, in the order in which sweeps found their objects.
//
// Each entry keeps its object, and so is a root. Entering cannot fail: whoever sets a finalizer
// makes room for it.
#ifndef SLOTPROOF_CORE_HEAP_FINALIZER_QUEUE_H_
#define SLOTPROOF_CORE_HEAP_FINALIZER_QUEUE_H_

#include <cstddef>
#include <vector>

#include "core/base/assert.h"
#include "core/heap/special.h"

namespace slotproof::core {

struct DueFinalizer {
  void* object = nullptr;
  Finalizer finalizer = {};
};

class FinalizerQueue {
 public:
  // Memory for one more, which is all that can fail. May throw std::bad_alloc.
  void Reserve() {
    if (room_ + Size() == due_.capacity()) Grow();
  }
  // For one more object with a finalizer. May throw std::bad_alloc, unless Reserve has not.
  void MakeRoom() {
    Reserve();
    ++room_;
  }
  // The object has lost its finalizer without its having become due.
  void GiveRoomBack() { --room_; }

  void Enter(DueFinalizer due) {
    SLOTPROOF_ASSERT(room_ != 0);
    --room_;
    if (due_.size() == due_.capacity()) Compact();
    due_.push_back(due);
  }
  DueFinalizer Take() {
    SLOTPROOF_ASSERT(Size() != 0);
    return due_[first_++];
  }

  std::size_t Size() const { return due_.size() - first_; }
  const DueFinalizer& operator[](std::size_t i) const { return due_[first_ + i]; }
  std::size_t MetadataBytes() const { return due_.capacity() * sizeof(DueFinalizer); }

 private:
  void Compact() {
    due_.erase(due_.begin(), due_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  void Grow() {
    Compact();
    due_.reserve(2 * due_.size() + 2 * room_ + 8);
  }

  std::vector<DueFinalizer> due_;
  std::size_t first_ = 0;
  std::size_t room_ = 0;  // for objects that have a finalizer
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_FINALIZER_QUEUE_H_
