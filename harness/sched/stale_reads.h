#ifndef SLOTPROOF_HARNESS_SCHED_STALE_READS_H_
#define SLOTPROOF_HARNESS_SCHED_STALE_READS_H_

#include <cstdint>

#include "harness/sched/choices.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// Another strategy's switches, and loads that see older stores at random: in some schedules none
// does, in some each that may, in the others now and then.
class StaleReads final : public Strategy {
 public:
  StaleReads(Strategy& switches, Choices& choices) : switches_(switches), choices_(choices) {}

  // The odds are drawn when a load first asks, so that programs in which none does have the
  // schedules that they have without this.
  std::uint32_t PickStore(const View&, std::uint32_t stores) override {
    if (odds_ == Odds::kNotDrawn) odds_ = static_cast<Odds>(1 + choices_.Below(4));
    const bool stale = odds_ == Odds::kAlways || (odds_ == Odds::kOften && choices_.OneIn(2)) ||
                       (odds_ == Odds::kSeldom && choices_.OneIn(8));
    return stale ? 1 + choices_.Below(stores - 1) : 0;
  }

  void Begin() override {
    odds_ = Odds::kNotDrawn;
    switches_.Begin();
  }
  void Created(ThreadId parent, ThreadId child) override { switches_.Created(parent, child); }
  void Arrived(ThreadId thread, const View& view) override { switches_.Arrived(thread, view); }
  ThreadId Pick(const View& view) override { return switches_.Pick(view); }
  void Executes(ThreadId thread, const View& view) override { switches_.Executes(thread, view); }
  void Yields(ThreadId thread) override { switches_.Yields(thread); }
  void End() override { switches_.End(); }
  bool DecidesEverywhere() const override { return switches_.DecidesEverywhere(); }
  bool PicksAlone() const override { return switches_.PicksAlone(); }
  std::uint64_t StopAt(ThreadId thread, std::uint32_t operation,
                       std::uint64_t point) const override {
    return switches_.StopAt(thread, operation, point);
  }

 private:
  enum class Odds : std::uint8_t { kNotDrawn, kNever, kSeldom, kOften, kAlways };

  Strategy& switches_;
  Choices& choices_;
  Odds odds_ = Odds::kNotDrawn;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_STALE_READS_H_
