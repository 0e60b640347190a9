#ifndef SLOTPROOF_HARNESS_SCHED_CRASH_H_
#define SLOTPROOF_HARNESS_SCHED_CRASH_H_

namespace slotproof::sched {

// From now on a bad address that a scheduled program uses ends its schedule as a failure
// (Ending::kCrash), and not the process. Signals elsewhere do what they do without a handler. What
// handles SIGALRM by now (libFuzzer's limits of time) sees the real clock and calls the real
// functions, also when it interrupts a schedule.
void CatchCrashes();

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_CRASH_H_
