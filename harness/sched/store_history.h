#ifndef SLOTPROOF_HARNESS_SCHED_STORE_HISTORY_H_
#define SLOTPROOF_HARNESS_SCHED_STORE_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/sched/epoch_map.h"
#include "harness/sched/thread_set.h"
#include "harness/sched/vector_clock.h"

namespace slotproof::sched {

// The last stores of each atomic word, and which of them a load may still see: a model of memory
// that runs, like those of Relacy, Loom and C11Tester, with the rules of C++20.
//
//   word    store | store | last store     in the order of modification, which is that of execution
//   store   its value | what it released | who saw it first when | its place in the order of
//   seq_cst
//
// A load sees the last store or an older one, but none that is older than a store that
//
//   - was made or seen by what happens before the load (coherence);
//   - was made or seen by a seq_cst operation, where the load is one, too, or where a seq_cst fence
//     that came after that operation happens before the load;
//   - was made or seen by what happens before a seq_cst fence, where the load is seq_cst, or where
//     that fence or a later one happens before the load.
//
// A read-modify-write sees the last store, and so does a compare-exchange that fails.
//
// After kMostStale loads in a row of what is not the last store a thread sees the last one: who
// spins gets on. Of each word the last kKept stores are known.
class StoreHistory {
 public:
  static constexpr std::uint32_t kKept = 8;
  static constexpr std::uint32_t kMostStale = 3;
  static constexpr std::size_t kMostBytes = 16;  // of longer words a load sees the last store

  // A new schedule.
  void Begin();

  // Before each operation on a word: what is in memory now and was stored by none is where its
  // history begins.
  void Open(std::uintptr_t address, std::size_t size);

  // So many stores, with the last, may be seen by a load.
  std::uint32_t Visible(ThreadId thread, const VectorClock& clock, std::uintptr_t address,
                        bool seq_cst);
  // The thread sees the store so many before the last. Returns what that one released.
  VectorClock& See(ThreadId thread, const VectorClock& clock, std::uintptr_t address, bool seq_cst,
                   std::uint32_t back);
  void CopyValue(std::uintptr_t address, std::uint32_t back, void* value);

  // The thread has stored what is in memory now. Returns what the store releases, which is as yet
  // what the one before released.
  VectorClock& Store(ThreadId thread, const VectorClock& clock, std::uintptr_t address,
                     bool seq_cst);

  // A seq_cst fence. The thread's own time must go on after it.
  void Fence(ThreadId thread, const VectorClock& clock);

 private:
  static constexpr std::size_t kMostFences = 64;
  static constexpr std::uint32_t kNever = ~std::uint32_t{0};

  struct Stored {
    std::array<unsigned char, kMostBytes> value{};
    VectorClock released;
    VectorClock seen;  // by each thread since this time of its own; 0: never
    std::uint32_t in_sc = kNever;

    void SeenBy(ThreadId thread, const VectorClock& clock) {
      if (seen.Of(thread) == 0) seen.Set(thread, clock.Of(thread));
    }
  };
  struct Word {
    std::size_t size = 0;
    std::uint32_t made = 0;      // stores; 0: nothing is known
    std::vector<Stored> stores;  // the n-th in place n % kKept
    VectorClock stale;           // of each thread: loads in a row of what was not the last store

    void Reset() { made = 0; }
    std::uint32_t kept() const { return made < kKept ? made : kKept; }
    Stored& Back(std::uint32_t back) { return stores[(made - 1 - back) % kKept]; }
    Stored& Add();
    void TakeValue(std::uintptr_t address);
  };
  struct PastFence {
    ThreadId thread = kNoThread;
    std::uint32_t time = 0;  // of the thread's own
    std::uint32_t in_sc = 0;
    VectorClock before;  // what happened before it or an earlier one
  };

  const PastFence* LastFenceBefore(const VectorClock& clock) const;
  static bool SeenIn(const Stored& store, const VectorClock& past);

  EpochMap<Word> words_;
  std::uint32_t in_sc_ = 0;        // places taken in the order of seq_cst operations
  std::vector<PastFence> fences_;  // in that order
  VectorClock before_fences_;      // what happened before any of them
  PastFence forgotten_;            // the last one that is not among them: all know it
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_STORE_HISTORY_H_
