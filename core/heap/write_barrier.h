// What comes before a pointer is written while somebody marks (mbarrier.go, mwbbuf.go): what the
// slot held and what it will hold are put into the mutator's buffer, and shaded when that is full.
//
// Which of them, the policy says. The buffer is also to be flushed before marking ends.
#ifndef SLOTPROOF_CORE_HEAP_WRITE_BARRIER_H_
#define SLOTPROOF_CORE_HEAP_WRITE_BARRIER_H_

#include "core/heap/allocator.h"
#include "core/heap/greying.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_policy.h"
#include "core/heap/mutator.h"

namespace slotproof::core {

template <class Policy>
class WriteBarrier {
 public:
  using Probe = typename Policy::Probe;

  WriteBarrier(const Allocator<Policy>& allocator, Probe& probe)
      : probe_(probe), greying_(allocator, probe) {}

  // Before a slot that holds `old` is given `value`, by this mutator.
  void BeforeStore(Mutator& mutator, void* old, void* value) {
    if (Policy::kBarrier.shades_old) BufferOld(mutator, old);
    if (ShadesNew(mutator)) BufferNew(mutator, value);
  }
  void BeforeBulk(Mutator& mutator, void* old, void* value) {
    if (Policy::kBarrier.bulk_shades_old) BufferOld(mutator, old);
    if (Policy::kBarrier.bulk_shades_new) BufferNew(mutator, value);
  }
  void Flush(Mutator& mutator) {
    for (void* const pointer : mutator.barrier.pointers()) greying_.Shade(pointer, mutator.work);
    mutator.barrier.Clear();
  }

 private:
  bool ShadesNew([[maybe_unused]] const Mutator& mutator) const {
    using Insertion = BarrierRules::Insertion;
    if (Policy::kBarrier.shades_new == Insertion::kWhileStackIsGrey) {
      return !mutator.stack_is_black;
    }
    return Policy::kBarrier.shades_new == Insertion::kAlways;
  }
  void BufferOld(Mutator& mutator, void* old) {
    if (old == nullptr) return;
    if constexpr (Probe::kListens) {
      if (greying_.IsWhite(old)) {
        probe_.OnEvent(HeapEvent::kShadedOld);
        if (mutator.stack_is_black) probe_.OnEvent(HeapEvent::kShadedAfterStackScan);
      }
    }
    Buffer(mutator, old);
  }
  void BufferNew(Mutator& mutator, void* value) {
    if (value == nullptr) return;
    if constexpr (Probe::kListens) {
      if (greying_.IsWhite(value)) {
        probe_.OnEvent(HeapEvent::kShadedNew);
        if (!mutator.stack_is_black) probe_.OnEvent(HeapEvent::kShadedBeforeStackScan);
      }
    }
    Buffer(mutator, value);
  }
  void Buffer(Mutator& mutator, void* pointer) {
    if (mutator.barrier.Put(pointer)) return;
    probe_.OnEvent(HeapEvent::kBarrierFlushed);
    Flush(mutator);
  }

  Probe& probe_;
  Greying<Policy> greying_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_WRITE_BARRIER_H_
