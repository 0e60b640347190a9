#include "harness/sched/mix.h"

namespace slotproof::sched {

namespace {

// Schedules from each of which all learn; later each one learns from its own.
constexpr std::uint32_t kLearning = 100;

}  // namespace

std::string_view NameOf(StrategyName name) {
  switch (name) {
    case StrategyName::kMix:
      return "mix";
    case StrategyName::kHoldBack:
      return "hold-back";
    case StrategyName::kReadsFrom:
      return "reads-from";
    case StrategyName::kRareStates:
      return "rare-states";
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
      reads_from_(choices),
      hold_back_(choices),
      rare_states_(choices) {
  if (name == StrategyName::kUniform) walk_.AlwaysUniform();
}

void Mix::Forget() {
  schedules_ = 0;
  surw_.Forget();
  reads_from_.Forget();
  hold_back_.Forget();
  rare_states_.Forget();
}

// The first schedules are those that show most bugs of all, with random ones in between for what is
// not among them. Then all have their turns.
StrategyName Mix::Turn() {
  using enum StrategyName;
  static constexpr std::array kFirst = {
      kHoldBack, kHoldBack, kSurw, kPos,      kHoldBack, kPos,      kSurw, kHoldBack,
      kSurw,     kHoldBack, kPos,  kHoldBack, kSurw,     kHoldBack, kPos,  kHoldBack};
  static constexpr std::uint32_t kLate = 1000;
  static constexpr std::array kTurns = {kSurw, kReadsFrom, kHoldBack, kPos,
                                        kSurw, kReadsFrom, kHoldBack, kSurw,
                                        kPct3, kPos,       kHoldBack, kRandomWalk};
  if (schedules_ < kFirst.size()) {
    const StrategyName first = kFirst[schedules_];
    return first == kHoldBack && hold_back_.SkipsOpening() ? kPos : first;
  }
  // Bugs that have not been met by then are deep.
  const bool late = schedules_ >= kLate;
  if (late && schedules_ % 4 != 0) return kRareStates;
  return kTurns[(late ? schedules_ / 4 : schedules_) % kTurns.size()];
}

void Mix::Choose() {
  const StrategyName turn = name_ == StrategyName::kMix ? Turn() : name_;
  ++schedules_;
  reads_from_.Steer(turn == StrategyName::kReadsFrom);
  surw_.Steer(turn == StrategyName::kSurw);
  hold_back_.Steer(turn == StrategyName::kHoldBack);
  switch (turn) {
    case StrategyName::kHoldBack:
      now_ = &hold_back_;
      break;
    case StrategyName::kReadsFrom:
      now_ = &reads_from_;
      break;
    case StrategyName::kRareStates:
      now_ = &rare_states_;
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
  const bool learn = name_ == StrategyName::kMix && schedules_ <= kLearning;
  if (learn || now_ == &surw_) body(surw_);
  if (learn || now_ == &reads_from_) body(reads_from_);
  if (learn || now_ == &hold_back_) body(hold_back_);
  if (now_ != &surw_ && now_ != &reads_from_ && now_ != &hold_back_) body(*now_);
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
