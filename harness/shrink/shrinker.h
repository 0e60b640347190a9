#ifndef SLOTPROOF_HARNESS_SHRINK_SHRINKER_H_
#define SLOTPROOF_HARNESS_SHRINK_SHRINKER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "harness/check/steps.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"
#include "harness/subject/vocabulary.h"

// Makes a failing trace small without losing its failure: small in what happens, not in lines alone
// (measure.h says what is smaller, in which order). Works on traces, so it serves every engine; how
// a trace is run (in this process or in a child) is the caller's.
//
// Passes, repeated until none helps; each takes what measures less:
//   1. cut the tail after the failing operation, then drop runs of operations, long ones first
//   2. merge keys and handles, lower counts and numbers, take the earliest choice that will do
//   3. move header fields toward 0, the plainest choice of each
//   4. replace an operation by a plainer one (an earlier one in the vocabulary)
// Then leaps: changes that make no trace smaller by themselves, but may allow smaller ones. The
// passes go on from there, and what they reach is kept when it measures less:
//   5. bursts, all or one, as the single operations that they performed
//   6. another choice, also a later one, in all operations that have it (a tighter limit)
//   7. another choice in a field of the header (a hash that puts all keys into one bucket), or one
//      of the first numbers (a seed)
//   8. two operations at once go
//   9. two changes at once (leaps.h)
//
// The result is 1-minimal: dropping any one operation loses the failure. Deterministic; bounded by
// the number of runs, of which leaps have a share of their own, and by `stop`.

namespace slotproof {

struct ShrinkProgress {
  std::size_t runs = 0;
  std::size_t ops = 0;  // of the smallest failing trace so far
};

struct ShrinkOptions {
  std::size_t max_runs = 200'000;
  // Of these. A hundred or so finish a trace of ten operations.
  std::size_t max_leap_runs = 20'000;
  // Bursts are replaced by what they stand for, whether that is shorter or not, and stay so.
  bool expand = false;
  // What a trace comes to when it runs. When empty, each operation counts as one, and bursts stay.
  std::function<TraceSteps(const Trace&)> steps_of = {};
  // Called now and then; may be empty.
  std::function<void(const ShrinkProgress&)> on_progress = {};
  // Asked before each run: true ends the search with the smallest trace so far. May be empty.
  std::function<bool()> stop = {};
};

// The runs for leaps when each is a process; fewer, when each that fails alike takes a time limit.
constexpr std::size_t LeapRunsOf(Outcome isolated) { return isolated == Outcome::kHang ? 20 : 400; }

struct ShrinkResult {
  Trace trace;
  Verdict verdict;  // of the trace
  std::size_t runs = 0;
  std::uint64_t steps = 0;   // single operations that the trace comes to
  bool has_bursts = false;   // of the trace, as far as is known
  bool one_minimal = false;  // false only when max_runs or stop ended the search
  bool stopped = false;      // by stop
};

using RunTrace = std::function<Verdict(const Trace&)>;

// `trace` must fail under `run`. A candidate is kept when it fails with the same signature.
ShrinkResult Shrink(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict,
                    const RunTrace& run, const ShrinkOptions& options = {});

// Simpler variants of the trace, the boldest first: the children of a node in a shrink tree.
// `index` counts from 0; nothing past the last.
std::optional<Trace> ShrinkCandidate(const Vocabulary& vocabulary, const Trace& trace,
                                     std::size_t index);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SHRINK_SHRINKER_H_
