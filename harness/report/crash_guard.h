#ifndef SLOTPROOF_HARNESS_REPORT_CRASH_GUARD_H_
#define SLOTPROOF_HARNESS_REPORT_CRASH_GUARD_H_

#include <chrono>
#include <functional>
#include <string>

#include "harness/base/standby.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// For engines that run traces in their own process: when the process dies, the trace in flight is
// saved and the line that replays it is printed; then the process dies as it would have.
//
//   CrashGuard guard(target);
//   for each trace:  guard.Watch(trace);  run it;  guard.Unwatch();
//
//   the death                              the finding
//   SIGSEGV, SIGBUS, SIGFPE, SIGILL,       signal/SIGSEGV ...
//   SIGABRT
//   a sanitizer's                          sanitizer/heap-use-after-free ...
//   the time limit of one trace            hang/time limit, then SIGABRT
//   exit() within a trace                  signal/exit 7
//   SIGTERM, as of a test's time limit     hang/SIGTERM
//
// Watching a trace costs a few stores. Saving allocates nothing and takes no lock, for the heap may
// be in ruins and the locks held; all that it needs is made beforehand. When the file cannot be
// written, or not within seconds, the trace is written to standard error as hexadecimal raw input.
// ThreadSanitizer holds back the signals of the time limit and SIGTERM until the trace makes a
// system call.

namespace slotproof {

// What one trace may take: $SLOTPROOF_TIME_LIMIT in seconds, 0 for no limit; else a quarter of a
// Bazel test's $TEST_TIMEOUT, which leaves time to shrink what hangs, and a minute at most.
std::chrono::milliseconds TraceTimeLimit();

struct CrashGuardOptions {
  std::string found_by = "a property test";
  std::string directory = FindingsDirectory();
  std::chrono::milliseconds time_limit = TraceTimeLimit();  // 0: none
  // The line that replays a saved trace, given its path; without one, ReplayLine().
  std::function<std::string(const std::string& path)> replay = {};
  // Asked once the trace is saved, before the process dies, unless SIGTERM ends it: "SIGNATURE",
  // a line end and the raw input. Must outlive the guard.
  Standby* standby = nullptr;
};

// Guards may nest; the innermost is in charge. Made and destroyed by one thread.
class CrashGuard {
 public:
  explicit CrashGuard(const Target& target, CrashGuardOptions options = {});
  ~CrashGuard();
  CrashGuard(const CrashGuard&) = delete;
  CrashGuard& operator=(const CrashGuard&) = delete;

  // The trace must stay as it is until Unwatch() or the next Watch().
  void Watch(const Trace& trace);
  void Unwatch();

 private:
  struct State;
  State* state_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_REPORT_CRASH_GUARD_H_
