// Litmus programs of synchronisation: locks, conditions, semaphores, barriers, once flags, futexes,
// threads themselves; and each way to misuse them.

#include <pthread.h>
#include <semaphore.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

#include "harness/sched/fail.h"
#include "harness/sched/litmus/litmus.h"
#include "harness/sched/litmus/registers.h"

namespace slotproof::sched {
namespace {

// Three critical sections of one lock: 3! orders.
void ThreeLock() {
  StartWith(1);
  std::mutex mutex;
  int x = 0;
  const auto add = [&] {
    const std::lock_guard lock(mutex);
    ++x;
  };
  Together(add, add, add);
  R(0) = x;
}

// C(4, 2).
void TwoLockTwice() {
  StartWith(1);
  std::mutex mutex;
  int x = 0;
  const auto add = [&] {
    for (int i = 0; i < 2; ++i) {
      const std::lock_guard lock(mutex);
      ++x;
    }
  };
  Together(add, add);
  R(0) = x;
}

// Either thread has both locks first, or each has one.
void LocksInBothOrders() {
  StartWith(1);
  std::mutex one;
  std::mutex other;
  Together(
      [&] {
        const std::lock_guard first(one);
        const std::lock_guard second(other);
      },
      [&] {
        const std::lock_guard first(other);
        const std::lock_guard second(one);
      });
}

// Three philosophers, three forks. Each fork has two users, one of whom is first: 2^3 orders, of
// which the two that go round in a circle are the deadlock in which each has its left fork, and the
// one in which nobody could take the first of its forks before another, which cannot be.
void Philosophers() {
  StartWith(1);
  std::array<std::mutex, 3> forks;
  const auto eat = [&](std::size_t self) {
    const std::lock_guard left(forks[self]);
    const std::lock_guard right(forks[(self + 1) % 3]);
  };
  Together([&] { eat(0); }, [&] { eat(1); }, [&] { eat(2); });
}

// Where the other lock is only tried, nothing waits for ever.
void TryTheOther() {
  StartWith(2);
  std::mutex one;
  std::mutex other;
  const auto take = [](std::mutex& first, std::mutex& second) {
    const std::lock_guard lock(first);
    const std::unique_lock second_lock(second, std::try_to_lock);
    return second_lock.owns_lock() ? 1 : 0;
  };
  Together([&] { R(0) = take(one, other); }, [&] { R(1) = take(other, one); });
}

void RecursiveLock() {
  StartWith(1);
  std::recursive_mutex mutex;
  int x = 0;
  const auto add = [&] {
    const std::lock_guard outer(mutex);
    const std::lock_guard inner(mutex);
    ++x;
  };
  Together(add, add);
  R(0) = x;
}

void LockedTwice() {
  StartWith(1);
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&mutex);
}

void UnlockedByAnother() {
  StartWith(1);
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  Together([&] { pthread_mutex_unlock(&mutex); });
}

// Readers do not exclude each other: the writer comes before, between or after them, and their
// order among themselves does not matter: 2^2.
void ReadersAndWriter() {
  StartWith(2);
  std::shared_mutex mutex;
  int x = 0;
  const auto read = [&](std::size_t i) {
    const std::shared_lock lock(mutex);
    R(i) = x;
  };
  Together([&] { read(0); }, [&] { read(1); },
           [&] {
             const std::unique_lock lock(mutex);
             x = 1;
           });
}

// Each reader waits for the other one, while both read.
void ReadersMeet() {
  StartWith(2);
  std::shared_mutex mutex;
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  const auto read = [&](std::size_t i) {
    const std::shared_lock lock(mutex);
    pthread_barrier_wait(&barrier);
    R(i) = 1;
  };
  Together([&] { read(0); }, [&] { read(1); });
}

// Who was woken must not go on while the one who woke it still has the mutex.
void SignalThenWork() {
  StartWith(1);
  std::mutex mutex;
  std::condition_variable ready;
  std::atomic<int> step{0};
  bool flag = false;
  Together(
      [&] {
        std::unique_lock lock(mutex);
        while (!flag) ready.wait(lock);
        R(0) = step;
      },
      [&] {
        const std::lock_guard lock(mutex);
        flag = true;
        ready.notify_one();
        step = 1;
        step = 2;
      });
}

// The signal may come before the wait: a check of the flag outside of the lock. Signal before the
// wait, after it, or after the flag was seen.
void LostWakeup() {
  StartWith(1);
  std::mutex mutex;
  std::condition_variable ready;
  std::atomic<bool> flag{false};
  Together(
      [&] {
        std::unique_lock lock(mutex);
        if (!flag) ready.wait(lock);
      },
      [&] {
        flag = true;
        ready.notify_one();
      });
}

void WaitInALoop() {
  StartWith(1);
  std::mutex mutex;
  std::condition_variable ready;
  bool flag = false;
  Together(
      [&] {
        std::unique_lock lock(mutex);
        while (!flag) ready.wait(lock);
        R(0) = 1;
      },
      [&] {
        const std::lock_guard lock(mutex);
        flag = true;
        ready.notify_one();
      });
}

// One signal for two that wait.
void OneSignalForTwo() {
  StartWith(1);
  std::mutex mutex;
  std::condition_variable ready;
  int tickets = 0;
  const auto take = [&] {
    std::unique_lock lock(mutex);
    while (tickets == 0) ready.wait(lock);
    --tickets;
  };
  Together(take, take, [&] {
    const std::lock_guard lock(mutex);
    tickets = 2;
    ready.notify_one();
  });
}

void Semaphores() {
  StartWith(1);
  sem_t items;
  sem_init(&items, 0, 0);
  int data = 0;
  Together(
      [&] {
        data = 3;
        sem_post(&items);
      },
      [&] {
        sem_wait(&items);
        R(0) = data;
      });
}

void Barrier() {
  StartWith(2);
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  int x = 0;
  int y = 0;
  Together(
      [&] {
        x = 1;
        pthread_barrier_wait(&barrier);
        R(0) = y;
      },
      [&] {
        y = 2;
        pthread_barrier_wait(&barrier);
        R(1) = x;
      });
}

// The flag is never that of an earlier run: it lives in the heap.
void Once() {
  StartWith(1);
  pthread_once_t flag = PTHREAD_ONCE_INIT;
  static int times;
  times = 0;
  const auto call = [&] { pthread_once(&flag, [] { ++times; }); };
  Together(call, call);
  R(0) = times;
}

// std::atomic's wait is a futex.
void AtomicWait() {
  StartWith(1);
  std::atomic<int> flag{0};
  int data = 0;
  Together(
      [&] {
        data = 4;
        flag = 1;
        flag.notify_one();
      },
      [&] {
        flag.wait(0);
        R(0) = data;
      });
}

thread_local int own = 10;

// Each thread counts in a variable of its own, with a switch in between.
void ThreadLocals() {
  StartWith(2);
  std::atomic<int> between{0};
  const auto count = [&](std::size_t i) {
    ++own;
    between.fetch_add(1);
    R(i) = ++own;
  };
  Together([&] { count(0); }, [&] { count(1); });
}

// Exceptions are in flight on both sides of a switch.
void ExceptionsAcrossSwitches() {
  StartWith(2);
  std::atomic<int> between{0};
  const auto fly = [&](std::size_t i) {
    try {
      throw std::runtime_error(i == 0 ? "a" : "b");
    } catch (const std::runtime_error& error) {
      between.fetch_add(1);
      try {
        throw;
      } catch (const std::runtime_error& again) {
        R(i) =
            again.what()[0] == error.what()[0] && again.what()[0] == (i == 0 ? 'a' : 'b') ? 1 : 0;
      }
    }
  };
  Together([&] { fly(0); }, [&] { fly(1); });
}

void UncaughtException() {
  StartWith(0);
  Together([] { throw std::runtime_error("thrown"); });
}

void NotJoined() {
  StartWith(0);
  pthread_t thread{};
  pthread_create(&thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
}

void JoinedTwice() {
  StartWith(0);
  pthread_t thread{};
  pthread_create(&thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
  pthread_join(thread, nullptr);
  pthread_join(thread, nullptr);
}

void NullPointer() {
  StartWith(1);
  std::atomic<int*> shared{nullptr};
  static int value;
  Together([&] { shared = &value; }, [&] { R(0) = *shared.load(); });
}

void EndlessRecursion() {
  StartWith(0);
  struct Deep {
    static int Down(int depth) {
      std::array<volatile int, 256> frame{};
      frame[0] = depth;
      return depth < 0 ? 0 : Down(depth + 1) + frame[0];
    }
  };
  Together([] { registers.value[0] = Deep::Down(0); });
}

}  // namespace

std::span<const Litmus> SyncLitmus() {
  static constexpr Litmus kAll[] = {
      {"ThreeLock", ThreeLock, 6, "3"},
      {"TwoLockTwice", TwoLockTwice, 6, "4"},
      {"LocksInBothOrders", LocksInBothOrders, 3, "0 deadlock"},
      {"Philosophers", Philosophers, 7, "0 deadlock"},
      {"TryTheOther", TryTheOther, 0, "0,0 0,1 1,0 1,1"},
      {"RecursiveLock", RecursiveLock, 2, "2"},
      {"LockedTwice", LockedTwice, 1, "deadlock"},
      {"UnlockedByAnother", UnlockedByAnother, 1, "lock_misuse"},
      {"ReadersAndWriter", ReadersAndWriter, 4, "0,0 0,1 1,0 1,1"},
      {"LostWakeup", LostWakeup, 3, "0 lost_wake-up"},
      {"WaitInALoop", WaitInALoop, 2, "1"},
      {"ReadersMeet", ReadersMeet, 0, "1,1"},
      {"SignalThenWork", SignalThenWork, 0, "2"},
      {"OneSignalForTwo", OneSignalForTwo, 0, "0 deadlock"},
      {"Semaphores", Semaphores, 1, "3"},
      {"Barrier", Barrier, 0, "2,1"},
      {"Once", Once, 2, "1"},
      {"AtomicWait", AtomicWait, 0, "4", true, true},
      {"ThreadLocals", ThreadLocals, 2, "12,12"},
      {"ExceptionsAcrossSwitches", ExceptionsAcrossSwitches, 2, "1,1"},
      {"UncaughtException", UncaughtException, 1, "failed"},
      {"NotJoined", NotJoined, 1, "leaked_thread"},
      {"JoinedTwice", JoinedTwice, 1, "lock_misuse"},
      {"NullPointer", NullPointer, 2, "0 crash"},
      {"EndlessRecursion", EndlessRecursion, 1, "crash"},
  };
  return kAll;
}

}  // namespace slotproof::sched
