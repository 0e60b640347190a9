#ifndef SLOTPROOF_HARNESS_CHECK_ISOLATE_H_
#define SLOTPROOF_HARNESS_CHECK_ISOLATE_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "harness/check/runner.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

// Runs a trace in a child process and makes a verdict of whatever becomes of it:
//
//   what becomes of the child             outcome       law
//   it sends a verdict                    the verdict's
//   a sanitizer's report                  kSanitizer    "heap-use-after-free Map::Grow"
//   ThreadSanitizer's data race           kRace         "data race Map::Grow"
//   LeakSanitizer's report at the end     kLeak         "leak Map::Grow"
//   it dies of a signal                   kSignal       "SIGSEGV", "SIGABRT assertion n < size"
//   it exits                              kSignal       "exit 7"
//   one operation reaches the time limit  kHang         "time limit"
//
// The operation that was running is known in each case, but for a law's: what runs there is not
// known, and the whole of it has the time limit of one operation.

namespace slotproof {

struct IsolateOptions {
  // Of one operation or one walk: a trace of many may take long without being a hang.
  std::chrono::milliseconds time_limit{20'000};
  // Ask LeakSanitizer, where there is one, after a run that passed.
  bool check_leaks = true;
};

// True when this outcome is the end of a process, so that a trace that has it needs a child.
bool EndsTheProcess(Outcome outcome);

// What the candidates of a shrinker get, which seeks this outcome: one that hangs costs the whole
// limit, so they have a tenth of it, but four times as long as the trace took that is made smaller;
// and only a leak is worth looking for leaks.
IsolateOptions ForCandidates(IsolateOptions options, Outcome outcome,
                             std::chrono::milliseconds took);

struct IsolatedRun {
  Verdict verdict;
  RunStats stats;  // of a child that lived to send them, as these are:
  std::vector<Remark> remarks;
  std::string report;  // what the child wrote to standard error
  std::chrono::milliseconds took{};
};

IsolatedRun RunIsolatedWithReport(const Target& target, const Trace& trace,
                                  const RunOptions& options = {},
                                  const IsolateOptions& isolate = {});

inline Verdict RunIsolated(const Target& target, const Trace& trace, const RunOptions& options = {},
                           const IsolateOptions& isolate = {}) {
  return RunIsolatedWithReport(target, trace, options, isolate).verdict;
}

// Any law over a trace. The verdict on a death has the trace's length as its operation.
Verdict RunLawIsolated(const std::function<Verdict(const Trace&)>& law, const Trace& trace,
                       const IsolateOptions& isolate = {});

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_ISOLATE_H_
