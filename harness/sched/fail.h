#ifndef SLOTPROOF_HARNESS_SCHED_FAIL_H_
#define SLOTPROOF_HARNESS_SCHED_FAIL_H_

namespace slotproof::sched {

// The program under test has met its bug: ends the schedule as a failure with this message. Outside
// of a schedule it ends the process.
[[noreturn]] void Fail(const char* message);

// The calling thread begins its next operation, from which its points are counted anew. Outside of
// a schedule it does nothing.
void BeginOperation();

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_FAIL_H_
