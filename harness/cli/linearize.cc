#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "harness/base/file_io.h"
#include "harness/base/interrupt.h"
#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/linear/text/judge.h"
#include "harness/linear/text/picture.h"

namespace slotproof {
namespace {

using linear::Answer;
using linear::Judgement;
using linear::Recorded;
using linear::Spent;

// A line of 100,000 operations of a store with append has all that was appended.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::uint64_t kMostConfigurations = 1'000'000'000;
constexpr std::uint64_t kMostMebibytes = 1 << 20;

struct LinearizeArgs {
  std::string file;
  std::string model;
  std::string out;
  bool keyed = false;
  bool json = false;
  std::uint64_t configurations = linear::Limits{}.configurations;
  std::uint64_t memory_mib = linear::Limits{}.bytes >> 20;
  double time_limit_s = 0;  // 0: none
};

const char* NameOf(Answer answer) {
  switch (answer) {
    case Answer::kLinearizable:
      return "linearizable";
    case Answer::kNot:
      return "not linearizable";
    case Answer::kUnknown:
      break;
  }
  return "unknown";
}

int ExitCodeOf(const Judgement& judgement) {
  switch (judgement.answer) {
    case Answer::kLinearizable:
      return kExitPassed;
    case Answer::kNot:
      return kExitFailure;
    case Answer::kUnknown:
      break;
  }
  return judgement.spent == Spent::kStopped && InterruptGuard::Asked() ? kExitInterrupted
                                                                       : kExitUnknown;
}

// Why it is unknown, and what to do about it.
std::string WhatWasSpent(const LinearizeArgs& args, Spent spent) {
  switch (spent) {
    case Spent::kConfigurations:
      return fmt::format("{} configurations were not enough; allow more: --configurations N",
                         args.configurations);
    case Spent::kBytes:
      return fmt::format("{} MiB were not enough; allow more: --memory MIB", args.memory_mib);
    default:
      return InterruptGuard::Asked()
                 ? "interrupted"
                 : fmt::format("{} s were not enough; allow more: --time-limit SECONDS",
                               args.time_limit_s);
  }
}

nlohmann::ordered_json CallJson(const Recorded& recorded, const Judgement& judgement,
                                std::uint32_t number) {
  const auto& call = recorded.history.calls()[number];
  return {{"line", recorded.lines[number]},
          {"process", recorded.processes[call.process]},
          {"call", recorded.labels[number]},
          {"place", judgement.places[number]}};
}

void PrintJudgementJson(Context& context, const LinearizeArgs& args, const Recorded& recorded,
                        const Judgement& judgement) {
  nlohmann::ordered_json json = {{"file", args.file},
                                 {"model", recorded.model},
                                 {"verdict", NameOf(judgement.answer)},
                                 {"calls", recorded.history.calls().size()},
                                 {"processes", recorded.processes.size()},
                                 {"parts", judgement.parts},
                                 {"configurations", judgement.configurations}};
  if (judgement.answer == Answer::kUnknown) json["spent"] = WhatWasSpent(args, judgement.spent);
  if (judgement.answer == Answer::kNot) {
    json["key"] = judgement.key;
    json["minimal"] = nlohmann::ordered_json::array();
    for (const std::uint32_t number : judgement.minimal) {
      json["minimal"].push_back(CallJson(recorded, judgement, number));
    }
    json["related"] = nlohmann::ordered_json::array();
    for (const std::uint32_t number : judgement.related) {
      json["related"].push_back(CallJson(recorded, judgement, number));
    }
    json["one_minimal"] = judgement.one_minimal;
    json["from_any_state"] = judgement.from_any_state;
    json["stuck"] = CallJson(recorded, judgement, judgement.stuck);
    json["state"] = judgement.state;
  }
  PrintJson(context, json);
}

// A line a call, where a picture would be too wide.
std::string ListOfCalls(const Recorded& recorded, const Judgement& judgement) {
  std::string text;
  for (const std::uint32_t number : judgement.minimal) {
    const auto& call = recorded.history.calls()[number];
    text += fmt::format(
        "  {:>4}  line {}: {} {}\n",
        number == judgement.stuck ? "X" : fmt::format("{}", judgement.places[number]),
        recorded.lines[number], recorded.processes[call.process], recorded.labels[number]);
  }
  return text;
}

void PrintReason(Context& context, const Recorded& recorded, const Judgement& judgement) {
  const std::size_t count = judgement.minimal.size();
  context.out << "  " << context.Red("NOT LINEARIZABLE")
              << fmt::format(": {}{} cannot be explained{}, whatever {}the others did{}\n\n",
                             count == 1 ? "this call" : fmt::format("these {} calls", count),
                             judgement.key.empty() ? "" : " of " + judgement.key,
                             count == 1 ? "" : " together",
                             judgement.from_any_state ? "was there before and whatever " : "",
                             judgement.one_minimal ? "" : "; not yet minimal");
  context.out << (count <= linear::kMostInLanes ? DrawLanes(recorded, judgement)
                                                : ListOfCalls(recorded, judgement));
  const bool has_places = std::ranges::any_of(
      judgement.minimal, [&](std::uint32_t number) { return judgement.places[number] != 0; });
  if (has_places) {
    context.out << fmt::format("\n  1, 2   {}", DescribeState(recorded, judgement));
  }
  context.out << fmt::format("\n  X      line {}: no place between its events explains it\n",
                             recorded.lines[judgement.stuck]);
  if (!judgement.related.empty() && count <= linear::kMostInLanes) {
    context.out << "  (...)  does not help, whether it took effect there or not\n";
  }
}

void PrintJudgement(Context& context, const LinearizeArgs& args, const Recorded& recorded,
                    const Judgement& judgement) {
  if (args.json) return PrintJudgementJson(context, args, recorded, judgement);
  context.out << args.file << ": " << DescribeHistory(recorded) << "\n";
  switch (judgement.answer) {
    case Answer::kLinearizable:
      context.out << "  " << context.Green("linearizable") << "\n";
      return;
    case Answer::kNot:
      return PrintReason(context, recorded, judgement);
    case Answer::kUnknown:
      context.out << "  UNKNOWN: " << WhatWasSpent(args, judgement.spent) << "\n";
      return;
  }
}

Judgement JudgeWithin(const LinearizeArgs& args, const Recorded& recorded) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const auto stop = [&args, begin] {
    const std::chrono::duration<double> passed = Clock::now() - begin;
    return InterruptGuard::Asked() ||
           (args.time_limit_s != 0 && passed.count() > args.time_limit_s);
  };
  const linear::Limits limits = {
      .configurations = args.configurations, .bytes = args.memory_mib << 20, .stop = stop};
  linear::MinimalLimits minimal_limits = {.bytes = limits.bytes, .stop = stop};
  return JudgeHistory(recorded, limits, minimal_limits);
}

void Linearize(Context& context, const LinearizeArgs& args) {
  const auto text = ReadFile(args.file == "-" ? args.file : UserPath(args.file), kMostBytes);
  if (!text) return context.Fail(text.error());
  const auto recorded =
      linear::ReadHistory(args.file, *text, {.model = args.model, .is_keyed = args.keyed});
  if (!recorded) return context.Fail(recorded.error());
  const InterruptGuard guard;
  const Judgement judgement = JudgeWithin(args, *recorded);
  PrintJudgement(context, args, *recorded, judgement);
  context.exit_code = ExitCodeOf(judgement);
  if (args.out.empty()) return;
  const auto written = WriteFile(UserPath(args.out), DrawPage(args.file, *recorded, judgement));
  if (!written) return context.Fail(written.error());
  if (!args.json) context.out << "\nwrote " << args.out << "\n";
}

}  // namespace

void AddLinearizeCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<LinearizeArgs>();
  CLI::App* command = app.add_subcommand(
      "linearize", "Say whether a recorded history is linearizable, and if not, why");
  command
      ->add_option("file", args->file,
                   "A history as text (slotproof-history) or as Jepsen writes it; - is standard "
                   "input")
      ->required();
  const auto models = linear::ModelNames();
  command->add_option("--model", args->model, "The model to judge by; else the file's")
      ->check(CLI::IsMember(std::vector<std::string>(models.begin(), models.end())));
  command->add_flag("--keyed", args->keyed,
                    "Each :value of a Jepsen log is [KEY VALUE], as jepsen.independent has it");
  command
      ->add_option("--configurations", args->configurations,
                   "How many configurations of a key may be visited; then it is unknown")
      ->capture_default_str()
      ->check(WholeNumber(1, kMostConfigurations));
  command->add_option("--memory", args->memory_mib, "MiB that they may take")
      ->capture_default_str()
      ->check(WholeNumber(1, kMostMebibytes));
  command
      ->add_option("--time-limit", args->time_limit_s,
                   "Seconds after which it is unknown; else there is no limit")
      ->check(SecondsAbove0());
  command->add_option("-o,--out", args->out, "Where to draw the history, as an HTML page");
  command->add_flag("--json", args->json, "Print JSON");
  command->footer(
      "Exit codes: 0 linearizable, 1 not linearizable, 4 unknown: a limit was reached before;\n"
      "2, 3 and 130 as elsewhere.");
  command->callback([args, &context] { Linearize(context, *args); });
}

}  // namespace slotproof
