#ifndef SLOTPROOF_HARNESS_SCHED_SYNC_OBJECT_H_
#define SLOTPROOF_HARNESS_SCHED_SYNC_OBJECT_H_

#include <cstdint>
#include <vector>

#include "harness/sched/thread_set.h"
#include "harness/sched/vector_clock.h"

namespace slotproof::sched {

enum class MutexKind : std::uint8_t { kNormal, kRecursive, kErrorChecking };

// Of something that is done once: the first byte of a pthread_once_t, or of the compiler's guard of
// a static variable, is not 0 when it is done.
using OnceFlag = volatile std::uint8_t;

// What the scheduler knows of a mutex, reader-writer lock, condition, semaphore, barrier, once flag
// or futex word. It is found by the object's address and starts as all zeroes mean it.
struct SyncObject {
  ThreadId owner = kNoThread;
  std::uint32_t depth = 0;         // how often the owner has it
  ThreadSet readers;               // of a reader-writer lock
  std::vector<ThreadId> waiters;   // of a condition or a futex, in the order of their coming
  std::uint64_t count = 0;         // a semaphore's; who is at a barrier
  std::uint64_t size = 0;          // of a barrier
  bool tried = false;              // somebody asks for it without waiting
  bool signalled_in_vain = false;  // nobody waited
  VectorClock clock;               // what its releases made known

  bool taken() const { return owner != kNoThread || !readers.empty(); }

  void Reset() {
    owner = kNoThread;
    depth = 0;
    readers = ThreadSet{};
    waiters.clear();
    count = 0;
    size = 0;
    tried = false;
    signalled_in_vain = false;
    clock.Clear();
  }
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_SYNC_OBJECT_H_
