#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_OBJECTS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_OBJECTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/failure.h"
#include "core/heap/concurrent/concurrent_heap.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_policy.h"
#include "core/heap/object_type.h"
#include "subjects/scheduled/reported_goals.h"
#include "subjects/scheduled_heap/shared_heap.h"

// The heap of shared_heap.cc, and what is on it.

namespace slotproof::heap_objects {

// Of malloc, whose memory the scheduler takes back when a schedule ends early.
struct AllocatedPages {
  static void* Map(std::size_t bytes, std::size_t alignment) {
    void* const memory = std::aligned_alloc(alignment, bytes);
    if (memory != nullptr) std::memset(memory, 0, bytes);
    return memory;
  }
  static void Release(void* memory, std::size_t bytes) { std::memset(memory, 0, bytes); }
  static void Unmap(void* memory, std::size_t) { std::free(memory); }
};

inline void Report(HeapGoal goal) { ReportGoal(static_cast<std::size_t>(goal)); }

struct GoalProbe : core::HeapProbe {
  static constexpr bool kListens = true;
  static void OnEvent(core::HeapEvent event) {
    switch (event) {
      case core::HeapEvent::kShadedOld:
        return Report(HeapGoal::kShadedOld);
      case core::HeapEvent::kShadedNew:
        return Report(HeapGoal::kShadedNew);
      case core::HeapEvent::kShadedBeforeStackScan:
        return Report(HeapGoal::kShadedByGreyStack);
      case core::HeapEvent::kShadedAfterStackScan:
        return Report(HeapGoal::kShadedByBlackStack);
      case core::HeapEvent::kBarrierFlushed:
        return Report(HeapGoal::kBarrierFlushed);
      case core::HeapEvent::kSpanFreed:
        return Report(HeapGoal::kSpanFreed);
      case core::HeapEvent::kSpanFromPartial:
        return Report(HeapGoal::kSpanTaken);
      case core::HeapEvent::kSpanSweptForAllocation:
        return Report(HeapGoal::kSpanSwept);
      case core::HeapEvent::kSpanFromScavenged:
        return Report(HeapGoal::kSpanScavenged);
      default:
        return;
    }
  }
};

// Of the heap that there is.
inline void (*fail)(const char* message);

struct SharedPolicy : core::ConcurrentHeapPolicy {
  using Pages = core::OneArena<AllocatedPages>;
  using Probe = GoalProbe;
  // NOLINTNEXTLINE(readability-identifier-naming): as a policy calls it
  static inline core::BarrierRules kBarrier;
  [[noreturn]] static void Fatal(core::FailureKind, std::string_view message) {
    fail(std::string(message).c_str());
    std::abort();
  }
};
using Heap = core::ConcurrentHeap<SharedPolicy>;

// Few in a span, so that looking at all is quick.
struct Node {
  void* next;
  std::uint64_t number;
  std::array<std::uint64_t, 126> rest;
};
inline constexpr core::ObjectType kNode(sizeof(Node), 0b1);

inline Node* NodeOf(void* object) { return static_cast<Node*>(object); }
inline bool IsZero(const void* object) {
  static constexpr Node kZero{};
  return std::memcmp(object, &kZero, sizeof(Node)) == 0;
}
inline void*& NextOf(void* object) { return NodeOf(object)->next; }
inline std::uint32_t NumberOf(void* object) {
  return object == nullptr ? 0 : static_cast<std::uint32_t>(NodeOf(object)->number);
}
inline std::string NameOf(void* object) { return "n" + std::to_string(NumberOf(object)); }

}  // namespace slotproof::heap_objects

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_OBJECTS_H_
