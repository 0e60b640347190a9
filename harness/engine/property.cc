#include "harness/engine/property.h"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "harness/base/file_io.h"
#include "harness/base/interrupt.h"
#include "harness/base/shell_quoted.h"
#include "harness/base/standby.h"
#include "harness/check/candidates.h"
#include "harness/check/isolate.h"
#include "harness/check/steps.h"
#include "harness/engine/generator.h"
#include "harness/report/crash_guard.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/shrink/shrinker.h"
#include "harness/trace/codec.h"
#include "harness/trace/laws.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

using rc::detail::CaseDescription;
using rc::detail::CaseResult;
using std::chrono::milliseconds;

// For how long what ended the process is made smaller where a trace's limit is shorter; and what a
// trace may take there at most.
constexpr milliseconds kLeastSearch{10'000};
constexpr milliseconds kMostIsolated{5'000};

// Runs the law on a trace.
using Judge = std::function<CaseResult(const Trace&)>;

// A trace as RapidCheck sees it, without the general-purpose wrapping of rc::Gen around it, which
// would cost as much as a short trace.
class Case {
 public:
  Case(const Target& target, const Judge& judge, Trace trace)
      : target_(&target), judge_(&judge), trace_(std::move(trace)) {}

  CaseDescription value() const {
    return {
        .result = (*judge_)(trace_), .tags = {}, .example = [] { return rc::detail::Example(); }};
  }
  rc::Seq<rc::Shrinkable<CaseDescription>> shrinks() const;

 private:
  // The children of a node of the shrink tree, made one at a time.
  struct Candidates;

  const Target* target_;
  const Judge* judge_;
  Trace trace_;
};

struct Case::Candidates {
  rc::Maybe<rc::Shrinkable<CaseDescription>> operator()() {
    std::optional<Trace> next;
    do {
      next = ShrinkCandidate(*parent.target_->vocabulary, parent.trace_, index++);
    } while (next && *next == parent.trace_);
    if (!next) return rc::Nothing;
    return rc::makeShrinkable<Case>(*parent.target_, *parent.judge_, *std::move(next));
  }

  Case parent;
  std::size_t index = 0;
};

rc::Seq<rc::Shrinkable<CaseDescription>> Case::shrinks() const {
  return rc::Seq<rc::Shrinkable<CaseDescription>>(Candidates{*this});
}

// Target and judge must outlive it.
rc::detail::Property Cases(const Target& target, const Judge& judge, std::size_t max_ops) {
  const Generator generator(target);
  return [&target, &judge, generator, max_ops](rc::Random random, int size) {
    Rng rng(random.split().next());
    const auto scale = static_cast<std::size_t>(std::clamp(size, 4, 100));
    Trace trace;
    generator.Generate(rng, std::max<std::size_t>(max_ops * scale / 100, 1), &trace);
    return rc::makeShrinkable<Case>(target, judge, std::move(trace));
  };
}

// RapidCheck reads its variable once, and draws a seed where it says none.
void FixSeed() {
  const char* const said = std::getenv("RC_PARAMS");
  const std::string params = said == nullptr ? "" : said;
  if (params.find("seed=") == std::string::npos) {
    ::setenv("RC_PARAMS", (params + " seed=1").c_str(), 1);
  }
}

rc::detail::TestParams Effort(const PropertyOptions& options) {
  FixSeed();
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  const auto wanted =
      static_cast<double>(params.maxSuccess) / 100.0 * static_cast<double>(options.traces);
  params.maxSuccess =
      static_cast<int>(std::min(wanted, static_cast<double>(std::numeric_limits<int>::max())));
  return params;
}

// The law in a process of its own.
using IsolatedLaw = std::function<Verdict(const Trace&, const IsolateOptions&)>;

// What is checked, and how its failures are told.
struct Property {
  const Target& target;
  std::string statement;
  TraceLaw law;
  IsolatedLaw isolated_law;
  std::function<std::string(const std::string& path)> replay;
  const PropertyOptions& options;
};

std::string Counted(std::uint64_t steps) {
  return std::to_string(steps) + (steps == 1 ? " single operation" : " single operations");
}

PropertyResult Report(const Property& property, ShrinkResult shrunk, std::uint64_t seed) {
  PropertyResult result;
  result.trace = std::move(shrunk.trace);
  result.verdict = std::move(shrunk.verdict);
  result.steps = shrunk.steps;
  result.one_minimal = shrunk.one_minimal;
  std::cerr << "\nFalsified: " << property.statement << "\n"
            << result.verdict.Summary() << "\n\n"
            << PrintTrace(property.target, result.trace) << "\n"
            << (shrunk.one_minimal ? "1-minimal" : "not yet minimal") << " after " << shrunk.runs
            << " runs, " << Counted(shrunk.steps) << "\n";
  const Expected<std::string> file = SaveFinding(property.target, result.trace, result.verdict,
                                                 "property RC_PARAMS=seed=" + std::to_string(seed));
  if (file) {
    result.file = *file;
    std::cerr << property.replay(*file) << "\n";
  } else {
    PrintUnsaved(property.target, result.trace, file.error());
  }
  if (property.options.on_falsified != nullptr) (*property.options.on_falsified)(result);
  return result;
}

// In the standby, which the crash guard asks with "SIGNATURE", a line end and the raw input. The
// test's own time goes on, so that the search ends soon, and at once on SIGTERM.
void ReportDeath(const Property& property, std::uint64_t seed, std::string_view message) {
  using std::chrono::steady_clock;
  const std::size_t end = std::min(message.find('\n'), message.size() - 1);
  const std::string_view signature = message.substr(0, end);
  const Trace trace = Codec(*property.target.vocabulary).Decode(AsBytes(message.substr(end + 1)));
  const InterruptGuard interrupt;
  const milliseconds limit = TraceTimeLimit();
  const bool limited = limit.count() != 0;
  const milliseconds most = property.options.most_search;
  const milliseconds search = limited ? std::min(std::max(limit, kLeastSearch), most) : most;
  IsolateOptions isolate;
  isolate.time_limit = limited ? std::min(limit, kMostIsolated) : kMostIsolated;
  const auto start = steady_clock::now();
  const Verdict verdict = property.isolated_law(trace, isolate);
  if (verdict.passed() || InterruptGuard::Asked()) {
    std::cerr << "\nFalsified: " << property.statement << "\n"
              << signature << "; "
              << (verdict.passed() ? "alone, in a process of its own, the trace passes"
                                   : "stopped before it was shrunk")
              << "\n\n"
              << PrintTrace(property.target, trace) << "\n";
    return;
  }
  const auto took = std::chrono::ceil<milliseconds>(steady_clock::now() - start);
  isolate = ForCandidates(isolate, verdict.outcome, took);
  const auto deadline = steady_clock::now() + search;
  const TraceLaw alone = [&](const Trace& candidate) {
    return property.isolated_law(candidate, isolate);
  };
  const RunTrace run = RunsOfCandidates(verdict.outcome, property.law, alone, isolate.time_limit);
  ShrinkOptions options;
  options.max_leap_runs = LeapRunsOf(verdict.outcome);
  options.steps_of = [&](const Trace& candidate) {
    return StepsOfIsolated(property.target, candidate, isolate.time_limit);
  };
  options.stop = [&] { return InterruptGuard::Asked() || steady_clock::now() > deadline; };
  Report(property, Shrink(*property.target.vocabulary, trace, verdict, run, options), seed);
}

std::optional<PropertyResult> RunGivenTrace(const Target& target, const TraceLaw& law) {
  const char* path = std::getenv("SLOTPROOF_TRACE");
  if (path == nullptr || *path == '\0') return std::nullopt;
  const Target* const targets[] = {&target};
  const Expected<LoadedTrace> loaded = LoadTrace(path, targets, target.name, LawsOfEnvironment());
  PropertyResult result;
  if (!loaded) {
    std::cerr << loaded.error().message << "\n";
    return result;
  }
  if (loaded->target->laws != target.laws) {
    std::cerr << fmt::format(
        "{}: was saved under the laws {}; say SLOTPROOF_LAWS={} to judge it by "
        "these, or {} to judge it by others\n",
        path, loaded->target->laws, loaded->target->laws, target.laws);
    return result;
  }
  result.trace = loaded->trace;
  result.verdict = law(result.trace);
  result.passed = result.verdict.passed();
  result.file = path;
  std::cerr << path << ": " << result.verdict.Summary() << "\n";
  return result;
}

PropertyResult Check(const Property& property) {
  const PropertyOptions& options = property.options;
  const Target& target = property.target;
  if (std::optional<PropertyResult> given = RunGivenTrace(target, property.law)) {
    return *std::move(given);
  }
  const rc::detail::TestParams params = Effort(options);
  // Before the guard, so that what ends the standby is not the guard's.
  Standby standby([&](std::string_view message) { ReportDeath(property, params.seed, message); });
  CrashGuard guard(target, {.replay = property.replay, .standby = &standby});
  const TraceLaw watched_law = [&](const Trace& trace) {
    guard.Watch(trace);
    Verdict verdict = property.law(trace);
    guard.Unwatch();
    return verdict;
  };
  std::optional<std::pair<Trace, Verdict>> smallest;
  const Judge judge = [&](const Trace& trace) {
    try {
      const Verdict verdict = watched_law(trace);
      if (verdict.passed()) return CaseResult(CaseResult::Type::Success);
      // RapidCheck stays with one failing test, but a shrink step may stumble on another bug.
      const bool same = !smallest || smallest->second.Signature() == verdict.Signature();
      if (same) smallest = {trace, verdict};
      return CaseResult(same ? CaseResult::Type::Failure : CaseResult::Type::Success);
    } catch (const std::exception& exception) {
      return CaseResult(CaseResult::Type::Failure,
                        std::string("the law threw: ") + exception.what());
    }
  };
  rc::detail::TestMetadata metadata;
  metadata.description = property.statement;
  const auto outcome =
      rc::detail::checkProperty(Cases(target, judge, options.max_ops), metadata, params);
  if (!smallest) {
    PropertyResult result;
    rc::detail::SuccessResult success;
    result.passed = outcome.match(success);
    std::cerr << property.statement << ": ";
    rc::detail::printResultMessage(outcome, std::cerr);
    std::cerr << " (seed=" << params.seed << ")\n";
    return result;
  }
  ShrinkOptions shrink;
  shrink.steps_of = [&](const Trace& trace) {
    guard.Watch(trace);
    TraceSteps steps = StepsOf(target, trace);
    guard.Unwatch();
    return steps;
  };
  return Report(property,
                Shrink(*target.vocabulary, smallest->first, smallest->second, watched_law, shrink),
                params.seed);
}

// "//a:b_test_asan" while that runs, as Bazel tells a test.
std::string ThisConfigurationOf(const std::string& test_label) {
  const char* const running = std::getenv("TEST_TARGET");
  const bool is_variant =
      running != nullptr && std::string_view(running).starts_with(test_label + "_");
  return is_variant ? running : test_label;
}

// "stability 100 %, 64 of 64 runs repeated"
std::string DescribeStability(const RunStats& stats) {
  return fmt::format("stability {} %, {} of {} runs repeated",
                     100 * stats.repeated / stats.run_twice, stats.repeated, stats.run_twice);
}

}  // namespace

PropertyResult CheckLaw(const Target& target, const std::string& statement, const TraceLaw& law,
                        const std::string& test_label, const PropertyOptions& options) {
  const auto isolated_law = [&](const Trace& trace, const IsolateOptions& isolate) {
    return RunLawIsolated(law, trace, isolate);
  };
  // A test run would begin by deleting what the last one left, the trace among it.
  const auto replay = [&](const std::string& path) {
    const std::string_view laws = LawsToSay(target);
    return "replay: " + (laws.empty() ? "" : fmt::format("SLOTPROOF_LAWS={} ", laws)) +
           "SLOTPROOF_TRACE=" + ShellQuoted(LastingPath(path)) + " bazel run " +
           ThisConfigurationOf(test_label);
  };
  return Check({.target = target,
                .statement = statement,
                .law = law,
                .isolated_law = isolated_law,
                .replay = replay,
                .options = options});
}

PropertyResult CheckAgreement(Runner& runner, const PropertyOptions& options) {
  const Target& target = runner.target();
  const auto law = [&](const Trace& trace) { return runner.Run(trace); };
  const auto isolated_law = [&](const Trace& trace, const IsolateOptions& isolate) {
    return RunIsolated(target, trace, runner.options(), isolate);
  };
  PropertyResult result =
      Check({.target = target,
             .statement = std::string(target.name) + " and its model agree",
             .law = law,
             .isolated_law = isolated_law,
             .replay = [&](const std::string& path) { return ReplayLine(path, target); },
             .options = options});
  if (runner.stats().run_twice != 0) std::cerr << DescribeStability(runner.stats()) << "\n";
  const bool whole_run = result.passed && result.file.empty();
  if (whole_run && options.reach_goals) result.passed = CheckGoals(target, runner.stats().goals);
  return result;
}

bool CheckGoals(const Target& target, const GoalCounts& counts) {
  bool all = true;
  for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
    const GoalSpec& spec = target.goals[goal];
    std::fprintf(stderr, "%12llu  %.*s\n", static_cast<unsigned long long>(counts[goal]),
                 static_cast<int>(spec.name.size()), spec.name.data());
    all = all && counts[goal] != 0;
  }
  for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
    if (counts[goal] != 0) continue;
    const GoalSpec& spec = target.goals[goal];
    std::fprintf(stderr, "goal missed: %.*s (%.*s)\n", static_cast<int>(spec.name.size()),
                 spec.name.data(), static_cast<int>(spec.help.size()), spec.help.data());
  }
  return all;
}

}  // namespace slotproof
