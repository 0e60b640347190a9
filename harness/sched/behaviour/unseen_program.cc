#include "harness/sched/behaviour/unseen_program.h"

#include <unistd.h>

namespace slotproof::sched {

void CountUnseen(int* count) {
  __asm__ volatile("lock incl %0" : "+m"(*count));
  __asm__ volatile("mfence" ::: "memory");
  *count += getppid() == 0 ? 1 : 0;
}

}  // namespace slotproof::sched
