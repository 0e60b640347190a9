#include "harness/cli/trace_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/interrupt.h"
#include "harness/check/candidates.h"
#include "harness/check/runner.h"
#include "harness/check/steps.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// Nothing when a file can be made in this folder, and else why not.
std::optional<std::string> WhyNotIn(const fs::path& folder) {
  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0) return std::strerror(errno);
  if (!S_ISDIR(status.st_mode)) return std::strerror(ENOTDIR);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return std::strerror(errno);
  return std::nullopt;
}

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

RunOptions ToRunOptions(const TraceArgs& args) {
  return {.check_every_op = args.check_every_op, .determinism_share = 1};
}

milliseconds TimeLimit(const TraceArgs& args) {
  return milliseconds(static_cast<std::int64_t>(args.time_limit_s * 1000));
}

void AddTargetOption(CLI::App* command, TraceArgs* args) {
  command->add_option("--target", args->target,
                      "The target to run; raw input needs it, other files name one");
  command->add_option("--laws", args->laws,
                      "The laws to judge by (slotproof list laws), instead of those that the file "
                      "names");
}

void AddRunOptions(CLI::App* command, TraceArgs* args) {
  AddTargetOption(command, args);
  command
      ->add_option("--time-limit", args->time_limit_s,
                   "Seconds that one operation may take; a long trace may take longer")
      ->check(SecondsAbove0())
      ->capture_default_str();
  command->add_flag("--check-every-op", args->check_every_op,
                    "Walk the whole structure after every operation");
  command->add_flag("--in-process", args->in_process,
                    "Run in this process, for a debugger; a crash ends it");
}

void AddFileArgument(CLI::App* command, TraceArgs* args) {
  command
      ->add_option("file", args->file,
                   "A trace file, a text trace or raw input; - is standard input")
      ->required();
}

std::optional<LoadedTrace> LoadOrFail(Context& context, const TraceArgs& args,
                                      nlohmann::ordered_json* json) {
  auto loaded = LoadTrace(UserPath(args.file), context.targets, args.target, args.laws);
  if (loaded) return *std::move(loaded);
  context.Fail(loaded.error());
  if (json != nullptr) *json = {{"file", args.file}, {"error", loaded.error().message}};
  return std::nullopt;
}

std::optional<LoadedTrace> LoadOrFailInJson(Context& context, const TraceArgs& args, bool as_json) {
  nlohmann::ordered_json json;
  auto loaded = LoadOrFail(context, args, &json);
  if (!loaded && as_json) PrintJson(context, json);
  return loaded;
}

IsolatedRun RunLoaded(const LoadedTrace& loaded, const TraceArgs& args) {
  if (!args.in_process) {
    return RunIsolatedWithReport(*loaded.target, loaded.trace, ToRunOptions(args),
                                 {.time_limit = TimeLimit(args)});
  }
  Runner runner(*loaded.target, ToRunOptions(args));
  IsolatedRun run;
  run.verdict = runner.Run(loaded.trace);
  run.stats = runner.stats();
  run.remarks = runner.session().Remarks();
  return run;
}

ShrinkResult ShrinkLoaded(Context& context, const LoadedTrace& loaded, const IsolatedRun& failed,
                          const TraceArgs& args, bool expand) {
  const Verdict& verdict = failed.verdict;
  const InterruptGuard guard;
  ShrinkOptions options;
  options.expand = expand;
  options.stop = &InterruptGuard::Asked;
  if (context.show_progress) {
    options.on_progress = [&context](const ShrinkProgress& progress) {
      context.err << fmt::format("\r{} operations after {} runs ", progress.ops, progress.runs)
                  << std::flush;
    };
  }
  RunOptions run_options = ToRunOptions(args);
  if (verdict.outcome != Outcome::kNondeterminism) run_options.determinism_share = 0;
  RunTrace run;
  if (EndsTheProcess(verdict.outcome) || loaded.target->isolate) {
    const IsolateOptions isolate =
        ForCandidates({.time_limit = TimeLimit(args)}, verdict.outcome, failed.took);
    options.max_leap_runs = LeapRunsOf(verdict.outcome);
    options.steps_of = [&loaded, isolate](const Trace& trace) {
      return StepsOfIsolated(*loaded.target, trace, isolate.time_limit);
    };
    run = RunsOfCandidates(*loaded.target, verdict.outcome, run_options, isolate);
  } else {
    options.steps_of = [&loaded](const Trace& trace) { return StepsOf(*loaded.target, trace); };
    const auto runner = std::make_shared<Runner>(*loaded.target, run_options);
    run = [runner](const Trace& trace) { return runner->Run(trace); };
  }
  ShrinkResult result = Shrink(*loaded.target->vocabulary, loaded.trace, verdict, run, options);
  if (context.show_progress) context.err << "\r";
  return result;
}

Expected<fs::path> PlaceToSave(const std::string& file, const std::string& out,
                               const char* extension) {
  const fs::path beside = fs::path(file == "-" ? "stdin.trace" : file).replace_extension(extension);
  fs::path path = fs::absolute(UserPath(out.empty() ? beside.string() : out));
  const auto why = WhyNotIn(path.parent_path());
  if (!why) return path;
  if (out.empty()) {
    fs::path here = fs::absolute(UserPath(beside.filename().string()));
    if (!WhyNotIn(here.parent_path())) return here;
  }
  return Unexpected(path.string() + ": cannot be written: " + *why +
                    "; choose a place that can be written with -o");
}

std::string DescribeTrace(const std::string& file, const LoadedTrace& loaded) {
  const std::string_view laws = LawsToSay(*loaded.target);
  std::string text = fmt::format("{}: {}{}{}, {} operation{}", file, loaded.target->name,
                                 laws.empty() ? "" : " by the laws ", laws, loaded.trace.ops.size(),
                                 loaded.trace.ops.size() == 1 ? "" : "s");
  if (!loaded.info.found_by.empty()) {
    text +=
        fmt::format(", found by {} ({})", OneLine(loaded.info.found_by), loaded.info.configuration);
  }
  return text;
}

std::string DescribeOp(const LoadedTrace& loaded, std::size_t op_index) {
  if (op_index >= loaded.trace.ops.size()) return "the final check";
  return PrintOp(*loaded.target->vocabulary, loaded.trace.ops[op_index]);
}

void PrintFailure(Context& context, const LoadedTrace& loaded, const Verdict& verdict) {
  const std::string op = DescribeOp(loaded, verdict.op_index);
  const bool at_end = verdict.op_index >= loaded.trace.ops.size();
  context.out << fmt::format("  {} at {}\n", context.Red("FAILED"),
                             at_end ? op : fmt::format("operation {}: {}", verdict.op_index, op));
  context.out << fmt::format("  signature  {}\n", verdict.Signature());
  if (!verdict.expected.empty()) context.out << "  expected   " << verdict.expected << "\n";
  if (!verdict.actual.empty()) context.out << "  actual     " << verdict.actual << "\n";
}

void PrintRemarks(Context& context, const LoadedTrace& loaded, std::span<const Remark> remarks) {
  const unsigned written = loaded.info.points;
  const unsigned counted = loaded.target->points;
  if (written != 0 && written != counted) {
    context.out << fmt::format(
        "  note: the file counts points of version {}, this slotproof of version {}: its switches "
        "may have moved\n",
        written, counted);
  }
  if (remarks.empty()) return;
  const Remark& first = remarks.front();
  context.out << fmt::format(
      "  note: operation {} ({}) {}{}\n", first.op_index, DescribeOp(loaded, first.op_index),
      first.text,
      remarks.size() == 1 ? "" : fmt::format(" (and {} more like it)", remarks.size() - 1));
}

void PrintJson(Context& context, const nlohmann::ordered_json& json) {
  // A file's name need not be UTF-8.
  context.out << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

nlohmann::ordered_json RunJson(const std::string& file, const LoadedTrace& loaded,
                               const IsolatedRun& run) {
  nlohmann::ordered_json json = VerdictJson(file, loaded, run.verdict);
  if (loaded.target->points == 0) return json;
  json["points"] = {{"file", loaded.info.points}, {"program", loaded.target->points}};
  json["remarks"] = nlohmann::ordered_json::array();
  for (const Remark& remark : run.remarks) {
    json["remarks"].push_back({{"op_index", remark.op_index},
                               {"op", DescribeOp(loaded, remark.op_index)},
                               {"text", remark.text}});
  }
  return json;
}

nlohmann::ordered_json VerdictJson(const std::string& file, const LoadedTrace& loaded,
                                   const Verdict& verdict) {
  nlohmann::ordered_json json = {{"file", file},
                                 {"target", loaded.target->name},
                                 {"operations", loaded.trace.ops.size()},
                                 {"found_by", loaded.info.found_by},
                                 {"outcome", OutcomeName(verdict.outcome)}};
  if (!loaded.target->laws.empty()) json["laws"] = loaded.target->laws;
  if (verdict.passed()) return json;
  json["signature"] = verdict.Signature();
  json["op_index"] = verdict.op_index;
  json["op"] = DescribeOp(loaded, verdict.op_index);
  json["expected"] = verdict.expected;
  json["actual"] = verdict.actual;
  return json;
}

}  // namespace slotproof
