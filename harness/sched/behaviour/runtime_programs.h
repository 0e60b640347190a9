#ifndef SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_RUNTIME_PROGRAMS_H_
#define SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_RUNTIME_PROGRAMS_H_

#include <cstddef>
#include <cstdint>

namespace slotproof::sched {

// Programs that show what the scheduler does with threads, for runtime_test and strategies_test.

// Thread 1 stores 1 to `stores` into x, each in an operation of its own, after `before` other
// accesses in its first operation. Thread 2 reads x.
struct Operations {
  int stores = 3;
  int before = 0;
  int seen = -1;

  void Run();
};

// Thread 1 computes without touching what anybody else touches; thread 2 says what
// it found.
struct LongComputation {
  std::size_t rounds = 100'000;
  int found = -1;  // 1 before it was ready, 2 after

  void Run();
};

// Thread 1 waits in a loop for what thread 2 does.
void SpinsOnAnAtomic();
void SpinsOnTryLock();
void SpinsWithYield();
void SpinsWithCompareExchange();

// Fails when thread 2 had to wait. A race, and a loop all the same.
void SpinsOnPlainMemory();

// A thread for each of so many.
void StartThreads(std::size_t count);

// Allocates much and fails, within a handler of an exception.
void FailsWithMuchMemory();
// What another schedule has left: fails if there is anything.
void FindsNothingOfOthers();

// Threads that allocate, compare addresses, lock and count: many points.
void MixOfEverything();

void FreesAnInnerPointer();
void NeverEnds();
void ReadsWhatAnotherWrites();
void DeadlockOfTwoLocks();
void ReturnsAtOnce();

// A bug of depth 2: thread 2's step comes between two of thread 1's.
void FailsBetweenTwoSteps();
// A bug of depth 3: the threads' steps alternate.
void FailsWhenStepsAlternate();

// Two pairs of threads, each at a word of its own: who came first, 0 to 3.
struct TwoPairs {
  std::size_t order = 0;

  void Run();
};
// Two threads with two steps each, at one word: a number for each order of the four.
struct FourSteps {
  std::size_t order = 0;

  void Run();
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_BEHAVIOUR_RUNTIME_PROGRAMS_H_
