#ifndef SLOTPROOF_HARNESS_SCHED_REPLAY_H_
#define SLOTPROOF_HARNESS_SCHED_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "harness/sched/schedule.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// The schedule that is given. A switch whose thread has ended, or that names one that cannot go on,
// is passed over: then moved() says that this is not the run that was recorded.
class Replay final : public Strategy {
 public:
  explicit Replay(Schedule schedule) : schedule_(std::move(schedule)) {}

  bool moved() const { return missed_ != 0 || next_ < schedule_.size(); }
  // Of the schedule's switches: those that happened.
  std::size_t happened() const { return next_ - missed_; }

  void Begin() override {
    next_ = 0;
    missed_ = 0;
  }

  bool DecidesEverywhere() const override { return false; }
  bool PicksAlone() const override { return true; }

  std::uint64_t StopAt(ThreadId thread) const override {
    return next_ < schedule_.size() && schedule_[next_].from == thread ? schedule_[next_].at
                                                                       : kNever;
  }

  ThreadId Pick(const View& view) override {
    if (next_ < schedule_.size() && schedule_[next_].from == view.current &&
        schedule_[next_].at <= view.points) {
      const ThreadId to = schedule_[next_++].to;
      if (view.enabled.Has(to)) return to;
      ++missed_;
    }
    return view.enabled.Has(view.current) ? view.current : view.enabled.First();
  }

 private:
  Schedule schedule_;
  std::size_t next_ = 0;
  std::size_t missed_ = 0;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_REPLAY_H_
