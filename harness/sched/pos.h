#ifndef SLOTPROOF_HARNESS_SCHED_POS_H_
#define SLOTPROOF_HARNESS_SCHED_POS_H_

#include <array>
#include <cstdint>

#include "harness/sched/choices.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// Partial-order sampling (Yuan, Yang and Gu, CAV 2018): each event that is about to happen has a
// random priority, the highest happens, and those that conflict with it draw anew. So orders that
// matter are sampled, and not orders that do not.
class Pos final : public Strategy {
 public:
  explicit Pos(Choices& choices) : choices_(choices) {}

  void Arrived(ThreadId thread, const View&) override { priority_[thread] = choices_.Priority(); }

  ThreadId Pick(const View& view) override { return Highest(view.enabled); }

  void Executes(ThreadId thread, const View& view) override {
    const Event& event = view.pending[thread];
    view.alive.ForEach([&](ThreadId other) {
      if (other != thread && Conflict(event, view.pending[other])) {
        priority_[other] = choices_.Priority();
      }
    });
  }

  // The one among these whose event has the highest priority.
  ThreadId Highest(const ThreadSet& threads) const { return HighestOf(threads, priority_); }

 private:
  Choices& choices_;
  std::array<std::uint64_t, kMaxThreads> priority_{};
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_POS_H_
