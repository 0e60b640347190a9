#ifndef SLOTPROOF_HARNESS_SHRINK_SHRINKER_H_
#define SLOTPROOF_HARNESS_SHRINK_SHRINKER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"
#include "harness/subject/vocabulary.h"

// Makes a failing trace small without losing its failure. Works on traces alone, so it serves every
// engine; how a trace is run (in this process or in a child) is the caller's.
//
// Passes, repeated until none helps:
//   1. cut the tail after the failing operation, then drop runs of operations, long ones first
//   2. merge keys and handles, lower counts and numbers, take the earliest choice that will do
//   3. move header fields toward 0, the plainest choice of each
//   4. replace an operation by a plainer one (an earlier one in the vocabulary)
//
// The result is 1-minimal: dropping any one operation loses the failure. Deterministic.

namespace slotproof {

struct ShrinkProgress {
  std::size_t runs = 0;
  std::size_t ops = 0;  // of the smallest failing trace so far
};

struct ShrinkOptions {
  std::size_t max_runs = 200'000;
  // Called now and then; may be empty.
  std::function<void(const ShrinkProgress&)> on_progress = {};
  // Asked before each run: true ends the search with the smallest trace so far. May be empty.
  std::function<bool()> stop = {};
};

struct ShrinkResult {
  Trace trace;
  Verdict verdict;  // of the trace
  std::size_t runs = 0;
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
