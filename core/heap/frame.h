// Roots on a mutator's stack, for as long as a scope lasts.
//
//   Frame frame(mutator, 2);
//   frame[0] = heap.New(mutator, kNode);
#ifndef SLOTPROOF_CORE_HEAP_FRAME_H_
#define SLOTPROOF_CORE_HEAP_FRAME_H_

#include <cstddef>

#include "core/heap/mutator.h"

namespace slotproof::core {

// Slots of a mutator's stack, while this is in scope. Frames end in the reverse order.
class Frame {
 public:
  Frame(Mutator& mutator, std::size_t slots) : mutator_(mutator), first_(mutator.stack.slots()) {
    mutator.stack.Push(slots);
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { mutator_.stack.Pop(); }

  void*& operator[](std::size_t slot) { return mutator_.stack[first_ + slot]; }

 private:
  Mutator& mutator_;
  std::size_t first_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_FRAME_H_
