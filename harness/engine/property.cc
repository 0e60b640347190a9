#include "harness/engine/property.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <utility>

#include <rapidcheck.h>

#include "harness/engine/generator.h"
#include "harness/report/crash_guard.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/shrink/shrinker.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

using rc::detail::CaseDescription;
using rc::detail::CaseResult;

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

rc::detail::TestParams Effort(const PropertyOptions& options) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  const auto wanted =
      static_cast<double>(params.maxSuccess) / 100.0 * static_cast<double>(options.traces);
  params.maxSuccess =
      static_cast<int>(std::min(wanted, static_cast<double>(std::numeric_limits<int>::max())));
  return params;
}

using MakeReplay = std::function<std::string(const std::string& path)>;

PropertyResult Report(const Target& target, const std::string& statement, ShrinkResult shrunk,
                      std::uint64_t seed, const MakeReplay& replay) {
  PropertyResult result;
  result.trace = std::move(shrunk.trace);
  result.verdict = std::move(shrunk.verdict);
  std::cerr << "\nFalsified: " << statement << "\n"
            << result.verdict.Summary() << "\n\n"
            << PrintTrace(target, result.trace) << "\n"
            << (shrunk.one_minimal ? "1-minimal" : "not yet minimal") << " after " << shrunk.runs
            << " runs\n";
  const Expected<std::string> file = SaveFinding(target, result.trace, result.verdict,
                                                 "property RC_PARAMS=seed=" + std::to_string(seed));
  if (file) {
    result.file = *file;
    std::cerr << replay(*file) << "\n";
  } else {
    PrintUnsaved(target, result.trace, file.error());
  }
  return result;
}

std::optional<PropertyResult> RunGivenTrace(const Target& target, const TraceLaw& law) {
  const char* path = std::getenv("SLOTPROOF_TRACE");
  if (path == nullptr || *path == '\0') return std::nullopt;
  const Target* const targets[] = {&target};
  const Expected<LoadedTrace> loaded = LoadTrace(path, targets, target.name);
  PropertyResult result;
  if (!loaded) {
    std::cerr << loaded.error().message << "\n";
    return result;
  }
  result.trace = loaded->trace;
  result.verdict = law(result.trace);
  result.passed = result.verdict.passed();
  result.file = path;
  std::cerr << path << ": " << result.verdict.Summary() << "\n";
  return result;
}

PropertyResult Check(const Target& target, const std::string& statement, const TraceLaw& law,
                     const PropertyOptions& options, const MakeReplay& replay) {
  if (std::optional<PropertyResult> given = RunGivenTrace(target, law)) return *std::move(given);
  CrashGuard guard(target);
  const TraceLaw watched_law = [&](const Trace& trace) {
    guard.Watch(trace);
    Verdict verdict = law(trace);
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
  const rc::detail::TestParams params = Effort(options);
  rc::detail::TestMetadata metadata;
  metadata.description = statement;
  const auto outcome =
      rc::detail::checkProperty(Cases(target, judge, options.max_ops), metadata, params);
  if (!smallest) {
    PropertyResult result;
    rc::detail::SuccessResult success;
    result.passed = outcome.match(success);
    std::cerr << statement << ": ";
    rc::detail::printResultMessage(outcome, std::cerr);
    std::cerr << " (seed=" << params.seed << ")\n";
    return result;
  }
  ShrinkResult shrunk = Shrink(*target.vocabulary, smallest->first, smallest->second, watched_law);
  return Report(target, statement, std::move(shrunk), params.seed, replay);
}

}  // namespace

PropertyResult CheckLaw(const Target& target, const std::string& statement, const TraceLaw& law,
                        const std::string& test_label, const PropertyOptions& options) {
  return Check(target, statement, law, options, [&](const std::string& path) {
    return "replay: bazel test " + test_label + " --test_env=SLOTPROOF_TRACE=" + LastingPath(path);
  });
}

PropertyResult CheckAgreement(Runner& runner, const PropertyOptions& options) {
  const Target& target = runner.target();
  const std::string statement = std::string(target.name) + " and its model agree";
  return Check(
      target, statement, [&](const Trace& trace) { return runner.Run(trace); }, options,
      [](const std::string& path) { return ReplayLine(path); });
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
