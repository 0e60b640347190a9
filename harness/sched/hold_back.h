#ifndef SLOTPROOF_HARNESS_SCHED_HOLD_BACK_H_
#define SLOTPROOF_HARNESS_SCHED_HOLD_BACK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/sched/choices.h"
#include "harness/sched/epoch_map.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// "Whoever comes to this place in the code waits until nobody else can go on." Otherwise a thread
// that runs goes on until it cannot.
//
//   schedule 1       nothing is held; threads go on in turn, a step each, from the one that was
//                    made last to the first
//   2                the thread that would go first is held at its start, and each one is held
//                    once it has changed something: halfway, if it has more to change
//   3                in turn again, now also at those accesses that were found to matter
//   4                each one is held once it has looked at something: before its use, say
//   5                whoever comes to the last place that changes something is held there; the
//                    earliest thread goes first (so far it was the latest)
//   6                each one is held once it has changed something
//   7 and 8          as 6 and 4, but the earliest thread goes first
//   the next ones    each place where threads decide is held, the last one first, writes before all
//                    else; once with the earliest thread first and once with the latest
//   from then on     one or several places, each from some arrival on, and threads in any order
//
// So the first schedules are the same for every seed, and they have their luck: if the program made
// its threads in the opposite order, a bug that the second one meets might take ten more.
//
// Most bugs need one preemption at the right place, and there are few places: a hundred threads
// that run the same lines all wait at the same one. Pausing threads at places in the code is what
// active testing (Sen, PLDI 2008) and DataCollider (Erickson et al., OSDI 2010) do to show races;
// few preemptions first is the order of CHESS (Musuvathi et al., OSDI 2008).
class HoldBack final : public Strategy {
 public:
  explicit HoldBack(Choices& choices) : choices_(choices) {}

  // Another program comes.
  void Forget();

  // Whether schedules are steered; otherwise this one only learns.
  void Steer(bool steer) { steer_ = steer; }
  // Whether the next of the first schedules would show nothing new, since all memory is used under
  // locks. Then it is passed over.
  bool SkipsOpening();

  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override;
  void Arrived(ThreadId thread, const View& view) override;
  ThreadId Pick(const View& view) override;
  void Executes(ThreadId thread, const View& view) override;

 private:
  struct Place {
    std::uintptr_t pc = 0;
    bool writes = false;
    std::uint32_t most = 0;   // arrivals in one schedule
    std::uint32_t tried = 0;  // on its own, in one order and the other
  };
  struct Count {
    std::uint32_t place = 0;  // one more than its index
    std::uint32_t arrivals = 0;
    void Reset() { arrivals = 0; }
  };
  struct Hold {
    std::uintptr_t pc = 0;
    std::uint32_t from = 1;  // the arrival
    std::uint32_t arrivals = 0;
    ThreadSet once = {};  // who was held here; not again
  };
  enum class Order : std::uint8_t { kNewestFirst, kOldestFirst, kRandom, kInTurn };

  enum class Held : std::uint8_t { kNowhere, kFirstStart, kLastWrite };

  // One of the first schedules.
  struct Opening {
    Order order = Order::kNewestFirst;
    Held at = Held::kNowhere;
    bool after_write = false;  // each thread is held once it has changed something
    bool after_read = false;   // or looked at something
    bool again = false;        // and once more if nobody did anything meanwhile
    bool of_memory = false;    // for programs only that use memory without locks
  };

  static constexpr std::uint32_t kOpenings = 8;
  static const std::array<Opening, kOpenings> kOpening;

  void Plan();
  void Open(const Opening& opening);
  bool HoldNext();
  void HoldSome();
  void HoldHere(ThreadId thread);
  void HoldHalfway(ThreadId thread);
  void LetGo(ThreadId thread);
  static ThreadId Next(const View& view);

  Choices& choices_;
  bool steer_ = true;
  std::uint32_t opening_ = 0;
  std::uintptr_t first_start_ = 0;
  bool knows_memory_ = false;  // that is accessed at points of decision
  std::vector<Place> places_;  // in the order in which they were come upon; starts are none
  EpochMap<Count> counts_;

  Order order_ = Order::kNewestFirst;
  std::uint32_t picks_in_turn_ = 0;
  std::vector<Hold> holds_;
  Opening how_;
  ThreadSet locked_;   // who has taken a lock, and may still have it
  ThreadSet halfway_;  // who was held for that
  ThreadSet held_;
  ThreadSet in_vain_;  // held, and so far nobody has done anything meanwhile
  std::array<std::uint64_t, kMaxThreads> priority_{};
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_HOLD_BACK_H_
