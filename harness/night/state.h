#ifndef SLOTPROOF_HARNESS_NIGHT_STATE_H_
#define SLOTPROOF_HARNESS_NIGHT_STATE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/night/triage.h"
#include "harness/subject/target.h"

// What a fuzzing run keeps on disk, so that nothing is lost however it ends:
//
//   DIR/corpus/          inputs, shared by the workers and kept from run to run
//   DIR/findings/        a small .trace for each signature, or a few of different operations
//   DIR/inbox/N/         what worker N found and nobody has looked at yet
//   DIR/unreproduced/    inputs that ended a worker and pass when they run again; unreproduced.h
//   DIR/stats/N          worker N's counters; see stats_file.h
//   DIR/log/N            what worker N wrote last
//   DIR/state.json       this page
//   DIR/report.md .json  written at the end, and by `slotproof report DIR`

namespace slotproof {

// A failure of a finding's signature that shrinks to other operations than its first one does.
struct FuzzExample {
  std::string shape;
  std::string summary;
  std::size_t operations = 0;
  bool one_minimal = false;
  std::string file;
  std::string replay;

  friend bool operator==(const FuzzExample&, const FuzzExample&) = default;
};

// An input that ended a worker and, run again with those before it, ended nothing.
struct UnreproducedInput {
  std::string file;
  std::string replay;  // the command line

  friend bool operator==(const UnreproducedInput&, const UnreproducedInput&) = default;
};

// One signature, and so one cause of failure, or several that break the same law.
struct FuzzFinding {
  std::string signature;
  std::string summary;
  std::string first_seen;       // UTC, "2024-05-01 12:00:00"
  double first_seen_after = 0;  // seconds into that run
  std::size_t operations = 0;   // of the shrunk trace
  bool one_minimal = false;
  std::string file;
  std::string replay;         // the command line
  std::uint64_t earlier = 0;  // times met in earlier runs
  std::uint64_t deaths = 0;   // workers it ended in this run; what they survived is in DIR/stats
  bool met_in_this_run = false;
  std::string shape;                           // of the shrunk trace
  std::vector<FuzzExample> examples;           // more of them, of other shapes
  std::map<std::string, std::uint64_t> looks;  // how many of each situation were shrunk

  // What triage needs to know of it.
  KnownFailure Known() const;

  friend bool operator==(const FuzzFinding&, const FuzzFinding&) = default;
};

struct FuzzState {
  std::string target;
  std::string laws;     // that it is judged by; empty: the default
  std::string started;  // UTC
  double elapsed_seconds = 0;
  double planned_seconds = 0;  // 0: no limit
  std::uint64_t jobs = 0;
  std::uint64_t seed = 0;
  std::uint64_t restarts = 0;
  std::uint64_t edges = 0;  // the most that one worker covers
  std::uint64_t features = 0;
  std::string ended_by;  // empty while it runs
  std::vector<FuzzFinding> findings;
  std::vector<UnreproducedInput> unreproduced;  // the first ones; the others are only counted
  std::uint64_t unreproduced_count = 0;

  FuzzFinding* Find(std::string_view signature);

  friend bool operator==(const FuzzState&, const FuzzState&) = default;
};

// The places above, under one folder.
class RunFolder {
 public:
  explicit RunFolder(std::string dir) : dir_(std::move(dir)) {}

  const std::string& dir() const { return dir_; }
  std::string corpus() const { return dir_ + "/corpus"; }
  std::string findings() const { return dir_ + "/findings"; }
  std::string inbox() const { return dir_ + "/inbox"; }
  std::string inbox(std::size_t worker) const { return inbox() + "/" + std::to_string(worker); }
  std::string unreproduced() const { return dir_ + "/unreproduced"; }
  std::string stats() const { return dir_ + "/stats"; }
  std::string stats(std::size_t worker) const { return stats() + "/" + std::to_string(worker); }
  std::string log(std::size_t worker) const { return dir_ + "/log/" + std::to_string(worker); }
  std::string lock() const { return dir_ + "/lock"; }
  std::string state() const { return dir_ + "/state.json"; }

  Expected<void> Make(std::size_t workers) const;

  // The counters of all workers together.
  FuzzStats TotalStats() const;
  // Files of the folder that are inputs, sorted; nothing for a folder that is not there.
  static std::vector<std::string> FilesIn(const std::string& dir);

 private:
  std::string dir_;
};

// While it lives, no other run works in the folder. Ends with the process, however that ends.
class RunLock {
 public:
  // An error when another has it.
  static Expected<RunLock> Take(const RunFolder& folder);
  ~RunLock();
  RunLock(RunLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RunLock& operator=(RunLock&&) = delete;

 private:
  explicit RunLock(int fd) : fd_(fd) {}

  int fd_;
};

// A state that was never saved is an empty one.
Expected<FuzzState> LoadState(const std::string& path);
Expected<void> SaveState(const FuzzState& state, const std::string& path);

// An error when the folder's run was of another target, or by other laws: its findings would not be
// this one's.
Expected<void> CheckIsOf(const Target& target, const FuzzState& last, const RunFolder& folder);

// How often the finding was met, in this run and before.
std::uint64_t TimesMet(const FuzzFinding& finding, const FuzzStats& stats);

// Makes the next run's state of the last one's: findings stay, their counts become earlier ones.
FuzzState NextRun(const FuzzState& last, const FuzzStats& stats);

// "2024-05-01 12:00:00"
std::string UtcNow();

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_STATE_H_
