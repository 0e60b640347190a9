#include "harness/engine/fuzz/seed_corpus.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iomanip>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>
#include <utility>

#include "harness/base/file_io.h"
#include "harness/check/runner.h"
#include "harness/cli/command.h"
#include "harness/engine/fuzz/dictionary.h"
#include "harness/engine/generator.h"
#include "harness/shrink/shrinker.h"
#include "harness/trace/codec.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

// Which goals a trace reached, by their place in the target's table.
using GoalSet = std::array<bool, kMaxGoals>;

GoalSet ReachedBy(const Runner& runner) {
  GoalSet reached{};
  for (std::size_t i = 0; i < runner.target().goals.size(); ++i) {
    reached[i] = runner.session().goals()[i] != 0;
  }
  return reached;
}

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
Trace ShrinkKeeping(Runner& runner, const Trace& trace, const GoalSet& goals,
                    std::size_t max_runs) {
  const auto run = [&](const Trace& candidate) -> Verdict {
    if (!runner.Run(candidate).passed() || !Includes(ReachedBy(runner), goals)) return {};
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
  return Shrink(*runner.target().vocabulary, trace, verdict, run, options).trace;
}

std::string FileName(std::string_view goal) {
  std::string name(goal);
  std::replace_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '/'; }, '-');
  return name;
}

Expected<std::vector<fs::path>> FilesIn(const std::string& dir) {
  std::error_code error;
  std::vector<fs::path> files;
  for (auto it = fs::recursive_directory_iterator(dir, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file()) files.push_back(it->path());
  }
  if (error) return Unexpected(dir + ": cannot list this folder: " + error.message());
  if (files.empty()) return Unexpected(dir + ": holds no input; make some, or name another folder");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

SeedCorpus BuildSeedCorpus(const Target& target, const SeedCorpusOptions& options) {
  SeedCorpus corpus;
  Rng rng(options.seed);
  const Generator generator(target);
  Runner runner(target, {.determinism_share = 0});
  Candidates candidates(target.goals.size());
  Trace trace;
  for (std::size_t i = 0; i < options.max_traces; ++i) {
    if (i >= options.min_traces && candidates.AllReached()) break;
    generator.Generate(rng, options.max_ops, &trace);
    const Verdict verdict = runner.Run(trace);
    if (!verdict.passed()) {
      corpus.failure = verdict.Summary();
      return corpus;
    }
    candidates.Offer(trace, ReachedBy(runner));
  }

  GoalSet covered{};
  for (const std::size_t goal : candidates.RarestFirst()) {
    if (covered[goal]) continue;
    const Trace& shortest = candidates.shortest(goal);
    runner.Run(shortest);
    GoalSet brings = ReachedBy(runner);
    for (std::size_t i = 0; i < kMaxGoals; ++i) brings[i] = brings[i] && !covered[i];
    Trace small = ShrinkKeeping(runner, shortest, brings, options.max_shrink_runs);
    for (std::size_t i = 0; i < kMaxGoals; ++i) covered[i] = covered[i] || brings[i];
    corpus.traces.push_back({std::string(target.goals[goal].name), std::move(small)});
  }
  for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
    if (!covered[goal]) corpus.missed_goals.emplace_back(target.goals[goal].name);
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
  const Expected<std::vector<fs::path>> files = FilesIn(dir);
  if (!files) return tl::unexpected(files.error());
  const Target* const target_pointer = &target;
  Runner runner(target, {.determinism_share = 1});
  CorpusCheck check;
  for (const fs::path& path : *files) {
    const Expected<LoadedTrace> loaded =
        LoadTrace(path.string(), std::span(&target_pointer, 1), target.name);
    if (!loaded) return tl::unexpected(loaded.error());
    const Verdict verdict = runner.Run(loaded->trace);
    if (!verdict.passed()) check.failures.push_back(path.string() + ": " + verdict.Summary());
    const GoalSet reached = ReachedBy(runner);
    for (std::size_t goal = 0; goal < target.goals.size(); ++goal) {
      if (reached[goal]) check.hits.Hit(goal);
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
    return 2;
  }
  const Expected<const Target*> target = FindTarget(words[0], targets);
  if (!target) {
    err << target.error().message << "\n";
    return 2;
  }
  if (mode == "--dict") {
    WriteDictionary(*(*target)->vocabulary, out);
    return 0;
  }
  const std::string dir = UserPath(std::string(words[1]));
  if (mode.empty()) {
    const SeedCorpus corpus = BuildSeedCorpus(**target);
    if (!corpus.failure.empty()) {
      err << "a generated trace failed, no corpus was written: " << corpus.failure << "\n";
      return 1;
    }
    if (const auto written = WriteSeedCorpus(**target, corpus, dir); !written) {
      err << written.error().message << "\n";
      return 3;
    }
  }
  const Expected<CorpusCheck> check = CheckCorpus(**target, dir);
  if (!check) {
    err << check.error().message << "\n";
    return 3;
  }
  PrintCorpusCheck(**target, *check, out);
  return check->kept() ? 0 : 1;
}

}  // namespace slotproof
