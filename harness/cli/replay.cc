#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/cli/command.h"
#include "harness/cli/every_fuse.h"
#include "harness/cli/trace_command.h"

namespace slotproof {
namespace {

struct ReplayArgs {
  std::vector<std::string> files;
  TraceArgs trace;
  EveryFuseArgs fuses;
  bool json = false;
};

// Errors of loading are compared with failures as exit codes: the greater one stays.
void ReplayOne(Context& context, const ReplayArgs& args, const std::string& file,
               nlohmann::ordered_json* json) {
  TraceArgs trace_args = args.trace;
  trace_args.file = file;
  nlohmann::ordered_json error;
  const auto loaded = LoadOrFail(context, trace_args, &error);
  if (!loaded) {
    json->push_back(std::move(error));
    return;
  }
  if (args.fuses.every_fuse) {
    return ReplayEveryFuse(context, *loaded, trace_args, args.fuses, args.json ? json : nullptr);
  }
  const IsolatedRun run = RunLoaded(*loaded, trace_args);
  context.err << run.report << std::flush;
  if (!run.verdict.passed()) context.exit_code = std::max<int>(context.exit_code, kExitFailure);
  if (args.json) {
    json->push_back(RunJson(file, *loaded, run));
    return;
  }
  context.out << DescribeTrace(file, *loaded) << "\n";
  if (run.verdict.passed()) {
    context.out << "  " << context.Green("passed") << "\n";
  } else {
    PrintFailure(context, *loaded, run.verdict);
  }
  PrintRemarks(context, *loaded, run.remarks);
  const std::string& recorded = loaded->info.signature;
  if (!recorded.empty() && recorded != run.verdict.Signature()) {
    context.out << "  note: the file records " << recorded << "\n";
  }
}

void Replay(Context& context, const ReplayArgs& args) {
  if (args.fuses.every_fuse) {
    const auto places = CheckPlaces(args.files, args.fuses);
    if (!places) return context.Fail(places.error());
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  int worst = kExitPassed;
  for (const std::string& file : args.files) {
    context.exit_code = kExitPassed;
    ReplayOne(context, args, file, &json);
    worst = std::max(worst, context.exit_code);
  }
  context.exit_code = worst;
  if (args.json) PrintJson(context, json);
}

}  // namespace

void AddReplayCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ReplayArgs>();
  CLI::App* command = app.add_subcommand("replay", "Run traces and print their verdicts");
  command
      ->add_option("file", args->files,
                   "Trace files, text traces or raw input; - is standard input")
      ->required();
  AddRunOptions(command, &args->trace);
  AddEveryFuseOptions(command, &args->fuses);
  command->add_flag("--json", args->json, "Print the verdicts as JSON");
  command->callback([args, &context] { Replay(context, *args); });
}

}  // namespace slotproof
