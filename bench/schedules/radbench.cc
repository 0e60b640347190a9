#include <pthread.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// Two of RADBench's bugs, both of NSPR, the portable runtime under Mozilla's programs.

namespace slotproof::bench {
namespace {

// Bug 4: the first one who asks for the local time makes the lock for it, and two may be first. The
// second lock replaces the first one while that is held, and its holder gives back one that it does
// not hold. 2 threads, 2 preemptions: after a check and, in the other thread, under the lock.
struct LocalTime {
  static constexpr int kNobody = -1;

  struct Lock {
    std::mutex mutex;
    Racy<int> owner = kNobody;
  };

  Racy<Lock*> lock = nullptr;
  std::array<Lock, 2> made;  // each thread makes one at most
  std::array<int, 3> fields{};

  pthread_mutex_t monitor = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  int alive = 2;
};

void Acquire(LocalTime::Lock* lock, int self) {
  lock->mutex.lock();
  lock->owner = self;
}

void Release(LocalTime::Lock* lock, int self) {
  Require(lock->owner == self, "a lock is given back by one who does not hold it");
  lock->owner = LocalTime::kNobody;
  lock->mutex.unlock();
}

template <int kSelf>
void AskForTime(LocalTime& time) {
  if (time.lock == nullptr) {
    LocalTime::Lock& made = time.made[kSelf];
    made.owner = LocalTime::kNobody;
    time.lock = &made;
  }
  Acquire(time.lock, kSelf);
  for (int& field : time.fields) field = field + 1;
  Release(time.lock, kSelf);
}

template <int kSelf>
void AskForOffset(LocalTime& time) {
  AskForTime<kSelf>(time);  // of the epoch
  AskForTime<kSelf>(time);
  pthread_mutex_lock(&time.monitor);
  time.alive = time.alive - 1;
  pthread_cond_signal(&time.changed);
  pthread_mutex_unlock(&time.monitor);
}

void RunBug4() {
  LocalTime time;
  const Thread first = Start<AskForOffset<0>>(time);
  const Thread second = Start<AskForOffset<1>>(time);
  pthread_mutex_lock(&time.monitor);
  while (time.alive > 0) pthread_cond_wait(&time.changed, &time.monitor);
  pthread_mutex_unlock(&time.monitor);
  first.Join();
  second.Join();
}

// Bug 6: a lock for readers and writers lets no reader in while a writer waits. A reader that takes
// it a second time waits for the writer, which waits for the first time to end: a deadlock when the
// writer comes in between. 2 threads, 1 preemption.
struct ReadWriteLock {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t may_read = PTHREAD_COND_INITIALIZER;
  pthread_cond_t may_write = PTHREAD_COND_INITIALIZER;
  int holders = 0;  // readers, or -1 for a writer
  int waiting_readers = 0;
  int waiting_writers = 0;
};

void LockToRead(ReadWriteLock& lock) {
  pthread_mutex_lock(&lock.mutex);
  while (lock.holders < 0 || lock.waiting_writers > 0) {
    lock.waiting_readers = lock.waiting_readers + 1;
    pthread_cond_wait(&lock.may_read, &lock.mutex);
    lock.waiting_readers = lock.waiting_readers - 1;
  }
  lock.holders = lock.holders + 1;
  pthread_mutex_unlock(&lock.mutex);
}

void LockToWrite(ReadWriteLock& lock) {
  pthread_mutex_lock(&lock.mutex);
  while (lock.holders != 0) {
    lock.waiting_writers = lock.waiting_writers + 1;
    pthread_cond_wait(&lock.may_write, &lock.mutex);
    lock.waiting_writers = lock.waiting_writers - 1;
  }
  lock.holders = -1;
  pthread_mutex_unlock(&lock.mutex);
}

void Unlock(ReadWriteLock& lock) {
  pthread_mutex_lock(&lock.mutex);
  lock.holders = lock.holders < 0 ? 0 : lock.holders - 1;
  if (lock.holders == 0) {
    if (lock.waiting_writers > 0) {
      pthread_cond_signal(&lock.may_write);
    } else if (lock.waiting_readers > 0) {
      pthread_cond_broadcast(&lock.may_read);
    }
  }
  pthread_mutex_unlock(&lock.mutex);
}

void ReadTwice(ReadWriteLock& lock) {
  LockToRead(lock);
  LockToRead(lock);
  Unlock(lock);
  Unlock(lock);
}

void Write(ReadWriteLock& lock) {
  LockToWrite(lock);
  Unlock(lock);
}

void RunBug6() {
  ReadWriteLock lock;
  const Thread writer = Start<Write>(lock);
  const Thread reader = Start<ReadTwice>(lock);
  writer.Join();
  reader.Join();
}

constexpr Program kPrograms[] = {
    {"RADBench/bug4", RunBug4, 3, "two threads make the lock"},
    {"RADBench/bug6", RunBug6, 3, "deadlock: a reader reads again while a writer waits"},
};

}  // namespace

std::span<const Program> RadbenchPrograms() { return kPrograms; }

}  // namespace slotproof::bench
