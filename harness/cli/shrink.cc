#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/build_info.h"
#include "harness/base/file_io.h"
#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/report/replay_line.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

struct ShrinkArgs {
  TraceArgs trace;
  std::string out;
  bool expand = false;
  bool json = false;
};

// The form that -o asks for by its extension, else the one that the trace came in.
bool SavesText(const ShrinkArgs& args, const LoadedTrace& loaded) {
  if (args.out.empty()) return false;
  const fs::path extension = fs::path(args.out).extension();
  return extension == ".txt" || (extension != ".trace" && loaded.form == TraceForm::kText);
}

Expected<void> Save(const fs::path& path, const ShrinkArgs& args, const LoadedTrace& loaded,
                    const ShrinkResult& result) {
  if (SavesText(args, loaded)) {
    return WriteFile(path.string(),
                     PrintTrace(*loaded.target, result.trace, result.verdict.Summary()));
  }
  TraceInfo info = loaded.info;
  info.configuration = Configuration();
  info.build = BuildDescription();
  info.found_by = info.found_by.empty() ? "shrink" : info.found_by + ", shrunk";
  info.signature = result.verdict.Signature();
  info.summary = result.verdict.Summary();
  return SaveTraceFile(path.string(), *loaded.target, result.trace, info);
}

void PrintShrunkJson(Context& context, const std::string& file, const LoadedTrace& loaded,
                     const ShrinkResult& result) {
  LoadedTrace minimal = loaded;
  minimal.trace = result.trace;
  nlohmann::ordered_json json = VerdictJson(file, minimal, result.verdict);
  json["steps"] = result.steps;
  json["runs"] = result.runs;
  json["one_minimal"] = result.one_minimal;
  json["text"] = PrintTrace(*loaded.target, result.trace);
  PrintJson(context, json);
}

// Nothing when the trace has as many as it has lines.
std::string SingleOperations(const ShrinkResult& result) {
  if (result.steps == result.trace.ops.size()) return "";
  return fmt::format(" ({} single one{})", result.steps, result.steps == 1 ? "" : "s");
}

void PrintShrunk(Context& context, const std::string& file, const LoadedTrace& loaded,
                 const ShrinkResult& result) {
  context.out << fmt::format("{}: {}\nshrunk from {} to {} operations{} in {} runs{}\n\n{}\n", file,
                             result.verdict.Signature(), loaded.trace.ops.size(),
                             result.trace.ops.size(), SingleOperations(result), result.runs,
                             result.one_minimal ? ", 1-minimal"
                             : result.stopped   ? ", interrupted: not yet minimal"
                                                : ", not yet minimal",
                             PrintTrace(*loaded.target, result.trace, result.verdict.Summary()));
}

void ShrinkFile(Context& context, const ShrinkArgs& args) {
  const auto loaded = LoadOrFailInJson(context, args.trace, args.json);
  if (!loaded) return;
  const auto path = PlaceToSave(args.trace.file, args.out, ".min.trace");
  if (!path) return context.Fail(path.error());
  const IsolatedRun failed = RunLoaded(*loaded, args.trace);
  const Verdict& verdict = failed.verdict;
  if (verdict.passed()) {
    return context.Fail({.message = args.trace.file + ": this trace passes on " +
                                    std::string(loaded->target->name) +
                                    ", so there is no failure to keep; choose another --target",
                         .kind = Error::Kind::kUsage});
  }
  const ShrinkResult result = ShrinkLoaded(context, *loaded, failed, args.trace, args.expand);
  if (args.expand && result.has_bursts) {
    context.err
        << "slotproof: " << args.trace.file
        << ": its bursts stay: the single operations that they stand for do not fail alike, "
           "or are too many\n";
  }
  const auto saved = Save(*path, args, *loaded, result);
  if (args.json) {
    PrintShrunkJson(context, saved ? path->string() : "", *loaded, result);
  } else {
    PrintShrunk(context, args.trace.file, *loaded, result);
  }
  if (!saved) return context.Fail(saved.error());
  if (result.stopped) context.exit_code = kExitInterrupted;
  if (args.json) return;
  context.out << "saved " << path->string() << "\n"
              << ReplayLine(path->string(), *loaded->target) << "\n";
}

}  // namespace

void AddShrinkCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ShrinkArgs>();
  CLI::App* command = app.add_subcommand(
      "shrink",
      "Make a failing trace as small as it can be, and save it; Ctrl-C saves what is reached");
  AddFileArgument(command, &args->trace);
  AddRunOptions(command, &args->trace);
  command->add_option("-o,--out", args->out,
                      "Where to save it, .txt as text; else NAME.min.trace beside it or here");
  command->add_flag("--expand", args->expand,
                    "Write each burst as the single operations that it stands for");
  command->add_flag("--json", args->json, "Print JSON");
  command->callback([args, &context] { ShrinkFile(context, *args); });
}

}  // namespace slotproof
