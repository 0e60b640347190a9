#include <memory>

#include "subjects/scheduled_heap/scheduled_heap_session.h"

namespace slotproof {

const Target& ScheduledHeapTarget() {
  static const Target target =
      ScheduledHeapTargetOf("scheduled_heap", "scheduled threads on one heap that they collect",
                            []() -> std::unique_ptr<Session> {
                              return std::make_unique<ScheduledHeapSession>(core::BarrierRules{});
                            });
  return target;
}

}  // namespace slotproof
