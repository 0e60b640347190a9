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

void Mix::Begin() {
  Choose();
  surw_.Begin();
  reads_from_.Begin();
  if (now_ != &surw_ && now_ != &reads_from_) now_->Begin();
}

void Mix::Created(ThreadId parent, ThreadId child) {
  surw_.Created(parent, child);
  if (now_ != &surw_) now_->Created(parent, child);
}

void Mix::Arrived(ThreadId thread, const View& view) { now_->Arrived(thread, view); }

void Mix::Executes(ThreadId thread, const View& view) {
  surw_.Executes(thread, view);
  reads_from_.Executes(thread, view);
  if (now_ != &surw_ && now_ != &reads_from_) now_->Executes(thread, view);
}

void Mix::End() {
  surw_.End();
  reads_from_.End();
  if (now_ != &surw_ && now_ != &reads_from_) now_->End();
}

}  // namespace slotproof::sched
