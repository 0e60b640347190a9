#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_SEED_CORPUS_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_SEED_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/report/crash_guard.h"
#include "harness/subject/goals.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

// The inputs that a fuzzer starts from: few, small traces which together reach every goal of the
// target, made from fixed seeds, so that anyone can make the same ones again; and the promise that
// a corpus reaches every goal, checked.
//
//   generate until each goal was reached -> for the rarest goal left, its shortest trace
//     -> shrink it while it still reaches what it alone brings -> next goal, until none is left
//
// Seeds pass. What fails meanwhile is shrunk and told, and the others make the corpus: a subject
// with a bug can be fuzzed before the bug is fixed.

namespace slotproof {

struct SeedCorpusOptions {
  std::uint64_t seed = 1;
  std::size_t max_ops = 400;            // of a generated trace
  std::size_t min_traces = 2'000;       // generated, for short ones to choose from
  std::size_t max_traces = 200'000;     // after which goals count as missed
  std::size_t max_failures = 1'000;     // after which no more is generated
  std::size_t max_shrink_runs = 4'000;  // a trace
  // Runs each trace in a child, for a subject that ends the process.
  bool isolate = false;
  // Told of each trace that runs in this process; may be null.
  CrashGuard* guard = nullptr;

  // For a subject that ended the process: a run is a process, and a hang takes a while.
  static SeedCorpusOptions Isolated();
};

struct SeedTrace {
  std::string goal;  // the rarest one that it was chosen for
  Trace trace;
};

struct SeedFailure {
  Trace trace;
  Verdict verdict;
};

struct SeedCorpus {
  std::vector<SeedTrace> traces;
  std::vector<std::string> missed_goals;
  std::size_t generated = 0;
  std::size_t failed = 0;             // of them
  std::vector<SeedFailure> failures;  // one a signature, shrunk
};

SeedCorpus BuildSeedCorpus(const Target& target, const SeedCorpusOptions& options = {});

// One raw input a trace, named after its goal; the folder is made. Returns how many were written.
Expected<std::size_t> WriteSeedCorpus(const Target& target, const SeedCorpus& corpus,
                                      const std::string& dir);

struct CorpusCheck {
  std::size_t files = 0;
  GoalCounts hits;  // inputs that reach the goal
  std::vector<std::string> missed_goals;
  std::vector<std::string> failures;  // "FILE: verdict"

  bool kept() const { return missed_goals.empty() && failures.empty(); }
};

// Runs every raw input and trace file in the folder, in this process.
Expected<CorpusCheck> CheckCorpus(const Target& target, const std::string& dir);

// A line a goal with its hits; then what is missing, by name.
void PrintCorpusCheck(const Target& target, const CorpusCheck& check, std::ostream& out);

// The main() of a program that makes and checks corpora and dictionaries for these targets:
//
//   PROGRAM TARGET DIR          writes the seed corpus; exits with 1 when a trace failed, which is
//                               saved and printed, or a goal was missed
//   PROGRAM --check TARGET DIR  exits with 1 when DIR misses a goal or an input in it fails
//   PROGRAM --dict TARGET       prints the dictionary
int CorpusMain(std::span<const Target* const> targets, std::span<const char* const> args,
               std::ostream& out, std::ostream& err);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_SEED_CORPUS_H_
