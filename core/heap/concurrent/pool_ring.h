// PoolRing: items of which one thread, the owner, adds and takes at the head, and any takes at the
// tail (the runtime's poolDequeue).
//
//   ends_   [ head | tail ]        counts of what was ever added and taken, in one word
//             |      |
//   slots     |      v
//   | - | - | - |  | oldest | item | newest | - |        taken is a slot that somebody has to
//             |__________________________^               empty yet, although the tail is past it
//
// Both ends are in one word, so that owner and thief cannot both take the last item.
//
// Orders of memory. Push releases, and all other changes of the word are swaps, so who takes at the
// tail acquires from all before it. A thief has read the slot before it releases it by `full`,
// which the owner acquires before it fills it anew. The owner at the head meets only what it wrote
// itself.
//
// Costs: a slot's two words. Push: an atomic addition. Pop: a compare-and-swap, again for each
// that comes in between.
#ifndef SLOTPROOF_CORE_HEAP_CONCURRENT_POOL_RING_H_
#define SLOTPROOF_CORE_HEAP_CONCURRENT_POOL_RING_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace slotproof::core {

template <class T, std::uint32_t kSlots>
class PoolRing {
  static_assert(std::has_single_bit(kSlots));

 public:
  // By the owner. False: there is no room, or a thief has not emptied the slot yet.
  [[nodiscard]] bool PushHead(T* item) {
    const std::uint64_t ends = ends_.load(std::memory_order_relaxed);
    if (HeadOf(ends) - TailOf(ends) == kSlots) return false;
    Slot& slot = SlotAt(HeadOf(ends));
    if (slot.full.load(std::memory_order_acquire)) return false;
    slot.item = item;
    slot.full.store(true, std::memory_order_relaxed);
    ends_.fetch_add(kOneHead, std::memory_order_release);
    return true;
  }

  // By the owner. The newest; null: there is none.
  [[nodiscard]] T* PopHead() {
    std::uint64_t ends = ends_.load(std::memory_order_relaxed);
    do {
      if (HeadOf(ends) == TailOf(ends)) return nullptr;
    } while (!ends_.compare_exchange_weak(ends, ends - kOneHead, std::memory_order_relaxed));
    Slot& slot = SlotAt(HeadOf(ends) - 1);
    slot.full.store(false, std::memory_order_relaxed);
    return slot.item;
  }

  // By anybody. The oldest; null: there is none.
  [[nodiscard]] T* PopTail() {
    std::uint64_t ends = ends_.load(std::memory_order_relaxed);
    do {
      if (HeadOf(ends) == TailOf(ends)) return nullptr;
    } while (!ends_.compare_exchange_weak(ends, AfterTail(ends), std::memory_order_acquire,
                                          std::memory_order_relaxed));
    Slot& slot = SlotAt(TailOf(ends));
    T* const item = slot.item;
    slot.full.store(false, std::memory_order_release);
    return item;
  }

 private:
  struct Slot {
    T* item = nullptr;
    std::atomic<bool> full{false};
  };
  static constexpr std::uint64_t kOneHead = std::uint64_t{1} << 32;

  static std::uint32_t HeadOf(std::uint64_t ends) { return static_cast<std::uint32_t>(ends >> 32); }
  static std::uint32_t TailOf(std::uint64_t ends) { return static_cast<std::uint32_t>(ends); }
  static std::uint64_t AfterTail(std::uint64_t ends) {
    return (ends & ~(kOneHead - 1)) | (TailOf(ends) + 1);
  }
  Slot& SlotAt(std::uint32_t count) { return slots_[count % kSlots]; }

  std::atomic<std::uint64_t> ends_{0};
  std::array<Slot, kSlots> slots_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONCURRENT_POOL_RING_H_
