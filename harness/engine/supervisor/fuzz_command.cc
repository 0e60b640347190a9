#include "harness/engine/supervisor/fuzz_command.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "harness/engine/supervisor/minimize_corpus.h"
#include "harness/engine/supervisor/report.h"
#include "harness/engine/supervisor/state.h"
#include "harness/engine/supervisor/supervisor.h"
#include "harness/engine/supervisor/triage.h"
#include "harness/trace/error.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

constexpr int kUsageExit = 2;
constexpr int kInputExit = 3;

int ExitFor(const Error& error, std::ostream& err) {
  err << "slotproof: " << error.message << "\n";
  return error.kind == Error::Kind::kUsage ? kUsageExit : kInputExit;
}

tl::unexpected<Error> Usage(std::string message) {
  return Unexpected(std::move(message), Error::Kind::kUsage);
}

std::string OwnProgram() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).string();
}

Expected<SupervisorOptions> MakeOptions(const FuzzFlags& flags) {
  SupervisorOptions options;
  for (const std::string& fuzzer : {flags.asan_binary, flags.plain_binary}) {
    if (!fuzzer.empty()) options.fuzzers.push_back(fuzzer);
  }
  if (options.fuzzers.empty()) {
    return Usage(
        "no fuzzer to run; name one with --asan-binary or --plain-binary (ci/fuzz builds "
        "and names both)");
  }
  options.slotproofs = {flags.slotproof.empty() ? OwnProgram() : flags.slotproof};
  if (!flags.asan_slotproof.empty()) options.slotproofs.push_back(flags.asan_slotproof);
  std::vector<std::string> needed = options.fuzzers;
  needed.insert(needed.end(), options.slotproofs.begin(), options.slotproofs.end());
  needed.insert(needed.end(), flags.seed_dirs.begin(), flags.seed_dirs.end());
  if (!flags.dictionary.empty()) needed.push_back(flags.dictionary);
  for (const std::string& path : needed) {
    if (access(path.c_str(), F_OK) != 0) {
      return Usage(path + ": no such file or folder");
    }
  }
  options.dir = flags.dir.empty() ? "slotproof-fuzz-" + flags.target : flags.dir;
  options.jobs = flags.jobs != 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.seconds = flags.seconds + 60 * flags.minutes + 3600 * flags.hours;
  options.stop_after = flags.stop_after;
  options.replay_command = flags.replay_command;
  options.worker = {.seed_dirs = flags.seed_dirs,
                    .dictionary = flags.dictionary,
                    .seed = flags.seed,
                    .max_len = flags.max_len,
                    .rss_limit_mb = flags.rss_limit_mb,
                    .timeout_seconds = flags.timeout_seconds,
                    .runs = flags.runs};
  return options;
}

Expected<TriageResult> TriageFile(const Target& target, const FuzzFlags& flags) {
  const Target* const only = &target;
  const auto loaded = LoadTrace(flags.triage, std::span(&only, 1), target.name);
  if (!loaded) return tl::unexpected(loaded.error());
  const RunFolder folder(flags.dir);
  const auto state = LoadState(folder.state());
  if (!state) return tl::unexpected(state.error());
  TriageOptions options;
  options.findings_dir = folder.findings();
  for (const FuzzFinding& finding : state->findings) options.known.push_back(finding.signature);
  return Triage(target, loaded->trace, options);
}

int RunFuzz(const FuzzFlags& flags, std::span<const Target* const> targets, std::ostream& out,
            std::ostream& err) {
  const auto target = FindTarget(flags.target, targets);
  if (!target) return ExitFor(target.error(), err);
  if (!flags.triage.empty()) {
    const auto result = TriageFile(**target, flags);
    if (!result) return ExitFor(result.error(), err);
    out << TriageToJson(*result) << "\n";
    return 0;
  }
  auto options = MakeOptions(flags);
  if (!options) return ExitFor(options.error(), err);
  options->terminal = isatty(STDOUT_FILENO) != 0;
  const auto exit_code = Supervisor(**target, *std::move(options), out).Run();
  return exit_code ? *exit_code : ExitFor(exit_code.error(), err);
}

int RunReport(const std::string& dir, std::span<const Target* const> targets, bool json,
              std::ostream& out, std::ostream& err) {
  const RunFolder folder(dir);
  std::error_code error;
  if (!fs::exists(folder.state(), error)) {
    return ExitFor({.message = dir + ": holds no fuzzing run; name the folder given to --out"},
                   err);
  }
  const auto state = LoadState(folder.state());
  if (!state) return ExitFor(state.error(), err);
  const auto target = FindTarget(state->target, targets, folder.state());
  if (!target) return ExitFor(target.error(), err);
  const FuzzReport report = CollectReport(folder, *state, (*target)->goals);
  if (const auto written = WriteReport(report, folder); !written) {
    err << "slotproof: " << written.error().message << "\n";
  }
  out << (json ? ReportJson(report) : ReportMarkdown(report));
  return 0;
}

}  // namespace

void AddFuzzCommand(CLI::App& app, std::span<const Target* const> targets, std::ostream& out,
                    std::ostream& err, int* exit_code) {
  const auto flags = std::make_shared<FuzzFlags>();
  CLI::App* command = app.add_subcommand(
      "fuzz", "Fuzz a target with libFuzzer workers side by side, and look after what they find");
  command->footer(
      "Corpus, findings and a report are kept in the folder --out; a later run goes on from "
      "there.\n"
      "Exit codes: 0 nothing was found, 1 something was, 2 wrong usage, 3 unreadable input.");
  command->add_option("target", flags->target, "What to fuzz")->required();
  command->add_option("--seconds", flags->seconds, "How long; adds up with the next two")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--minutes", flags->minutes, "How long")->check(CLI::NonNegativeNumber);
  command->add_option("--hours", flags->hours, "How long; without a time until Ctrl-C")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--jobs", flags->jobs, "Workers; as many as processors unless said")
      ->check(CLI::PositiveNumber);
  command->add_option("--out", flags->dir, "Folder for corpus, findings and report");
  command->add_option("--stop-after", flags->stop_after, "End after so many findings")
      ->check(CLI::PositiveNumber);
  command->add_option("--seed", flags->seed, "Seed of the workers' seeds")->capture_default_str();
  command->add_option("--runs", flags->runs, "End after so many executions of each worker")
      ->check(CLI::PositiveNumber);
  command->add_option("--seeds", flags->seed_dirs, "Folders with more inputs to start from");
  command->add_option("--dict", flags->dictionary, "A libFuzzer dictionary");
  command->add_option("--max-len", flags->max_len, "Bytes of an input")->capture_default_str();
  command->add_option("--rss-limit-mb", flags->rss_limit_mb, "Memory of a worker")
      ->capture_default_str();
  command->add_option("--timeout", flags->timeout_seconds, "Seconds that an input may take")
      ->capture_default_str();
  command->add_option("--asan-binary", flags->asan_binary, "The fuzzer with sanitizers");
  command->add_option("--plain-binary", flags->plain_binary, "The fuzzer without");
  command->add_option("--slotproof", flags->slotproof, "The command that replays; this one");
  command->add_option("--asan-slotproof", flags->asan_slotproof,
                      "The command with sanitizers, for what only they see");
  command->add_option("--replay-command", flags->replay_command, "What replay lines begin with");
  command->add_option("--triage", flags->triage, "Look at one input and print what it is")
      ->group("");
  command->callback([=, &out, &err] { *exit_code = RunFuzz(*flags, targets, out, err); });
}

void AddMinimizeCorpusCommand(CLI::App& app, std::ostream& out, std::ostream& err, int* exit_code) {
  const auto fuzzer = std::make_shared<std::string>();
  const auto dir = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "minimize-corpus", "Keep only the inputs of a corpus that cover something of their own");
  command->add_option("dir", *dir, "The corpus")->required();
  command->add_option("--binary", *fuzzer, "The libFuzzer program that runs it")->required();
  command->callback([=, &out, &err] {
    const auto sizes = MinimizeCorpus(*fuzzer, *dir);
    *exit_code = sizes ? 0 : ExitFor(sizes.error(), err);
    if (sizes) out << fmt::format("{}: {} inputs, of {}\n", *dir, sizes->after, sizes->before);
  });
}

void AddReportCommand(CLI::App& app, std::span<const Target* const> targets, std::ostream& out,
                      std::ostream& err, int* exit_code) {
  const auto dir = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("report", "Make the report of a fuzzing run, also of one that was killed");
  command->add_option("dir", *dir, "The folder given to fuzz --out")->required();
  command->add_flag("--json", *json, "For machines");
  command->callback([=, &out, &err] { *exit_code = RunReport(*dir, targets, *json, out, err); });
}

}  // namespace slotproof
