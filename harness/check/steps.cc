#include "harness/check/steps.h"

#include <algorithm>
#include <exception>
#include <memory>

#include "harness/base/child_process.h"

namespace slotproof {
namespace {

// Each step counts as it begins, so that what ends the process is in the log; so does each
// operation.
void Record(const Target& target, const Trace& trace, StepLog* log, Heartbeat* begun) {
  const std::unique_ptr<Session> session = target.new_session();
  session->Reset(trace.header);
  try {
    for (std::size_t i = 0; i < trace.ops.size(); ++i) {
      ++*begun;
      log->op_index = static_cast<std::uint32_t>(i);
      const StepResult result = StepRecording(*target.vocabulary, trace.ops[i], *session, log);
      if (result == StepResult::kFailed) break;
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // A subject that stops itself has run so far.
  }
  session->Abandon();
}

}  // namespace

TraceSteps TraceSteps::FromLog(const StepLog& log, std::size_t ops_begun) {
  TraceSteps steps;
  steps.count = log.count;
  steps.complete = log.count <= StepLog::kMost;
  steps.of.resize(ops_begun);
  const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(log.count, StepLog::kMost));
  for (std::size_t i = 0; i < kept; ++i) steps.of[log.steps[i].op_index].push_back(log.steps[i].op);
  return steps;
}

Trace TraceSteps::Expanded(const Header& header) const {
  Trace trace = {.header = header, .ops = {}};
  for (const std::vector<Op>& steps : of) {
    trace.ops.insert(trace.ops.end(), steps.begin(), steps.end());
  }
  return trace;
}

StepResult StepRecording(const Vocabulary& vocabulary, const Op& op, Session& session,
                         StepLog* log) {
  const bool burst = vocabulary.ops[op.code].burst;
  if (!burst) log->Add(op);
  session.RecordStepsIn(burst ? log : nullptr);
  const StepResult result = session.Step(op);
  session.RecordStepsIn(nullptr);
  return result;
}

TraceSteps StepsOf(const Target& target, const Trace& trace) {
  const auto log = std::make_unique<StepLog>();
  Heartbeat begun = 0;
  Record(target, trace, log.get(), &begun);
  return TraceSteps::FromLog(*log, begun);
}

TraceSteps StepsOfIsolated(const Target& target, const Trace& trace,
                           std::chrono::milliseconds time_limit) {
  struct Seen {
    StepLog log;
    Heartbeat ops_begun;
  };
  const Shared<Seen> seen;
  RunInChild([&](const ChildChannel&) { Record(target, trace, &seen->log, &seen->ops_begun); },
             time_limit, &seen->ops_begun);
  return TraceSteps::FromLog(seen->log, seen->ops_begun);
}

}  // namespace slotproof
