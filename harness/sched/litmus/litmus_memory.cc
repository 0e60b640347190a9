// Litmus programs of memory: the named tests of the memory models' literature, with every outcome
// that sequential consistency allows, and programs whose interleavings can be counted in closed
// form.

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "harness/sched/fail.h"
#include "harness/sched/litmus/litmus.h"
#include "harness/sched/litmus/registers.h"

namespace slotproof::sched {
namespace {

using Word = std::atomic<int>;

struct Words {
  Word x{0};
  Word y{0};
};

// Two threads write a word each and read the other's. Two pairs conflict, each in two orders; that
// both read before both write is a cycle: 2 * 2 - 1.
void StoreBuffering() {
  StartWith(2);
  Words w;
  Together([&] { w.x = 1, R(0) = w.y; }, [&] { w.y = 1, R(1) = w.x; });
}

// 2 * 2 orders, less the one in which the flag is seen and the data is not.
void MessagePassing() {
  StartWith(2);
  Words w;
  Together([&] { w.x = 1, w.y = 1; }, [&] { R(0) = w.y, R(1) = w.x; });
}

void LoadBuffering() {
  StartWith(2);
  Words w;
  Together([&] { R(0) = w.x, w.y = 1; }, [&] { R(1) = w.y, w.x = 1; });
}

// Independent reads of independent writes: four reads, each before or after its write: 16, less the
// cycle in which the readers disagree about which came first.
void Iriw() {
  StartWith(4);
  Words w;
  Together([&] { w.x = 1; }, [&] { w.y = 1; }, [&] { R(0) = w.x, R(1) = w.y; },
           [&] { R(2) = w.y, R(3) = w.x; });
}

void TwoPlusTwoWrites() {
  StartWith(2);
  Words w;
  Together([&] { w.x = 1, w.y = 2; }, [&] { w.y = 1, w.x = 2; });
  R(0) = w.x;
  R(1) = w.y;
}

// Write-to-read causality: three pairs, 8, less one cycle.
void WriteToReadCausality() {
  StartWith(3);
  Words w;
  Together([&] { w.x = 1; }, [&] { R(0) = w.x, w.y = 1; }, [&] { R(1) = w.y, R(2) = w.x; });
}

// One write falls before, between or after two reads.
void ReadRead() {
  StartWith(2);
  Word x{0};
  Together([&] { x = 1; }, [&] { R(0) = x, R(1) = x; });
}

void WriteWrite() {
  StartWith(1);
  Word x{0};
  Together([&] { x = 1, x = 2; }, [&] { R(0) = x; });
}

// n threads that all write one word: n! orders.
template <int kThreads>
void EachAddsOnce() {
  StartWith(1);
  Word x{0};
  std::array<std::thread, kThreads> threads;
  for (std::thread& thread : threads) thread = std::thread([&] { x.fetch_add(1); });
  for (std::thread& thread : threads) thread.join();
  R(0) = x;
}

// Two threads with k writes each: C(2k, k) orders.
template <int kTimes>
void TwoAdd() {
  StartWith(1);
  Word x{0};
  const auto add = [&] {
    for (int i = 0; i < kTimes; ++i) x.fetch_add(1);
  };
  Together(add, add);
  R(0) = x;
}

// Three threads with two writes each: 6! / (2! * 2! * 2!).
void ThreeAddTwice() {
  StartWith(1);
  Word x{0};
  const auto add = [&] { x.fetch_add(1), x.fetch_add(1); };
  Together(add, add, add);
  R(0) = x;
}

// Nothing conflicts: one class, however the steps mix.
void Independent() {
  StartWith(2);
  Words w;
  Together([&] { w.x = 1, w.x = 2, R(0) = w.x; }, [&] { w.y = 1, w.y = 2, R(1) = w.y; });
}

void ReadersOnly() {
  StartWith(3);
  Word x{7};
  Together([&] { R(0) = x; }, [&] { R(1) = x; }, [&] { R(2) = x; });
}

// Each of three reads comes before or after the one write: 2^3.
void OneWriterThreeReaders() {
  StartWith(3);
  Word x{0};
  Together([&] { x = 1; }, [&] { R(0) = x; }, [&] { R(1) = x; }, [&] { R(2) = x; });
}

// The race detector must find it; where races do not fail, one update may be lost. Two reads and
// two writes: either thread first, or both read first and write in either order.
void LostUpdate() {
  StartWith(1);
  int x = 0;
  const auto add = [&] {
    const int before = x;
    x = before + 1;
  };
  Together(add, add);
  R(0) = x;
}

// Data behind a flag: with release and acquire there is no race, with relaxed ones there is.
template <std::memory_order kStore, std::memory_order kLoad>
void Publish() {
  StartWith(1);
  int data = 0;
  Word flag{0};
  Together(
      [&] {
        data = 42;
        flag.store(1, kStore);
      },
      [&] { R(0) = flag.load(kLoad) == 1 ? data : 0; });
}

void PublishByFences() {
  StartWith(1);
  int data = 0;
  Word flag{0};
  Together(
      [&] {
        data = 42;
        std::atomic_thread_fence(std::memory_order_release);
        flag.store(1, std::memory_order_relaxed);
      },
      [&] {
        if (flag.load(std::memory_order_relaxed) == 0) return;
        std::atomic_thread_fence(std::memory_order_acquire);
        R(0) = data;
      });
}

// A read-modify-write in between continues the release sequence.
void PublishThroughRmw() {
  StartWith(1);
  int data = 0;
  Word flag{0};
  Together(
      [&] {
        data = 42;
        flag.store(1, std::memory_order_release);
      },
      [&] { flag.fetch_add(1, std::memory_order_relaxed); },
      [&] { R(0) = flag.load(std::memory_order_acquire) == 2 ? data : 0; });
}

// What comes after a release is not made known by it.
void WriteAfterRelease() {
  StartWith(1);
  int data = 0;
  Word flag{0};
  Together(
      [&] {
        flag.store(1, std::memory_order_release);
        data = 42;
      },
      [&] { R(0) = flag.load(std::memory_order_acquire) == 1 ? data : 0; });
}

// A store by another thread ends the release sequence: who reads it knows nothing of the first.
void StoreEndsReleaseSequence() {
  StartWith(1);
  int data = 0;
  Word flag{0};
  Together(
      [&] {
        data = 42;
        flag.store(1, std::memory_order_release);
      },
      [&] { flag.store(2, std::memory_order_relaxed); },
      [&] { R(0) = flag.load(std::memory_order_acquire) == 2 ? data : 0; });
}

// Neighbours in one word of memory are no race.
void Neighbours() {
  StartWith(2);
  struct {
    unsigned char one = 0;
    unsigned char other = 0;
  } pair;
  Together([&] { pair.one = 1; }, [&] { pair.other = 2; });
  R(0) = pair.one;
  R(1) = pair.other;
}

// Peterson's algorithm keeps two threads apart under sequential consistency.
template <bool kRight>
void Peterson() {
  StartWith(1);
  std::array<Word, 2> wants{};
  Word turn{0};
  Word inside{0};
  const auto enter = [&](std::size_t self) {
    const std::size_t other = 1 - self;
    wants[self] = 1;
    if (kRight) turn = static_cast<int>(other);
    while (wants[other] == 1 && (!kRight || turn == static_cast<int>(other))) {
      if (!kRight) break;
    }
    if (inside.fetch_add(1) != 0) Fail("both are inside");
    inside.fetch_sub(1);
    wants[self] = 0;
  };
  Together([&] { enter(0); }, [&] { enter(1); });
  R(0) = inside;
}

// A thread that spins lets the other go on, however long it would have spun.
void SpinUntilSet() {
  StartWith(1);
  Word flag{0};
  Together([&] { flag = 1; },
           [&] {
             while (flag == 0) {
             }
             R(0) = flag;
           });
}

// Nobody will ever set the flags.
void SpinForEver() {
  StartWith(1);
  Words w;
  Together(
      [&] {
        while (w.x == 0) {
        }
      },
      [&] {
        while (w.y == 0) {
        }
      });
}

// The reader may use the object after its owner has deleted it.
void UseAfterFree() {
  StartWith(1);
  std::atomic<int*> shared{new int(5)};
  Together(
      [&] {
        const int* const mine = shared.load();
        if (mine != nullptr) R(0) = *mine;
      },
      [&] { delete shared.exchange(nullptr); });
}

void DoubleFree() {
  StartWith(1);
  std::atomic<int*> shared{new int(5)};
  const auto drop = [&] {
    int* const mine = shared.load();
    if (mine == nullptr) return;
    shared.store(nullptr);
    delete mine;
  };
  Together(drop, drop);
}

// A reference count is released by the last of three owners, whoever that is.
void SharedPointer() {
  StartWith(1);
  auto shared = std::make_shared<int>(9);
  std::weak_ptr<int> weak = shared;
  Together([mine = shared]() mutable { mine.reset(); }, [mine = shared]() mutable { mine.reset(); },
           [mine = std::move(shared)]() mutable { mine.reset(); });
  R(0) = weak.expired() ? 1 : 0;
}

}  // namespace

std::span<const Litmus> MemoryLitmus() {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  constexpr auto kRelease = std::memory_order_release;
  constexpr auto kAcquire = std::memory_order_acquire;
  static constexpr Litmus kAll[] = {
      {"StoreBuffering", StoreBuffering, 3, "0,1 1,0 1,1"},
      {"MessagePassing", MessagePassing, 3, "0,0 0,1 1,1"},
      {"LoadBuffering", LoadBuffering, 3, "0,0 0,1 1,0"},
      {"Iriw", Iriw, 15,
       "0,0,0,0 0,0,0,1 0,0,1,0 0,0,1,1 0,1,0,0 0,1,0,1 0,1,1,0 0,1,1,1 1,0,0,0 1,0,0,1 1,0,1,1 "
       "1,1,0,0 1,1,0,1 1,1,1,0 1,1,1,1"},
      {"TwoPlusTwoWrites", TwoPlusTwoWrites, 3, "1,2 2,1 2,2"},
      {"WriteToReadCausality", WriteToReadCausality, 7,
       "0,0,0 0,0,1 0,1,0 0,1,1 1,0,0 1,0,1 1,1,1"},
      {"ReadRead", ReadRead, 3, "0,0 0,1 1,1"},
      {"WriteWrite", WriteWrite, 3, "0 1 2"},
      {"ThreeAddOnce", EachAddsOnce<3>, 6, "3"},
      {"FourAddOnce", EachAddsOnce<4>, 24, "4"},
      {"TwoAddThrice", TwoAdd<3>, 20, "6"},
      {"TwoAddFourTimes", TwoAdd<4>, 70, "8"},
      {"ThreeAddTwice", ThreeAddTwice, 90, "6"},
      {"Independent", Independent, 1, "2,2"},
      {"ReadersOnly", ReadersOnly, 1, "7,7,7"},
      {"OneWriterThreeReaders", OneWriterThreeReaders, 8,
       "0,0,0 0,0,1 0,1,0 0,1,1 1,0,0 1,0,1 1,1,0 1,1,1"},
      {"LostUpdate", LostUpdate, 4, "1 2", false},
      {"LostUpdateIsARace", LostUpdate, 0, "data_race"},
      {"PublishReleaseAcquire", Publish<kRelease, kAcquire>, 2, "0 42"},
      {"PublishRelaxedStore", Publish<kRelaxed, kAcquire>, 0, "0 data_race"},
      {"PublishRelaxedLoad", Publish<kRelease, kRelaxed>, 0, "0 data_race"},
      {"PublishByFences", PublishByFences, 2, "0 42"},
      {"PublishThroughRmw", PublishThroughRmw, 0, "0 42"},
      {"WriteAfterRelease", WriteAfterRelease, 0, "0 data_race"},
      {"StoreEndsReleaseSequence", StoreEndsReleaseSequence, 0, "0 data_race"},
      {"Neighbours", Neighbours, 1, "1,2"},
      {"Peterson", Peterson<true>, 0, "0"},
      {"PetersonWithoutTurn", Peterson<false>, 0, "0 failed"},
      {"SpinUntilSet", SpinUntilSet, 0, "1"},
      {"SpinForEver", SpinForEver, 0, "livelock"},
      {"UseAfterFree", UseAfterFree, 0, "0 5 use_after_free", false},
      {"UseAfterFreeIsARace", UseAfterFree, 0, "0 data_race use_after_free"},
      {"DoubleFree", DoubleFree, 0, "0 use_after_free"},
      {"SharedPointer", SharedPointer, 0, "1"},
  };
  return kAll;
}

std::string Outcome() {
  std::string text;
  for (std::size_t i = 0; i < registers.used; ++i) {
    text += (i == 0 ? "" : ",") + std::to_string(registers.value[i]);
  }
  return text;
}

}  // namespace slotproof::sched
