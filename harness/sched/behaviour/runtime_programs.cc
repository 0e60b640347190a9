#include "harness/sched/behaviour/runtime_programs.h"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/sched/fail.h"
#include "harness/sched/litmus/registers.h"

namespace slotproof::sched {

void Operations::Run() {
  std::atomic<int> x{0};
  std::atomic<int> other{0};
  seen = -1;
  Together(
      [&] {
        for (int i = 1; i <= stores; ++i) {
          BeginOperation();
          if (i == 1) {
            for (int j = 0; j < before; ++j) other.store(j);
          }
          x.store(i);
        }
      },
      [&] { seen = x.load(); });
}

void LongComputation::Run() {
  std::atomic<int> state{0};
  Together(
      [&] {
        state.store(1);
        std::vector<std::size_t> own(8);
        for (std::size_t i = 0; i < rounds; ++i) {
          reinterpret_cast<volatile std::size_t&>(own[i % 8]) = i;
        }
        state.store(2);
      },
      [&] { found = state.load(); });
}

void SpinsOnAnAtomic() {
  std::atomic<int> flag{0};
  Together(
      [&] {
        while (flag.load() == 0) {
        }
      },
      [&] { flag.store(1); });
}

void SpinsOnTryLock() {
  std::mutex mutex;
  const auto take = [&] {
    while (!mutex.try_lock()) {
    }
    mutex.unlock();
  };
  Together(take, take);
}

void SpinsWithYield() {
  std::atomic<int> flag{0};
  Together(
      [&] {
        while (flag.load() == 0) std::this_thread::yield();
      },
      [&] { flag.store(1); });
}

void SpinsWithCompareExchange() {
  std::atomic<int> lock{1};
  Together(
      [&] {
        int expected = 0;
        while (!lock.compare_exchange_weak(expected, 1)) expected = 0;
      },
      [&] { lock.store(0); });
}

void SpinsOnPlainMemory() {
  volatile int flag = 0;
  Together([&] { flag = 1; },
           [&] {
             int rounds = 0;
             while (flag == 0) ++rounds;
             if (rounds > 6) Fail("it had to wait");
           });
}

void StartThreads(std::size_t count) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([] {});
  for (std::thread& thread : threads) thread.join();
}

namespace {

thread_local int left_behind = 0;

}  // namespace

void FailsWithMuchMemory() {
  left_behind = 1;
  std::mutex mutex;
  const std::lock_guard lock(mutex);
  for (int i = 0; i < 40; ++i) {
    void* volatile const block = std::malloc(std::size_t{1} << 20);
    if (block == nullptr) Fail("there is no memory left");
  }
  try {
    throw std::runtime_error("in flight");
  } catch (const std::runtime_error&) {
    StartThreads(1);  // others run meanwhile
    Fail("all is left as it is");
  }
}

void FindsNothingOfOthers() {
  if (left_behind != 0) Fail("a thread-local variable is another schedule's");
  if (std::current_exception() != nullptr) Fail("an exception of another schedule is in flight");
  if (std::uncaught_exceptions() != 0) Fail("an exception of another schedule is being thrown");
}

void MixOfEverything() {
  std::mutex mutex;
  std::map<int*, int> by_address;
  std::atomic<int> count{0};
  const auto work = [&](int self) {
    for (int i = 0; i < 4; ++i) {
      BeginOperation();
      auto mine = std::make_unique<int>(self);
      count.fetch_add(static_cast<int>(reinterpret_cast<std::uintptr_t>(mine.get()) / 16 % 5));
      const std::lock_guard lock(mutex);
      by_address[mine.get()] = count.load();
    }
  };
  Together([&] { work(1); }, [&] { work(2); }, [&] { work(3); });
  if (count.load() % 3 == 1) Fail("a count that some schedules have");
}

void FreesAnInnerPointer() {
  // Through a pointer that the compiler knows nothing of.
  char* volatile block = static_cast<char*>(std::malloc(64));
  std::free(block + 16);
}

void NeverEnds() {
  std::atomic<int> x{0};
  for (;;) x.fetch_add(1);
}

void ReadsWhatAnotherWrites() {
  int x = 0;
  volatile int seen = 0;
  Together([&] { x = 1; }, [&] { seen = x; });
}

void DeadlockOfTwoLocks() {
  std::mutex mutex;
  std::mutex other;
  other.lock();
  Together([&] {
    const std::lock_guard first(mutex);
    const std::lock_guard second(other);
  });
}

void ReturnsAtOnce() {}

void FailsBetweenTwoSteps() {
  std::atomic<int> owner{1};
  std::atomic<int> noise{0};
  Together(
      [&] {
        for (int i = 0; i < 4; ++i) noise.fetch_add(1);
        if (owner.load() == 1 && owner.load() == 0) Fail("it went away in between");
      },
      [&] {
        for (int i = 0; i < 4; ++i) noise.fetch_add(1);
        owner.store(0);
      });
}

void FailsWhenStepsAlternate() {
  std::atomic<int> x{0};
  std::atomic<int> noise{0};
  Together(
      [&] {
        noise.fetch_add(1);
        x.store(1);
        noise.fetch_add(1);
        x.store(2);
      },
      [&] {
        noise.fetch_add(1);
        const int before = x.load();
        const int after = x.load();
        if (before == 1 && after == 2) Fail("it changed in between, and not before");
      });
}

void TwoPairs::Run() {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
  Together([&] { x.store(1); }, [&] { x.store(2); }, [&] { y.store(1); }, [&] { y.store(2); });
  order = (x.load() == 2 ? 2U : 0U) + (y.load() == 2 ? 1U : 0U);
}

// An exchange keeps what the other one left: each thread sees who came right before it.
void FourSteps::Run() {
  std::atomic<std::size_t> last{0};
  const auto twice = [&](std::size_t self, std::size_t shift) {
    const std::size_t first = last.exchange(self);
    const std::size_t second = last.exchange(self);
    return (first << shift) | (second << (shift + 2));
  };
  std::size_t one = 0;
  std::size_t other = 0;
  Together([&] { one = twice(1, 0); }, [&] { other = twice(2, 4); });
  order = one | other;
}

}  // namespace slotproof::sched
