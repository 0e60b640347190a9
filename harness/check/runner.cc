#include "harness/check/runner.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <utility>

namespace slotproof {

Runner::Runner(const Target& target, RunOptions options)
    : target_(&target), options_(options), session_(target.new_session()) {}

bool Runner::ChosenForDeterminism(const Trace& trace) const {
  if (options_.determinism_share == 0) return false;
  std::uint64_t hash = trace.ops.size();
  for (const std::uint32_t field : trace.header.field) hash = hash * 0x100000001b3 + field;
  for (std::size_t i = 0; i < std::min<std::size_t>(trace.ops.size(), 16); ++i) {
    hash = hash * 0x100000001b3 + std::bit_cast<std::uint32_t>(trace.ops[i]);
  }
  return (hash >> 16) % options_.determinism_share == 0;
}

bool Runner::WalkIsDue(StepResult result, std::size_t ops_done,
                       std::uint64_t checked_at_last_walk) const {
  if (options_.check_every_op) return true;
  if (result != StepResult::kStructural && !std::has_single_bit(ops_done)) return false;
  const std::uint64_t paid = session_->checked_operations() - checked_at_last_walk;
  return paid >= session_->FullCheckCost();
}

Verdict Runner::Drive(const Trace& trace, std::size_t* op_index) {
  Session& session = *session_;
  session.Reset(trace.header);
  const std::span<const Op> ops = trace.ops;
  const std::size_t end = std::min(ops.size(), options_.stop_before);
  std::uint64_t checked_at_last_walk = 0;
  bool walked = false;  // after the last operation
  for (std::size_t& i = *op_index; i < end; ++i) {
    // Up to where a walk may be due, whatever the operations do.
    const std::size_t look = options_.check_every_op ? i + 1 : std::bit_ceil(i + 1);
    const StepResult result = session.StepThrough(ops.first(std::min(look, end)), &i);
    if (result == StepResult::kFailed) return session.failure();
    walked = WalkIsDue(result, i + 1, checked_at_last_walk);
    if (!walked) continue;
    checked_at_last_walk = session.checked_operations();
    ++stats_.full_checks;
    if (!session.CheckFull()) return session.failure();
  }
  if (end < ops.size()) return Verdict{};
  if (!walked) {
    ++stats_.full_checks;
    if (!session.CheckFull()) return session.failure();
  }
  if (!session.Finish()) return session.failure();
  return Verdict{};
}

// Drives, and makes a verdict of what is thrown.
Verdict Runner::Attempt(const Trace& trace, std::size_t* op_index) {
  try {
    return Drive(trace, op_index);
  } catch (const SubjectFatal& fatal) {
    return {.outcome = fatal.outcome(),
            .op_index = *op_index,
            .law = LawOfMessage(fatal.what()),
            .expected = {},
            .actual = fatal.what()};
  } catch (const std::exception& exception) {
    return {.outcome = Outcome::kFatal,
            .op_index = *op_index,
            .law = "exception",
            .expected = {},
            .actual = std::string("an exception escaped: ") + exception.what()};
  }
}

Verdict Runner::RunOnce(const Trace& trace) {
  std::size_t op_index = 0;
  Verdict verdict = Attempt(trace, &op_index);
  verdict.op_index = op_index;
  ++stats_.traces;
  stats_.operations += op_index;
  stats_.checked_operations += session_->checked_operations();
  stats_.goals.Add(session_->goals());
  if (!verdict.passed()) session_->Abandon();
  return verdict;
}

Verdict Runner::Run(const Trace& trace) {
  Verdict verdict = RunOnce(trace);
  if (!verdict.passed() || !ChosenForDeterminism(trace)) return verdict;
  const std::uint64_t first = session_->digest();
  const Verdict again = RunOnce(trace);
  if (again.passed() && session_->digest() == first) return verdict;
  return {.outcome = Outcome::kNondeterminism,
          .op_index = trace.ops.size(),
          .law = "digest",
          .expected = "the same observations in a second run of the same trace",
          .actual = again.passed() ? "other observations" : again.Summary()};
}

}  // namespace slotproof
