// The sweep of one span: what is not marked is free from then on (mgcsweep.go, sweepLocked.sweep).
//
//   allocated     1   1   1   0   1
//   marked        1   0   0   0   1        object 1 has a finalizer
//   then          1   1   .   .   1        it is kept for it, and queued; object 2 is freed
//
// Weak handles of what is not marked are cleared first, also when a finalizer keeps the object.
#ifndef SLOTPROOF_CORE_HEAP_SWEEP_H_
#define SLOTPROOF_CORE_HEAP_SWEEP_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/failure.h"
#include "core/base/poison.h"
#include "core/heap/finalizer_queue.h"
#include "core/heap/heap_events.h"
#include "core/heap/span.h"
#include "core/heap/special.h"

namespace slotproof::core {

template <class Policy>
class SpanSweep {
 public:
  using Probe = typename Policy::Probe;

  SpanSweep(Span& span, FinalizerQueue& queue, Probe& probe)
      : span_(span), queue_(queue), probe_(probe) {}

  // How many objects it freed.
  std::size_t Run() {
    if (!span_.specials().empty()) SettleSpecials();
    const std::size_t before = span_.allocated();
    for (std::size_t index = 0; index < span_.objects(); ++index) {
      const bool marked = span_.IsMarked(index);
      if (span_.IsFree(index)) {
        if (marked) Policy::Fatal(FailureKind::kMarkedFree, "found pointer to free object");
      } else if (kPoisons && !marked) {
        PoisonMemory(span_.ObjectAt(index), span_.object_bytes());
      }
    }
    span_.MarksBecomeAllocs();
    SLOTPROOF_POLICY_ASSERT(Policy, span_.allocated() <= before);
    return before - span_.allocated();
  }
  // How many weak targets the span's specials have lost.
  std::size_t cleared_weak() const { return cleared_weak_; }

 private:
  void SettleSpecials() {
    std::vector<Special>& specials = span_.specials();
    std::size_t kept = 0;
    std::size_t i = 0;
    while (i < specials.size()) {
      const std::uint32_t index = specials[i].index;
      // Asked once for all of the object's: a finalizer marks it.
      const bool dead = !span_.IsMarked(index);
      for (; i < specials.size() && specials[i].index == index; ++i) {
        if (dead) {
          LetGo(specials[i]);
        } else {
          specials[kept++] = specials[i];
        }
      }
    }
    specials.resize(kept);
  }

  void LetGo(const Special& special) {
    if (!special.IsFinalizer()) {
      probe_.OnEvent(HeapEvent::kWeakCleared);
      ++cleared_weak_;
      special.weak->object = nullptr;
      if (special.weak->handles == 0) delete special.weak;
      return;
    }
    probe_.OnEvent(HeapEvent::kFinalizerQueued);
    span_.Mark(special.index);
    queue_.Enter({.object = span_.ObjectAt(special.index), .finalizer = special.finalizer});
  }

  Span& span_;
  FinalizerQueue& queue_;
  Probe& probe_;
  std::size_t cleared_weak_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SWEEP_H_
