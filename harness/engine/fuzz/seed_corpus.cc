#include "harness/engine/fuzz/seed_corpus.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/base/file_io.h"
#include "harness/base/standby.h"
#include "harness/check/isolate.h"
#include "harness/check/runner.h"
#include "harness/cli/command.h"
#include "harness/engine/fuzz/dictionary.h"
#include "harness/engine/generator.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/shrink/shrinker.h"
#include "harness/trace/codec.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFoundBy = "make_corpus";

// Which goals a trace reached, by their place in the target's table.
using GoalSet = std::array<bool, kMaxGoals>;

// Runs traces for their verdicts and goals.
class GoalRunner {
 public:
  GoalRunner(const Target& target, const SeedCorpusOptions& options)
      : runner_(target, kOnce), isolate_(options.isolate), guard_(options.guard) {}

  const Target& target() const { return runner_.target(); }
  // Of the last run.
  const GoalSet& reached() const { return reached_; }

  Verdict Run(const Trace& trace) {
    if (isolate_) {
      const IsolatedRun run = RunIsolatedWithReport(target(), trace, kOnce, kIsolate);
      SetReached(run.stats.goals);
      return run.verdict;
    }
    if (guard_ != nullptr) guard_->Watch(trace);
    Verdict verdict = runner_.Run(trace);
    if (guard_ != nullptr) guard_->Unwatch();
    SetReached(runner_.session().goals());
    return verdict;
  }

 private:
  static constexpr RunOptions kOnce = {.determinism_share = 0};
  static constexpr IsolateOptions kIsolate = {.time_limit = std::chrono::milliseconds(500),
                                              .check_leaks = false};

  void SetReached(const GoalCounts& counts) {
    for (std::size_t i = 0; i < target().goals.size(); ++i) reached_[i] = counts[i] != 0;
  }

  Runner runner_;
  bool isolate_;
  CrashGuard* guard_;
  GoalSet reached_{};
};

bool Includes(const GoalSet& set, const GoalSet& subset) {
  for (std::size_t i = 0; i < kMaxGoals; ++i) {
    if (subset[i] && !set[i]) return false;
  }
  return true;
}

// The shortest trace for each goal, and how many reached it.
class Candidates {
 public:
  explicit Candidates(std::size_t goal_count) : shortest_(goal_count), hits_(goal_count) {}

  void Offer(const Trace& trace, const GoalSet& reached) {
    for (std::size_t goal = 0; goal < shortest_.size(); ++goal) {
      if (!reached[goal]) continue;
      if (hits_[goal]++ == 0) ++reached_count_;
      std::optional<Trace>& best = shortest_[goal];
      if (!best || trace.ops.size() < best->ops.size()) best = trace;
    }
  }

  bool AllReached() const { return reached_count_ == shortest_.size(); }
  std::size_t hits(std::size_t goal) const { return hits_[goal]; }
  const Trace& shortest(std::size_t goal) const { return *shortest_[goal]; }

  std::vector<std::size_t> RarestFirst() const {
    std::vector<std::size_t> goals;
    for (std::size_t goal = 0; goal < hits_.size(); ++goal) {
      if (hits_[goal] != 0) goals.push_back(goal);
    }
    std::sort(goals.begin(), goals.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(hits_[a], a) < std::pair(hits_[b], b);
    });
    return goals;
  }

 private:
  std::vector<std::optional<Trace>> shortest_;
  std::vector<std::size_t> hits_;
  std::size_t reached_count_ = 0;
};

// To the shrinker, reaching the goals is the failure that must not be lost.
Trace ShrinkKeeping(GoalRunner& runner, const Trace& trace, const GoalSet& goals,
                    std::size_t max_runs) {
  const auto run = [&](const Trace& candidate) -> Verdict {
    if (!runner.Run(candidate).passed() || !Includes(runner.reached(), goals)) return {};
    Verdict reached;
    reached.outcome = Outcome::kMismatch;
    reached.op_index = candidate.ops.size();
    reached.law = "goals";
    return reached;
  };
  const Verdict verdict = run(trace);
  if (verdict.passed()) return trace;
  ShrinkOptions options;
  options.max_runs = max_runs;
  options.max_leap_runs = 0;
  return Shrink(*runner.target().vocabulary, trace, verdict, run, options).trace;
}

std::string FileName(std::string_view goal) {
  std::string name(goal);
  std::replace_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '/'; }, '-');
  return name;
}

// The failure, when it is the first of its signature.
void AddFailure(const Trace& trace, const Verdict& verdict, SeedCorpus* corpus) {
  ++corpus->failed;
  const std::string signature = verdict.Signature();
  const bool known = std::ranges::any_of(corpus->failures, [&](const SeedFailure& failure) {
    return failure.verdict.Signature() == signature;
  });
  if (!known) corpus->failures.push_back({.trace = trace, .verdict = verdict});
}

Candidates Generate(GoalRunner& runner, const SeedCorpusOptions& options, SeedCorpus* corpus) {
  Rng rng(options.seed);
  const Generator generator(runner.target());
  Candidates candidates(runner.target().goals.size());
  Trace trace;
  while (corpus->generated < options.max_traces && corpus->failed < options.max_failures) {
    if (corpus->generated >= options.min_traces && candidates.AllReached()) break;
    ++corpus->generated;
    generator.Generate(rng, options.max_ops, &trace);
    const Verdict verdict = runner.Run(trace);
    if (verdict.passed()) {
      candidates.Offer(trace, runner.reached());
    } else {
      AddFailure(trace, verdict, corpus);
    }
  }
  return candidates;
}

Expected<std::vector<fs::path>> FilesIn(const std::string& dir, std::string_view target) {
  std::error_code error;
  if (!fs::exists(dir, error) || fs::is_empty(dir, error)) {
    return Unexpected(
        fmt::format("{0}: there is no input; make some: bazel run "
                    "//fuzz/seeds:make_corpus -- {1} $PWD/fuzz/corpus/{1}",
                    dir, target));
  }
  std::vector<fs::path> files;
  for (auto it = fs::recursive_directory_iterator(dir, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file()) files.push_back(it->path());
  }
  if (error) return Unexpected(dir + ": cannot list this folder: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

SeedCorpusOptions SeedCorpusOptions::Isolated() {
  SeedCorpusOptions options;
  options.max_traces = 5'000;
  options.max_failures = 50;
  options.max_shrink_runs = 500;
  options.isolate = true;
  return options;
}

SeedCorpus BuildSeedCorpus(const Target& target, const SeedCorpusOptions& options) {
  SeedCorpus corpus;
  GoalRunner runner(target, options);
  const Candidates candidates = Generate(runner, options, &corpus);
  GoalSet covered{};
  for (const std::size_t goal : candidates.RarestFirst()) {
    if (covered[goal]) continue;
    const Trace& shortest = candidates.shortest(goal);
    runner.Run(shortest);
    GoalSet brings = runner.reached();
    for (std::size_t i = 0; i < kMaxGoals; ++i) brings[i] = brings[i] && !covered[i];
    Trace small = ShrinkKeeping(runner, shortest, brings, options.max_shrink_runs);
    for (std::size_t i = 0; i < kMaxGoals; ++i) covered[i] = covered[i] || brings[i];
    corpus.traces.push_back({std::string(target.goals[goal].name), std::move(small)});
  }
  for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
    if (!covered[goal]) corpus.missed_goals.emplace_back(target.goals[goal].name);
  }
  ShrinkOptions shrink;
  shrink.max_runs = options.max_shrink_runs;
  for (SeedFailure& failure : corpus.failures) {
    ShrinkResult small = Shrink(
        *target.vocabulary, failure.trace, failure.verdict,
        [&](const Trace& trace) { return runner.Run(trace); }, shrink);
    failure = {.trace = std::move(small.trace), .verdict = std::move(small.verdict)};
  }
  return corpus;
}

Expected<std::size_t> WriteSeedCorpus(const Target& target, const SeedCorpus& corpus,
                                      const std::string& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) return Unexpected(dir + ": cannot make this folder: " + error.message());
  const Codec codec(*target.vocabulary);
  for (const SeedTrace& seed : corpus.traces) {
    const fs::path path = fs::path(dir) / FileName(seed.goal);
    const auto written = WriteFile(path.string(), AsText(codec.Encode(seed.trace)));
    if (!written) return tl::unexpected(written.error());
  }
  return corpus.traces.size();
}

Expected<CorpusCheck> CheckCorpus(const Target& target, const std::string& dir) {
  const Expected<std::vector<fs::path>> files = FilesIn(dir, target.name);
  if (!files) return tl::unexpected(files.error());
  const Target* const target_pointer = &target;
  CrashGuard guard(target, {.found_by = "a check of the corpus"});
  Runner runner(target, {.determinism_share = 1});
  CorpusCheck check;
  for (const fs::path& path : *files) {
    const Expected<LoadedTrace> loaded =
        LoadTrace(path.string(), std::span(&target_pointer, 1), target.name);
    if (!loaded) return tl::unexpected(loaded.error());
    guard.Watch(loaded->trace);
    const Verdict verdict = runner.Run(loaded->trace);
    guard.Unwatch();
    if (!verdict.passed()) check.failures.push_back(path.string() + ": " + verdict.Summary());
    for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
      if (runner.session().goals()[goal] != 0) check.hits.Hit(goal);
    }
    ++check.files;
  }
  for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
    if (check.hits[goal] == 0) check.missed_goals.emplace_back(target.goals[goal].name);
  }
  return check;
}

void PrintCorpusCheck(const Target& target, const CorpusCheck& check, std::ostream& out) {
  std::size_t width = 4;
  for (const GoalSpec& goal : target.goals) width = std::max(width, goal.name.size());
  const auto column = static_cast<int>(width);
  out << std::left << std::setw(column) << "goal" << "  inputs that reach it, of " << check.files
      << "\n";
  for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
    out << std::left << std::setw(column) << target.goals[goal].name << "  " << check.hits[goal]
        << "\n";
  }
  for (const std::string& goal : check.missed_goals) {
    out << "missed: " << goal << ": no input reaches this goal\n";
  }
  for (const std::string& failure : check.failures) out << "failed: " << failure << "\n";
}

namespace {

int Fail(const Error& error, std::ostream& err) {
  err << error.message << "\n";
  return error.kind == Error::Kind::kUsage ? kExitUsage : kExitUnreadable;
}

int CheckAndPrint(const Target& target, const std::string& dir, std::ostream& out,
                  std::ostream& err) {
  const Expected<CorpusCheck> check = CheckCorpus(target, dir);
  if (!check) return Fail(check.error(), err);
  PrintCorpusCheck(target, *check, out);
  return check->kept() ? kExitPassed : kExitFailure;
}

// Saves and prints what failed while seeds were sought.
void TellFailures(const Target& target, const SeedCorpus& corpus, std::ostream& err) {
  for (const SeedFailure& failure : corpus.failures) {
    err << failure.verdict.Summary() << "\n\n" << PrintTrace(target, failure.trace) << "\n";
    const auto saved = SaveFinding(target, failure.trace, failure.verdict, kFoundBy);
    if (saved) {
      err << ReplayLine(*saved, target) << "\n\n";
    } else {
      err << saved.error().message << "\n\n";
    }
  }
  err << fmt::format(
      "{} of {} generated traces failed; the seeds are made of those that pass: mend "
      "what is wrong and make them anew\n",
      corpus.failed, corpus.generated);
}

int MakeCorpus(const Target& target, const std::string& dir, const SeedCorpusOptions& options,
               std::ostream& out, std::ostream& err) {
  const SeedCorpus corpus = BuildSeedCorpus(target, options);
  const auto written = WriteSeedCorpus(target, corpus, dir);
  if (!written) return Fail(written.error(), err);
  if (corpus.failed != 0) TellFailures(target, corpus, err);
  if (corpus.traces.empty()) {
    err << dir << ": no seed was made, so that fuzzing starts from nothing\n";
    return kExitFailure;
  }
  const int checked = CheckAndPrint(target, dir, out, err);
  return corpus.failed == 0 ? checked : std::max<int>(checked, kExitFailure);
}

// A subject that ends the process is seen to by another one, which was forked before.
int MakeCorpusGuarded(const Target& target, const std::string& dir, std::ostream& out,
                      std::ostream& err) {
  SeedCorpusOptions options;
  if (target.isolate) return MakeCorpus(target, dir, SeedCorpusOptions::Isolated(), out, err);
  Standby standby([&](std::string_view) {
    err << "a trace ended the process: each one runs in a process of its own now\n";
    MakeCorpus(target, dir, SeedCorpusOptions::Isolated(), out, err);
    out.flush();
  });
  CrashGuard guard(target, {.found_by = std::string(kFoundBy), .standby = &standby});
  options.guard = &guard;
  return MakeCorpus(target, dir, options, out, err);
}

}  // namespace

int CorpusMain(std::span<const Target* const> targets, std::span<const char* const> args,
               std::ostream& out, std::ostream& err) {
  std::vector<std::string_view> words(args.begin(), args.end());
  std::string_view mode;
  if (!words.empty() && (words[0] == "--check" || words[0] == "--dict")) {
    mode = words[0];
    words.erase(words.begin());
  }
  if (words.size() != (mode == "--dict" ? 1u : 2u) || words[0].starts_with("-")) {
    err << "usage: [--check] TARGET DIR, or --dict TARGET\n";
    return kExitUsage;
  }
  const Expected<const Target*> target = FindTarget(words[0], targets);
  if (!target) return Fail(target.error(), err);
  if (mode == "--dict") {
    WriteDictionary(*(*target)->vocabulary, out);
    return kExitPassed;
  }
  const std::string dir = UserPath(std::string(words[1]));
  return mode.empty() ? MakeCorpusGuarded(**target, dir, out, err)
                      : CheckAndPrint(**target, dir, out, err);
}

}  // namespace slotproof
