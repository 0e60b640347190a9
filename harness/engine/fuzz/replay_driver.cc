// Runs saved inputs of a fuzz target without libFuzzer: `driver FILE_OR_FOLDER...`.
//
// Takes every form of a trace, raw inputs, trace files and text, so that a regression can be kept
// in the form that is best to review. A path that is missing, a folder without a file and a file
// that cannot be read are errors: a replay that replays nothing must not pass. Exit codes: 0 all
// passed, 1 a failure, 2 or 3 a bad path.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "harness/check/runner.h"
#include "harness/report/crash_guard.h"
#include "harness/report/replay_line.h"
#include "harness/trace/laws.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

// Defined by SLOTPROOF_FUZZ_TARGET.
const slotproof::Target& SlotproofFuzzTarget();

namespace slotproof {
namespace {

namespace fs = std::filesystem;

Expected<std::vector<std::string>> FilesUnder(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  fs::recursive_directory_iterator it(path, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file()) files.push_back(it->path().string());
  }
  if (error) return Unexpected(path + ": cannot be listed: " + error.message());
  if (files.empty()) return Unexpected(path + ": this folder has no file to replay");
  std::sort(files.begin(), files.end());
  return files;
}

class Replayer {
 public:
  explicit Replayer(const Target& target) : target_(target) {}

  // True when the trace passed.
  Expected<bool> Replay(const std::string& path) {
    const Target* const targets[] = {&target_};
    const Expected<LoadedTrace> loaded =
        LoadTrace(path, targets, target_.name, LawsOfEnvironment());
    if (!loaded) return tl::unexpected(loaded.error());
    // By the laws that the file names.
    if (!judge_ || &judge_->runner.target() != loaded->target) {
      judge_.reset();
      judge_.emplace(*loaded->target);
    }
    judge_->guard.Watch(loaded->trace);
    const Verdict verdict = judge_->runner.Run(loaded->trace);
    judge_->guard.Unwatch();
    ++replayed_;
    if (verdict.passed()) return true;
    std::cerr << path << ": " << verdict.Summary() << "\n\n"
              << PrintTrace(*loaded->target, loaded->trace) << "\n"
              << ReplayLine(path, *loaded->target) << "\n";
    return false;
  }

  std::size_t replayed() const { return replayed_; }

 private:
  struct Judge {
    explicit Judge(const Target& target)
        : runner(target, {.determinism_share = 1}), guard(target) {}
    Runner runner;
    CrashGuard guard;
  };

  const Target& target_;
  std::optional<Judge> judge_;
  std::size_t replayed_ = 0;
};

int Main(const std::vector<std::string>& paths) {
  if (paths.empty()) {
    std::cerr << "usage: driver FILE_OR_FOLDER...\n";
    return 2;
  }
  Replayer replayer(SlotproofFuzzTarget());
  bool passed = true;
  for (const std::string& path : paths) {
    const Expected<std::vector<std::string>> files = FilesUnder(path);
    if (!files) {
      std::cerr << files.error().message << "\n";
      return 3;
    }
    for (const std::string& file : *files) {
      const Expected<bool> result = replayer.Replay(file);
      if (!result) {
        std::cerr << result.error().message << "\n";
        return 3;
      }
      passed = passed && *result;
    }
  }
  std::cerr << replayer.replayed() << " traces replayed\n";
  return passed ? 0 : 1;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  return slotproof::Main(std::vector<std::string>(argv + 1, argv + argc));
}
