#ifndef SLOTPROOF_HARNESS_CHECK_STEPS_H_
#define SLOTPROOF_HARNESS_CHECK_STEPS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/subject/step_log.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// What a trace comes to: the single operations that run when its bursts do.
//
//   begin i0                       begin i0
//   insert_fresh k3 x2    ──►      insert k3, insert k5      k4 was there
//   drain i0                       step x1 i0, step x1 i0    and then it failed
//
// A run that records costs what a run of the trace costs, without its walks.

namespace slotproof {

struct TraceSteps {
  // Of each operation that ran, up to the one that failed. What is no burst is one step, itself.
  std::vector<std::vector<Op>> of;
  std::uint64_t count = 0;
  bool complete = true;  // false when there are more than are kept (StepLog::kMost)

  static TraceSteps FromLog(const StepLog& log, std::size_t ops_begun);

  // The trace with each burst replaced by its steps; of a complete one.
  Trace Expanded(const Header& header) const;
};

// Runs the trace in this process, on a session of its own.
TraceSteps StepsOf(const Target& target, const Trace& trace);

// In a child, for a trace that ends its process; an operation that hangs is stopped after the
// limit.
TraceSteps StepsOfIsolated(const Target& target, const Trace& trace,
                           std::chrono::milliseconds time_limit);

// Runs the operation, and puts its steps into the log.
StepResult StepRecording(const Vocabulary& vocabulary, const Op& op, Session& session,
                         StepLog* log);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_STEPS_H_
