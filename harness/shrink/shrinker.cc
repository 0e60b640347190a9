#include "harness/shrink/shrinker.h"

#include <algorithm>
#include <utility>

#include "harness/shrink/edits.h"
#include "harness/shrink/leaps.h"
#include "harness/shrink/measure.h"

namespace slotproof {
namespace {

// A trace that fails, and how.
struct State {
  Trace trace;
  Verdict verdict;
  Measure measure;
  bool has_bursts = false;
};

class Shrinker {
 public:
  Shrinker(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict,
           const RunTrace& run, const ShrinkOptions& options)
      : vocabulary_(vocabulary),
        run_(run),
        options_(options),
        sorts_(NameSorts(vocabulary)),
        limit_(options.max_runs),
        best_{.trace = trace, .verdict = verdict, .measure = {}} {
    Weigh(&best_);
  }

  ShrinkResult Run() {
    CutTail();
    Settle();
    LeapOn();
    if (options_.expand) {
      if (best_.has_bursts) Expand();
    } else if (options_.steps_of) {
      Contract();
    }
    DropWhatMakesMoreRun();
    Report();
    return {.trace = best_.trace,
            .verdict = best_.verdict,
            .runs = runs_,
            .steps = best_.measure.steps,
            .has_bursts = best_.has_bursts,
            .one_minimal = !Spent(),
            .stopped = stopped_};
  }

 private:
  bool Spent() const { return stopped_ || runs_ >= limit_; }

  void Report() const {
    if (options_.on_progress) options_.on_progress({.runs = runs_, .ops = best_.trace.ops.size()});
  }

  // The candidate with its verdict, if it fails as it should.
  std::optional<State> Judge(const Trace& candidate) {
    stopped_ = stopped_ || (options_.stop && options_.stop());
    if (Spent() || candidate == best_.trace) return std::nullopt;
    if (++runs_ % 256 == 0) Report();
    Verdict verdict = run_(candidate);
    if (verdict.passed() || verdict.Signature() != best_.verdict.Signature()) return std::nullopt;
    State state = {.trace = candidate, .verdict = std::move(verdict), .measure = {}};
    Weigh(&state);
    if (expanded_ && state.has_bursts) return std::nullopt;
    return state;
  }

  // Measures, which takes a run where there are bursts.
  void Weigh(State* state) {
    const auto may_be_burst = [&](const Op& op) { return vocabulary_.ops[op.code].burst; };
    const bool unknown = options_.steps_of && std::ranges::any_of(state->trace.ops, may_be_burst);
    if (!unknown) {
      state->measure =
          MeasureOf(vocabulary_, state->trace, state->verdict.op_index, /*steps=*/nullptr);
      return;
    }
    ++runs_;
    const TraceSteps steps = options_.steps_of(state->trace);
    state->measure = MeasureOf(vocabulary_, state->trace, state->verdict.op_index, &steps);
    state->has_bursts = !steps.complete || steps.Expanded(state->trace.header) != state->trace;
  }

  bool Try(const Trace& candidate) {
    std::optional<State> state = Judge(candidate);
    if (!state || state->measure >= best_.measure) return false;
    best_ = *std::move(state);
    return true;
  }

  void CutTail() {
    if (best_.verdict.op_index + 1 >= best_.trace.ops.size()) return;
    Trace candidate = best_.trace;
    candidate.ops.resize(best_.verdict.op_index + 1);
    Try(candidate);
  }

  // The passes, until none helps.
  void Settle() {
    for (bool improved = true; improved && !Spent();) {
      improved = DropRuns();
      improved |= MergeNames();
      improved |= SimplifyOperands();
      improved |= SimplifyHeader();
      improved |= SimplifyOpcodes();
    }
  }

  // The passes that may make fewer operations run.
  void Condense() {
    for (bool improved = true; improved && !Spent();) {
      improved = DropRuns();
      improved |= SimplifyOperands();
    }
  }

  // Goes on from the candidate, and comes back when that leads to nothing smaller.
  bool Leap(const Trace& candidate) {
    std::optional<State> state = Judge(candidate);
    if (!state) return false;
    const State before = std::exchange(best_, *std::move(state));
    CutTail();
    if (before.trace.ops.size() <= kMostInPairs || DropLongRuns() ||
        best_.measure.steps < before.measure.steps) {
      Condense();
    }
    if (best_.measure.steps == before.measure.steps) MergeNames();
    if (best_.measure < before.measure) return true;
    best_ = before;
    return false;
  }

  // To settle a long trace costs many runs: one half of it must do.
  bool LeapToHalf(const Trace& candidate) {
    const std::size_t size = candidate.ops.size();
    if (size <= kMostInPairs) return Leap(candidate);
    return Leap(Without(candidate, size / 2, size - size / 2)) ||
           Leap(Without(candidate, 0, size / 2));
  }

  // Leaps and settles, until no leap helps or there are no runs for them.
  void LeapOn() {
    for (bool improved = true; improved && !Spent();) {
      const std::size_t begun = runs_;
      limit_ = std::min(options_.max_runs, runs_ + options_.max_leap_runs - leap_runs_);
      improved = LeapOnce();
      leap_runs_ = std::min(leap_runs_ + runs_ - begun, options_.max_leap_runs);
      limit_ = options_.max_runs;
      if (improved) Settle();
    }
  }

  bool LeapOnce() {
    const Take leap = [this](const Trace& candidate) { return Leap(candidate); };
    const Take attempt = [this](const Trace& candidate) { return Try(candidate); };
    const Take to_half = [this](const Trace& candidate) { return LeapToHalf(candidate); };
    const Trace trace = best_.trace;
    const auto choose = [&] { return TryOtherChoices(vocabulary_, trace, to_half); };
    // Bursts of many are long when they are taken apart.
    const bool has_many = best_.measure.steps > kManySteps;
    if (has_many && choose()) return true;
    const std::optional<TraceSteps> steps = StepsOfBest();
    if (steps && LeapFromBursts(*steps)) return true;
    return (!has_many && choose()) || LeapToHeaders(steps) || DropPairs() ||
           TryWithoutMoves(vocabulary_, trace, attempt) ||
           TryHeadersWithCounts(vocabulary_, trace, leap) ||
           TryOneForTwo(vocabulary_, trace, attempt);
  }

  // Where there are bursts, and they can be taken apart.
  std::optional<TraceSteps> StepsOfBest() {
    if (!best_.has_bursts || Spent()) return std::nullopt;
    ++runs_;
    TraceSteps steps = options_.steps_of(best_.trace);
    if (!steps.complete || steps.of.size() != best_.trace.ops.size()) return std::nullopt;
    return steps;
  }

  // Another operation in a burst's place; all bursts as what they stood for; one at a time.
  bool LeapFromBursts(const TraceSteps& steps) {
    std::vector<std::size_t> bursts;
    for (std::size_t i = 0; i < steps.of.size(); ++i) {
      if (steps.of[i] != std::vector<Op>{best_.trace.ops[i]}) bursts.push_back(i);
    }
    for (const std::size_t i : bursts) {
      if (ReplaceBurst(i, steps.of[i])) return true;
    }
    if (steps.count > kMostExpanded) return false;
    if (Leap(steps.Expanded(best_.trace.header))) return true;
    return std::ranges::any_of(
        bursts, [&](std::size_t i) { return Leap(Replaced(best_.trace, i, 1, steps.of[i])); });
  }

  // By one operation that has the burst's operands: n appends by one of n values. Or by that and
  // the last step, where what fails is seen after the others.
  bool ReplaceBurst(std::size_t i, const std::vector<Op>& steps) {
    for (std::size_t code = 0; code < vocabulary_.ops.size() && !Spent(); ++code) {
      Op op = best_.trace.ops[i];
      op.code = static_cast<std::uint8_t>(code);
      Trace candidate = Replaced(best_.trace, i, 1, {{op}});
      ClampToHeader(vocabulary_, &candidate);
      if (Try(candidate)) return true;
      if (steps.size() < 3 || !LowerCount(vocabulary_, &candidate.ops[i])) continue;
      if (Try(Replaced(candidate, i, 1, {{candidate.ops[i], steps.back()}}))) return true;
    }
    return false;
  }

  // Runs of one operation become a burst where it performs the same: so many keys from one on.
  void Contract() {
    constexpr std::size_t kWorthABurst = 3;
    for (std::size_t begin = 0; begin < best_.trace.ops.size() && !Spent(); ++begin) {
      const std::vector<Op>& ops = best_.trace.ops;
      std::size_t end = begin + 1;
      while (end < ops.size() && ops[end].code == ops[begin].code) ++end;
      for (; end - begin >= kWorthABurst && !ContractTo(begin, end - begin); --end) {
      }
    }
  }

  bool ContractTo(std::size_t begin, std::size_t count) {
    for (std::size_t code = 0; code < vocabulary_.ops.size(); ++code) {
      const std::optional<Op> burst =
          BurstOf(vocabulary_, static_cast<std::uint8_t>(code), best_.trace.ops[begin], count);
      if (burst && Try(Replaced(best_.trace, begin, count, {{*burst}}))) return true;
    }
    return false;
  }

  // Another hash may need no burst, and a burst may do something else under another hash.
  bool LeapToHeaders(const std::optional<TraceSteps>& steps) {
    const bool few = steps && steps->count <= kMostExpanded;
    const Trace expanded = few ? steps->Expanded(best_.trace.header) : best_.trace;
    constexpr std::uint32_t kFirstNumbers = 4;
    for (std::size_t i = 0; i < vocabulary_.fields.size(); ++i) {
      const std::size_t choices = vocabulary_.fields[i].choices.size();
      const auto values = choices == 0 ? kFirstNumbers : static_cast<std::uint32_t>(choices);
      for (std::uint32_t value = 0; value < values && !Spent(); ++value) {
        if (best_.trace.header.field[i] == value) continue;
        for (Trace candidate : {best_.trace, expanded}) {
          candidate.header.field[i] = value;
          ClampToHeader(vocabulary_, &candidate);
          if (Leap(candidate)) return true;
          if (!few) break;
        }
      }
    }
    return false;
  }

  // What was done and undone goes at once. The number of pairs grows with the square.
  bool DropPairs() {
    if (best_.trace.ops.size() > kMostInPairs) return false;
    for (std::size_t j = best_.trace.ops.size(); j-- > 1;) {
      for (std::size_t i = j; i-- > 0 && !Spent();) {
        if (Try(Without(Without(best_.trace, j), i))) return true;
      }
    }
    return false;
  }

  // For good, even if the trace gets longer.
  void Expand() {
    const std::optional<TraceSteps> steps = StepsOfBest();
    if (!steps) return;
    std::optional<State> state = Judge(steps->Expanded(best_.trace.header));
    if (!state || state->has_bursts) return;
    best_ = *std::move(state);
    expanded_ = true;
    Settle();
    LeapOn();
  }

  // Without an operation, bursts may perform more, so that the trace is no smaller; but 1-minimal
  // is what everybody understands. Each round has a line less.
  void DropWhatMakesMoreRun() {
    for (std::size_t i = best_.trace.ops.size(); i-- > 0 && !Spent();) {
      if (!best_.has_bursts) return;
      std::optional<State> state = Judge(Without(best_.trace, i));
      if (!state) continue;
      best_ = *std::move(state);
      Settle();
      i = best_.trace.ops.size();
    }
  }

  // Delta debugging: runs of half the trace, a quarter, ... down to single operations, the latter
  // until none can go.
  bool DropRuns() {
    bool any = false;
    for (std::size_t length = std::max<std::size_t>(best_.trace.ops.size() / 2, 1); length != 0;) {
      const bool dropped = DropRunsOf(length);
      any |= dropped;
      if (length == 1 && dropped && !Spent()) continue;
      length /= 2;
    }
    return any;
  }

  // What few runs tell: whether a long trace has become much longer than need be.
  bool DropLongRuns() {
    const std::size_t size = best_.trace.ops.size();
    return DropRunsOf(size / 2) || DropRunsOf(size / 4) || DropRunsOf(size / 8);
  }

  bool DropRunsOf(std::size_t length) {
    if (length == 0) return false;
    bool any = false;
    for (std::size_t end = best_.trace.ops.size(); end != 0 && !Spent();) {
      const std::size_t begin = end > length ? end - length : 0;
      any |= Try(Without(best_.trace, begin, end - begin));
      end = std::min(begin, best_.trace.ops.size());
    }
    return any;
  }

  // Renames all uses of one key or handle at once, which single changes cannot do.
  bool MergeNames() {
    bool any = false;
    for (const Operand* sort : sorts_) {
      any |= CountUp(*sort);
      std::vector<std::uint32_t> names = NamesIn(vocabulary_, *sort, best_.trace);
      for (std::size_t i = names.size(); i-- > 0;) {
        for (std::size_t j = 0; j < i && !Spent(); ++j) {
          if (TryRename(*sort, names[i], names[j])) {
            any = true;
            break;
          }
        }
        const std::vector<std::uint32_t> now = NamesIn(vocabulary_, *sort, best_.trace);
        if (std::find(now.begin(), now.end(), names[i]) == now.end()) continue;
        for (const std::uint32_t to : Simpler(names[i])) {
          if (std::find(now.begin(), now.end(), to) != now.end()) continue;
          if (TryRename(*sort, names[i], to)) {
            any = true;
            break;
          }
        }
      }
    }
    return any;
  }

  // The names as 0, 1, 2 and so on, in their order.
  bool CountUp(const Operand& sort) {
    const std::vector<std::uint32_t> names = NamesIn(vocabulary_, sort, best_.trace);
    Trace candidate = best_.trace;
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      Rename(vocabulary_, sort, names[i], i, &candidate);  // which is no later name's
    }
    return Try(candidate);
  }

  bool TryRename(const Operand& sort, std::uint32_t from, std::uint32_t to) {
    Trace candidate = best_.trace;
    Rename(vocabulary_, sort, from, to, &candidate);
    return Try(candidate);
  }

  bool SimplifyOperands() {
    bool any = false;
    for (std::size_t i = 0; i < best_.trace.ops.size() && !Spent(); ++i) {
      for (const Operand& operand : vocabulary_.ops[best_.trace.ops[i].code].operands) {
        any |= Lower(
            OperandValue(best_.trace.ops[i], operand),
            [&](std::uint32_t value) { return Simpler(operand, value); },
            [&](Trace& trace, std::uint32_t value) {
              SetOperandValue(&trace.ops[i], operand, value);
            });
      }
    }
    return any;
  }

  bool SimplifyHeader() {
    bool any = false;
    for (std::size_t i = 0; i < vocabulary_.fields.size() && !Spent(); ++i) {
      any |= Lower(
          best_.trace.header.field[i],
          [&, i](std::uint32_t value) { return Simpler(vocabulary_.fields[i], value); },
          [this, i](Trace& trace, std::uint32_t value) {
            trace.header.field[i] = value;
            ClampToHeader(vocabulary_, &trace);
          });
    }
    return any;
  }

  // Keeps lowering one number while the failure stays.
  template <class SimplerThan, class Set>
  bool Lower(std::uint32_t value, const SimplerThan& simpler_than, const Set& set) {
    bool any = false;
    for (bool improved = true; improved;) {
      improved = false;
      for (const std::uint32_t simpler : simpler_than(value)) {
        Trace candidate = best_.trace;
        set(candidate, simpler);
        if (!Try(candidate)) continue;
        value = simpler;
        improved = any = true;
        break;
      }
    }
    return any;
  }

  bool SimplifyOpcodes() {
    bool any = false;
    for (std::size_t i = 0; i < best_.trace.ops.size(); ++i) {
      for (std::uint8_t code = 0; code < best_.trace.ops[i].code && !Spent(); ++code) {
        Trace candidate = best_.trace;
        candidate.ops[i].code = code;
        ClampToHeader(vocabulary_, &candidate);
        if (!Try(candidate)) continue;
        any = true;
        break;
      }
    }
    return any;
  }

  // Longer traces stay as they are, and pairs of so many at most are tried.
  static constexpr std::uint64_t kMostExpanded = 1000;
  static constexpr std::size_t kMostInPairs = 24;
  static constexpr std::uint64_t kManySteps = 64;

  const Vocabulary& vocabulary_;
  const RunTrace& run_;
  const ShrinkOptions& options_;
  const std::vector<const Operand*> sorts_;
  std::size_t limit_;  // of runs, for now
  State best_;
  std::size_t runs_ = 0;
  std::size_t leap_runs_ = 0;
  bool expanded_ = false;
  bool stopped_ = false;
};

}  // namespace

ShrinkResult Shrink(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict,
                    const RunTrace& run, const ShrinkOptions& options) {
  return Shrinker(vocabulary, trace, verdict, run, options).Run();
}

std::optional<Trace> ShrinkCandidate(const Vocabulary& vocabulary, const Trace& trace,
                                     std::size_t index) {
  Trace candidate = trace;
  const std::size_t size = trace.ops.size();
  for (std::size_t length = (size + 1) / 2; length != 0; length /= 2) {
    const std::size_t runs = (size + length - 1) / length;
    if (index < runs) {
      const std::size_t end = size - index * length;
      const std::size_t begin = end > length ? end - length : 0;
      return Without(trace, begin, end - begin);
    }
    index -= runs;
  }
  for (Op& op : candidate.ops) {
    const OperandList& operands = vocabulary.ops[op.code].operands;
    if (index < operands.size()) {
      const Operand& operand = operands[index];
      SetOperandValue(&op, operand, OperandValue(op, operand) / 2);
      return candidate;
    }
    index -= operands.size();
  }
  if (index >= vocabulary.fields.size()) return std::nullopt;
  candidate.header.field[index] /= 2;
  ClampToHeader(vocabulary, &candidate);
  return candidate;
}

}  // namespace slotproof
