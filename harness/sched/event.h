#ifndef SLOTPROOF_HARNESS_SCHED_EVENT_H_
#define SLOTPROOF_HARNESS_SCHED_EVENT_H_

#include <cstdint>
#include <string_view>

namespace slotproof::sched {

// What a thread is about to do at a point of decision.
enum class EventKind : std::uint8_t {
  kStart,        // its first instruction
  kRead,         // of plain memory
  kWrite,        // of plain memory
  kAtomicLoad,   //
  kAtomicStore,  //
  kAtomicRmw,    // read, modify and write as one step; also a compare-exchange that may fail
  kFree,         // a block of memory ends
  kLock,         // until it can have the mutex, for itself
  kLockShared,   // as one of several readers
  kTryLock,      // has the mutex or goes on without
  kUnlock,       // only where somebody else tries the mutex without waiting for it
  kWait,         // lets go of a mutex and waits for a signal, as one step
  kWake,         // after its wait was signalled or timed out, until it can have the mutex
  kSignal,       //
  kJoin,         // until a thread has ended
  kSemaphore,    // until it can take one
  kPost,         // gives one
  kBarrier,      // until all have come
  kYield,        // lets others go first
  kFence,        // a seq_cst one, where it orders loads that could see older stores
};

struct Event {
  EventKind kind = EventKind::kStart;
  bool may_write = false;      // of memory: whether it changes what others see, or may see
  std::uint32_t size = 0;      // of memory: bytes
  std::uintptr_t address = 0;  // of the memory or of the object
  std::uintptr_t pc = 0;       // where in the code
  std::uintptr_t mutex = 0;    // of a wait: the one it lets go
};

constexpr bool IsMemory(EventKind kind) {
  return kind >= EventKind::kRead && kind <= EventKind::kFree;
}
constexpr bool IsAtomic(EventKind kind) {
  return kind >= EventKind::kAtomicLoad && kind <= EventKind::kAtomicRmw;
}

// Whether the order of the two, by different threads, may matter.
constexpr bool Conflict(const Event& one, const Event& other) {
  if (one.kind == EventKind::kFence || other.kind == EventKind::kFence) {
    const auto is_ordered = [](EventKind kind) {
      return IsAtomic(kind) || kind == EventKind::kFence;
    };
    return is_ordered(one.kind) && is_ordered(other.kind);
  }
  if (IsMemory(one.kind) != IsMemory(other.kind)) return false;
  if (IsMemory(one.kind)) {
    return (one.may_write || other.may_write) && one.address < other.address + other.size &&
           other.address < one.address + one.size;
  }
  if (one.address == 0 || other.address == 0) return false;  // a start or a yield
  if (one.kind == EventKind::kLockShared && other.kind == EventKind::kLockShared) return false;
  return one.address == other.address || (one.mutex != 0 && one.mutex == other.address) ||
         (other.mutex != 0 && other.mutex == one.address);
}

std::string_view EventName(EventKind kind);

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_EVENT_H_
