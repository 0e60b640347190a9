#include "harness/sched/behaviour/library_programs.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "harness/sched/fail.h"
#include "harness/sched/litmus/registers.h"

namespace slotproof::sched {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void Check(bool is, const char* what) {
  if (!is) Fail(what);
}

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
    }
  };
  Together(use, use);
  Check(tries == 2, "the second one makes it");
}

// --- atomics

void AtomicWaitAndNotify() {
  std::atomic<std::uint64_t> flag{0};
  int data = 0;
  const auto wait = [&] {
    flag.wait(0);
    Check(data == 1, "what came before the flag is seen");
  };
  Together(wait, wait, [&] {
    data = 1;
    flag.store(7);
    flag.notify_all();
  });
}

void AtomicFlag() {
  std::atomic_flag flag;
  int data = 0;
  Together(
      [&] {
        data = 1;
        flag.test_and_set();
        flag.notify_one();
      },
      [&] {
        flag.wait(false);
        Check(data == 1, "what came before the flag is seen");
      });
}

void AtomicRef() {
  int x = 0;
  const auto add = [&] { std::atomic_ref(x).fetch_add(1); };
  Together(add, add);
  Check(x == 2, "no update is lost");
}

// A compare-exchange that fails has only read, so a plain read beside it is no race.
void FailedExchangeBesideARead() {
  alignas(4) int x = 1;
  Together(
      [&] {
        int expected = 0;
        std::atomic_ref(x).compare_exchange_strong(expected, 5);
      },
      [&] { Check(x == 1, "nobody writes"); });
}

void ExchangeBesideARead() {
  alignas(4) int x = 0;
  Together(
      [&] {
        int expected = 0;
        std::atomic_ref(x).compare_exchange_strong(expected, 5);
      },
      [&] { Check(x == 0 || x == 5, "or it is read"); });
}

// Formally a race: the library (12) unlocks with a relaxed store after a load.
void AtomicSharedPointer() {
  std::atomic<std::shared_ptr<int>> shared{std::make_shared<int>(1)};
  Together([&] { shared.store(std::make_shared<int>(2)); },
           [&] {
             const std::shared_ptr<int> mine = shared.load();
             Check(*mine == 1 || *mine == 2, "it is one of the two");
           });
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

// --- threads

void StopToken() {
  std::atomic<int> stopped{0};
  {
    const std::jthread thread([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
      }
      stopped = 1;
    });
  }
  Check(stopped == 1, "it stopped and was joined");
}

void StopTokenOfACondition() {
  std::mutex mutex;
  std::condition_variable_any never;
  std::atomic<bool> stopped{false};
  std::jthread thread([&](const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    Check(!never.wait(lock, stop, [] { return false; }), "it was stopped");
    stopped = true;
  });
  thread.request_stop();
  thread.join();
  Check(stopped, "it ended");
}

void Async() {
  std::future<int> future = std::async(std::launch::async, [] { return 5; });
  std::future<int> later = std::async(std::launch::deferred, [] { return 6; });
  Check(later.get() == 6, "a deferred call runs where it is asked for");
  Check(future.get() == 5, "another thread has computed it");
}

void AsyncThrows() {
  std::future<int> future =
      std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown"); });
  try {
    future.get();
    Fail("it throws");
  } catch (const std::runtime_error& error) {
    Check(std::string(error.what()) == "thrown", "what the thread threw");
  }
}

void Promise() {
  std::promise<std::string> promise;
  std::future<std::string> future = promise.get_future();
  Together([&] { promise.set_value("kept"); },
           [&] { Check(future.get() == "kept", "what was promised"); });
}

void SharedFuture() {
  std::promise<int> promise;
  const std::shared_future<int> future = promise.get_future().share();
  const auto wait = [&] { Check(future.get() == 3, "all have it"); };
  Together(wait, wait, [&] { promise.set_value(3); });
}

void FutureTimesOut() {
  std::promise<int> promise;
  const std::future<int> future = promise.get_future();
  const Clock::time_point start = Clock::now();
  Check(future.wait_for(20ms) == std::future_status::timeout, "nothing comes");
  Check(Clock::now() - start >= 20ms, "the time is over");
}

void PackagedTask() {
  std::packaged_task<int(int)> task([](int x) { return 2 * x; });
  std::future<int> future = task.get_future();
  std::thread thread(std::move(task), 21);
  Check(future.get() == 42, "the task has run");
  thread.join();
}

void ThreadsDiffer() {
  std::array<std::thread::id, 2> ids;
  Together([&] { ids[0] = std::this_thread::get_id(); },
           [&] { ids[1] = std::this_thread::get_id(); });
  Check(ids[0] != ids[1] && ids[0] != std::this_thread::get_id(), "each has its own id");
}

void Detached() {
  auto done = std::make_shared<std::atomic<int>>(0);
  std::thread([done] { done->fetch_add(1); }).detach();
}

void ThreadResults() {
  pthread_t thread{};
  pthread_create(
      &thread, nullptr,
      [](void* argument) -> void* {
        pthread_exit(static_cast<char*>(argument) + 1);
        return nullptr;
      },
      nullptr);
  void* result = nullptr;
  pthread_join(thread, &result);
  Check(reinterpret_cast<std::uintptr_t>(result) == 1, "what the thread left");
}

// --- thread-local variables

std::vector<int>* destroyed = nullptr;

struct Dying {
  explicit Dying(int as) : number(as) {}
  ~Dying() {
    if (destroyed != nullptr) destroyed->push_back(number);
  }
  int number;
};

thread_local Dying dying_first(1);
thread_local Dying dying_second(2);

// They are destroyed when their thread ends, before it is joined, the last one made first.
void ThreadLocalDestructors() {
  std::vector<int> log;
  destroyed = &log;
  std::thread([] { Check(dying_first.number + dying_second.number == 3, "both are made"); }).join();
  Check(log == std::vector<int>({2, 1}) || log == std::vector<int>({1, 2}), "both are destroyed");
  const std::size_t before = log.size();
  std::thread([] {}).join();
  Check(log.size() == before, "those that were not used are not made");
  destroyed = nullptr;
}

thread_local int initialized = 7;

void ThreadLocalsStartAnew() {
  const auto use = [] {
    Check(initialized == 7, "each thread's own begins as written");
    initialized = 8;
  };
  use();
  Together(use, use);
  Check(initialized == 8, "and stays its own");
}

void PthreadKeys() {
  static pthread_key_t key;
  static std::atomic<int> ended;
  ended = 0;
  pthread_key_create(&key, [](void* value) { ended += *static_cast<int*>(value); });
  std::array<int, 2> values = {1, 10};
  const auto use = [&](std::size_t self) {
    Check(pthread_getspecific(key) == nullptr, "it is null at first");
    pthread_setspecific(key, &values[self]);
    std::this_thread::yield();
    Check(pthread_getspecific(key) == &values[self], "it is the thread's own");
  };
  Together([&] { use(0); }, [&] { use(1); });
  Check(ended == 11, "each thread's end has run the destructor");
  pthread_key_delete(key);
}

// --- exceptions

void ExceptionPointers() {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      throw std::runtime_error("carried");
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  try {
    std::rethrow_exception(thrown);
  } catch (const std::runtime_error& error) {
    Check(std::string(error.what()) == "carried", "it is the one that was thrown");
  }
}

// While a thread unwinds its stack, others are not unwinding theirs.
void UncaughtExceptions() {
  std::atomic<int> between{0};
  struct Look {
    std::atomic<int>* between;
    ~Look() {
      Check(std::uncaught_exceptions() == 1, "one exception is in flight here");
      ++*between;
      Check(std::uncaught_exceptions() == 1, "also after a switch");
    }
  };
  const auto fly = [&] {
    try {
      const Look look{&between};
      throw 1;
    } catch (int) {
      ++between;
      Check(std::uncaught_exceptions() == 0, "it was caught");
    }
  };
  Together(fly, fly);
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

// Neither many short sleeps nor a loop that only looks at the clock is a livelock.
void WaitsForTheClock() {
  const Clock::time_point start = Clock::now();
  while (Clock::now() - start < 1s) std::this_thread::sleep_for(2ms);
  while (Clock::now() - start < 2s) {
  }
}

}  // namespace

std::span<const SmallProgram> LibraryPrograms() {
  static constexpr SmallProgram kAll[] = {
      {"CallOnce", CallOnce},
      {"CallOnceThrows", CallOnceThrows},
      {"CallOnceAtOnePlace", CallOnceAtOnePlace},
      {"CallOnceWithin", CallOnceWithin},
      {"CallOnceMakesNothingElseKnown", CallOnceMakesNothingElseKnown, "data_race"},
      {"StaticOfAFunction", StaticOfAFunction},
      {"StaticThatThrows", StaticThatThrows},
      {"AtomicWaitAndNotify", AtomicWaitAndNotify},
      {"AtomicFlag", AtomicFlag},
      {"AtomicRef", AtomicRef},
      {"FailedExchangeBesideARead", FailedExchangeBesideARead},
      {"ExchangeBesideARead", ExchangeBesideARead, "data_race"},
      {"AtomicSharedPointer", AtomicSharedPointer, "data_race done"},
      {"BarrierWithCompletion", BarrierWithCompletion},
      {"BarrierDrop", BarrierDrop},
      {"Latch", Latch},
      {"CountingSemaphore", CountingSemaphore},
      {"BinarySemaphoreTimesOut", BinarySemaphoreTimesOut},
      {"StopToken", StopToken},
      {"StopTokenOfACondition", StopTokenOfACondition},
      {"Async", Async},
      {"AsyncThrows", AsyncThrows},
      {"Promise", Promise},
      {"SharedFuture", SharedFuture},
      {"FutureTimesOut", FutureTimesOut},
      {"PackagedTask", PackagedTask},
      {"ThreadsDiffer", ThreadsDiffer},
      {"Detached", Detached},
      {"ThreadResults", ThreadResults},
      {"ThreadLocalDestructors", ThreadLocalDestructors},
      {"ThreadLocalsStartAnew", ThreadLocalsStartAnew},
      {"PthreadKeys", PthreadKeys},
      {"ExceptionPointers", ExceptionPointers},
      {"UncaughtExceptions", UncaughtExceptions},
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
      {"WaitsForTheClock", WaitsForTheClock},
  };
  return kAll;
}

}  // namespace slotproof::sched
