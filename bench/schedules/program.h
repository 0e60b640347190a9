#ifndef SLOTPROOF_BENCH_SCHEDULES_PROGRAM_H_
#define SLOTPROOF_BENCH_SCHEDULES_PROGRAM_H_

#include <span>
#include <string_view>

#include "harness/sched/fail.h"

// Small concurrent programs with one bug each that few interleavings show: what a strategy for
// choosing schedules is measured by.
//
// They have the names, the threads and the bugs of programs in public benchmark sets (SCTBench,
// ConVul, RADBench, SafeStack), so that published.h says how many schedules others need, but are
// written anew. A program is a function that makes its threads, joins them and can be called again
// and again: all of its state lives in the call. Its bug shows itself as one of
//
//   Fail()            by Require(), where the original has an assertion
//   a deadlock        all threads wait: the scheduler sees it
//   use after free    of real memory from new: the scheduler sees it. Also a second delete
//   a null pointer    by Require() in front of its use, so that the process lives on
//
// A data race is no failure by itself: many of the programs have some that do no harm. What is read
// and written without a lock on purpose is a Racy (racy.h).
//
// The programs do no I/O, know no time and draw nothing at random. Loops that wait for another
// thread without a lock call std::this_thread::yield().

namespace slotproof::bench {

struct Program {
  std::string_view name;  // "CS/reorder_10"
  void (*run)();
  int threads;  // with the one that calls run()
  std::string_view bug;
};

// All of them, set by set.
std::span<const Program> Programs();

inline void Require(bool holds, const char* what) {
  if (!holds) sched::Fail(what);
}

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_SCHEDULES_PROGRAM_H_
