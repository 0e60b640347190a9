#ifndef SLOTPROOF_HARNESS_SCHED_PCT_H_
#define SLOTPROOF_HARNESS_SCHED_PCT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "harness/sched/choices.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): threads have random
// priorities, the highest that can go on does, and at depth - 1 random steps the thread that runs
// drops below all others. A bug that needs `depth` ordering constraints among n threads and k steps
// is met with probability 1 / (n * k^(depth - 1)) at least.
//
// k is the most steps that a schedule has had so far, or what ExpectSteps() says.
class Pct final : public Strategy {
 public:
  Pct(Choices& choices, std::uint32_t depth) : choices_(choices), depth_(depth) {}

  void ExpectSteps(std::uint32_t steps) { most_steps_ = std::max(most_steps_, steps); }
  std::uint32_t most_steps() const { return most_steps_; }

  void Begin() override {
    steps_ = 0;
    lowest_ = 0;
    changes_.clear();
    for (std::uint32_t i = 1; i < depth_; ++i) {
      changes_.push_back(1 + choices_.Below(std::max(most_steps_, 1U)));
    }
  }

  void Created(ThreadId, ThreadId child) override {
    priority_[child] = depth_ + static_cast<std::int64_t>(choices_.Priority() >> 8);
  }

  ThreadId Pick(const View& view) override { return HighestOf(view.enabled, priority_); }

  void Executes(ThreadId thread, const View&) override {
    ++steps_;
    for (std::uint32_t i = 0; i < changes_.size(); ++i) {
      if (changes_[i] == steps_) priority_[thread] = i + 1;
    }
  }

  // Or a thread that spins would keep the one from running that it waits for.
  void Yields(ThreadId thread) override { priority_[thread] = --lowest_; }

  void End() override { most_steps_ = std::max(most_steps_, steps_); }

 private:
  Choices& choices_;
  std::uint32_t depth_;
  std::uint32_t steps_ = 0;
  std::uint32_t most_steps_ = 0;
  std::vector<std::uint32_t> changes_;  // steps after which a priority drops
  std::array<std::int64_t, kMaxThreads> priority_{};
  std::int64_t lowest_ = 0;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_PCT_H_
