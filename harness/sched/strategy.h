#ifndef SLOTPROOF_HARNESS_SCHED_STRATEGY_H_
#define SLOTPROOF_HARNESS_SCHED_STRATEGY_H_

#include <array>
#include <cstdint>

#include "harness/sched/event.h"
#include "harness/sched/thread_set.h"

namespace slotproof::sched {

// What a strategy sees where it decides: which threads can go on, and what each does next.
struct View {
  ThreadId current = 0;         // who ran last; perhaps it cannot go on
  std::uint32_t operation = 0;  // of current: the number of its operation
  std::uint64_t points = 0;     // and of its point therein
  ThreadSet enabled;            // never empty
  ThreadSet alive;              // with those that wait
  std::array<Event, kMaxThreads> pending;
};

// The one of these whose priority is the highest; the first of equal ones, kNoThread of none.
template <class Priorities>
ThreadId HighestOf(const ThreadSet& threads, const Priorities& priority) {
  ThreadId best = kNoThread;
  threads.ForEach([&](ThreadId thread) {
    if (best == kNoThread || priority[thread] > priority[best]) best = thread;
  });
  return best;
}

// Chooses who goes on at each point of decision. One strategy is used for many schedules:
//
//   Begin()  ( Created | Arrived | Pick | Executes | PickStore )*  End()
//
// Pick() is asked only where more than one thread can go on, or always if PicksAlone().
class Strategy {
 public:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  virtual ~Strategy() = default;

  virtual void Begin() {}
  virtual void Created(ThreadId /*parent*/, ThreadId /*child*/) {}
  // The thread has come to a point of decision, view.pending[thread].
  virtual void Arrived(ThreadId /*thread*/, const View& /*view*/) {}
  // A thread of view.enabled; kNoThread gives this schedule up, any other says that it is not the
  // run that it should be.
  virtual ThreadId Pick(const View& view) = 0;
  // view.current makes a load that may see any of so many last stores, more than one: how many
  // stores before the last it sees (RunOptions::memory).
  virtual std::uint32_t PickStore(const View& /*view*/, std::uint32_t /*stores*/) { return 0; }
  // view.pending[thread] happens now.
  virtual void Executes(ThreadId /*thread*/, const View& /*view*/) {}
  // The thread waits for others: it yields, or spins. It will not be among those to pick from until
  // somebody has made progress, and should not be the first one then.
  virtual void Yields(ThreadId /*thread*/) {}
  virtual void End() {}

  // False: this strategy is asked only where a thread cannot go on, and at StopAt().
  virtual bool DecidesEverywhere() const { return true; }
  virtual bool PicksAlone() const { return false; }
  // The number of the next point of the thread's operation, after `point`, at which the strategy is
  // to be asked in any case. Asked for whenever the thread goes on, and where its operation begins.
  virtual std::uint64_t StopAt(ThreadId /*thread*/, std::uint32_t /*operation*/,
                               std::uint64_t /*point*/) const {
    return kNever;
  }
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_STRATEGY_H_
