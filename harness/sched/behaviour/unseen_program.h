#ifndef SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_UNSEEN_PROGRAM_H_
#define SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_UNSEEN_PROGRAM_H_

namespace slotproof::sched {

// Does what no scheduler of calls sees: inline assembly, and a call into a library.
void CountUnseen(int* count);

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_UNSEEN_PROGRAM_H_
