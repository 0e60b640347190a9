#include "harness/night/unreproduced.h"

#include <cstdint>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/file_io.h"
#include "harness/base/shell_quoted.h"
#include "harness/engine/fuzz/entry.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/night/state.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

// How libFuzzer ends a process that is over its limit.
constexpr int kOutOfMemoryExitCode = 71;

}  // namespace

std::string LastInputsOf(const std::string& input) { return input + ".inputs"; }

void KeepLastInputs(const std::string& stats, const std::string& input) {
  std::error_code error;
  fs::create_directories(LastInputsOf(input), error);
  if (error) return;
  std::size_t number = 0;
  for (const std::vector<std::uint8_t>& bytes : ReadLastInputs(stats)) {
    const std::string path = fmt::format("{}/{:02}", LastInputsOf(input), number++);
    if (!WriteFile(path, AsText(bytes))) return;
  }
}

std::vector<std::string> ReplayTogether(const std::string& fuzzer, const TogetherSettings& settings,
                                        const std::string& input) {
  std::vector<std::string> command = {fuzzer, fmt::format("-rss_limit_mb={}", settings.limit_mb),
                                      fmt::format("-runs={}", settings.runs),
                                      "-exact_artifact_path=/dev/null"};
  for (std::string& file : RunFolder::FilesIn(LastInputsOf(input))) {
    command.push_back(std::move(file));
  }
  // Last, as in the worker; it may be longer than what is kept of the others.
  command.push_back(input);
  return command;
}

std::string ReplayTogetherLine(const std::string& fuzzer, const TogetherSettings& settings,
                               const std::string& input) {
  std::vector<std::string> words;
  for (const std::string& word : ReplayTogether(fuzzer, settings, input)) {
    words.push_back(ShellQuoted(word));
  }
  return fmt::format("SLOTPROOF_FINDINGS=/tmp {}{}",
                     settings.laws.empty() ? "" : fmt::format("SLOTPROOF_LAWS={} ", settings.laws),
                     fmt::join(words, " "));
}

TogetherEnd HowItEnded(const ProgramExit& exit) {
  if (exit.signal != 0) return TogetherEnd::kDied;
  if (exit.code == kOutOfMemoryExitCode) return TogetherEnd::kOutOfMemory;
  const bool passed = exit.code == 0 || exit.code == FuzzEntry::kRecycleExitCode;
  return passed ? TogetherEnd::kPassed : TogetherEnd::kDied;
}

Expected<std::string> MoveWithLastInputs(const std::string& input, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  fs::path place = fs::absolute(folder) / fs::path(input).filename();
  // Two starts of a worker, or two workers, can end at the same input.
  for (int i = 2; fs::exists(place); ++i) {
    place = fs::absolute(folder) / fmt::format("{}-{}", fs::path(input).filename().string(), i);
  }
  if (!error) fs::rename(input, place, error);
  if (error) {
    return Unexpected(fmt::format("{}: cannot be moved to {}: {}; make room or the folder writable",
                                  input, folder, error.message()));
  }
  fs::rename(LastInputsOf(input), LastInputsOf(place.string()), error);
  return place.string();
}

void RemoveWithLastInputs(const std::string& input) {
  std::error_code ignored;
  fs::remove(input, ignored);
  fs::remove_all(LastInputsOf(input), ignored);
}

}  // namespace slotproof
