#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>
#include <time.h>

#include <array>
#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness/sched/behaviour/library_programs.h"
#include "harness/sched/fail.h"
#include "harness/sched/litmus/registers.h"

// What threads share: flags of what is done once, barriers, locks, conditions, time.

namespace slotproof::sched {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// --- once

void CallOnce() {
  std::once_flag flag;
  int times = 0;
  const auto call = [&] {
    std::call_once(flag, [&](int by) { times += by; }, 1);
    Check(times == 1, "it ran once, before anybody goes on");
  };
  Together(call, call);
}

// An exception leaves it undone: somebody else does it.
void CallOnceThrows() {
  std::once_flag flag;
  std::atomic<int> tries{0};
  std::atomic<int> caught{0};
  const auto call = [&] {
    try {
      std::call_once(flag, [&] {
        if (tries++ == 0) throw std::runtime_error("not yet");
      });
    } catch (const std::runtime_error&) {
      ++caught;
    }
  };
  Together(call, call);
  Check(tries == 2 && caught == 1, "the second one does it");
}

// A flag that lies where an earlier one lay is a new one.
void CallOnceAtOnePlace() {
  int times = 0;
  const auto call = [&] {
    std::once_flag flag;
    std::call_once(flag, [&] { ++times; });
    std::call_once(flag, [&] { ++times; });
  };
  for (int i = 0; i < 3; ++i) call();
  Check(times == 3, "each flag is done once");
}

void CallOnceWithin() {
  std::once_flag outer;
  std::once_flag inner;
  int times = 0;
  const auto call = [&] {
    std::call_once(outer, [&] { std::call_once(inner, [&] { ++times; }); });
    Check(times == 1, "both are done");
  };
  Together(call, call);
}

// That one thread found it done tells the next one nothing of the first.
void CallOnceMakesNothingElseKnown() {
  std::once_flag flag;
  std::call_once(flag, [] {});
  int x = 0;
  Together(
      [&] {
        x = 1;
        std::call_once(flag, [] {});
      },
      [&] {
        std::call_once(flag, [] {});
        x = 2;
      });
}

struct Counted {
  explicit Counted(std::atomic<int>* made) : text(100, 'x') { ++*made; }
  std::string text;  // lies in the memory of the schedule
};

// Two threads come to a static variable that is not there yet; each schedule makes it anew.
void StaticOfAFunction() {
  std::atomic<int> made{0};
  const auto use = [&] {
    static Counted counted(&made);
    Check(counted.text == std::string(100, 'x'), "it is whole");
  };
  Together(use, use);
  Check(made == 1, "it is made once in each schedule");
}

void StaticThatThrows() {
  std::atomic<int> tries{0};
  std::atomic<int> caught{0};
  const auto use = [&] {
    struct Fragile {
      explicit Fragile(std::atomic<int>* tried) {
        if (tried->fetch_add(1) == 0) throw std::runtime_error("not yet");
      }
      int value = 5;
    };
    try {
      static Fragile fragile(&tries);
      Check(fragile.value == 5, "it is whole");
    } catch (const std::runtime_error&) {
      ++caught;
    }
  };
  Together(use, use);
  Check(tries == 2 && caught == 1, "the second one makes it");
}

// --- std::barrier and its relatives

void BarrierWithCompletion() {
  int phase = 0;
  std::array<int, 2> at{};
  std::barrier barrier(2, [&]() noexcept { ++phase; });
  const auto arrive = [&](std::size_t self) {
    at[self] = 1;
    barrier.arrive_and_wait();
    Check(phase == 1 && at[1 - self] == 1, "both have come");
  };
  Together([&] { arrive(0); }, [&] { arrive(1); });
}

void BarrierDrop() {
  std::barrier barrier(2);
  int data = 0;
  Together(
      [&] {
        data = 1;
        barrier.arrive_and_drop();
      },
      [&] {
        barrier.arrive_and_wait();
        Check(data == 1, "both have come");
      });
}

void Latch() {
  std::latch latch(2);
  std::array<int, 2> data{};
  Together(
      [&] {
        data[0] = 1;
        latch.count_down();
      },
      [&] {
        data[1] = 1;
        latch.count_down();
      },
      [&] {
        latch.wait();
        Check(data[0] == 1 && data[1] == 1, "both have come");
      });
}

void CountingSemaphore() {
  std::counting_semaphore<2> items(0);
  std::atomic<int> data{0};
  const auto take = [&] {
    items.acquire();
    Check(data > 0, "there is an item");
  };
  Together(take, take, [&] {
    data = 1;
    items.release(2);
  });
}

void BinarySemaphoreTimesOut() {
  std::binary_semaphore never(0);
  const Clock::time_point start = Clock::now();
  Check(!never.try_acquire(), "there is nothing");
  Check(!never.try_acquire_for(50ms), "nothing comes");
  Check(Clock::now() - start >= 50ms, "the time is over");
}

// --- locks

void SharedMutex() {
  std::shared_mutex mutex;
  int x = 0;
  const auto read = [&] {
    const std::shared_lock lock(mutex);
    const int before = x;
    Check(before == x, "nobody writes meanwhile");
  };
  Together(read, read, [&] {
    const std::unique_lock lock(mutex);
    ++x;
  });
}

void SharedTimedMutex() {
  std::shared_timed_mutex mutex;
  int x = 0;
  Together(
      [&] {
        if (mutex.try_lock_for(10ms)) {
          ++x;
          mutex.unlock();
        }
      },
      [&] {
        if (mutex.try_lock_shared_until(Clock::now() + 10ms)) {
          Check(x == 0 || x == 1, "it may be read");
          mutex.unlock_shared();
        }
      });
}

void TimedMutexTimesOut() {
  std::timed_mutex mutex;
  const std::lock_guard lock(mutex);
  std::thread([&] {
    const Clock::time_point start = Clock::now();
    Check(!mutex.try_lock_for(30ms), "it is taken");
    Check(Clock::now() - start >= 30ms, "the time is over");
  }).join();
}

void RecursiveTimedMutex() {
  std::recursive_timed_mutex mutex;
  int x = 0;
  const auto add = [&] {
    const std::lock_guard outer(mutex);
    Check(mutex.try_lock(), "it is one's own");
    Check(mutex.try_lock_for(1ms), "and again");
    ++x;
    mutex.unlock();
    mutex.unlock();
  };
  Together(add, add);
  Check(x == 2, "they came one after the other");
}

// std::scoped_lock takes two locks in whatever order does not deadlock.
void ScopedLock() {
  std::mutex one;
  std::mutex other;
  int x = 0;
  Together(
      [&] {
        const std::scoped_lock lock(one, other);
        ++x;
      },
      [&] {
        const std::scoped_lock lock(other, one);
        ++x;
      });
}

void SpinLock() {
  pthread_spinlock_t lock{};
  pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
  int x = 0;
  const auto add = [&] {
    pthread_spin_lock(&lock);
    ++x;
    pthread_spin_unlock(&lock);
  };
  Together(add, add);
  Check(x == 2, "they came one after the other");
}

void ErrorCheckingMutex() {
  pthread_mutexattr_t attributes{};
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_t mutex{};
  pthread_mutex_init(&mutex, &attributes);
  Check(pthread_mutex_lock(&mutex) == 0, "it is free");
  Check(pthread_mutex_lock(&mutex) == EDEADLK, "it is one's own");
  Check(pthread_mutex_unlock(&mutex) == 0, "it is given back");
  pthread_mutex_destroy(&mutex);
}

// --- conditions, semaphores, time

void Broadcast() {
  std::mutex mutex;
  std::condition_variable ready;
  bool open = false;
  const auto wait = [&] {
    std::unique_lock lock(mutex);
    ready.wait(lock, [&] { return open; });
  };
  Together(wait, wait, [&] {
    {
      const std::lock_guard lock(mutex);
      open = true;
    }
    ready.notify_all();
  });
}

// Long waits end as soon as nobody else can go on: time passes with them.
void ConditionTimesOut() {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const Clock::time_point start = Clock::now();
  Check(!never.wait_for(lock, 2h, [] { return false; }), "nothing comes");
  Check(Clock::now() - start >= 2h, "the time is over");
  Check(never.wait_until(lock, std::chrono::system_clock::now() + 5s) == std::cv_status::timeout,
        "nothing comes");
  Check(lock.owns_lock(), "the lock was taken back");
}

// A signal in time or one that is too late: the predicate says which.
void ConditionInTimeOrLate() {
  std::mutex mutex;
  std::condition_variable ready;
  bool flag = false;
  Together(
      [&] {
        std::unique_lock lock(mutex);
        const bool in_time = ready.wait_for(lock, 1s, [&] { return flag; });
        Check(in_time == flag, "what it says is so");
      },
      [&] {
        const std::lock_guard lock(mutex);
        flag = true;
        ready.notify_one();
      });
}

void PosixSemaphores() {
  sem_t items;
  sem_init(&items, 0, 1);
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 3;
  int value = 0;
  Check(sem_timedwait(&items, &until) == 0, "there is one");
  Check(sem_getvalue(&items, &value) == 0 && value == 0, "it was taken");
  Check(sem_timedwait(&items, &until) == -1 && errno == ETIMEDOUT, "nothing comes");
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  Check(now.tv_sec >= until.tv_sec, "the time is over");
  Check(sem_trywait(&items) == -1 && errno == EAGAIN, "there is nothing");
  sem_post(&items);
  Check(sem_trywait(&items) == 0, "there is one again");
  sem_destroy(&items);
}

void Sleeps() {
  const Clock::time_point start = Clock::now();
  std::this_thread::sleep_for(1h);
  Check(Clock::now() - start >= 1h, "an hour has passed");
  std::this_thread::sleep_until(start + 2h);
  Check(Clock::now() >= start + 2h, "two hours have passed");
}

void OldClocks() {
  const time_t start = time(nullptr);
  std::this_thread::sleep_for(10s);
  timeval now{};
  gettimeofday(&now, nullptr);
  Check(now.tv_sec >= start + 10, "ten seconds have passed");
}

// Neither many short sleeps nor a loop that only looks at the clock is a livelock.
void WaitsForTheClock() {
  const Clock::time_point start = Clock::now();
  while (Clock::now() - start < 1s) std::this_thread::sleep_for(2ms);
  while (Clock::now() - start < 2s) {
  }
}

}  // namespace

std::span<const SmallProgram> ObjectPrograms() {
  static constexpr SmallProgram kAll[] = {
      {"CallOnce", CallOnce},
      {"CallOnceThrows", CallOnceThrows},
      {"CallOnceAtOnePlace", CallOnceAtOnePlace},
      {"CallOnceWithin", CallOnceWithin},
      {"CallOnceMakesNothingElseKnown", CallOnceMakesNothingElseKnown, "data_race"},
      {"StaticOfAFunction", StaticOfAFunction},
      {"StaticThatThrows", StaticThatThrows},
      {"BarrierWithCompletion", BarrierWithCompletion},
      {"BarrierDrop", BarrierDrop},
      {"Latch", Latch},
      {"CountingSemaphore", CountingSemaphore},
      {"BinarySemaphoreTimesOut", BinarySemaphoreTimesOut},
      {"SharedMutex", SharedMutex},
      {"SharedTimedMutex", SharedTimedMutex},
      {"TimedMutexTimesOut", TimedMutexTimesOut},
      {"RecursiveTimedMutex", RecursiveTimedMutex},
      {"ScopedLock", ScopedLock},
      {"SpinLock", SpinLock},
      {"ErrorCheckingMutex", ErrorCheckingMutex},
      {"Broadcast", Broadcast},
      {"ConditionTimesOut", ConditionTimesOut},
      {"ConditionInTimeOrLate", ConditionInTimeOrLate},
      {"PosixSemaphores", PosixSemaphores},
      {"Sleeps", Sleeps},
      {"OldClocks", OldClocks},
      {"WaitsForTheClock", WaitsForTheClock},
  };
  return kAll;
}

}  // namespace slotproof::sched
