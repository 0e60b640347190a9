#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "harness/sched/behaviour/library_programs.h"
#include "harness/sched/litmus/registers.h"

// Atomics, narrow and wide.

namespace slotproof::sched {
namespace {

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

// A pointer with a count beside it is 16 bytes, for which the compiler has no instruction.
struct Tagged {
  std::uint64_t pointer = 0;
  std::uint64_t count = 0;
};

void WideAtomic() {
  std::atomic<Tagged> word{Tagged{}};
  const auto push = [&](std::uint64_t value) {
    Tagged was = word.load();
    while (!word.compare_exchange_weak(was, Tagged{.pointer = value, .count = was.count + 1})) {
    }
  };
  Together([&] { push(7); }, [&] { push(9); });
  Check(word.load().count == 2, "no update is lost");
}

// Load and store apart from each other lose an update, as those of narrow ones do.
void WideAtomicLosesUpdates() {
  std::atomic<Tagged> word{Tagged{}};
  const auto push = [&] {
    const Tagged was = word.load();
    word.store(Tagged{.pointer = 0, .count = was.count + 1});
  };
  Together(push, push);
  Check(word.load().count == 2, "an update is lost");
}

void WideAtomicPublishes() {
  std::atomic<Tagged> word{Tagged{}};
  int data = 0;
  Together(
      [&] {
        data = 1;
        word.exchange(Tagged{.pointer = 1, .count = 1}, std::memory_order_release);
      },
      [&] {
        if (word.load(std::memory_order_acquire).count == 1) {
          Check(data == 1, "what came before is seen");
        }
      });
}

struct Large {
  std::array<int, 10> values{};
};

void LargeAtomic() {
  std::atomic<Large> large{Large{}};
  Together([&] { large.store(Large{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}); },
           [&] {
             const Large seen = large.load();
             for (const int value : seen.values) Check(value == seen.values[0], "it is whole");
           });
}

}  // namespace

std::span<const SmallProgram> AtomicPrograms() {
  static constexpr SmallProgram kAll[] = {
      {"AtomicWaitAndNotify", AtomicWaitAndNotify},
      {"AtomicFlag", AtomicFlag},
      {"AtomicRef", AtomicRef},
      {"FailedExchangeBesideARead", FailedExchangeBesideARead},
      {"ExchangeBesideARead", ExchangeBesideARead, "data_race"},
      {"AtomicSharedPointer", AtomicSharedPointer, "data_race done"},
      {"WideAtomic", WideAtomic},
      {"WideAtomicLosesUpdates", WideAtomicLosesUpdates, "done failed"},
      {"WideAtomicPublishes", WideAtomicPublishes},
      {"LargeAtomic", LargeAtomic},
  };
  return kAll;
}

}  // namespace slotproof::sched
