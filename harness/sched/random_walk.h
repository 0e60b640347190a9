#ifndef SLOTPROOF_HARNESS_SCHED_RANDOM_WALK_H_
#define SLOTPROOF_HARNESS_SCHED_RANDOM_WALK_H_

#include <cstdint>

#include "harness/sched/choices.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// At each decision the thread that runs goes on with a probability that is drawn for each schedule:
// with one switch in two, queues and buffers stay shallow; with one in a hundred they fill.
class RandomWalk final : public Strategy {
 public:
  explicit RandomWalk(Choices& choices) : choices_(choices) {}

  // Every thread that can go on is as likely as any other, always.
  void AlwaysUniform() { always_uniform_ = true; }

  void Begin() override { one_in_ = always_uniform_ ? 1 : 1U << choices_.Below(7); }

  ThreadId Pick(const View& view) override {
    if (one_in_ > 1 && view.enabled.Has(view.current) && !choices_.OneIn(one_in_)) {
      return view.current;
    }
    return view.enabled.Nth(choices_.Below(view.enabled.size()));
  }

 private:
  Choices& choices_;
  std::uint32_t one_in_ = 1;
  bool always_uniform_ = false;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_RANDOM_WALK_H_
