#ifndef SLOTPROOF_HARNESS_ENGINE_PROPERTY_H_
#define SLOTPROOF_HARNESS_ENGINE_PROPERTY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "harness/check/runner.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

// The property engine: RapidCheck draws traces from our generator and walks our shrink tree. What
// it reports is then made 1-minimal, printed, saved, and followed by the one line that replays it.
//
// A trace that ends the process (a crash, a sanitizer's report, a hang, an exit) is saved on the
// spot, and then shrunk by a process that was forked before the first trace. The law as it was then
// must be able to judge any trace.
//
// RC_PARAMS sets seed and effort as for any RapidCheck test ("seed=7 max_success=1000": ten times
// the traces of the default 100), but for the seed, which is 1 when nobody says another.
// SLOTPROOF_TRACE=FILE runs that trace alone, through any law. SLOTPROOF_LAWS=NAME chooses laws of
// the target, in tests that ask for it with UnderLawsOfEnvironment().

namespace slotproof {

// Says whether a trace upholds a law. Must give the same verdict for the same trace.
using TraceLaw = std::function<Verdict(const Trace&)>;

struct PropertyResult {
  bool passed = false;
  Trace trace;              // when failed: 1-minimal
  Verdict verdict;          // of that trace
  std::uint64_t steps = 0;  // single operations that run in it
  bool one_minimal = true;  // false when the search ended before it was
  std::string file;         // where it was saved; empty when it could not be
};

struct PropertyOptions {
  std::size_t traces = 1000;  // at RapidCheck's default of max_success=100
  std::size_t max_ops = 300;
  // Fail a run that passes when it missed a goal of the target. A run that fails stopped early, and
  // its missed goals mean nothing.
  bool reach_goals = false;
  // For how long what ends the process is made smaller, at most.
  std::chrono::milliseconds most_search{60'000};
  // Told of what was found and shrunk; of what ends the process in the one that shrinks it.
  const std::function<void(const PropertyResult&)>* on_falsified = nullptr;
};

// Checks the law over generated traces. `statement` is the law in one line. The law is not a plain
// run of the target, so its failures replay through the test itself, which is named here
// ("//properties:map_laws_test").
PropertyResult CheckLaw(const Target& target, const std::string& statement, const TraceLaw& law,
                        const std::string& test_label, const PropertyOptions& options = {});

// Checks that target and model agree over generated traces. Failures replay with the command. Says
// of how many of the runs that were repeated (RunOptions::determinism_share) the repetition did the
// same.
PropertyResult CheckAgreement(Runner& runner, const PropertyOptions& options = {});

// Prints how often each of the target's goals was reached; false, and their names, when some were
// missed.
bool CheckGoals(const Target& target, const GoalCounts& counts);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_PROPERTY_H_
