#ifndef SLOTPROOF_HARNESS_SCHED_EXHAUSTIVE_H_
#define SLOTPROOF_HARNESS_SCHED_EXHAUSTIVE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/sched/strategy.h"
#include "harness/sched/vector_clock.h"

namespace slotproof::sched {

// All interleavings of a small program, one after the other:
//
//   Exhaustive all(Exhaustive::Reduction::kDynamic);
//   do Run(program, all); while (all.Next());
//
//   kNone       each order of the steps
//   kSleepSets  one order of each class whose members differ in the order of steps that do not
//               conflict (Godefroid, 1996); the others are begun, and given up
//   kDynamic    the same, and most of the others are not begun (dynamic partial-order reduction
//               with source sets: Abdulla et al., POPL 2014)
//
// Where loads may see older stores, each such load sees each of them in turn: all that follows from
// one is gone through before the next.
//
// Threads that yield or spin wait until others have moved on, so of their fruitless rounds only the
// first few are explored.
class Exhaustive final : public Strategy {
 public:
  enum class Reduction : std::uint8_t { kNone, kSleepSets, kDynamic };

  explicit Exhaustive(Reduction reduction) : reduction_(reduction) {}

  // From the first interleaving again; for when points of decision have come up.
  void Restart();
  // Turns to the next interleaving; false when there is none.
  bool Next();

  // Interleavings that ran to their end, and those that were given up as another's twins.
  std::uint64_t completed() const { return completed_; }
  std::uint64_t given_up() const { return given_up_; }

  bool PicksAlone() const override { return true; }
  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override;
  ThreadId Pick(const View& view) override;
  std::uint32_t PickStore(const View& view, std::uint32_t stores) override;
  void Executes(ThreadId thread, const View& view) override;
  void End() override;

 private:
  // A point of decision on the way of the interleaving that runs, or a load's choice.
  struct Node {
    ThreadSet enabled;
    ThreadSet sleeping;   // whose next step was explored before, in another order
    ThreadSet done;       // tried here
    ThreadSet backtrack;  // to be tried here
    ThreadId chosen = kNoThread;
    std::uint32_t stores = 0;  // of a load that may see so many; then there is nothing above
    std::uint32_t back = 0;    // which of them it sees
  };
  struct Step {
    ThreadId thread = kNoThread;
    Event event;
    std::size_t node = 0;
    VectorClock clock;  // of steps that it depends on: entry t is one more than an index here
  };

  // The clock that the event would have now.
  VectorClock ClockOf(ThreadId thread, const Event& event) const;
  ThreadSet Initials(std::size_t before, ThreadId thread, const VectorClock& clock) const;
  // Plans the other order for each step that the event is in a race with: they conflict, and
  // nothing in between orders them.
  void PlanReversals(ThreadId thread, const Event& event);

  Reduction reduction_;
  std::vector<Node> nodes_;
  bool fresh_ = false;  // Restart() was the last thing that happened
  std::size_t depth_ = 0;
  ThreadSet sleeping_;
  bool gave_up_ = false;
  std::vector<Step> steps_;
  std::array<VectorClock, kMaxThreads> clocks_;
  const View* view_ = nullptr;
  std::uint64_t completed_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_EXHAUSTIVE_H_
