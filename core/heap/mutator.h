// A thread of the program as the collector sees it: a stack of roots, a cache to allocate from, and
// what the write barrier has caught.
//
//   frames     | a b | c d e | f |          slots are written without a barrier
//   stack      grey until the collector has scanned it, black from then on, in one step
//   barrier    | old, new, old, new ... |   to be shaded when full, and when marking ends
//
// The stack of a mutator that comes during marking is empty, and so black. While marking, a pointer
// gets from one mutator's frame into another's through an object or a global only: no barrier sees
// one that is copied from a grey stack to a black one.
//
// Not for several threads at once; each thread has its own.
#ifndef SLOTPROOF_CORE_HEAP_MUTATOR_H_
#define SLOTPROOF_CORE_HEAP_MUTATOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "core/base/assert.h"
#include "core/heap/allocator.h"
#include "core/heap/mark_queue.h"

namespace slotproof::core {

// Pointers to be shaded (mwbbuf.go).
class BarrierBuffer {
 public:
  static constexpr std::size_t kMost = 256;

  // It is full with this many.
  explicit BarrierBuffer(std::size_t full_size = kMost) : full_size_(full_size) {
    SLOTPROOF_ASSERT(full_size != 0 && full_size <= kMost);
  }

  // False: it is full now.
  bool Put(void* pointer) {
    pointers_[size_++] = pointer;
    return size_ != full_size_;
  }
  std::span<void* const> pointers() const { return {pointers_.data(), size_}; }
  bool IsEmpty() const { return size_ == 0; }
  void Clear() { size_ = 0; }

 private:
  std::size_t full_size_;
  std::size_t size_ = 0;
  std::array<void*, kMost> pointers_;
};

class RootStack {
 public:
  // The slots of the new frame are null.
  void Push(std::size_t slots) {
    const std::size_t first = slots_.size();
    slots_.resize(first + slots);
    try {
      frames_.push_back(first);
    } catch (const std::bad_alloc&) {
      slots_.resize(first);
      throw;
    }
  }
  void Pop() {
    SLOTPROOF_ASSERT(!frames_.empty());
    slots_.resize(frames_.back());
    frames_.pop_back();
  }
  std::size_t frames() const { return frames_.size(); }
  std::size_t slots() const { return slots_.size(); }
  void*& operator[](std::size_t slot) { return slots_[slot]; }
  void* operator[](std::size_t slot) const { return slots_[slot]; }

  std::span<void* const> all() const { return slots_; }
  std::span<void*> all() { return slots_; }
  std::size_t MetadataBytes() const {
    return slots_.capacity() * sizeof(void*) + frames_.capacity() * sizeof(std::size_t);
  }

 private:
  std::vector<void*> slots_;
  std::vector<std::size_t> frames_;
};

struct Mutator {
  Mutator(std::size_t number_of_it, MarkQueue& queue, std::size_t barrier_size)
      : number(number_of_it), barrier(barrier_size), work(queue) {}

  std::size_t number;
  RootStack stack;
  bool stack_is_black = false;  // means nothing while nobody marks
  SpanCache cache;
  BarrierBuffer barrier;
  MarkWork work;
  std::int64_t assist_debt = 0;  // bytes to scan
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_MUTATOR_H_
