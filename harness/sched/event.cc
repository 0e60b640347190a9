#include "harness/sched/event.h"

namespace slotproof::sched {

std::string_view EventName(EventKind kind) {
  switch (kind) {
    case EventKind::kStart:
      return "start";
    case EventKind::kRead:
      return "read";
    case EventKind::kWrite:
      return "write";
    case EventKind::kAtomicLoad:
      return "load";
    case EventKind::kAtomicStore:
      return "store";
    case EventKind::kAtomicRmw:
      return "rmw";
    case EventKind::kFree:
      return "free";
    case EventKind::kLock:
      return "lock";
    case EventKind::kLockShared:
      return "lock_shared";
    case EventKind::kTryLock:
      return "try_lock";
    case EventKind::kUnlock:
      return "unlock";
    case EventKind::kWait:
      return "wait";
    case EventKind::kWake:
      return "wake";
    case EventKind::kSignal:
      return "signal";
    case EventKind::kJoin:
      return "join";
    case EventKind::kSemaphore:
      return "sem_wait";
    case EventKind::kPost:
      return "sem_post";
    case EventKind::kBarrier:
      return "barrier";
    case EventKind::kYield:
      return "yield";
    case EventKind::kFence:
      return "fence";
  }
  return "?";
}

}  // namespace slotproof::sched
