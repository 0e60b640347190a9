#include "harness/cli/trace_command.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>

#include <fmt/format.h>

#include "harness/check/runner.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

using std::chrono::milliseconds;

// Each trace is run twice, to see whether it does the same.
RunOptions ToRunOptions(const TraceArgs& args) {
  return {.check_every_op = args.check_every_op, .determinism_share = 1};
}

milliseconds TimeLimit(const TraceArgs& args) {
  return milliseconds(static_cast<std::int64_t>(args.time_limit_s * 1000));
}

bool EndsTheProcess(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSanitizer:
    case Outcome::kRace:
    case Outcome::kLeak:
    case Outcome::kSignal:
    case Outcome::kHang:
      return true;
    default:
      return false;
  }
}

// A candidate that hangs costs the whole limit, so candidates get less of it.
constexpr int kHangShare = 10;
constexpr milliseconds kShortestHang{200};

volatile std::sig_atomic_t interrupted = 0;

// While it lives, the first Ctrl-C or kill only asks for an end, and the second one is the end.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], &action, &before_[i]);
    }
  }
  ~InterruptGuard() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], &before_[i], nullptr);
    }
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, 3> before_{};
};

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

void AddTargetOption(CLI::App* command, TraceArgs* args) {
  command->add_option("--target", args->target,
                      "The target to run; raw input needs it, other files name one");
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

std::optional<LoadedTrace> LoadOrFail(Context& context, const TraceArgs& args) {
  auto loaded = LoadTrace(UserPath(args.file), context.targets, args.target);
  if (loaded) return *std::move(loaded);
  context.Fail(loaded.error());
  return std::nullopt;
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
  return run;
}

ShrinkResult ShrinkLoaded(Context& context, const LoadedTrace& loaded, const Verdict& verdict,
                          const TraceArgs& args) {
  const InterruptGuard guard;
  ShrinkOptions options;
  options.stop = [] { return interrupted != 0; };
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
    IsolateOptions isolate = {.time_limit = TimeLimit(args),
                              .check_leaks = verdict.outcome == Outcome::kLeak};
    if (verdict.outcome == Outcome::kHang) {
      isolate.time_limit = std::max(isolate.time_limit / kHangShare, kShortestHang);
    }
    run = [&loaded, run_options, isolate](const Trace& trace) {
      return RunIsolated(*loaded.target, trace, run_options, isolate);
    };
  } else {
    const auto runner = std::make_shared<Runner>(*loaded.target, run_options);
    run = [runner](const Trace& trace) { return runner->Run(trace); };
  }
  ShrinkResult result = Shrink(*loaded.target->vocabulary, loaded.trace, verdict, run, options);
  if (context.show_progress) context.err << "\r";
  return result;
}

std::string DescribeTrace(const std::string& file, const LoadedTrace& loaded) {
  std::string text = fmt::format("{}: {}, {} operation{}", file, loaded.target->name,
                                 loaded.trace.ops.size(), loaded.trace.ops.size() == 1 ? "" : "s");
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
  context.out << fmt::format("  {} at operation {}: {}\n", context.Red("FAILED"), verdict.op_index,
                             DescribeOp(loaded, verdict.op_index));
  context.out << fmt::format("  signature  {}\n", verdict.Signature());
  if (!verdict.expected.empty()) context.out << "  expected   " << verdict.expected << "\n";
  if (!verdict.actual.empty()) context.out << "  actual     " << verdict.actual << "\n";
}

void PrintJson(Context& context, const nlohmann::ordered_json& json) {
  // A file's name need not be UTF-8.
  context.out << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

nlohmann::ordered_json VerdictJson(const std::string& file, const LoadedTrace& loaded,
                                   const Verdict& verdict) {
  nlohmann::ordered_json json = {{"file", file},
                                 {"target", loaded.target->name},
                                 {"operations", loaded.trace.ops.size()},
                                 {"found_by", loaded.info.found_by},
                                 {"outcome", OutcomeName(verdict.outcome)}};
  if (verdict.passed()) return json;
  json["signature"] = verdict.Signature();
  json["op_index"] = verdict.op_index;
  json["op"] = DescribeOp(loaded, verdict.op_index);
  json["expected"] = verdict.expected;
  json["actual"] = verdict.actual;
  return json;
}

}  // namespace slotproof
