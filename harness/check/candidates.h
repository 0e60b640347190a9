#ifndef SLOTPROOF_HARNESS_CHECK_CANDIDATES_H_
#define SLOTPROOF_HARNESS_CHECK_CANDIDATES_H_

#include <chrono>
#include <functional>

#include "harness/check/isolate.h"
#include "harness/check/runner.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

// Runs the candidates of a shrinker that seeks what ends a process. Most end none, and a process
// costs some milliseconds, a trace few microseconds. So one child runs them, one after the other,
// as long as it lives; what it does not survive gets a child of its own, which makes the verdict
// (isolate.h).

namespace slotproof {

// `together` runs a trace in the child that is kept, and `alone` in one of the trace's own. The
// result is `alone` where the outcome sought is not a death at once: a mismatch, a leak or a race,
// which a process tells at its end, a hang, which costs its time limit. Else its verdicts are those
// of deaths: what the child survives has passed, whatever its law says, and so has what it does not
// end within the time limit.
std::function<Verdict(const Trace&)> RunsOfCandidates(
    Outcome sought, const std::function<Verdict(const Trace&)>& together,
    const std::function<Verdict(const Trace&)>& alone, std::chrono::milliseconds time_limit);

// Candidates of a target, which must outlive the result.
std::function<Verdict(const Trace&)> RunsOfCandidates(const Target& target, Outcome sought,
                                                      const RunOptions& options,
                                                      const IsolateOptions& isolate);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_CANDIDATES_H_
