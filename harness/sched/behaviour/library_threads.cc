#include <pthread.h>
#include <threads.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/sched/behaviour/library_programs.h"
#include "harness/sched/fail.h"
#include "harness/sched/litmus/registers.h"

// Threads themselves: how they are started, stopped and waited for, and what each has of its own.

namespace slotproof::sched {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

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

// Threads of C are not scheduled.
void ThreadsOfC() {
  thrd_t thread{};
  thrd_create(&thread, [](void*) { return 0; }, nullptr);
}

// It would end the test, too.
void Exits() { std::exit(0); }

void Cancelled() { pthread_cancel(pthread_self()); }

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
  Check(log == std::vector<int>({2, 1}), "both are destroyed");
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

}  // namespace

std::span<const SmallProgram> ThreadPrograms() {
  static constexpr SmallProgram kAll[] = {
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
      {"ThreadsOfC", ThreadsOfC, "unsupported"},
      {"Exits", Exits, "unsupported"},
      {"Cancelled", Cancelled, "unsupported"},
      {"ThreadLocalDestructors", ThreadLocalDestructors},
      {"ThreadLocalsStartAnew", ThreadLocalsStartAnew},
      {"PthreadKeys", PthreadKeys},
      {"ExceptionPointers", ExceptionPointers},
      {"UncaughtExceptions", UncaughtExceptions},
  };
  return kAll;
}

}  // namespace slotproof::sched
