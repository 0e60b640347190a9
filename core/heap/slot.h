// How a pointer in an object or a global is read and written.
//
// Where one thread at a time uses the heap: plainly. Where several do: each access is one
// indivisible step, and who reads a pointer sees all that its writer had done before, so that an
// object that is published this way is zeroed and has its pointer bits (the runtime's
// publicationBarrier).
#ifndef SLOTPROOF_CORE_HEAP_SLOT_H_
#define SLOTPROOF_CORE_HEAP_SLOT_H_

#include <atomic>

namespace slotproof::core {

template <class Policy>
void* LoadSlot(void* const* slot) {
  if constexpr (Policy::kShared) {
    return std::atomic_ref(*const_cast<void**>(slot)).load(std::memory_order_acquire);
  } else {
    return *slot;
  }
}

template <class Policy>
void StoreSlot(void** slot, void* value) {
  if constexpr (Policy::kShared) {
    std::atomic_ref(*slot).store(value, std::memory_order_release);
  } else {
    *slot = value;
  }
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SLOT_H_
