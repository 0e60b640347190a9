#include "harness/sched/runtime.h"

// What is kept of a schedule for people, if they are to be told.

namespace slotproof::sched {

void Runtime::EndOperation() {
  const Inside inside;
  Keep({.kind = Deed::Kind::kAnswer});
}

void Runtime::KeepNow(Deed deed) {
  deed.thread = current_thread;
  deed.operation = Current().operation;
  deed.point = Current().points;
  deed.time = result_.points;
  options_.trail->Add(deed);
}

// Why this thread, which gives way to another one, or to none for ever, does not go on.
void Runtime::KeepWait(ThreadId thread, ThreadId to) {
  if (options_.trail == nullptr) return;
  const Event& event = view_.pending[thread];
  Deed deed = {.kind = Deed::Kind::kSwitch, .waits = event.kind, .to = to};
  deed.is_chosen = !result_.schedule.empty() && result_.schedule.back().to == to &&
                   result_.switched_at.back() == result_.points;
  if (threads_[thread].ended) {
    deed.why = Why::kEnded;
  } else if (yielded_.Has(thread)) {
    deed.why = Why::kYields;
  } else if (!able_.Has(thread)) {
    deed.why = Why::kWaits;
    if (event.kind == EventKind::kLock || event.kind == EventKind::kLockShared) {
      const SyncObject& mutex = objects_.At(event.address);
      deed.other = mutex.owner != kNoThread ? mutex.owner : mutex.readers.First();
    } else if (event.kind == EventKind::kJoin) {
      deed.other = static_cast<ThreadId>(event.address - 1);
    }
  }
  deed.thread = thread;
  deed.operation = threads_[thread].operation;
  deed.point = threads_[thread].points;
  deed.time = result_.points;
  options_.trail->Add(deed);
}

}  // namespace slotproof::sched
