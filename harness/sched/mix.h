#ifndef SLOTPROOF_HARNESS_SCHED_MIX_H_
#define SLOTPROOF_HARNESS_SCHED_MIX_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "harness/sched/choices.h"
#include "harness/sched/hold_back.h"
#include "harness/sched/pct.h"
#include "harness/sched/pos.h"
#include "harness/sched/random_walk.h"
#include "harness/sched/rare_states.h"
#include "harness/sched/reads_from.h"
#include "harness/sched/strategy.h"
#include "harness/sched/surw.h"

namespace slotproof::sched {

enum class StrategyName : std::uint8_t {
  kMix,         // each schedule by another of those below
  kHoldBack,    //
  kReadsFrom,   //
  kRareStates,  //
  kSurw,        //
  kPos,         //
  kPct3,        //
  kRandomWalk,  // with a probability of switches drawn for each schedule
  kUniform,     // every thread as likely, always
};
inline constexpr std::size_t kStrategies = 9;

std::string_view NameOf(StrategyName name);

// Strategies under one interface. What one of them learns from schedules, it learns from the first
// ones of the others too.
class Mix final : public Strategy {
 public:
  Mix(StrategyName name, Choices& choices);

  // Another program comes.
  void Forget();

  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override;
  void Arrived(ThreadId thread, const View& view) override;
  ThreadId Pick(const View& view) override { return now_->Pick(view); }
  void Executes(ThreadId thread, const View& view) override;
  void Yields(ThreadId thread) override { now_->Yields(thread); }
  void End() override;

 private:
  StrategyName Turn();
  void Choose();
  template <class Body>
  void EachThatRuns(Body body);

  StrategyName name_;
  std::uint32_t schedules_ = 0;
  RandomWalk walk_;
  Pct pct_;
  Pos pos_;
  Surw surw_;
  ReadsFrom reads_from_;
  HoldBack hold_back_;
  RareStates rare_states_;
  Strategy* now_ = nullptr;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_MIX_H_
