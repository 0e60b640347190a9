#ifndef SLOTPROOF_HARNESS_SCHED_REPLAY_H_
#define SLOTPROOF_HARNESS_SCHED_REPLAY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/sched/schedule.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// The schedule that is given. A switch to a thread that cannot go on, or whose point does not come,
// is passed over, and so is a load's sight of a store that it may not see: then moved() says that
// this is not the run that was recorded.
class Replay final : public Strategy {
 public:
  explicit Replay(Schedule schedule)
      : schedule_(std::move(schedule)), happened_(schedule_.size(), false) {}

  // Which of the schedule's switches happened.
  const std::vector<bool>& happened() const { return happened_; }
  bool moved() const {
    return std::find(happened_.begin(), happened_.end(), false) != happened_.end();
  }

  void Begin() override { happened_.assign(schedule_.size(), false); }

  bool DecidesEverywhere() const override { return false; }
  bool PicksAlone() const override { return true; }

  std::uint64_t StopAt(ThreadId thread, std::uint32_t operation,
                       std::uint64_t point) const override {
    std::uint64_t stop = kNever;
    for (const Switch& change : schedule_) {
      if (change.from == thread && change.operation == operation && change.at > point) {
        stop = std::min(stop, change.at);
      }
    }
    return stop;
  }

  ThreadId Pick(const View& view) override {
    for (std::size_t i = 0; i < schedule_.size(); ++i) {
      const Switch& change = schedule_[i];
      if (IsHere(change, view) && change.back == 0 && view.enabled.Has(change.to)) {
        happened_[i] = true;
        return change.to;
      }
    }
    return view.enabled.Has(view.current) ? view.current : view.enabled.First();
  }

  std::uint32_t PickStore(const View& view, std::uint32_t stores) override {
    for (std::size_t i = 0; i < schedule_.size(); ++i) {
      const Switch& change = schedule_[i];
      if (IsHere(change, view) && change.back != 0 && change.back < stores) {
        happened_[i] = true;
        return change.back;
      }
    }
    return 0;
  }

 private:
  static bool IsHere(const Switch& change, const View& view) {
    return change.from == view.current && change.operation == view.operation &&
           change.at == view.points;
  }

  Schedule schedule_;
  std::vector<bool> happened_;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_REPLAY_H_
