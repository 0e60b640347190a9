// Litmus programs of loads that may see older stores, with every outcome that C++20 allows and the
// scheduler shows: all but those in which a load sees a store that comes later, or in which the
// order of a word's stores is not that of execution.

#include <array>
#include <atomic>
#include <cstddef>
#include <span>
#include <string_view>

#include "harness/sched/fail.h"
#include "harness/sched/litmus/litmus.h"
#include "harness/sched/litmus/registers.h"

namespace slotproof::sched {
namespace {

using Word = std::atomic<int>;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kAcqRel = std::memory_order_acq_rel;
constexpr auto kSeqCst = std::memory_order_seq_cst;

constexpr int kNotRead = 9;

struct Words {
  Word x{0};
  Word y{0};
  Word z{0};
};

template <std::memory_order kOrder>
void Fence() {
  if (kOrder != kRelaxed) std::atomic_thread_fence(kOrder);
}

// Each side: its store, its fence, its load. That neither sees the other's store is forbidden only
// where both sides are seq_cst, by their operations or by their fences.
template <std::memory_order kStore, std::memory_order kFence, std::memory_order kLoad,
          std::memory_order kOtherStore = kStore, std::memory_order kOtherFence = kFence,
          std::memory_order kOtherLoad = kLoad>
void StoreBuffering() {
  StartWith(2);
  Words w;
  Together(
      [&] {
        w.x.store(1, kStore);
        Fence<kFence>();
        R(0) = w.y.load(kLoad);
      },
      [&] {
        w.y.store(1, kOtherStore);
        Fence<kOtherFence>();
        R(1) = w.x.load(kOtherLoad);
      });
}

// That the flag is seen and the data is not takes a relaxed side.
template <std::memory_order kStoreFence, std::memory_order kStore, std::memory_order kLoad,
          std::memory_order kLoadFence>
void MessagePassing() {
  StartWith(2);
  Words w;
  Together(
      [&] {
        w.x.store(1, kRelaxed);
        Fence<kStoreFence>();
        w.y.store(1, kStore);
      },
      [&] {
        R(0) = w.y.load(kLoad);
        Fence<kLoadFence>();
        R(1) = w.x.load(kRelaxed);
      });
}

// Independent reads of independent writes: whether the readers may disagree.
template <std::memory_order kStore, std::memory_order kLoad, std::memory_order kFence>
void Iriw() {
  StartWith(4);
  Words w;
  const auto read = [](Word& first, Word& second, std::size_t i) {
    R(i) = first.load(kLoad);
    Fence<kFence>();
    R(i + 1) = second.load(kLoad);
  };
  Together([&] { w.x.store(1, kStore); }, [&] { w.y.store(1, kStore); }, [&] { read(w.x, w.y, 0); },
           [&] { read(w.y, w.x, 2); });
}

// That each load sees the store that comes after the other is not shown, though C++ allows it.
void LoadBuffering() {
  StartWith(2);
  Words w;
  Together([&] { R(0) = w.x.load(kRelaxed), w.y.store(1, kRelaxed); },
           [&] { R(1) = w.y.load(kRelaxed), w.x.store(1, kRelaxed); });
}

// That both first stores come last is not shown, though C++ allows it.
void TwoPlusTwoWrites() {
  StartWith(2);
  Words w;
  Together([&] { w.x.store(1, kRelaxed), w.y.store(2, kRelaxed); },
           [&] { w.y.store(1, kRelaxed), w.x.store(2, kRelaxed); });
  R(0) = w.x.load(kRelaxed);
  R(1) = w.y.load(kRelaxed);
}

// The first of two seq_cst loads narrows what the other may see, so their order counts.
void TwoSeqCstReaders() {
  StartWith(2);
  Word x{0};
  Together([&] { x.store(1, kRelaxed); }, [&] { R(0) = x.load(kSeqCst); },
           [&] { R(1) = x.load(kSeqCst); });
}

// Coherence: a thread never goes back to what is older.
void ReadRead() {
  StartWith(2);
  Word x{0};
  Together([&] { x.store(1, kRelaxed), x.store(2, kRelaxed); },
           [&] { R(0) = x.load(kRelaxed), R(1) = x.load(kRelaxed); });
}

// Nor behind what it has stored itself.
void WriteRead() {
  StartWith(1);
  Word x{0};
  Together([&] { x.store(1, kRelaxed), R(0) = x.load(kRelaxed); }, [&] { x.store(2, kRelaxed); });
}

// Nor behind what a thread has seen that it learnt from.
void ReadReadByAnother() {
  StartWith(2);
  Words w;
  R(1) = kNotRead;
  Together([&] { w.x.store(1, kRelaxed); },
           [&] {
             R(0) = w.x.load(kRelaxed);
             w.y.store(1, kRelease);
           },
           [&] {
             if (w.y.load(kAcquire) == 1) R(1) = w.x.load(kRelaxed);
           });
}

// What a read-modify-write stores continues the release sequence; what a store does ends it.
template <bool kModifies>
void ReleaseSequence() {
  StartWith(1);
  Words w;
  R(0) = kNotRead;
  Together(
      [&] {
        w.x.store(1, kRelaxed);
        w.y.store(1, kRelease);
      },
      [&] {
        if (kModifies) {
          w.y.fetch_add(1, kRelaxed);
        } else {
          w.y.store(2, kRelaxed);
        }
      },
      [&] {
        if (w.y.load(kAcquire) == 2) R(0) = w.x.load(kRelaxed);
      });
}

// Who sees the first store learns nothing of what the second released.
void OlderReleasesLess() {
  StartWith(3);
  Words w;
  Together(
      [&] {
        w.y.store(1, kRelaxed);
        w.x.store(1, kRelaxed);
        w.y.store(2, kRelease);
        w.z.store(1, kRelaxed);
      },
      [&] {
        R(0) = w.z.load(kRelaxed);
        R(1) = w.y.load(kAcquire);
        R(2) = w.x.load(kRelaxed);
      });
}

// Read-modify-writes see each other's stores.
void AddTwice() {
  StartWith(1);
  Word x{0};
  const auto add = [&] { x.fetch_add(1, kRelaxed); };
  Together(add, add);
  R(0) = x.load(kRelaxed);
}

// A read-modify-write learns from the store that it sees, which is the last.
void ExchangeSeesTheLast() {
  StartWith(2);
  Words w;
  Together(
      [&] {
        w.x.store(1, kRelaxed);
        w.y.store(1, kRelease);
      },
      [&] {
        R(0) = w.y.exchange(2, kAcquire);
        R(1) = w.x.load(kRelaxed);
      });
}

// A fence's order reaches who learns from its thread: not "t0 sees no y, t2 sees z and no x".
void FenceOfAnother() {
  StartWith(3);
  Words w;
  Together(
      [&] {
        w.x.store(1, kRelaxed);
        Fence<kSeqCst>();
        R(0) = w.y.load(kRelaxed);
      },
      [&] {
        w.y.store(1, kRelaxed);
        Fence<kSeqCst>();
        w.z.store(1, kRelease);
      },
      [&] {
        R(1) = w.z.load(kAcquire);
        R(2) = w.x.load(kRelaxed);
      });
}

// A flag is set over data that a second check reads: both are atomic, so that this is no race.
template <std::memory_order kStore, std::memory_order kLoad>
void DoubleCheckedPublication() {
  StartWith(1);
  Word ready{0};
  Word data{0};
  Together(
      [&] {
        data.store(42, kRelaxed);
        ready.store(1, kStore);
      },
      [&] {
        if (ready.load(kLoad) == 1 && data.load(kRelaxed) != 42) Fail("ready, and not made");
      });
}

// Peterson's lock is one under sequential consistency alone, whatever its stores release.
template <std::memory_order kStore, std::memory_order kLoad>
void Peterson() {
  StartWith(1);
  std::array<Word, 2> wants{};
  Word turn{0};
  Word inside{0};
  const auto enter = [&](std::size_t self) {
    const std::size_t other = 1 - self;
    wants[self].store(1, kStore);
    turn.store(static_cast<int>(other), kStore);
    while (wants[other].load(kLoad) == 1 && turn.load(kLoad) == static_cast<int>(other)) {
    }
    if (inside.fetch_add(1) != 0) Fail("both are inside");
    inside.fetch_sub(1);
    wants[self].store(0, kStore);
  };
  Together([&] { enter(0); }, [&] { enter(1); });
}

// Dekker's, without the turns: who sees that the other wants to does not enter.
template <std::memory_order kFence>
void Dekker() {
  StartWith(1);
  std::array<Word, 2> wants{};
  Word inside{0};
  const auto enter = [&](std::size_t self) {
    wants[self].store(1, kRelaxed);
    Fence<kFence>();
    if (wants[1 - self].load(kRelaxed) == 1) return;
    if (inside.fetch_add(1, kRelaxed) != 0) Fail("both are inside");
  };
  Together([&] { enter(0); }, [&] { enter(1); });
}

// Who waits sees the store in the end.
void SpinUntilSet() {
  StartWith(1);
  Word flag{0};
  Together([&] { flag.store(1, kRelaxed); },
           [&] {
             while (flag.load(kRelaxed) == 0) {
             }
             R(0) = flag.load(kRelaxed);
           });
}

}  // namespace

std::span<const Litmus> StaleLitmus() {
  constexpr std::string_view kNotNeither = "0,1 1,0 1,1";
  constexpr std::string_view kAny = "0,0 0,1 1,0 1,1";
  constexpr std::string_view kOrdered = "0,0 0,1 1,1";
  constexpr std::string_view kReadersAgree =
      "0,0,0,0 0,0,0,1 0,0,1,0 0,0,1,1 0,1,0,0 0,1,0,1 0,1,1,0 0,1,1,1 1,0,0,0 1,0,0,1 1,0,1,1 "
      "1,1,0,0 1,1,0,1 1,1,1,0 1,1,1,1";
  constexpr std::string_view kReadersDiffer =
      "0,0,0,0 0,0,0,1 0,0,1,0 0,0,1,1 0,1,0,0 0,1,0,1 0,1,1,0 0,1,1,1 1,0,0,0 1,0,0,1 1,0,1,0 "
      "1,0,1,1 1,1,0,0 1,1,0,1 1,1,1,0 1,1,1,1";
  const auto stale = [](std::string_view name, void (*run)(), std::string_view outcomes,
                        bool spins = false) {
    return Litmus{.name = name, .run = run, .outcomes = outcomes, .spins = spins, .stale = true};
  };
  static const std::array kAll = {
      stale("StaleStoreBuffering", StoreBuffering<kRelaxed, kRelaxed, kRelaxed>, kAny),
      stale("StaleStoreBufferingReleaseAcquire", StoreBuffering<kRelease, kRelaxed, kAcquire>,
            kAny),
      stale("StaleStoreBufferingSeqCst", StoreBuffering<kSeqCst, kRelaxed, kSeqCst>, kNotNeither),
      stale("StaleStoreBufferingSeqCstStores", StoreBuffering<kSeqCst, kRelaxed, kAcquire>, kAny),
      stale("StaleStoreBufferingSeqCstLoads", StoreBuffering<kRelease, kRelaxed, kSeqCst>, kAny),
      stale("StaleStoreBufferingFences", StoreBuffering<kRelaxed, kSeqCst, kRelaxed>, kNotNeither),
      stale("StaleStoreBufferingWeakFences", StoreBuffering<kRelaxed, kAcqRel, kRelaxed>, kAny),
      stale("StaleStoreBufferingOneFence",
            StoreBuffering<kRelaxed, kSeqCst, kRelaxed, kRelaxed, kRelaxed, kRelaxed>, kAny),
      stale("StaleStoreBufferingFenceAndSeqCst",
            StoreBuffering<kRelaxed, kSeqCst, kRelaxed, kSeqCst, kRelaxed, kSeqCst>, kNotNeither),
      stale("StaleMessagePassing", MessagePassing<kRelaxed, kRelaxed, kRelaxed, kRelaxed>, kAny),
      stale("StaleMessagePassingRelease", MessagePassing<kRelaxed, kRelease, kRelaxed, kRelaxed>,
            kAny),
      stale("StaleMessagePassingReleaseAcquire",
            MessagePassing<kRelaxed, kRelease, kAcquire, kRelaxed>, kOrdered),
      stale("StaleMessagePassingFences", MessagePassing<kRelease, kRelaxed, kRelaxed, kAcquire>,
            kOrdered),
      stale("StaleMessagePassingOneFence", MessagePassing<kSeqCst, kRelaxed, kRelaxed, kRelaxed>,
            kAny),
      stale("StaleIriw", Iriw<kRelaxed, kRelaxed, kRelaxed>, kReadersDiffer),
      stale("StaleIriwReleaseAcquire", Iriw<kRelease, kAcquire, kRelaxed>, kReadersDiffer),
      stale("StaleIriwSeqCst", Iriw<kSeqCst, kSeqCst, kRelaxed>, kReadersAgree),
      stale("StaleIriwSeqCstLoads", Iriw<kRelaxed, kSeqCst, kRelaxed>, kReadersAgree),
      stale("StaleIriwFences", Iriw<kRelaxed, kRelaxed, kSeqCst>, kReadersAgree),
      stale("StaleLoadBuffering", LoadBuffering, "0,0 0,1 1,0"),
      stale("StaleTwoPlusTwoWrites", TwoPlusTwoWrites, "1,2 2,1 2,2"),
      stale("StaleReadRead", ReadRead, "0,0 0,1 0,2 1,1 1,2 2,2"),
      stale("StaleTwoSeqCstReaders", TwoSeqCstReaders, kAny),
      stale("StaleWriteRead", WriteRead, "1 2"),
      stale("StaleReadReadByAnother", ReadReadByAnother, "0,0 0,1 0,9 1,1 1,9"),
      stale("StaleReleaseSequence", ReleaseSequence<true>, "1 9"),
      stale("StaleStoreEndsReleaseSequence", ReleaseSequence<false>, "0 1 9"),
      stale("StaleOlderReleasesLess", OlderReleasesLess,
            "0,0,0 0,0,1 0,1,0 0,1,1 0,2,1 1,0,0 1,0,1 1,1,0 1,1,1 1,2,1"),
      stale("StaleAddTwice", AddTwice, "2"),
      stale("StaleExchangeSeesTheLast", ExchangeSeesTheLast, kOrdered),
      stale("StaleFenceOfAnother", FenceOfAnother, "0,0,0 0,0,1 0,1,1 1,0,0 1,0,1 1,1,0 1,1,1"),
      stale("StalePublication", DoubleCheckedPublication<kRelaxed, kRelaxed>, "0 failed"),
      stale("StalePublicationReleaseAcquire", DoubleCheckedPublication<kRelease, kAcquire>, "0"),
      stale("StalePeterson", Peterson<kSeqCst, kSeqCst>, "0", true),
      stale("StalePetersonReleaseAcquire", Peterson<kRelease, kAcquire>, "0 failed", true),
      stale("StaleDekker", Dekker<kSeqCst>, "0"),
      stale("StaleDekkerWeakFences", Dekker<kAcqRel>, "0 failed"),
      stale("StaleSpinUntilSet", SpinUntilSet, "1", true),
  };
  return kAll;
}

}  // namespace slotproof::sched
