#include <cerrno>
#include <string>
#include <utility>

#include "harness/sched/runtime.h"

// Mutexes, conditions, semaphores, barriers, futexes and once flags under the scheduler. Each wait
// is one point, at which the thread is picked only when it can go on; what it waited for is then
// its own, without another step in between.

// Of the linker.
extern "C" const char __executable_start;  // NOLINT(readability-identifier-naming)
extern "C" const char etext;               // NOLINT(readability-identifier-naming)

namespace slotproof::sched {
namespace {

constexpr std::uint8_t kOnceDone = 2;  // as the library has it

// Whether the code is the program's and not that of a library behind it: the unwinder's lock say,
// within which nothing can be interleaved.
bool InProgram(std::uintptr_t pc) {
  return pc >= reinterpret_cast<std::uintptr_t>(&__executable_start) &&
         pc < reinterpret_cast<std::uintptr_t>(&etext);
}

}  // namespace

// Makes known to the thread what those that had the object knew; others cannot have it now.
void Runtime::Took(const SyncObject& object, std::uintptr_t address) {
  Keep({.kind = Deed::Kind::kTake, .address = address});
  Current().clock.Join(object.clock);
  Current().spin_used = 0;
  Progress();
  Recheck(address);
}

// Makes known what the thread knows, and wakes who waits for the object.
void Runtime::GiveBack(SyncObject& object, std::uintptr_t address) {
  Keep({.kind = Deed::Kind::kGive, .address = address});
  object.clock.Join(Current().clock);
  Current().clock.Advance(current_thread);
  Progress();
  Recheck(address);
}

void Runtime::TakeMutex(std::uintptr_t mutex) {
  SyncObject& object = objects_.At(mutex);
  object.owner = current_thread;
  object.depth = 1;
  Took(object, mutex);
}

void Runtime::TakeShared(std::uintptr_t mutex) {
  SyncObject& object = objects_.At(mutex);
  object.readers.Add(current_thread);
  Took(object, mutex);
}

int Runtime::Lock(std::uintptr_t mutex, MutexKind kind, std::uintptr_t pc) {
  const Inside inside;
  SyncObject& object = objects_.At(mutex);
  if (object.owner == current_thread) {
    if (kind == MutexKind::kErrorChecking) return EDEADLK;
    if (kind == MutexKind::kRecursive) {
      ++object.depth;
      return 0;
    }
  }
  Point({.kind = EventKind::kLock, .address = mutex, .pc = pc}, InProgram(pc));
  TakeMutex(mutex);
  return 0;
}

int Runtime::TryLock(std::uintptr_t mutex, MutexKind kind, std::uintptr_t pc) {
  const Inside inside;
  objects_.At(mutex).tried = true;
  const Event event{.kind = EventKind::kTryLock, .address = mutex, .pc = pc};
  Point(event, true);
  SyncObject& object = objects_.At(mutex);
  if (object.owner == current_thread && kind == MutexKind::kRecursive) {
    ++object.depth;
    return 0;
  }
  if (object.taken()) {
    NoteSpin(event.address, pc);
    return EBUSY;
  }
  TakeMutex(mutex);
  return 0;
}

int Runtime::LockShared(std::uintptr_t mutex, std::uintptr_t pc) {
  const Inside inside;
  Point({.kind = EventKind::kLockShared, .address = mutex, .pc = pc}, true);
  TakeShared(mutex);
  return 0;
}

int Runtime::TryLockShared(std::uintptr_t mutex, std::uintptr_t pc) {
  const Inside inside;
  objects_.At(mutex).tried = true;
  const Event event{.kind = EventKind::kTryLock, .address = mutex, .pc = pc};
  Point(event, true);
  if (objects_.At(mutex).owner != kNoThread) {
    NoteSpin(event.address, pc);
    return EBUSY;
  }
  TakeShared(mutex);
  return 0;
}

int Runtime::TimedLock(std::uintptr_t mutex, MutexKind kind, std::uint64_t until,
                       std::uintptr_t pc) {
  if (TryLock(mutex, kind, pc) == 0) return 0;
  PassTime(until);
  return ETIMEDOUT;
}

int Runtime::TimedLockShared(std::uintptr_t mutex, std::uint64_t until, std::uintptr_t pc) {
  if (TryLockShared(mutex, pc) == 0) return 0;
  PassTime(until);
  return ETIMEDOUT;
}

void Runtime::LetGo(SyncObject& object, std::uintptr_t mutex) {
  object.owner = kNoThread;
  object.depth = 0;
  GiveBack(object, mutex);
}

int Runtime::Unlock(std::uintptr_t mutex, std::uintptr_t pc) {
  const Inside inside;
  // Whoever waits for the mutex cannot be picked before this, so its place among others' steps
  // matters only to those who try.
  Point({.kind = EventKind::kUnlock, .address = mutex, .pc = pc}, objects_.At(mutex).tried);
  SyncObject& object = objects_.At(mutex);
  if (object.readers.Has(current_thread)) {
    object.readers.Remove(current_thread);
    GiveBack(object, mutex);
    return 0;
  }
  if (object.owner != current_thread) {
    End(Ending::kLockMisuse,
        NameOf(current_thread) + " unlocks a mutex " +
            (object.owner == kNoThread ? "that nobody has" : "of " + NameOf(object.owner)));
  }
  if (--object.depth == 0) LetGo(object, mutex);
  return 0;
}

int Runtime::DestroyLock(std::uintptr_t mutex) {
  const Inside inside;
  SyncObject& object = objects_.At(mutex);
  if (object.taken()) {
    End(Ending::kLockMisuse, NameOf(current_thread) + " destroys a mutex that is locked");
  }
  object.Reset();
  return 0;
}

// Among those that wait for a signal, until one comes or the time may be over; then the mutex, if
// there is one, is free. Whether a signal came.
bool Runtime::AwaitSignal(std::uintptr_t object, std::uintptr_t mutex, std::uint64_t until,
                          std::uintptr_t pc) {
  objects_.At(object).waiters.push_back(current_thread);
  Thread& self = Current();
  self.signalled = false;
  self.timed = until != kForever;
  Point({.kind = EventKind::kWake, .address = object, .pc = pc, .mutex = mutex}, true);
  const bool came = std::exchange(self.signalled, false);
  self.timed = false;
  if (!came) std::erase(objects_.At(object).waiters, current_thread);
  return came;
}

int Runtime::Wait(std::uintptr_t condition, std::uintptr_t mutex, std::uint64_t until,
                  std::uintptr_t pc) {
  const Inside inside;
  Point({.kind = EventKind::kWait, .address = condition, .pc = pc, .mutex = mutex}, true);
  if (objects_.At(mutex).owner != current_thread) {
    End(Ending::kLockMisuse,
        NameOf(current_thread) + " waits on a condition without having its mutex");
  }
  LetGo(objects_.At(mutex), mutex);
  const bool came = AwaitSignal(condition, mutex, until, pc);
  TakeMutex(mutex);
  if (came) return 0;
  PassTime(until);
  YieldNow();
  return ETIMEDOUT;
}

void Runtime::WakeOne(SyncObject& object, std::uintptr_t condition) {
  const ThreadId woken = object.waiters.front();
  object.waiters.erase(object.waiters.begin());
  threads_[woken].signalled = true;
  threads_[woken].clock.Join(Current().clock);
  Recheck(condition);
}

int Runtime::Signal(std::uintptr_t address, int most, std::uintptr_t pc) {
  const Inside inside;
  Point({.kind = EventKind::kSignal, .address = address, .pc = pc}, true);
  SyncObject& object = objects_.At(address);
  if (object.waiters.empty()) object.signalled_in_vain = true;
  Keep({.kind = Deed::Kind::kSignal,
        .other = object.waiters.empty() ? kNoThread : object.waiters.front()});
  int woken = 0;
  for (; woken < most && !object.waiters.empty(); ++woken) WakeOne(object, address);
  Current().clock.Advance(current_thread);
  Progress();
  return woken;
}

void Runtime::SemaphoreInit(std::uintptr_t semaphore, std::uint32_t count) {
  const Inside inside;
  SyncObject& object = objects_.At(semaphore);
  object.Reset();
  object.count = count;
}

int Runtime::SemaphoreWait(std::uintptr_t semaphore, bool tries, std::uint64_t until,
                           std::uintptr_t pc) {
  const Inside inside;
  Thread& self = Current();
  self.timed = until != kForever;
  const Event event{
      .kind = tries ? EventKind::kTryLock : EventKind::kSemaphore, .address = semaphore, .pc = pc};
  Point(event, true);
  self.timed = false;
  SyncObject& object = objects_.At(semaphore);
  if (object.count == 0) {
    if (tries) {
      NoteSpin(event.address, pc);
      return EAGAIN;
    }
    PassTime(until);
    YieldNow();
    return ETIMEDOUT;
  }
  --object.count;
  self.clock.Join(object.clock);
  Progress();
  Recheck(semaphore);
  return 0;
}

void Runtime::SemaphorePost(std::uintptr_t semaphore, std::uintptr_t pc) {
  const Inside inside;
  Point({.kind = EventKind::kPost, .address = semaphore, .pc = pc}, true);
  SyncObject& object = objects_.At(semaphore);
  ++object.count;
  GiveBack(object, semaphore);
}

std::uint64_t Runtime::SemaphoreCount(std::uintptr_t semaphore) {
  const Inside inside;
  return objects_.At(semaphore).count;
}

void Runtime::BarrierInit(std::uintptr_t barrier, std::uint32_t count) {
  const Inside inside;
  SyncObject& object = objects_.At(barrier);
  object.Reset();
  object.size = count;
}

// True for the one who came last.
bool Runtime::BarrierWait(std::uintptr_t barrier, std::uintptr_t pc) {
  const Inside inside;
  Point({.kind = EventKind::kPost, .address = barrier, .pc = pc}, true);
  SyncObject& object = objects_.At(barrier);
  object.clock.Join(Current().clock);
  Current().clock.Advance(current_thread);
  if (++object.count == object.size) {
    object.count = 0;
    Current().clock.Join(object.clock);
    for (const ThreadId waiter : object.waiters) {
      threads_[waiter].signalled = true;
      threads_[waiter].clock.Join(object.clock);
    }
    object.waiters.clear();
    object.clock.Clear();
    Progress();
    Recheck(barrier);
    return true;
  }
  object.waiters.push_back(current_thread);
  Current().signalled = false;
  Point({.kind = EventKind::kBarrier, .address = barrier, .pc = pc}, true);
  Current().signalled = false;
  return false;
}

bool Runtime::FutexWait(const std::uint32_t* word, std::uint32_t value, std::uint64_t until,
                        std::uintptr_t pc) {
  const Inside inside;
  const auto address = reinterpret_cast<std::uintptr_t>(word);
  Point({.kind = EventKind::kWait, .address = address, .pc = pc}, true);
  if (*word != value) return false;
  if (!AwaitSignal(address, 0, until, pc)) {
    PassTime(until);
    YieldNow();
  }
  return true;
}

bool Runtime::BeginOnce(OnceFlag* flag, std::uintptr_t pc) {
  const Inside inside;
  const auto address = reinterpret_cast<std::uintptr_t>(flag);
  Point({.kind = EventKind::kLock, .address = address, .pc = pc}, InProgram(pc));
  if (*flag != 0) {
    // One that comes later makes nothing known to the next.
    Current().clock.Join(objects_.At(address).clock);
    return false;
  }
  TakeMutex(address);
  return true;
}

void Runtime::EndOnce(OnceFlag* flag, bool done, std::uintptr_t pc) {
  if (done) {
    const Inside inside;
    *flag = kOnceDone;
    once_flags_.push_back(flag);
  }
  Unlock(reinterpret_cast<std::uintptr_t>(flag), pc);
}

}  // namespace slotproof::sched
