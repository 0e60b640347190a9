// When a heap collects, and how allocations pay for it (pacer.h has the formulas). Included by
// heap.h.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_PACING_H_
#define SLOTPROOF_CORE_HEAP_HEAP_PACING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/heap/heap.h"
#include "core/heap/heap_events.h"
#include "core/heap/pacer.h"

namespace slotproof::core {

template <class Policy>
void Heap<Policy>::PayFor(Mutator& mutator, std::size_t bytes, bool may_start) {
  if (is_marking()) {
    // What nobody has the memory for would owe more than a number can say.
    constexpr double kMostDebt = std::int64_t{1} << 60;
    mutator.assist_debt +=
        static_cast<std::int64_t>(std::min(static_cast<double>(bytes) * assist_ratio_, kMostDebt));
    if (mutator.assist_debt > 0) Assist(mutator);
  } else if (may_start && allocator_.live_bytes() >= trigger_) {
    StartCycle();
  }
}

template <class Policy>
void Heap<Policy>::CollectNow() {
  FinishMarking();
  StartCycle();
  FinishMarking();
  allocator_.SweepAll();
}

template <class Policy>
void Heap<Policy>::Assist(Mutator& mutator) {
  probe_.OnEvent(HeapEvent::kAssisted);
  while (mutator.assist_debt > 0) {
    const std::uint64_t before = marker_.scanned_bytes();
    if (!Mark(1)) {
      probe_.OnEvent(HeapEvent::kMarkTerminatedByAssist);
      return FinishMarking();
    }
    // Even a step that found little to scan is paid for, with what the least object has: more
    // would end the debt before the work that it stands for is done.
    const std::uint64_t scanned = marker_.scanned_bytes() - before;
    mutator.assist_debt -= static_cast<std::int64_t>(std::max(scanned, kWordBytes));
  }
}

// All that is live is to be scanned before the heap reaches the goal, and the roots.
template <class Policy>
void Heap<Policy>::SetAssistRatio() {
  const std::uint64_t live = allocator_.live_bytes();
  const std::uint64_t room = goal_ > live ? goal_ - live : 1;
  const std::uint64_t work = live + pacer_inputs_.stack_scan + pacer_inputs_.globals_scan;
  assist_ratio_ = std::max(static_cast<double>(work) / static_cast<double>(room), 0.25);
}

template <class Policy>
void Heap<Policy>::SetGoal() {
  PacerInputs inputs;
  inputs.marked = last_marked_;
  for (const std::unique_ptr<Mutator>& mutator : mutators_) {
    inputs.stack_scan += mutator->stack.all().size_bytes();
  }
  for (const std::span<void* const> range : globals_) inputs.globals_scan += range.size_bytes();
  inputs.gc_percent = options_.gc_percent;
  inputs.heap_minimum = options_.heap_minimum;
  inputs.memory_limit = options_.memory_limit;
  const PageStats& pages = allocator_.pages().stats();
  inputs.mapped_ready = (pages.in_use + pages.idle) * kPageBytes + MetadataBytes();
  inputs.heap_free = pages.idle * kPageBytes;
  // Also what is dead and not yet swept: it is room for objects.
  inputs.heap_alloc = CountAllocated().object_bytes;
  if (LimitRules(inputs)) probe_.OnEvent(HeapEvent::kLimitRuled);
  pacer_inputs_ = inputs;
  goal_ = HeapGoal(inputs);
  trigger_ = HeapTrigger(inputs.marked, goal_);
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_PACING_H_
