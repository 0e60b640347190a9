#include "harness/night/worker.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/base/file_io.h"
#include "harness/engine/fuzz/entry.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/night/unreproduced.h"

namespace slotproof {
namespace {

constexpr std::size_t kMostLogBytes = std::size_t{4} << 20;
constexpr int kStopMs = 2'000;
constexpr double kStallCheckEverySeconds = 5;
constexpr double kStallFactor = 3;
constexpr double kStallGraceSeconds = 10;
constexpr std::uint64_t kLargestSeed = 0x7fff'ffff;

}  // namespace

Worker::Worker(std::size_t number, std::string binary, const WorkerSettings& settings,
               const RunFolder& folder)
    : number_(number), binary_(std::move(binary)), settings_(&settings), folder_(&folder) {}

std::vector<std::string> Worker::Arguments() const {
  // Each start explores differently, and all of them are made again by the same run's seed.
  const std::uint64_t seed = settings_->seed * 1'000'003 + number_ * 1'009 + starts_;
  std::vector<std::string> arguments = {
      binary_,
      fmt::format("-seed={}", seed % kLargestSeed + 1),
      fmt::format("-max_len={}", settings_->max_len),
      fmt::format("-rss_limit_mb={}", settings_->rss_limit_mb),
      fmt::format("-timeout={}", settings_->timeout_seconds),
      fmt::format("-artifact_prefix={}/", folder_->inbox(number_)),
      "-reload=5",
      fmt::format("-report_slow_units={}", settings_->timeout_seconds),
  };
  if (settings_->runs != 0) arguments.push_back(fmt::format("-runs={}", settings_->runs));
  if (!settings_->dictionary.empty()) arguments.push_back("-dict=" + settings_->dictionary);
  arguments.push_back(folder_->corpus());
  arguments.insert(arguments.end(), settings_->seed_dirs.begin(), settings_->seed_dirs.end());
  return arguments;
}

void Worker::OpenLog() {
  // The last process's words are worth keeping beside the present one's.
  std::error_code ignored;
  const std::string path = folder_->log(number_);
  std::filesystem::rename(path, path + ".before", ignored);
  log_.close();
  log_.clear();
  log_.open(path, std::ios::binary | std::ios::trunc);
  log_bytes_ = 0;
}

Expected<void> Worker::StartIfDue(double now) {
  if (running() || finished_ || now < start_due_at_) return {};
  OpenLog();
  auto program = Program::Start(Arguments(),
                                {{"SLOTPROOF_FINDINGS", folder_->inbox(number_)},
                                 {"SLOTPROOF_STATS", folder_->stats(number_)},
                                 {"SLOTPROOF_LAWS", settings_->laws}},
                                ProgramOutput::kStderr);
  if (!program) return tl::unexpected(program.error());
  program_ = *std::move(program);
  started_at_ = now;
  ++starts_;
  left_input_.clear();
  stalled_ = false;
  last_progress_at_ = now;
  stall_check_due_at_ = now + kStallCheckEverySeconds;
  return {};
}

// A process that was killed, or called _exit(), leaves its input in its statistics file only.
void Worker::SalvageInput(bool killed) {
  const std::vector<std::uint8_t> input = ReadInputInFlight(folder_->stats(number_));
  if (input.empty()) return;
  const std::string_view kind = stalled_ ? "timeout" : killed ? "oom" : "crash";
  const std::string path = fmt::format("{}/{}-start-{}", folder_->inbox(number_), kind, starts_);
  if (const auto written = WriteFile(path, AsText(input)); !written) {
    last_words_ = written.error().message;
    return;
  }
  left_input_ = path;
}

void Worker::KillIfStalled(double now) {
  if (now < stall_check_due_at_) return;
  stall_check_due_at_ = now + kStallCheckEverySeconds;
  const std::string path = folder_->stats(number_);
  const auto stats = ReadStats(path);
  const std::uint64_t executions = stats ? stats->executions : 0;
  if (executions != last_executions_ || ReadInputInFlight(path).empty()) {
    last_executions_ = executions;
    last_progress_at_ = now;
    return;
  }
  const auto timeout = static_cast<double>(settings_->timeout_seconds);
  if (timeout == 0 || now - last_progress_at_ < kStallFactor * timeout + kStallGraceSeconds) return;
  stalled_ = true;
  program_->Signal(SIGKILL);
}

void Worker::TakeOutput() {
  const std::string output = program_->ReadOutput();
  if (log_bytes_ < kMostLogBytes) log_ << output << std::flush;
  log_bytes_ += output.size();
  lines_.Add(output, [&](std::string_view line) {
    if (const auto status = ParseStatusLine(line)) {
      status_ = *status;
    } else if (const std::string_view artifact = ParseArtifactLine(line); !artifact.empty()) {
      left_input_ = artifact;
    } else if (!line.empty() && !line.starts_with('#')) {
      last_words_ = line;
    }
  });
}

bool Worker::Tend(double now) {
  if (!running()) return false;
  const std::optional<ProgramExit> exit = program_->Exit();
  TakeOutput();
  if (!exit) {
    KillIfStalled(now);
    return false;
  }
  program_.reset();
  if (exit->signal == 0 && exit->code == 0) {
    finished_ = settings_->runs != 0;
    start_due_at_ = now + restart_policy_.PauseAfter(now - started_at_);
    return false;
  }
  if (left_input_.empty()) SalvageInput(exit->signal == SIGKILL);
  if (!left_input_.empty()) KeepLastInputs(folder_->stats(number_), left_input_);
  const bool wants_restart = exit->signal == 0 && exit->code == FuzzEntry::kRecycleExitCode;
  start_due_at_ = now + (wants_restart ? 0 : restart_policy_.PauseAfter(now - started_at_));
  return true;
}

void Worker::AskToStop() {
  if (running()) program_->Signal(SIGTERM);
}

void Worker::Stop() {
  for (int waited_ms = 0; running() && waited_ms < kStopMs; waited_ms += 20) {
    const bool gone = program_->Exit().has_value();
    TakeOutput();
    if (gone) program_.reset();
    if (!gone) poll(nullptr, 0, 20);
  }
  program_.reset();  // kills it
}

}  // namespace slotproof
