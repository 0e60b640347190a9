#include "harness/sched/mix.h"

namespace slotproof::sched {

std::string_view NameOf(StrategyName name) {
  switch (name) {
    case StrategyName::kMix:
      return "mix";
    case StrategyName::kReadsFrom:
      return "reads-from";
    case StrategyName::kSurw:
      return "surw";
    case StrategyName::kPos:
      return "pos";
    case StrategyName::kPct3:
      return "pct3";
    case StrategyName::kRandomWalk:
      return "walk";
    case StrategyName::kUniform:
      return "uniform";
  }
  return "?";
}

Mix::Mix(StrategyName name, Choices& choices)
    : name_(name),
      walk_(choices),
      pct_(choices, 3),
      pos_(choices),
      surw_(choices),
      reads_from_(choices) {
  if (name == StrategyName::kUniform) walk_.AlwaysUniform();
}

void Mix::Forget() {
  schedules_ = 0;
  surw_.Forget();
  reads_from_.Forget();
}

void Mix::Choose() {
  // Reads-from first: it needs the fewest schedules where any does.
  static constexpr std::array kTurns = {StrategyName::kPos,       StrategyName::kReadsFrom,
                                        StrategyName::kReadsFrom, StrategyName::kSurw,
                                        StrategyName::kReadsFrom, StrategyName::kSurw,
                                        StrategyName::kPct3,      StrategyName::kRandomWalk};
  const StrategyName turn =
      name_ == StrategyName::kMix ? kTurns[schedules_ % kTurns.size()] : name_;
  ++schedules_;
  reads_from_.Steer(turn == StrategyName::kReadsFrom);
  switch (turn) {
    case StrategyName::kReadsFrom:
      now_ = &reads_from_;
      break;
    case StrategyName::kSurw:
      now_ = &surw_;
      break;
    case StrategyName::kPct3:
      now_ = &pct_;
      break;
    case StrategyName::kRandomWalk:
    case StrategyName::kUniform:
      now_ = &walk_;
      break;
    default:
      now_ = &pos_;
  }
}

// Who takes part in this schedule: the one whose turn it is, and those that learn from it.
template <class Body>
void Mix::EachThatRuns(Body body) {
  const bool learn = name_ == StrategyName::kMix;
  if (learn || now_ == &surw_) body(surw_);
  if (learn || now_ == &reads_from_) body(reads_from_);
  if (now_ != &surw_ && now_ != &reads_from_) body(*now_);
}

void Mix::Begin() {
  Choose();
  EachThatRuns([](Strategy& strategy) { strategy.Begin(); });
}

void Mix::Created(ThreadId parent, ThreadId child) {
  EachThatRuns([&](Strategy& strategy) { strategy.Created(parent, child); });
}

void Mix::Arrived(ThreadId thread, const View& view) { now_->Arrived(thread, view); }

void Mix::Executes(ThreadId thread, const View& view) {
  EachThatRuns([&](Strategy& strategy) { strategy.Executes(thread, view); });
}

void Mix::End() {
  EachThatRuns([](Strategy& strategy) { strategy.End(); });
}

}  // namespace slotproof::sched
