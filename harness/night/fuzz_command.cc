#include "harness/night/fuzz_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/file_io.h"
#include "harness/night/minimize_corpus.h"
#include "harness/night/night.h"
#include "harness/night/report.h"
#include "harness/night/state.h"
#include "harness/night/supervisor.h"
#include "harness/night/triage.h"
#include "harness/trace/laws.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostJobs = 1024;
constexpr std::uint64_t kMostCount = 1'000'000'000'000;
constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::uint64_t kMostTimeout = 1'000'000;

struct FuzzFlags {
  std::vector<std::string> targets;
  std::string laws;
  std::string dir;
  double seconds = 0;
  double minutes = 0;
  double hours = 0;
  std::size_t jobs = 0;  // 0: as many as there are processors
  std::size_t stop_after = 0;
  bool fail_on_unreproduced = false;
  std::vector<std::string> seed_dirs;
  std::string asan_binary;
  std::string plain_binary;
  std::string slotproof;
  std::string asan_slotproof;
  std::string replay_command;
  std::string triage;  // a file: look at it and print the result; for the supervisor itself
  WorkerSettings worker;
};

tl::unexpected<Error> Usage(std::string message) {
  return Unexpected(std::move(message), Error::Kind::kUsage);
}

// Absolute, because a child may stand elsewhere; empty stays empty.
std::string PathOf(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  return fs::absolute(UserPath(path), error).lexically_normal().string();
}

std::string OwnProgram() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).string();
}

Expected<void> CheckExist(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (!path.empty() && access(path.c_str(), F_OK) != 0) {
      return Usage(path + ": no such file or folder");
    }
  }
  return {};
}

// By the laws that the user says.
Expected<const Target*> ChosenTarget(const std::string& name, const FuzzFlags& flags,
                                     const Context& context) {
  auto target = FindTarget(name, context.targets);
  return target && !flags.laws.empty() ? UnderLaws(**target, flags.laws) : target;
}

// For one of several targets: "{}" in a path is its name, and a folder of seeds need not be there.
FuzzFlags FlagsOf(const std::string& target, FuzzFlags flags) {
  flags.targets = {target};
  flags.dir = flags.dir.empty() ? "slotproof-fuzz" : flags.dir;
  flags.dir += "/" + target + (flags.laws.empty() ? "" : "-" + flags.laws);
  const auto fill = [&](std::string* path) {
    const std::size_t at = path->find("{}");
    if (at != std::string::npos) path->replace(at, 2, target);
  };
  for (std::string* path : {&flags.asan_binary, &flags.plain_binary, &flags.worker.dictionary}) {
    fill(path);
  }
  for (std::string& dir : flags.seed_dirs) fill(&dir);
  std::erase_if(flags.seed_dirs, [](const std::string& dir) { return !fs::exists(PathOf(dir)); });
  return flags;
}

Expected<SupervisorOptions> MakeOptions(const FuzzFlags& flags) {
  SupervisorOptions options;
  for (const std::string& fuzzer : {flags.asan_binary, flags.plain_binary}) {
    if (!fuzzer.empty()) options.fuzzers.push_back(PathOf(fuzzer));
  }
  if (options.fuzzers.empty()) {
    return Usage(
        "no fuzzer to run; name one with --asan-binary or --plain-binary (ci/fuzz builds and names "
        "both)");
  }
  options.slotproofs = {flags.slotproof.empty() ? OwnProgram() : PathOf(flags.slotproof)};
  if (!flags.asan_slotproof.empty()) options.slotproofs.push_back(PathOf(flags.asan_slotproof));
  options.dir = PathOf(flags.dir.empty() ? "slotproof-fuzz-" + flags.targets[0] : flags.dir);
  options.jobs = flags.jobs != 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.seconds = flags.seconds + 60 * flags.minutes + 3600 * flags.hours;
  options.stop_after = flags.stop_after;
  options.fail_on_unreproduced = flags.fail_on_unreproduced;
  options.terminal = isatty(STDOUT_FILENO) != 0;
  options.replay_command = flags.replay_command;
  options.worker = flags.worker;
  for (const std::string& dir : flags.seed_dirs) {
    options.worker.seed_dirs.push_back(PathOf(dir));
  }
  options.worker.dictionary = PathOf(flags.worker.dictionary);
  for (const auto& paths : {options.fuzzers,
                            options.slotproofs,
                            options.worker.seed_dirs,
                            {options.worker.dictionary}}) {
    if (const auto exist = CheckExist(paths); !exist) return tl::unexpected(exist.error());
  }
  return options;
}

Expected<TriageResult> TriageFile(const Target& target, const FuzzFlags& flags) {
  const Target* const only = &target;
  const auto loaded =
      LoadTrace(PathOf(flags.triage), std::span(&only, 1), target.name, target.laws);
  if (!loaded) return tl::unexpected(loaded.error());
  const RunFolder folder(PathOf(flags.dir));
  const auto state = LoadState(folder.state());
  if (!state) return tl::unexpected(state.error());
  TriageOptions options;
  options.findings_dir = folder.findings();
  for (const FuzzFinding& finding : state->findings) options.known.push_back(finding.Known());
  return Triage(target, loaded->trace, options);
}

void RunAllInTurns(const FuzzFlags& flags, Context& context) {
  std::vector<NightTarget> targets;
  for (const std::string& name : flags.targets) {
    const auto target = ChosenTarget(name, flags, context);
    if (!target) return context.Fail(target.error());
    auto options = MakeOptions(FlagsOf(name, flags));
    if (!options) return context.Fail(options.error());
    targets.push_back({.target = *target,
                       .options = *std::move(options),
                       .stats = {},
                       .last = {},
                       .met = {},
                       .error = {}});
  }
  NightOptions options;
  options.dir = PathOf(flags.dir.empty() ? "slotproof-fuzz" : flags.dir);
  options.seconds = targets[0].options.seconds;
  options.stop_after = flags.stop_after;
  options.one_round = flags.worker.runs != 0;
  const auto found = RunNight(std::move(targets), options, context.out);
  if (!found) return context.Fail(found.error());
  context.exit_code = *found ? kExitFailure : kExitPassed;
}

void RunFuzz(const FuzzFlags& flags, Context& context) {
  if (flags.targets.size() > 1 && flags.triage.empty()) return RunAllInTurns(flags, context);
  const auto target = ChosenTarget(flags.targets[0], flags, context);
  if (!target) return context.Fail(target.error());
  if (!flags.triage.empty()) {
    const auto result = TriageFile(**target, flags);
    if (!result) return context.Fail(result.error());
    context.out << TriageToJson(*result) << "\n";
    return;
  }
  auto options = MakeOptions(flags);
  if (!options) return context.Fail(options.error());
  const auto found = Supervisor(**target, *std::move(options), context.out).Run();
  if (!found) return context.Fail(found.error());
  context.exit_code = *found ? kExitFailure : kExitPassed;
}

void RunReport(const std::string& dir, bool json, Context& context) {
  const RunFolder folder(PathOf(dir));
  std::error_code error;
  const std::string page = folder.dir() + (json ? "/report.json" : "/report.md");
  if (!fs::exists(folder.state(), error) && fs::exists(page, error)) {
    // Several targets in turns: written after each turn.
    const auto text = ReadFile(page);
    if (!text) return context.Fail(text.error());
    context.out << *text;
    return;
  }
  if (!fs::exists(folder.state(), error)) {
    return context.Fail({dir + ": holds no fuzzing run; name the folder given to fuzz --out"});
  }
  const auto state = LoadState(folder.state());
  if (!state) return context.Fail(state.error());
  const auto target = FindTarget(state->target, context.targets, folder.state());
  if (!target) return context.Fail(target.error());
  const FuzzReport report = CollectReport(folder, *state, (*target)->goals);
  context.out << (json ? ReportJson(report) : ReportSummary(report));
  if (const auto written = WriteReport(report, folder); !written) context.Fail(written.error());
}

void RunMinimize(MinimizeOptions options, Context& context) {
  options.fuzzer = PathOf(options.fuzzer);
  options.dir = PathOf(options.dir);
  options.terminal = isatty(STDOUT_FILENO) != 0;
  const auto sizes = MinimizeCorpus(options, context.out);
  if (!sizes) return context.Fail(sizes.error());
  context.out << fmt::format("{}: {} inputs, of {}{}\n", options.dir, sizes->after, sizes->before,
                             sizes->failed == 0 ? "" : fmt::format("; {} failed", sizes->failed));
  context.exit_code = sizes->failed == 0 ? kExitPassed : kExitFailure;
}

}  // namespace

void AddFuzzCommand(CLI::App& app, Context& context) {
  const auto flags = std::make_shared<FuzzFlags>();
  CLI::App* command = app.add_subcommand(
      "fuzz", "Fuzz a target with libFuzzer workers side by side, and look after what they find");
  command->footer(
      "Corpus, findings and a report are kept in the folder --out; a later run goes on from "
      "there. Several targets are fuzzed in turns, each in --out/TARGET, or --out/TARGET-LAWS; in\n"
      "paths of binaries, "
      "seeds and dictionaries {} is then the target's name.\n"
      "Exit codes: 0 nothing was found, 1 something was, 2 wrong usage, 3 unreadable input.");
  command->add_option("target", flags->targets, "What to fuzz")->required();
  command->add_option("--laws", flags->laws,
                      "The laws to judge by (slotproof list laws), instead of the default");
  command->add_option("--seconds", flags->seconds, "How long; adds up with the next two")
      ->check(TimeOrNone());
  command->add_option("--minutes", flags->minutes, "How long")->check(TimeOrNone());
  command->add_option("--hours", flags->hours, "How long; without a time until Ctrl-C")
      ->check(TimeOrNone());
  command->add_option("--jobs", flags->jobs, "Workers; as many as processors unless said")
      ->check(WholeNumber(1, kMostJobs));
  command->add_option("--out", flags->dir, "Folder for corpus, findings and report");
  command->add_option("--stop-after", flags->stop_after, "End after so many findings")
      ->check(WholeNumber(1, kMostCount));
  command->add_flag("--fail-on-unreproduced", flags->fail_on_unreproduced,
                    "Exit code 1 also when a worker ran out of memory and nothing reproduces it");
  command->add_option("--seed", flags->worker.seed, "Seed of the workers' seeds")
      ->check(WholeNumber(0, UINT64_MAX))
      ->capture_default_str();
  command->add_option("--runs", flags->worker.runs, "End after so many executions of each worker")
      ->check(WholeNumber(1, kMostCount));
  command->add_option("--seeds", flags->seed_dirs, "Folders with more inputs to start from");
  command->add_option("--dict", flags->worker.dictionary, "A libFuzzer dictionary");
  command->add_option("--max-len", flags->worker.max_len, "Bytes of an input")
      ->check(WholeNumber(1, kMostBytes))
      ->capture_default_str();
  command->add_option("--rss-limit-mb", flags->worker.rss_limit_mb, "Memory of a worker")
      ->check(WholeNumber(0, kMostBytes))
      ->capture_default_str();
  command->add_option("--timeout", flags->worker.timeout_seconds, "Seconds that an input may take")
      ->check(WholeNumber(1, kMostTimeout))
      ->capture_default_str();
  command->add_option("--asan-binary", flags->asan_binary, "The fuzzer with sanitizers");
  command->add_option("--plain-binary", flags->plain_binary, "The fuzzer without");
  command->add_option("--slotproof", flags->slotproof, "The command that replays; this one");
  command->add_option("--asan-slotproof", flags->asan_slotproof,
                      "The command with sanitizers, for what only they see");
  command->add_option("--replay-command", flags->replay_command, "What replay lines begin with");
  command->add_option("--triage", flags->triage, "Look at one input and print what it is")
      ->group("");
  command->callback([flags, &context] { RunFuzz(*flags, context); });
}

void AddMinimizeCorpusCommand(CLI::App& app, Context& context) {
  const auto options = std::make_shared<MinimizeOptions>();
  CLI::App* command = app.add_subcommand(
      "minimize-corpus", "Keep only the inputs of a corpus that cover something of their own");
  command->footer(
      "Inputs at which the program dies or hangs are listed and kept.\n"
      "Exit codes: 0 every input passed, 1 some failed, 2 wrong usage, 3 unreadable input.");
  command->add_option("dir", options->dir, "The corpus")->required();
  command->add_option("--binary", options->fuzzer, "The libFuzzer program that runs it")
      ->required();
  command->add_option("--timeout", options->timeout_seconds, "Seconds that an input may take")
      ->check(SecondsAbove0())
      ->capture_default_str();
  command->callback([options, &context] { RunMinimize(*options, context); });
}

void AddReportCommand(CLI::App& app, Context& context) {
  const auto dir = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("report", "Make the report of a fuzzing run, also of one that was killed");
  command->add_option("dir", *dir, "The folder given to fuzz --out")->required();
  command->add_flag("--json", *json, "For machines");
  command->callback([=, &context] { RunReport(*dir, *json, context); });
}

}  // namespace slotproof
