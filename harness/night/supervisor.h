#ifndef SLOTPROOF_HARNESS_NIGHT_SUPERVISOR_H_
#define SLOTPROOF_HARNESS_NIGHT_SUPERVISOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/night/inbox.h"
#include "harness/night/program.h"
#include "harness/night/report.h"
#include "harness/night/state.h"
#include "harness/night/triage.h"
#include "harness/night/unreproduced.h"
#include "harness/night/worker.h"
#include "harness/subject/target.h"

// Fuzzing without anyone looking on: runs libFuzzer workers side by side for a time and looks after
// what they find.
//
//   asan worker  ─┐  corpus/   ┌─ plain worker        all share one corpus
//   asan worker  ─┤◄──────────►├─ plain worker
//                 └► inbox/N ◄─┘
//                       │  triage, one at a time, in a process of its own:
//                       ▼  replay -> signature -> new? -> shrink -> save
//                   findings/   printed at once with the line that replays it
//
// What passes when it is replayed alone is run with the inputs before it: unreproduced.h.
//
// A worker that died is started again. However the run ends, corpus and findings are on disk.

namespace slotproof {

struct SupervisorOptions {
  std::vector<std::string> fuzzers;     // the workers' programs, taken in turn
  std::vector<std::string> slotproofs;  // for triage: the first that reproduces a failure counts
  std::string dir;
  std::size_t jobs = 1;
  double seconds = 0;                 // 0: no limit
  std::size_t stop_after = 0;         // findings; 0: no limit
  bool fail_on_unreproduced = false;  // an out-of-memory that nothing reproduces counts as found
  bool terminal = false;              // one line that moves, instead of a line now and then
  // A turn of a longer run ends with one line, and does not say again what an earlier turn said.
  bool is_turn = false;
  std::vector<std::string> said_before;  // signatures
  std::string replay_command;            // for replay lines, instead of the usual one
  WorkerSettings worker;
  std::uint64_t together_runs = TogetherSettings().runs;
};

class Supervisor {
 public:
  Supervisor(const Target& target, SupervisorOptions options, std::ostream& out);

  // Fuzzes until time, --stop-after, the workers' runs or a signal end it. True when something was
  // found, or when what a worker left behind could not be looked at.
  Expected<bool> Run();

 private:
  Expected<void> Prepare();
  Expected<void> Tick();
  std::optional<std::string> ReasonToEnd() const;
  std::size_t MetInThisRun() const;
  bool MetEnough() const;
  void WaitForNews() const;
  double Now() const;

  void CollectInbox();
  void ContinueTriage();
  void StartTriage(const std::string& path);
  void OnTriaged(const std::optional<TriageResult>& result);
  void ReplayPendingTogether();
  void OnReplayedTogether(TogetherEnd end);
  void OnNotReproduced();
  void OnUnshrinkable(TriageResult result);
  void KeepUnreproduced();
  std::optional<UnreproducedInput> MovePending(const std::string& folder);
  void OnFinding(const TriageResult& result);
  void AddFinding(const TriageResult& result);
  void AddExample(const TriageResult& result, FuzzFinding* finding);
  void MeetAgain(FuzzFinding* finding);
  TogetherSettings Together() const;
  const std::string& FuzzerOf(const std::string& path) const;
  std::string ReplayOf(const TriageResult& result) const;
  void FinishTriage();
  void DropInput();
  bool TakeKnown(const std::string& path);

  FuzzReport Collect();
  void ShowStatus(bool at_once);
  void Say(const std::string& text);
  void Save();
  void WarnWhenDiskIsFull();

  // The input that is being looked at.
  struct Pending {
    std::string path;
    std::size_t program = 0;  // of options_.slotproofs
    bool counts_death = false;
    std::optional<double> together_until;  // runs with the inputs before it, at most until then
    std::optional<Program> process;
    std::string output;
  };
  // A point in time for rates over the last seconds.
  struct Sample {
    double at;
    std::uint64_t executions;
    std::uint64_t checked;
  };

  const Target* target_;
  SupervisorOptions options_;
  std::ostream* out_;
  RunFolder folder_;
  std::optional<RunLock> lock_;
  FuzzState state_;
  std::uint64_t unreproduced_before_ = 0;  // this run
  std::vector<Worker> workers_;
  InboxQueue inbox_;
  std::optional<Pending> pending_;
  std::vector<std::pair<double, std::string>> retry_;  // inputs to look at again, and when
  std::deque<Sample> samples_;
  std::chrono::steady_clock::time_point start_;
  double status_due_at_ = 0;
  double save_due_at_ = 0;
  double disk_due_at_ = 0;
  bool status_shown_ = false;
  bool disk_full_ = false;
  bool save_worked_ = true;  // a full disk is said once
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_SUPERVISOR_H_
