#ifndef SLOTPROOF_SUBJECTS_HEAP_CHECKED_HEAP_H_
#define SLOTPROOF_SUBJECTS_HEAP_CHECKED_HEAP_H_

#include <cstddef>
#include <functional>
#include <string_view>

#include "core/heap/heap.h"
#include "harness/subject/session.h"
#include "subjects/heap/heap_subject.h"
#include "subjects/heap/recycled_pages.h"
#include "subjects/heap/reference_goals.h"

// The reference heap's policy under test: assertions are failures, events are goals, and whoever
// listens hears of cycles.

namespace slotproof {

// What the heap's events go to. The heap is known once it is made.
struct Listening {
  HeapListener* listener;  // null once the heap is about to end
  GoalCounts* goals;
  std::size_t collect_at = 0;  // allocations to go; 0: none
  std::function<std::string_view()> broken_mark_law = {};
};

struct ListeningProbe {
  static constexpr bool kListens = true;
  Listening* to = nullptr;

  void OnEvent(core::HeapEvent event) const {
    if (to->listener == nullptr) return;
    to->goals->Hit(ReferenceGoalOf(event));
    if (event == core::HeapEvent::kCycleStarted) to->listener->OnCycleStarted();
    if (event == core::HeapEvent::kMarkTerminated) {
      to->listener->OnMarkTerminated(to->broken_mark_law());
    }
  }
  bool CollectsNow() const {
    if (to->collect_at == 0) return false;
    --to->collect_at;
    return to->collect_at == 0;
  }
  void OnContainerObject(void* object, std::size_t bytes) const {
    to->listener->OnContainerObject(object, bytes);
  }
};

struct CheckedHeapPolicy : core::DefaultHeapPolicy {
  using Pages = RecycledPages;
  using Probe = ListeningProbe;
  static constexpr bool kAssertions = true;

  [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message) {
    throw SubjectFatal(
        kind == core::FailureKind::kAssertion ? Outcome::kInvariant : Outcome::kFatal, message);
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_CHECKED_HEAP_H_
