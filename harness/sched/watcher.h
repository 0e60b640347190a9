#ifndef SLOTPROOF_HARNESS_SCHED_WATCHER_H_
#define SLOTPROOF_HARNESS_SCHED_WATCHER_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/sched/epoch_map.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// What happened between threads, as counters that libFuzzer treats like coverage, so that it keeps
// schedules in which something new did, though no new line of code ran.
//
//   | 4096: a read saw a write | 2048: who had it before | 2048: who waits where |
//
// Each is a set of hashes of places in the code, those of the program alone: they are the same in
// each process. A read with its write and the taking of a lock with the one before are told apart
// by their two places, and by whether one thread did both; those that wait by all of their places.
inline constexpr std::size_t kSeenWriteCounters = 4096;
inline constexpr std::size_t kHandOffCounters = 2048;
inline constexpr std::size_t kBlockedCounters = 2048;
inline constexpr std::size_t kWatchCounters =
    kSeenWriteCounters + kHandOffCounters + kBlockedCounters;
using WatchCounters = std::span<std::uint8_t, kWatchCounters>;

// Those that libFuzzer reads, and clears before each run.
WatchCounters FuzzerCounters();
// Whether there is a libFuzzer in this program.
bool IsFuzzed();

// Passes everything on to another strategy, which makes the schedule that it would make alone.
class Watcher final : public Strategy {
 public:
  explicit Watcher(WatchCounters counters) : counters_(counters) {}

  void Watch(Strategy& watched) { watched_ = &watched; }

  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override { watched_->Created(parent, child); }
  void Arrived(ThreadId thread, const View& view) override { watched_->Arrived(thread, view); }
  ThreadId Pick(const View& view) override;
  void Executes(ThreadId thread, const View& view) override;
  void Yields(ThreadId thread) override { watched_->Yields(thread); }
  void End() override { watched_->End(); }
  bool PicksAlone() const override { return watched_->PicksAlone(); }
  std::uint64_t StopAt(ThreadId thread, std::uint32_t operation,
                       std::uint64_t point) const override {
    return watched_->StopAt(thread, operation, point);
  }

 private:
  struct Deed {
    std::uint64_t place = 0;  // 0: nobody's, as it was at first
    ThreadId thread = kNoThread;
  };
  struct Object {
    Deed write;
    Deed use;
    void Reset() { *this = Object{}; }
  };

  void NotePair(std::size_t first, std::size_t count, const Deed& before, const Deed& now);

  WatchCounters counters_;
  Strategy* watched_ = nullptr;
  EpochMap<Object> objects_;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_WATCHER_H_
