// How far the heap may grow before the next collection ends, and when that one begins.
//
//   marked            trigger                                goal            limit
//   |--------------------|-------------------------------------|---------------|
//   what the last        the next collection begins:           by GOGC, or by the memory limit
//   cycle found live     0.7 of the way from marked to goal    when that is less
//
// The formulas are the runtime's (mgcpacer.go, 1.19), but for two. The trigger: the runtime places
// it between 0.7 and 0.95 of the way by how fast it has marked lately; here it is always the
// former. And where GOGC rules, the runtime raises the goal to 1 MiB above what is live while a
// sweep is unfinished, and to 64 KiB above the trigger once that is reached; here it stays. All
// numbers are bytes, and sums wrap round as the runtime's do.
#ifndef SLOTPROOF_CORE_HEAP_PACER_H_
#define SLOTPROOF_CORE_HEAP_PACER_H_

#include <algorithm>
#include <cstdint>
#include <limits>

namespace slotproof::core {

inline constexpr std::uint64_t kNoGoal = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t kNoMemoryLimit = std::numeric_limits<std::int64_t>::max();

struct PacerInputs {
  std::uint64_t marked = 0;                             // by the last cycle
  std::uint64_t stack_scan = 0;                         // bytes of stacks that it scanned
  std::uint64_t globals_scan = 0;                       // bytes of globals
  std::int32_t gc_percent = 100;                        // GOGC; below 0: off
  std::uint64_t heap_minimum = std::uint64_t{4} << 20;  // at GOGC = 100

  std::uint64_t memory_limit = kNoMemoryLimit;
  std::uint64_t mapped_ready = 0;  // all that memory is behind, of the heap and beside it
  std::uint64_t heap_free = 0;     // idle pages
  std::uint64_t heap_alloc = 0;    // bytes of objects
};

// gcControllerState.commit
constexpr std::uint64_t GoalOfPercent(const PacerInputs& in) {
  if (in.gc_percent < 0) return kNoGoal;
  const auto percent = static_cast<std::uint64_t>(in.gc_percent);
  const std::uint64_t least = in.heap_minimum * percent / 100;
  const std::uint64_t goal =
      in.marked + (in.marked + in.stack_scan + in.globals_scan) * percent / 100;
  return std::max(goal, least);
}

// memoryLimitHeapGoal
constexpr std::uint64_t GoalOfLimit(const PacerInputs& in) {
  constexpr std::uint64_t kHeadroom = std::uint64_t{1} << 20;
  const std::uint64_t non_heap = in.mapped_ready - in.heap_free - in.heap_alloc;
  const std::uint64_t overage =
      in.mapped_ready > in.memory_limit ? in.mapped_ready - in.memory_limit : 0;
  if (non_heap + overage >= in.memory_limit) return in.marked;
  const std::uint64_t goal = in.memory_limit - (non_heap + overage);
  // Never less than the headroom, so that a tiny limit does not collect without an end.
  const std::uint64_t with_headroom =
      goal < kHeadroom || goal - kHeadroom < kHeadroom ? kHeadroom : goal - kHeadroom;
  return std::max(with_headroom, in.marked);
}

constexpr bool LimitRules(const PacerInputs& in) { return GoalOfLimit(in) < GoalOfPercent(in); }

constexpr std::uint64_t HeapGoal(const PacerInputs& in) {
  return std::min(GoalOfPercent(in), GoalOfLimit(in));
}

// gcControllerState.trigger, its lower bound.
constexpr std::uint64_t HeapTrigger(std::uint64_t marked, std::uint64_t goal) {
  if (goal == kNoGoal) return kNoGoal;
  if (marked >= goal) return goal;
  return marked + (goal - marked) / 64 * 45;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_PACER_H_
