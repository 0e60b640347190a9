#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/file_io.h"
#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/report/finding.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

struct ToTestArgs {
  TraceArgs trace;
  std::string folder;
  std::string name;
  bool no_shrink = false;
};

// The workspace of `bazel run`, else the nearest folder above that has a WORKSPACE file.
std::optional<fs::path> FindWorkspace() {
  const char* known = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (known != nullptr && *known != '\0') return fs::path(known);
  std::error_code error;
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    for (const char* mark : {"WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel"}) {
      if (fs::exists(folder / mark, error)) return folder;
    }
    if (folder == folder.parent_path()) break;
  }
  return std::nullopt;
}

Expected<fs::path> RegressionsFolder(const ToTestArgs& args, const Target& target) {
  if (!args.folder.empty()) return fs::path(UserPath(args.folder));
  const auto workspace = FindWorkspace();
  if (workspace) return *workspace / "fuzz" / "regressions" / std::string(target.name);
  return Unexpected(
      "there is no WORKSPACE file in this folder or above, so the place of regressions is not "
      "known; go to the workspace or say --dir DIR",
      Error::Kind::kUsage);
}

struct Kept {
  fs::path path;
  bool is_new = false;
};

// True when the file has this very trace and its laws, whatever its comments say.
bool HasTrace(const fs::path& path, const Target& target, const Trace& trace) {
  const Target* const only = &target;
  const auto there = LoadTrace(path.string(), std::span(&only, 1), target.name);
  return there && there->target == &target && there->trace == trace;
}

// NAME.txt, or NAME-2.txt when that is another trace's, and so on; the file that has the trace when
// there is one.
Expected<Kept> Keep(const fs::path& folder, const std::string& name, const Target& target,
                    const Trace& trace, const std::string& comment) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Unexpected(folder.string() + ": cannot make this folder: " + error.message() +
                      "; choose another one with --dir");
  }
  fs::path path = folder / (name + ".txt");
  for (int number = 2; fs::exists(path, error); ++number) {
    if (HasTrace(path, target, trace)) return Kept{.path = path, .is_new = false};
    path = folder / fmt::format("{}-{}.txt", name, number);
  }
  const auto written = WriteFile(path.string(), PrintTrace(target, trace, comment));
  if (!written) return tl::unexpected(written.error());
  return Kept{.path = path, .is_new = true};
}

// The trace to keep and what it is about.
struct Regression {
  Trace trace;
  std::string signature;
  std::string summary;
};

// Nothing when it was interrupted.
std::optional<Regression> MakeRegression(Context& context, const LoadedTrace& loaded,
                                         const ToTestArgs& args) {
  const IsolatedRun failed = RunLoaded(loaded, args.trace);
  const Verdict& verdict = failed.verdict;
  const std::string& recorded = loaded.info.signature;
  const bool differs = !recorded.empty() && recorded != verdict.Signature();
  if (differs) {
    context.out << fmt::format("note: the file records {}, here it {}\n", recorded,
                               verdict.passed() ? "passes" : "is " + verdict.Signature());
  }
  if (verdict.outcome == Outcome::kNondeterminism) {
    context.out << fmt::format(
        "warning: the subject is not deterministic: in a second run of this trace {} differed, so "
        "this regression may pass or fail by chance; give the subject its seed from the trace's "
        "header\n",
        verdict.op_index < loaded.trace.ops.size() ? fmt::format("operation {}", verdict.op_index)
                                                   : std::string("the end"));
  }
  // What passes is fixed already; the file may still say what it was. What is kept as it is was
  // seen by whoever found it, perhaps with a sanitizer.
  if (verdict.passed() || (args.no_shrink && differs)) {
    return Regression{loaded.trace, recorded, loaded.info.summary};
  }
  if (args.no_shrink) return Regression{loaded.trace, verdict.Signature(), verdict.Summary()};
  ShrinkResult result = ShrinkLoaded(context, loaded, failed, args.trace, /*expand=*/false);
  if (result.stopped) return std::nullopt;
  return Regression{std::move(result.trace), result.verdict.Signature(), result.verdict.Summary()};
}

void ToTest(Context& context, const ToTestArgs& args) {
  const auto loaded = LoadOrFail(context, args.trace);
  if (!loaded) return;
  const auto folder = RegressionsFolder(args, *loaded->target);
  if (!folder) return context.Fail(folder.error());
  const auto regression = MakeRegression(context, *loaded, args);
  if (!regression) {
    context.Fail({.message = args.trace.file +
                             ": interrupted, so that nothing was written; say --no-shrink to keep "
                             "the trace as it is"});
    context.exit_code = kExitInterrupted;
    return;
  }
  const std::string slug = SignatureSlug(args.name.empty() ? regression->signature : args.name);
  if (slug.empty()) {
    return context.Fail({.message = args.trace.file +
                                    ": this trace passes and records no failure; say what it is "
                                    "about with --name NAME",
                         .kind = Error::Kind::kUsage});
  }
  const std::string comment =
      regression->summary +
      (loaded->info.found_by.empty() ? std::string() : "\nfound by " + loaded->info.found_by);
  const auto kept = Keep(*folder, slug, *loaded->target, regression->trace, comment);
  if (!kept) return context.Fail(kept.error());
  context.out << fmt::format("{} {}\n",
                             kept->is_new ? "wrote" : "already there:", kept->path.string());
  // Another folder is another test's to know.
  if (!args.folder.empty()) return;
  context.out << fmt::format("run it: bazel test //fuzz:{}_fuzz_regression\n",
                             loaded->target->name);
}

}  // namespace

void AddToTestCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ToTestArgs>();
  CLI::App* command =
      app.add_subcommand("to-test", "Keep a trace for ever, as a regression test in text");
  AddFileArgument(command, &args->trace);
  AddRunOptions(command, &args->trace);
  command->add_option("--dir", args->folder,
                      "Where to; else fuzz/regressions/TARGET in the workspace");
  command->add_option("--name", args->name, "What to call it; else after its signature");
  command->add_flag("--no-shrink", args->no_shrink, "Keep the trace as it is");
  command->callback([args, &context] { ToTest(context, *args); });
}

}  // namespace slotproof
