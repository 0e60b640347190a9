#ifndef SLOTPROOF_HARNESS_NIGHT_WORKER_H_
#define SLOTPROOF_HARNESS_NIGHT_WORKER_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/night/fuzzer_output.h"
#include "harness/night/program.h"
#include "harness/night/restart_policy.h"
#include "harness/night/state.h"

namespace slotproof {

// How each libFuzzer worker is run.
struct WorkerSettings {
  std::vector<std::string> seed_dirs;  // read, not written
  std::string dictionary;              // empty: none
  std::uint64_t seed = 1;
  std::uint64_t max_len = 1024;
  std::uint64_t rss_limit_mb = 2560;
  std::uint64_t timeout_seconds = 25;
  std::string laws;        // of the target; empty: it has no choice
  std::uint64_t runs = 0;  // after which a worker ends; 0: no limit
};

// One place at the workbench: a libFuzzer process, and its successors when it dies.
//
//   waiting -> Start() -> running -> it dies -> waiting, longer each time it dies young
//                                 -> it made its runs -> finished
//
// A process that stays at one input three times as long as an input may take is killed: it would
// have ended that by itself, were it not for blocked signals or worse. One that another killed with
// SIGKILL counts as out of memory: the kernel ends it so when the machine has none left.
//
// Beside the input that ended a process lie those that it ran before: inbox/N/NAME.inputs/00, 01...
class Worker {
 public:
  Worker(std::size_t number, std::string binary, const WorkerSettings& settings,
         const RunFolder& folder);

  // Starts the process if it is time to. An error when it cannot be started at all.
  Expected<void> StartIfDue(double now);

  // Takes in what the process wrote; true when it has died since the last call.
  bool Tend(double now);

  // Asks it to end; Stop() waits for that, not long.
  void AskToStop();
  void Stop();

  bool running() const { return program_.has_value(); }
  bool finished() const { return finished_; }
  int output_fd() const { return program_ ? program_->output_fd() : -1; }
  std::uint64_t starts() const { return starts_; }
  const FuzzerStatus& status() const { return status_; }
  const std::string& last_words() const { return last_words_; }

  // The command line; its seed differs from start to start.
  std::vector<std::string> Arguments() const;

 private:
  void TakeOutput();
  void SalvageInput(bool killed);
  void OpenLog();
  void KillIfStalled(double now);

  std::size_t number_;
  std::string binary_;
  const WorkerSettings* settings_;
  const RunFolder* folder_;
  std::optional<Program> program_;
  LineSplitter lines_;
  RestartPolicy restart_policy_;
  FuzzerStatus status_;
  std::ofstream log_;
  std::size_t log_bytes_ = 0;
  std::string last_words_;  // the last line that was no status
  double started_at_ = 0;
  double start_due_at_ = 0;
  std::uint64_t starts_ = 0;
  std::string left_input_;  // the file in which the process wrote down what ended it
  bool stalled_ = false;    // and was killed for that
  std::uint64_t last_executions_ = 0;
  double last_progress_at_ = 0;
  double stall_check_due_at_ = 0;
  bool finished_ = false;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_WORKER_H_
