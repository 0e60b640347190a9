// pthread and what is around it: in a schedule the calls are the scheduler's, elsewhere the
// library's. Defined in the program, they are also what libstdc++ calls.

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "harness/sched/real_call.h"
#include "harness/sched/runtime.h"

using slotproof::sched::MutexKind;
using slotproof::sched::OnceFlag;
using slotproof::sched::Runtime;
using slotproof::sched::ThreadId;

namespace {

// Handles of fibers; those of real threads are addresses.
constexpr pthread_t kFirstHandle = 0x5107'0000;

ThreadId ThreadOf(pthread_t handle) { return static_cast<ThreadId>(handle - kFirstHandle); }

std::uintptr_t At(const volatile void* object) { return reinterpret_cast<std::uintptr_t>(object); }

bool Active() { return Runtime::Active(); }

MutexKind KindOf(const pthread_mutex_t* mutex) {
  switch (mutex->__data.__kind & 3) {
    case PTHREAD_MUTEX_RECURSIVE:
      return MutexKind::kRecursive;
    case PTHREAD_MUTEX_ERRORCHECK:
      return MutexKind::kErrorChecking;
    default:
      return MutexKind::kNormal;
  }
}

std::uint64_t Nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

// The arguments of a function, given to the library's outside of a schedule.
#define OUTSIDE(name, ...) \
  if (!Active()) return SLOTPROOF_REAL(name)(__VA_ARGS__)
#define RUNTIME Runtime::Get()
#define CALLER SLOTPROOF_CALLER

// NOLINTBEGIN(readability-identifier-naming): the library's names.
extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  OUTSIDE(pthread_create, handle, attributes, body, argument);
  const ThreadId thread = RUNTIME.Create(body, argument, CALLER);
  *handle = kFirstHandle + thread;
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  if (state == PTHREAD_CREATE_DETACHED) RUNTIME.Detach(thread);
  return 0;
}
int pthread_join(pthread_t handle, void** result) {
  OUTSIDE(pthread_join, handle, result);
  void* const value = RUNTIME.Join(ThreadOf(handle), CALLER);
  if (result != nullptr) *result = value;
  return 0;
}
int pthread_detach(pthread_t handle) noexcept {
  OUTSIDE(pthread_detach, handle);
  RUNTIME.Detach(ThreadOf(handle));
  return 0;
}
void pthread_exit(void* result) {
  if (!Active()) SLOTPROOF_REAL(pthread_exit)(result);
  RUNTIME.Exit(result);
}
pthread_t pthread_self() noexcept {
  OUTSIDE(pthread_self);
  return kFirstHandle + Runtime::current();
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  OUTSIDE(pthread_mutex_lock, mutex);
  return RUNTIME.Lock(At(mutex), KindOf(mutex), CALLER);
}
int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  OUTSIDE(pthread_mutex_trylock, mutex);
  return RUNTIME.TryLock(At(mutex), KindOf(mutex), CALLER);
}
int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  OUTSIDE(pthread_mutex_timedlock, mutex, until);
  return RUNTIME.TimedLock(At(mutex), KindOf(mutex), Nanoseconds(*until), CALLER);
}
int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                            const timespec* until) noexcept {
  OUTSIDE(pthread_mutex_clocklock, mutex, clock, until);
  return RUNTIME.TimedLock(At(mutex), KindOf(mutex), Nanoseconds(*until), CALLER);
}
int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  OUTSIDE(pthread_mutex_unlock, mutex);
  return RUNTIME.Unlock(At(mutex), CALLER);
}
int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  OUTSIDE(pthread_mutex_destroy, mutex);
  return RUNTIME.DestroyLock(At(mutex));
}

int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  return SLOTPROOF_REAL(pthread_spin_init)(lock, shared);
}
int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  OUTSIDE(pthread_spin_lock, lock);
  return RUNTIME.Lock(At(lock), MutexKind::kNormal, CALLER);
}
int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
  OUTSIDE(pthread_spin_trylock, lock);
  return RUNTIME.TryLock(At(lock), MutexKind::kNormal, CALLER);
}
int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  OUTSIDE(pthread_spin_unlock, lock);
  return RUNTIME.Unlock(At(lock), CALLER);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  OUTSIDE(pthread_rwlock_rdlock, lock);
  return RUNTIME.LockShared(At(lock), CALLER);
}
int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
  OUTSIDE(pthread_rwlock_tryrdlock, lock);
  return RUNTIME.TryLockShared(At(lock), CALLER);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  OUTSIDE(pthread_rwlock_wrlock, lock);
  return RUNTIME.Lock(At(lock), MutexKind::kNormal, CALLER);
}
int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
  OUTSIDE(pthread_rwlock_trywrlock, lock);
  return RUNTIME.TryLock(At(lock), MutexKind::kNormal, CALLER);
}
int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
  OUTSIDE(pthread_rwlock_timedrdlock, lock, until);
  return RUNTIME.TimedLockShared(At(lock), Nanoseconds(*until), CALLER);
}
int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                               const timespec* until) noexcept {
  OUTSIDE(pthread_rwlock_clockrdlock, lock, clock, until);
  return RUNTIME.TimedLockShared(At(lock), Nanoseconds(*until), CALLER);
}
int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
  OUTSIDE(pthread_rwlock_timedwrlock, lock, until);
  return RUNTIME.TimedLock(At(lock), MutexKind::kNormal, Nanoseconds(*until), CALLER);
}
int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                               const timespec* until) noexcept {
  OUTSIDE(pthread_rwlock_clockwrlock, lock, clock, until);
  return RUNTIME.TimedLock(At(lock), MutexKind::kNormal, Nanoseconds(*until), CALLER);
}
int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
  OUTSIDE(pthread_rwlock_unlock, lock);
  return RUNTIME.Unlock(At(lock), CALLER);
}
int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  OUTSIDE(pthread_rwlock_destroy, lock);
  return RUNTIME.DestroyLock(At(lock));
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  OUTSIDE(pthread_cond_wait, condition, mutex);
  return RUNTIME.Wait(At(condition), At(mutex), Runtime::kForever, CALLER);
}
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  OUTSIDE(pthread_cond_timedwait, condition, mutex, until);
  return RUNTIME.Wait(At(condition), At(mutex), Nanoseconds(*until), CALLER);
}
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  OUTSIDE(pthread_cond_clockwait, condition, mutex, clock, until);
  return RUNTIME.Wait(At(condition), At(mutex), Nanoseconds(*until), CALLER);
}
int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  OUTSIDE(pthread_cond_signal, condition);
  RUNTIME.Signal(At(condition), 1, CALLER);
  return 0;
}
int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  OUTSIDE(pthread_cond_broadcast, condition);
  RUNTIME.Signal(At(condition), Runtime::kAll, CALLER);
  return 0;
}
int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  OUTSIDE(pthread_cond_destroy, condition);
  return 0;
}

int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  OUTSIDE(sem_init, semaphore, shared, value);
  RUNTIME.SemaphoreInit(At(semaphore), value);
  return 0;
}
int sem_wait(sem_t* semaphore) {
  OUTSIDE(sem_wait, semaphore);
  return RUNTIME.SemaphoreWait(At(semaphore), false, Runtime::kForever, CALLER);
}
int sem_trywait(sem_t* semaphore) noexcept {
  OUTSIDE(sem_trywait, semaphore);
  errno = RUNTIME.SemaphoreWait(At(semaphore), true, Runtime::kForever, CALLER);
  return errno == 0 ? 0 : -1;
}
int sem_timedwait(sem_t* semaphore, const timespec* until) {
  OUTSIDE(sem_timedwait, semaphore, until);
  errno = RUNTIME.SemaphoreWait(At(semaphore), false, Nanoseconds(*until), CALLER);
  return errno == 0 ? 0 : -1;
}
int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  OUTSIDE(sem_clockwait, semaphore, clock, until);
  errno = RUNTIME.SemaphoreWait(At(semaphore), false, Nanoseconds(*until), CALLER);
  return errno == 0 ? 0 : -1;
}
int sem_post(sem_t* semaphore) noexcept {
  OUTSIDE(sem_post, semaphore);
  RUNTIME.SemaphorePost(At(semaphore), CALLER);
  return 0;
}
int sem_getvalue(sem_t* semaphore, int* value) noexcept {
  OUTSIDE(sem_getvalue, semaphore, value);
  *value = static_cast<int>(RUNTIME.SemaphoreCount(At(semaphore)));
  return 0;
}
int sem_destroy(sem_t* semaphore) noexcept {
  OUTSIDE(sem_destroy, semaphore);
  return 0;
}

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned count) noexcept {
  OUTSIDE(pthread_barrier_init, barrier, attributes, count);
  RUNTIME.BarrierInit(At(barrier), count);
  return 0;
}
int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  OUTSIDE(pthread_barrier_wait, barrier);
  return RUNTIME.BarrierWait(At(barrier), CALLER) ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}
int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  OUTSIDE(pthread_barrier_destroy, barrier);
  return 0;
}

int pthread_once(pthread_once_t* flag, void (*body)()) {
  OUTSIDE(pthread_once, flag, body);
  auto* const byte = reinterpret_cast<OnceFlag*>(flag);
  const std::uintptr_t pc = CALLER;
  if (!RUNTIME.BeginOnce(byte, pc)) return 0;
  try {
    body();
  } catch (...) {
    RUNTIME.EndOnce(byte, false, pc);
    throw;
  }
  RUNTIME.EndOnce(byte, true, pc);
  return 0;
}

int sched_yield() noexcept {
  OUTSIDE(sched_yield);
  RUNTIME.Yield(CALLER);
  return 0;
}
int nanosleep(const timespec* time, timespec* rest) {
  OUTSIDE(nanosleep, time, rest);
  RUNTIME.Sleep(Nanoseconds(*time), CALLER);
  return 0;
}
int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* rest) {
  OUTSIDE(clock_nanosleep, clock, flags, time, rest);
  const std::uint64_t when = Nanoseconds(*time);
  const std::uint64_t now = RUNTIME.Now();
  const bool absolute = (flags & TIMER_ABSTIME) != 0;
  RUNTIME.Sleep(absolute ? (when > now ? when - now : 0) : when, CALLER);
  return 0;
}
int usleep(useconds_t time) {
  OUTSIDE(usleep, time);
  RUNTIME.Sleep(std::uint64_t{time} * 1000, CALLER);
  return 0;
}
int clock_gettime(clockid_t clock, timespec* time) noexcept {
  OUTSIDE(clock_gettime, clock, time);
  const std::uint64_t now = RUNTIME.ReadClock(CALLER);
  time->tv_sec = static_cast<time_t>(now / 1'000'000'000);
  time->tv_nsec = static_cast<long>(now % 1'000'000'000);
  return 0;
}

time_t time(time_t* result) noexcept {
  OUTSIDE(time, result);
  const auto seconds = static_cast<time_t>(RUNTIME.ReadClock(CALLER) / 1'000'000'000);
  if (result != nullptr) *result = seconds;
  return seconds;
}
int gettimeofday(timeval* time, void* zone) noexcept {
  OUTSIDE(gettimeofday, time, zone);
  const std::uint64_t now = RUNTIME.ReadClock(CALLER);
  time->tv_sec = static_cast<time_t>(now / 1'000'000'000);
  time->tv_usec = static_cast<suseconds_t>(now / 1'000 % 1'000'000);
  return 0;
}

// These would start real threads, or end one that is none.
int thrd_create(thrd_t* thread, thrd_start_t body, void* argument) {
  OUTSIDE(thrd_create, thread, body, argument);
  RUNTIME.End(slotproof::sched::Ending::kUnsupported, "thrd_create: use std::thread or pthreads");
}
int pthread_cancel(pthread_t handle) {
  OUTSIDE(pthread_cancel, handle);
  RUNTIME.End(slotproof::sched::Ending::kUnsupported, "pthread_cancel");
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
