#include <array>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// Programs of SCTBench's set CS whose threads are many of two kinds. The originals split a width
// into the two kinds in different ways (reorder_20 has ten of each, reorder_100 has 99 and 1), and
// how many schedules one needs depends on that: the table below has their numbers.

namespace slotproof::bench {
namespace {

template <auto kFirst, int kFirstCount, auto kSecond, int kSecondCount, typename State>
void RunTwoKinds(State& state) {
  std::array<Thread, kFirstCount> first;
  std::array<Thread, kSecondCount> second;
  for (Thread& thread : first) thread = Start<kFirst>(state);
  for (Thread& thread : second) thread = Start<kSecond>(state);
  for (const Thread& thread : first) thread.Join();
  for (const Thread& thread : second) thread.Join();
}

// Setters write a and then b, checkers expect to see neither or both; they read each again for the
// second half of the condition, so that a setter that comes by as a whole is not seen. A check
// fails between the first write of a and the first of b: 1 preemption, of that setter, while all
// the other setters wait too.
struct Pair {
  Racy<int> a = 0;
  Racy<int> b = 0;
};

void Set(Pair& pair) {
  pair.a = 1;
  pair.b = -1;
}

void Check(Pair& pair) {
  Require((pair.a == 0 && pair.b == 0) || (pair.a == 1 && pair.b == -1),
          "a and b are not of one time");
}

template <int kSetters, int kCheckers>
void Reorder() {
  Pair pair;
  RunTwoKinds<Set, kSetters, Check, kCheckers>(pair);
}

// Writers set the first number under one lock and the second under another. Readers that see the
// first expect to see the second: they fail between the first writer's two stages. 1 preemption.
struct Stages {
  std::mutex first_mutex;
  std::mutex second_mutex;
  Racy<int> first = 0;  // the second stage reads it under its own lock only
  int second = 0;
};

void WriteStages(Stages& stages) {
  {
    const std::lock_guard lock(stages.first_mutex);
    stages.first = 1;
  }
  const std::lock_guard lock(stages.second_mutex);
  stages.second = stages.first + 1;
}

void ReadStages(Stages& stages) {
  int first;
  {
    const std::lock_guard lock(stages.first_mutex);
    if (stages.first == 0) return;
    first = stages.first;
  }
  int second;
  {
    const std::lock_guard lock(stages.second_mutex);
    second = stages.second;
  }
  Require(second == first + 1, "the first stage is done and the second is not");
}

template <int kWriters, int kReaders>
void TwoStage() {
  Stages stages;
  RunTwoKinds<WriteStages, kWriters, ReadStages, kReaders>(stages);
}

// One thread expects its increment to be the only one while it holds the lock; the others hold
// another lock. 1 preemption.
struct WrongLock {
  std::mutex mutex;
  std::mutex other_mutex;
  Racy<int> value = 0;
};

void IncrementAlone(WrongLock& state) {
  const std::lock_guard lock(state.mutex);
  const int before = state.value;
  ++state.value;
  Require(state.value == before + 1, "the number changed under the lock");
}

void IncrementUnderOtherLock(WrongLock& state) {
  const std::lock_guard lock(state.other_mutex);
  ++state.value;
}

template <int kOthers>
void RunWrongLock() {
  WrongLock state;
  RunTwoKinds<IncrementAlone, 1, IncrementUnderOtherLock, kOthers>(state);
}

constexpr std::string_view kReorder = "a check between two writes of the first setter";
constexpr std::string_view kTwoStage = "a read between the two stages of the first writer";
constexpr std::string_view kWrongLock = "the others hold another lock";

constexpr Program kPrograms[] = {
    {"CS/reorder_10", Reorder<9, 1>, 11, kReorder},
    {"CS/reorder_100", Reorder<99, 1>, 101, kReorder},
    {"CS/reorder_20", Reorder<10, 10>, 21, kReorder},
    {"CS/reorder_3", Reorder<2, 1>, 4, kReorder},
    {"CS/reorder_4", Reorder<3, 1>, 5, kReorder},
    {"CS/reorder_5", Reorder<4, 1>, 6, kReorder},
    {"CS/reorder_50", Reorder<40, 10>, 51, kReorder},
    {"CS/twostage", TwoStage<1, 1>, 3, kTwoStage},
    {"CS/twostage_100", TwoStage<99, 1>, 101, kTwoStage},
    {"CS/twostage_20", TwoStage<10, 10>, 21, kTwoStage},
    {"CS/twostage_50", TwoStage<40, 10>, 51, kTwoStage},
    {"CS/wronglock", RunWrongLock<7>, 9, kWrongLock},
    {"CS/wronglock_3", RunWrongLock<3>, 5, kWrongLock},
};

}  // namespace

std::span<const Program> WidePrograms() { return kPrograms; }

}  // namespace slotproof::bench
