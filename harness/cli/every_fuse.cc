#include "harness/cli/every_fuse.h"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/build_info.h"
#include "harness/base/interrupt.h"
#include "harness/check/every_fuse.h"
#include "harness/report/replay_line.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

constexpr char kExtension[] = ".fuse.trace";

// "fuse_alloc 120, fuse_copy 80"
std::string Burnt(const Vocabulary& vocabulary, const FuseSweep& sweep) {
  std::string text;
  for (std::size_t i = 0; i < sweep.fuses.size(); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", vocabulary.ops[sweep.fuses[i]].name,
                        sweep.burnt[i]);
  }
  return text;
}

FuseSweep Sweep(Context& context, const LoadedTrace& loaded, const TraceArgs& trace_args,
                const EveryFuseArgs& args) {
  const InterruptGuard guard;
  FuseSweepOptions options = {
      .run = ToRunOptions(trace_args),
      .isolate = {.time_limit = TimeLimit(trace_args)},
      .budget = std::chrono::milliseconds(static_cast<std::int64_t>(args.budget_s * 1000)),
      .on_progress = {},
      .stop = &InterruptGuard::Asked};
  if (context.show_progress) {
    options.on_progress = [&context](const FuseSweep& sweep) {
      context.err << fmt::format("\rran {} of {} traces ", sweep.ran, sweep.planned) << std::flush;
    };
  }
  FuseSweep sweep = SweepFuses(*loaded.target, loaded.trace, options);
  if (context.show_progress) context.err << "\r";
  return sweep;
}

void PrintSweep(Context& context, const LoadedTrace& loaded, const FuseSweep& sweep) {
  if (sweep.planned == 0) {
    context.out << "  nothing in it takes a step that a fuse could burn at\n";
    return;
  }
  const bool whole = sweep.ran == sweep.planned;
  context.out << fmt::format("  ran {} traces{}, each with one fuse: {}\n", sweep.ran,
                             whole ? "" : fmt::format(" of {}", sweep.planned),
                             Burnt(*loaded.target->vocabulary, sweep));
  if (sweep.beyond != 0) {
    context.out << fmt::format("  {} more steps are too far for the longest fuse\n", sweep.beyond);
  }
  if (sweep.finding) return;
  context.out << "  " << context.Green(whole ? "all passed" : "all of these passed") << "\n";
  if (sweep.stopped) {
    context.out << "  interrupted\n";
  } else if (!whole) {
    context.out << "  the time was up; --budget gives it more\n";
  }
}

Expected<void> Save(const std::string& path, const LoadedTrace& loaded,
                    const FuseSweep::Finding& finding) {
  TraceInfo info = loaded.info;
  info.configuration = Configuration();
  info.build = BuildDescription();
  info.found_by = (info.found_by.empty() ? "" : info.found_by + ", ") + "replay --every-fuse";
  info.signature = finding.run.verdict.Signature();
  info.summary = finding.run.verdict.Summary();
  return SaveTraceFile(path, *loaded.target, finding.trace, info);
}

void AddJson(const std::string& file, const LoadedTrace& loaded, const FuseSweep& sweep,
             const Verdict& verdict, const std::string& saved, nlohmann::ordered_json* json) {
  nlohmann::ordered_json one = VerdictJson(file, loaded, verdict);
  one["planned"] = sweep.planned;
  one["ran"] = sweep.ran;
  for (std::size_t i = 0; i < sweep.fuses.size(); ++i) {
    const std::string name(loaded.target->vocabulary->ops[sweep.fuses[i]].name);
    one["burnt"][name] = sweep.burnt[i];
  }
  if (sweep.finding) {
    one["text"] = PrintTrace(*loaded.target, sweep.finding->trace);
    one["saved"] = saved;
  }
  json->push_back(std::move(one));
}

}  // namespace

void AddEveryFuseOptions(CLI::App* command, EveryFuseArgs* args) {
  CLI::Option* every = command->add_flag(
      "--every-fuse", args->every_fuse,
      "Run each trace once for each step that could throw, with a fuse that makes it; save the "
      "first that fails");
  every->excludes("--in-process");
  command
      ->add_option("--budget", args->budget_s,
                   "Seconds for the fuses of a trace; the shortest of every operation come first")
      ->check(SecondsAbove0())
      ->needs(every)
      ->capture_default_str();
  command
      ->add_option(
          "-o,--out", args->out,
          "Where to save the one trace with its fuse; else NAME.fuse.trace beside it or here")
      ->needs(every);
}

Expected<void> CheckPlaces(const std::vector<std::string>& files, const EveryFuseArgs& args) {
  if (!args.out.empty() && files.size() > 1) {
    return Unexpected(fmt::format("-o is the place of one trace, and there are {} files; replay "
                                  "them one at a time, or without -o",
                                  files.size()),
                      Error::Kind::kUsage);
  }
  std::map<std::string, std::string_view> owners;
  for (const std::string& file : files) {
    const auto place = PlaceToSave(file, args.out, kExtension);
    if (!place) continue;  // that file's own error
    const auto [owner, first] = owners.emplace(place->lexically_normal().string(), file);
    if (first) continue;
    return Unexpected(fmt::format("{} and {} would both be saved as {}; replay them one at a time, "
                                  "each with a place of its own by -o",
                                  owner->second, file, owner->first),
                      Error::Kind::kUsage);
  }
  return {};
}

void ReplayEveryFuse(Context& context, const LoadedTrace& loaded, const TraceArgs& trace_args,
                     const EveryFuseArgs& args, nlohmann::ordered_json* json) {
  const std::string& file = trace_args.file;
  const auto fail = [&](const Error& error) {
    context.Fail(error);
    if (json != nullptr) json->push_back({{"file", file}, {"error", error.message}});
  };
  const Vocabulary& vocabulary = *loaded.target->vocabulary;
  if (FuseOps(vocabulary).empty()) {
    return fail({.message = fmt::format("{}: \"{}\" has no operation fuse_... that makes something "
                                        "throw; replay it without --every-fuse",
                                        file, vocabulary.name),
                 .kind = Error::Kind::kUsage});
  }
  const auto path = PlaceToSave(file, args.out, kExtension);
  if (!path) return fail(path.error());

  IsolatedRun run = RunLoaded(loaded, trace_args);  // as it is
  FuseSweep sweep;
  LoadedTrace shown = loaded;
  if (run.verdict.passed()) {
    sweep = Sweep(context, loaded, trace_args, args);
    if (sweep.finding) {
      run = sweep.finding->run;
      shown.trace = sweep.finding->trace;
    }
  }
  context.err << run.report << std::flush;
  Expected<void> saved;
  if (sweep.finding) saved = Save(path->string(), loaded, *sweep.finding);
  if (json != nullptr) {
    AddJson(file, shown, sweep, run.verdict, saved ? path->string() : "", json);
  } else {
    context.out << DescribeTrace(file, loaded) << "\n";
    if (run.verdict.passed() || sweep.finding) PrintSweep(context, loaded, sweep);
    if (!run.verdict.passed()) PrintFailure(context, shown, run.verdict);
    if (!run.verdict.passed() && !sweep.finding) context.out << "  without another fuse\n";
    if (sweep.finding) {
      context.out << "\n" << PrintTrace(*loaded.target, shown.trace, run.verdict.Summary()) << "\n";
    }
  }
  if (sweep.stopped) context.exit_code = kExitInterrupted;
  if (!run.verdict.passed()) context.exit_code = kExitFailure;
  if (!saved) return context.Fail(saved.error());
  if (sweep.finding && json == nullptr) {
    context.out << "saved " << path->string() << "\n"
                << ReplayLine(path->string(), *loaded.target) << "\n";
  }
}

}  // namespace slotproof
