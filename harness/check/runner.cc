#include "harness/check/runner.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <utility>

namespace slotproof {
namespace {

constexpr std::uint64_t kAlwaysCheckedTraces = 16;

}  // namespace

Runner::Runner(const Target& target, RunOptions options)
    : target_(&target), options_(options), session_(target.new_session()) {}

bool Runner::ChosenForDeterminism(const Trace& trace) const {
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

// What had been observed after each operation, as far as the trace went.
std::vector<std::uint64_t> Runner::DigestsOf(const Trace& trace) {
  std::vector<std::uint64_t> digests;
  try {
    session_->Reset(trace.header);
    for (const Op& op : trace.ops) {
      const StepResult result = session_->Step(op);
      digests.push_back(session_->digest());
      if (result == StepResult::kFailed) break;
    }
  } catch (const std::exception&) {
    // A subject that stops itself has been observed up to there.
    digests.push_back(session_->digest());
  }
  session_->Abandon();
  return digests;
}

// The first operation whose observation differs between two runs; the trace's length if these two
// happen not to differ.
std::size_t Runner::FirstDifference(const Trace& trace) {
  constexpr int kAttempts = 4;
  const std::vector<std::uint64_t> first = DigestsOf(trace);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::vector<std::uint64_t> other = DigestsOf(trace);
    if (first == other) continue;
    const auto [at, ignored] =
        std::mismatch(first.begin(), first.end(), other.begin(), other.end());
    return std::min(static_cast<std::size_t>(at - first.begin()), trace.ops.size());
  }
  return trace.ops.size();
}

Verdict Runner::CompareRuns(const Trace& trace, const Verdict& first, std::uint64_t first_digest) {
  // Of one trace, one run counts.
  const RunStats before = stats_;
  const Verdict again = RunOnce(trace);
  stats_ = before;
  ++stats_.run_twice;
  const bool same_end = first.Signature() == again.Signature() && first.op_index == again.op_index;
  if (same_end && session_->digest() == first_digest) {
    ++stats_.repeated;
    return first;
  }
  Verdict verdict = {.outcome = Outcome::kNondeterminism,
                     .op_index = FirstDifference(trace),
                     .law = "digest",
                     .expected = "the same observations in a second run of the same trace",
                     .actual = "other observations"};
  if (same_end) return verdict;
  verdict.expected = first.passed() ? "to pass again" : first.Summary() + ", again";
  verdict.actual = again.passed() ? "a pass" : again.Summary();
  return verdict;
}

Verdict Runner::Run(const Trace& trace) {
  const bool is_one_of_the_first = stats_.traces < kAlwaysCheckedTraces;
  Verdict verdict = RunOnce(trace);
  if (options_.determinism_share == 0 || target_->isolate) return verdict;
  if (verdict.passed() && !is_one_of_the_first && !ChosenForDeterminism(trace)) return verdict;
  return CompareRuns(trace, verdict, session_->digest());
}

}  // namespace slotproof
