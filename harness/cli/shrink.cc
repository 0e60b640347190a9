#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "harness/base/build_info.h"
#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

struct ShrinkArgs {
  TraceArgs trace;
  std::string out;
  bool json = false;
};

// "a/b.trace" -> "a/b.min.trace"
std::string MinimalPath(const std::string& file) {
  std::filesystem::path path = file == "-" ? "stdin.trace" : file;
  return path.replace_extension(".min.trace").string();
}

void ShrinkFile(Context& context, const ShrinkArgs& args) {
  const auto loaded = LoadOrFail(context, args.trace);
  if (!loaded) return;
  const Verdict verdict = RunLoaded(*loaded, args.trace).verdict;
  if (verdict.passed()) {
    return context.Fail({.message = args.trace.file + ": this trace passes on " +
                                    std::string(loaded->target->name) +
                                    ", so there is no failure to keep; choose another --target",
                         .kind = Error::Kind::kUsage});
  }
  const ShrinkResult result = ShrinkLoaded(context, *loaded, verdict, args.trace);
  const std::string path = std::filesystem::absolute(
                               UserPath(args.out.empty() ? MinimalPath(args.trace.file) : args.out))
                               .string();
  TraceInfo info = loaded->info;
  info.configuration = Configuration();
  info.build = BuildDescription();
  info.found_by = info.found_by.empty() ? "shrink" : info.found_by + ", shrunk";
  info.signature = result.verdict.Signature();
  info.summary = result.verdict.Summary();
  const auto saved = SaveTraceFile(path, *loaded->target, result.trace, info);
  if (args.json) {
    LoadedTrace minimal = *loaded;
    minimal.trace = result.trace;
    nlohmann::ordered_json json = VerdictJson(saved ? path : "", minimal, result.verdict);
    json["runs"] = result.runs;
    json["one_minimal"] = result.one_minimal;
    json["text"] = PrintTrace(*loaded->target, result.trace);
    PrintJson(context, json);
  } else {
    context.out << fmt::format("{}: {}\nshrunk from {} to {} operations in {} runs{}\n\n{}\n",
                               args.trace.file, result.verdict.Signature(),
                               loaded->trace.ops.size(), result.trace.ops.size(), result.runs,
                               result.one_minimal ? ", 1-minimal"
                               : result.stopped   ? ", interrupted: not yet minimal"
                                                  : ", not yet minimal",
                               PrintTrace(*loaded->target, result.trace, result.verdict.Summary()));
  }
  if (!saved) return context.Fail(saved.error());
  if (result.stopped) context.exit_code = kExitInterrupted;
  if (!args.json) context.out << "saved " << path << "\n" << ReplayLine(path) << "\n";
}

}  // namespace

void AddShrinkCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ShrinkArgs>();
  CLI::App* command = app.add_subcommand(
      "shrink",
      "Make a failing trace as small as it can be, and save it; Ctrl-C saves what is reached");
  AddFileArgument(command, &args->trace);
  AddRunOptions(command, &args->trace);
  command->add_option("-o,--out", args->out, "Where to save it; else NAME.min.trace beside it");
  command->add_flag("--json", args->json, "Print JSON");
  command->callback([args, &context] { ShrinkFile(context, *args); });
}

}  // namespace slotproof
