#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

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

// Writes the text; a different file of that name is kept and is an error.
Expected<bool> WriteOnce(const fs::path& path, const std::string& text) {
  std::error_code error;
  if (fs::exists(path, error)) {
    const auto there = ReadFile(path.string());
    if (!there) return tl::unexpected(there.error());
    if (*there == text) return false;
    return Unexpected(path.string() + ": another regression has this name; choose one with --name",
                      Error::Kind::kUsage);
  }
  fs::create_directories(path.parent_path(), error);
  if (error) {
    return Unexpected(path.parent_path().string() + ": cannot make this folder: " +
                      error.message() + "; choose another one with --dir");
  }
  const auto written = WriteFile(path.string(), text);
  if (!written) return tl::unexpected(written.error());
  return true;
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
  const Verdict verdict = RunLoaded(loaded, args.trace).verdict;
  const std::string& recorded = loaded.info.signature;
  const bool differs = !recorded.empty() && recorded != verdict.Signature();
  if (differs) {
    context.out << fmt::format("note: the file records {}, here it {}\n", recorded,
                               verdict.passed() ? "passes" : "is " + verdict.Signature());
  }
  // What passes is fixed already; the file may still say what it was. What is kept as it is was
  // seen by whoever found it, perhaps with a sanitizer.
  if (verdict.passed() || (args.no_shrink && differs)) {
    return Regression{loaded.trace, recorded, loaded.info.summary};
  }
  if (args.no_shrink) return Regression{loaded.trace, verdict.Signature(), verdict.Summary()};
  ShrinkResult result = ShrinkLoaded(context, loaded, verdict, args.trace);
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
  const fs::path path = *folder / (slug + ".txt");
  const auto written = WriteOnce(path, PrintTrace(*loaded->target, regression->trace, comment));
  if (!written) return context.Fail(written.error());
  context.out << fmt::format("{} {}\n", *written ? "wrote" : "already there:", path.string());
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
