#ifndef SLOTPROOF_HARNESS_SUBJECT_SESSION_H_
#define SLOTPROOF_HARNESS_SUBJECT_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/subject/goals.h"
#include "harness/subject/step_log.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

namespace slotproof {

// Thrown by a subject that stops itself: the runtime's fatal errors and failed assertions. The
// runner makes a verdict of it.
class SubjectFatal : public std::runtime_error {
 public:
  SubjectFatal(Outcome outcome, std::string_view message)
      : std::runtime_error(std::string(message)), outcome_(outcome) {}
  Outcome outcome() const { return outcome_; }

 private:
  Outcome outcome_;
};

enum class StepResult : std::uint8_t {
  kOk,
  kStructural,  // agreed, and the structure changed in a way that is worth a full walk
  kFailed,      // see failure()
};

// What an operation of the trace says and could not be done, for people.
struct Remark {
  std::size_t op_index = 0;
  std::string text;  // "does not happen: ...", with the remedy
};

// One subject and its model, driven in step through one trace at a time:
//
//   Reset(header) -> Step(op)* -> Finish()        and again from Reset
//
// A session is reused for many traces, so that a trace costs no allocation of the session's own.
// After kFailed, or after an exception, only Abandon(), Reset(), Draw(), DrawPage(), Remarks() and
// failure() may be called.
class Session {
 public:
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Starts a new subject and an empty model.
  virtual void Reset(const Header& header) = 0;

  // Runs the operation on both and compares every observable result.
  virtual StepResult Step(const Op& op) = 0;

  // Steps from ops[*index] on, up to the last or to one that is not kOk. *index is then of the
  // operation that ran last, also when it threw.
  virtual StepResult StepThrough(std::span<const Op> ops, std::size_t* index) {
    for (;; ++*index) {
      const StepResult result = Step(ops[*index]);
      if (result != StepResult::kOk || *index + 1 == ops.size()) return result;
    }
  }

  // Walks the whole structure: its invariants, and its contents against the model.
  virtual bool CheckFull() = 0;

  // What CheckFull() would cost now, in operations. The runner spends no more on walks than on
  // operations.
  virtual std::uint64_t FullCheckCost() const { return 0; }

  // The checks at the end of a trace, after the last CheckFull().
  virtual bool Finish() = 0;

  // Whether Finish() runs a part of the trace, which is worth drawing too.
  virtual bool ActsAtEnd() const { return false; }

  // Lets go of a subject whose state cannot be trusted, without running its destructor.
  virtual void Abandon() = 0;

  // The subject's structure as text, for people.
  virtual std::string Draw() const = 0;

  // What happened as a page of HTML that needs no other file; empty when there is none.
  virtual std::string DrawPage() const { return ""; }

  // Of the operations since Reset(), in their order.
  virtual std::vector<Remark> Remarks() const { return {}; }

  // What the operation touches in the present state, in words; empty when there is nothing to add.
  virtual std::string Annotate(const Op& op) const = 0;

  // "Let this read see that write": changes the trace, which was the last to run and passed, so
  // that some read sees another thread's write that came after it. The number chooses which. False:
  // there is none, or this is no schedule.
  virtual bool LetReadSeeWrite(std::uint64_t /*choice*/, Trace* /*trace*/) const { return false; }

  // Writes small numbers that describe the structure's state, to steer a fuzzer to rare ones.
  virtual void StructuralState(std::span<std::uint8_t> features) const = 0;

  // From now on bursts write into this log the single operations that they perform; nowhere, when
  // it is null.
  void RecordStepsIn(StepLog* log) { step_log_ = log; }

  // Results compared with the model since Reset(); a burst of n counts n.
  std::uint64_t checked_operations() const { return checked_operations_; }
  // A hash of everything observed since Reset().
  std::uint64_t digest() const { return digest_; }
  const GoalCounts& goals() const { return goals_; }
  const Verdict& failure() const { return failure_; }

 protected:
  Session() = default;

  void ResetBase() {
    checked_operations_ = 0;
    digest_ = 0x9e3779b97f4a7c15;
    goals_.Reset();
    if (!failure_.passed()) failure_ = Verdict{};
  }

  void Observe(std::uint64_t value) {
    digest_ = (digest_ ^ value) * 0xff51afd7ed558ccd;
    digest_ ^= digest_ >> 32;
    ++checked_operations_;
  }

  // What runs next is this operation. Said of each part of a burst (OpSpec::burst), right before
  // it: run in place of the burst, the operations that were recorded do the same.
  void RecordStep(const Op& op) {
    if (step_log_ != nullptr) [[unlikely]]
      step_log_->Add(op);
  }

  // The same of a step that belongs right behind an operation that ran before; it is given by its
  // place in the trace.
  void RecordStepOf(std::uint32_t op_index, const Op& op) {
    if (step_log_ != nullptr) [[unlikely]]
      step_log_->AddTo(op_index, op);
  }

  // Always false, so that a check can return it. The runner adds the operation's index.
  bool Fail(Outcome outcome, std::string_view law, std::string expected, std::string actual) {
    failure_ = {.outcome = outcome,
                .law = std::string(law),
                .expected = std::move(expected),
                .actual = std::move(actual)};
    return false;
  }

  // Subject and model disagree about a result.
  bool Mismatch(std::string_view law, std::string expected, std::string actual) {
    return Fail(Outcome::kMismatch, law, std::move(expected), std::move(actual));
  }

  GoalCounts goals_;

 private:
  std::uint64_t checked_operations_ = 0;
  std::uint64_t digest_ = 0;
  StepLog* step_log_ = nullptr;
  Verdict failure_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_SESSION_H_
