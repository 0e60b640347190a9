#include "harness/night/triage.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "harness/base/child_process.h"
#include "harness/base/file_io.h"
#include "harness/check/candidates.h"
#include "harness/check/isolate.h"
#include "harness/check/runner.h"
#include "harness/check/steps.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/report/situation.h"
#include "harness/shrink/shrinker.h"
#include "harness/trace/codec.h"

namespace slotproof {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TriageResult, signature, summary, situation, shape,
                                                operations, one_minimal, file, replay)

namespace {

constexpr std::uint32_t kCheckDeterminismOfAll = 1;
constexpr std::string_view kReplayPrefix = "replay: ";

// Of one signature: examples that are kept, failures that are shrunk.
constexpr std::size_t kMostExamples = 6;
constexpr std::uint64_t kMostLooks = 32;
// Of one situation. To shrink a death takes a process for each run.
constexpr std::uint64_t kLooksOfASituation = 12;
constexpr std::uint64_t kLooksOfADeath = 2;

// Failures that leave the process alive: runs need no child each.
bool Survivable(Outcome outcome) {
  return outcome == Outcome::kMismatch || outcome == Outcome::kInvariant ||
         outcome == Outcome::kFatal || outcome == Outcome::kNondeterminism;
}

RunOptions AllChecks() {
  RunOptions options;
  options.determinism_share = kCheckDeterminismOfAll;
  return options;
}

struct Shrunk {
  Trace trace;
  bool one_minimal = false;
};

// Of the first failure with a signature the best counterexample is looked for, whichever bug it
// then shows. The others stay near what they were: a leap would lead from each bug to the one that
// is shown in the fewest operations.
ShrinkOptions AtMost(std::size_t runs, std::size_t leap_runs, bool is_first) {
  ShrinkOptions options;
  options.max_runs = runs;
  options.max_leap_runs = is_first ? leap_runs : 0;
  return options;
}

// All runs in one child, thousands a second. A candidate may still end that child: then nothing.
std::optional<Shrunk> ShrinkTogether(const Target& target, const Trace& trace,
                                     const Verdict& verdict, bool is_first,
                                     const TriageOptions& options) {
  const Codec codec(*target.vocabulary);
  const ChildResult child = RunInChild(
      [&](const ChildChannel& channel) {
        Runner runner(target, AllChecks());
        ShrinkOptions shrink =
            AtMost(options.max_shrink_runs, ShrinkOptions().max_leap_runs, is_first);
        shrink.steps_of = [&](const Trace& t) { return StepsOf(target, t); };
        const ShrinkResult result = Shrink(
            *target.vocabulary, trace, verdict, [&](const Trace& t) { return runner.Run(t); },
            shrink);
        std::string message = result.one_minimal ? "1" : "0";
        message += AsText(codec.Encode(result.trace));
        channel.Send(message);
      },
      options.shrink_limit);
  if (child.end != ChildResult::End::kExited || child.code != 0 || child.sent.empty()) {
    return std::nullopt;
  }
  return Shrunk{.trace = codec.Decode(AsBytes(std::string_view(child.sent).substr(1))),
                .one_minimal = child.sent[0] == '1'};
}

Shrunk ShrinkIsolated(const Target& target, const Trace& trace, const Verdict& verdict,
                      bool is_first, const TriageOptions& options) {
  IsolateOptions isolate;
  const bool hang = verdict.outcome == Outcome::kHang;
  isolate.time_limit = hang ? options.hang_limit : options.time_limit;
  isolate.check_leaks = verdict.outcome == Outcome::kLeak;
  const auto deadline = std::chrono::steady_clock::now() + options.shrink_limit;
  bool late = false;
  const RunTrace judge = RunsOfCandidates(target, verdict.outcome, AllChecks(), isolate);
  const auto run = [&](const Trace& candidate) -> Verdict {
    late = late || std::chrono::steady_clock::now() > deadline;
    return late ? Verdict{} : judge(candidate);
  };
  ShrinkOptions shrink =
      AtMost(options.max_isolated_shrink_runs, LeapRunsOf(verdict.outcome), is_first);
  shrink.steps_of = [&](const Trace& t) { return StepsOfIsolated(target, t, isolate.time_limit); };
  const ShrinkResult result = Shrink(*target.vocabulary, trace, verdict, run, shrink);
  return {.trace = result.trace, .one_minimal = result.one_minimal && !late};
}

Shrunk ShrinkFailure(const Target& target, const Trace& trace, const Verdict& verdict,
                     bool is_first, const TriageOptions& options) {
  if (Survivable(verdict.outcome) && !target.isolate) {
    auto shrunk = ShrinkTogether(target, trace, verdict, is_first, options);
    if (shrunk) return *std::move(shrunk);
  }
  return ShrinkIsolated(target, trace, verdict, is_first, options);
}

}  // namespace

bool KnownFailure::Exhausted() const {
  std::uint64_t all = 0;
  for (const auto& [situation, count] : looks) all += count;
  return shapes.size() >= kMostExamples || all >= kMostLooks;
}

bool KnownFailure::WorthALook(const std::string& situation, Outcome outcome) const {
  const auto it = looks.find(situation);
  const std::uint64_t before = it == looks.end() ? 0 : it->second;
  return !Exhausted() && before < (Survivable(outcome) ? kLooksOfASituation : kLooksOfADeath);
}

Expected<TriageResult> Triage(const Target& target, const Trace& trace,
                              const TriageOptions& options) {
  IsolateOptions isolate;
  isolate.time_limit = options.time_limit;
  const auto run = [&](const Trace& t) { return RunIsolated(target, t, AllChecks(), isolate); };
  const Verdict found = run(trace);
  TriageResult result;
  if (found.passed()) return result;
  result.signature = found.Signature();
  result.summary = found.Summary();
  const std::string situation = SituationOf(*target.vocabulary, trace, found);
  const auto known = std::find_if(
      options.known.begin(), options.known.end(),
      [&](const KnownFailure& failure) { return failure.signature == result.signature; });
  const bool is_known = known != options.known.end();
  if (is_known && !known->WorthALook(situation, found.outcome)) return result;
  const Shrunk shrunk = ShrinkFailure(target, trace, found, /*is_first=*/!is_known, options);
  const Verdict small = run(shrunk.trace);
  // A failure that comes and goes is saved as it was found.
  const bool holds = small.Signature() == result.signature;
  const Trace& kept = holds ? shrunk.trace : trace;
  const Verdict& verdict = holds ? small : found;
  result.situation = situation;
  result.shape = ShapeOf(*target.vocabulary, kept);
  const auto has_shape = [&](const KnownFailure& failure) {
    return std::find(failure.shapes.begin(), failure.shapes.end(), result.shape) !=
           failure.shapes.end();
  };
  if (is_known && has_shape(*known)) return result;
  const auto saved = SaveFinding(target, kept, verdict, options.found_by, options.findings_dir);
  if (!saved) return tl::unexpected(saved.error());
  result.summary = verdict.Summary();
  result.operations = kept.ops.size();
  result.one_minimal = holds && shrunk.one_minimal;
  result.file = *saved;
  result.replay = ReplayLine(*saved, target);
  result.replay.erase(0, result.replay.starts_with(kReplayPrefix) ? kReplayPrefix.size() : 0);
  return result;
}

std::vector<std::string> TriageCommand(const std::string& slotproof, const Target& target,
                                       const std::string& input, const std::string& dir) {
  std::vector<std::string> command = {
      slotproof, "fuzz", std::string(target.name), "--triage", input, "--out", dir};
  if (!target.laws.empty()) command.insert(command.end(), {"--laws", std::string(target.laws)});
  return command;
}

std::string TriageToJson(const TriageResult& result) {
  return nlohmann::json(result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<TriageResult> TriageFromJson(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return std::nullopt;
  try {
    return parsed.get<TriageResult>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace slotproof
