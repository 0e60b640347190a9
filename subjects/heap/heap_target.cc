#include <algorithm>
#include <memory>
#include <vector>

#include "subjects/heap/heap_session.h"
#include "subjects/heap/reference_goals.h"
#include "subjects/heap/reference_heap.h"
#include "subjects/heap/targets.h"

namespace slotproof {
namespace {

std::span<const GoalSpec> ReferenceGoals() {
  static const std::vector<GoalSpec> specs = [] {
    std::vector<GoalSpec> made(kHeapReferenceGoals);
    std::ranges::copy(HeapSessionGoalSpecs(), made.begin());
    for (const core::HeapEventInfo& info : core::kHeapEvents) {
      made[ReferenceGoalOf(info.event)] = {info.name, info.description};
    }
    return made;
  }();
  return specs;
}

}  // namespace

const Target& HeapTarget() {
  static const Target target = {
      .name = "heap",
      .help = "the reference heap (core/heap) against the heap model",
      .vocabulary = &HeapVocabulary(),
      .goals = ReferenceGoals(),
      .profiles = HeapProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<HeapSession>(&MakeReferenceHeap);
      },
  };
  return target;
}

}  // namespace slotproof
