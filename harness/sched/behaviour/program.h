#ifndef SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_PROGRAM_H_
#define SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_PROGRAM_H_

#include <string_view>

#include "harness/sched/fail.h"

namespace slotproof::sched {

// A small program that says by Fail() what is not as it should be.
struct SmallProgram {
  std::string_view name;
  void (*run)();
  // All ways in which it ends, sorted: names of endings with "_" for blanks.
  std::string_view endings = "done";
};

inline void Check(bool is, const char* what) {
  if (!is) Fail(what);
}

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_PROGRAM_H_
