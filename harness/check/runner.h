#ifndef SLOTPROOF_HARNESS_CHECK_RUNNER_H_
#define SLOTPROOF_HARNESS_CHECK_RUNNER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "harness/subject/session.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

namespace slotproof {

struct RunOptions {
  // Walk the whole structure after every operation, and not only where it changed shape, at powers
  // of two and at the end.
  bool check_every_op = false;
  // One passing trace in this many, and each that fails, is run twice: what was observed, and how
  // it ended, must be the same. 0 for none, 1 for all. The first few of a runner are always
  // checked, so that a subject which is not deterministic is known at once.
  std::uint32_t determinism_share = 64;
  // Stop before this operation and skip the final checks; for looking at a state.
  std::size_t stop_before = std::numeric_limits<std::size_t>::max();
};

struct RunStats {
  std::uint64_t traces = 0;
  std::uint64_t operations = 0;          // of traces
  std::uint64_t checked_operations = 0;  // results compared with the model
  std::uint64_t full_checks = 0;
  std::uint64_t run_twice = 0;  // traces, to see whether they do the same
  std::uint64_t repeated = 0;   // those of them that did
  GoalCounts goals;
};

// Drives one target's session through traces. Same trace, same verdict, always: a subject of which
// that is not true gets the verdict kNondeterminism, at the first operation whose observation
// differed. Targets with real threads (Target::isolate) are not held to that.
//
// The whole structure is walked where it changed shape, at powers of two and at the end. But for
// the last, a walk waits until the operations since the one before have paid for it, so that the
// cost of an operation does not grow with the structure.
class Runner {
 public:
  explicit Runner(const Target& target, RunOptions options = {});

  Verdict Run(const Trace& trace);

  const Target& target() const { return *target_; }
  const Session& session() const { return *session_; }
  const RunStats& stats() const { return stats_; }
  RunOptions& options() { return options_; }

 private:
  Verdict RunOnce(const Trace& trace);
  Verdict Attempt(const Trace& trace, std::size_t* op_index);
  Verdict Drive(const Trace& trace, std::size_t* op_index);
  Verdict CompareRuns(const Trace& trace, const Verdict& first, std::uint64_t first_digest);
  std::size_t FirstDifference(const Trace& trace);
  std::vector<std::uint64_t> DigestsOf(const Trace& trace);
  bool WalkIsDue(StepResult result, std::size_t ops_done, std::uint64_t checked_at_last_walk) const;
  bool ChosenForDeterminism(const Trace& trace) const;

  const Target* target_;
  RunOptions options_;
  std::unique_ptr<Session> session_;
  RunStats stats_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_RUNNER_H_
