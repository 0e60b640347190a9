#include "harness/sched/runtime.h"

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sched/arena.h"
#include "harness/sched/behaviour/runtime_programs.h"
#include "harness/sched/crash.h"
#include "harness/sched/explore.h"

namespace slotproof::sched {
namespace {

// The thread that runs goes on, whatever it does, as long as it can.
class Stubborn final : public Strategy {
 public:
  ThreadId Pick(const View& view) override {
    return view.enabled.Has(view.current) ? view.current : view.enabled.First();
  }
};

// The one that was created last goes first: in programs of two threads the second one.
class LastFirst final : public Strategy {
 public:
  ThreadId Pick(const View& view) override { return view.enabled.Nth(view.enabled.size() - 1); }
};

class Answers final : public Strategy {
 public:
  explicit Answers(ThreadId answer) : answer_(answer) {}
  ThreadId Pick(const View&) override { return answer_; }
  bool PicksAlone() const override { return true; }

 private:
  ThreadId answer_;
};

class RuntimeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { CatchCrashes(); }
  RuntimeTest() { Runtime::Get().Forget(); }

  static const RunResult& RunStubborn(const Program& program, const RunOptions& options = {}) {
    Stubborn stubborn;
    return RunOnce(program, stubborn, options);
  }
};

// What thread 2 of the program sees when thread 1 stops there.
int SeenAt(Operations operations, std::string_view schedule, bool* moved = nullptr) {
  const Replayed replayed = ReplaySchedule([&] { operations.Run(); }, *ParseSchedule(schedule));
  EXPECT_EQ(replayed.result.ending, Ending::kDone);
  if (moved != nullptr) *moved = replayed.moved;
  return operations.seen;
}

time_t alarm_seconds;

// Law: what handles SIGALRM is not part of the program that it interrupts: it sees the real clock.
TEST_F(RuntimeTest, AnAlarmSeesTheRealClock) {
  signal(SIGALRM, [](int) { alarm_seconds = time(nullptr); });
  CatchCrashes();
  const time_t begun = time(nullptr);
  time_t seen = 0;
  const RunResult& result = RunStubborn([&] {
    raise(SIGALRM);
    seen = time(nullptr);
  });
  signal(SIGALRM, SIG_DFL);
  EXPECT_EQ(result.ending, Ending::kDone) << result.message;
  EXPECT_GE(alarm_seconds, begun);
  EXPECT_LT(seen, begun);
}

// Law: a thread's points are counted from 1 in each of its operations.
TEST_F(RuntimeTest, PointsAreCountedInEachOperation) {
  EXPECT_EQ(SeenAt({}, "-"), 3);
  for (int operation = 1; operation <= 3; ++operation) {
    const std::string at = "t1." + std::to_string(operation) + "@1>t2";
    EXPECT_EQ(SeenAt({}, at), operation - 1) << at;
  }
}

// Law: what other operations do does not change what a switch means.
TEST_F(RuntimeTest, ASwitchMeansTheSameWhateverOtherOperationsDo) {
  for (int before = 0; before < 20; ++before) {
    EXPECT_EQ(SeenAt({.stores = 3, .before = before}, "t1.2@1>t2"), 1);
    EXPECT_EQ(SeenAt({.stores = 3, .before = before}, "t1.3@1>t2"), 2);
    EXPECT_EQ(SeenAt({.stores = 3, .before = before}, "t1.1@" + std::to_string(before + 1) + ">t2"),
              0);
  }
}

// Law: a replay says so when a switch of its schedule did not happen.
TEST_F(RuntimeTest, AScheduleThatCannotHappenHasMoved) {
  bool moved = true;
  SeenAt({}, "-", &moved);
  EXPECT_FALSE(moved);
  SeenAt({}, "t1.2@1>t2", &moved);
  EXPECT_FALSE(moved);
  // No such operation, point or thread, or one that has ended.
  for (const char* const schedule : {"t1.9@1>t2", "t1.2@9>t2", "t1.2@1>t3", "t3@1>t1",
                                     "t1.1@1>t2 t1.2@1>t2", "t2.1@1>t1", "t1.2@0>t2"}) {
    SeenAt({}, schedule, &moved);
    EXPECT_TRUE(moved) << schedule;
  }
}

TEST_F(RuntimeTest, AReplaySaysWhichSwitchesHappened) {
  Operations operations;
  Replay replay(*ParseSchedule("t1.1@1>t2 t1.2@1>t2 t1.9@9>t2"));
  RunOnce([&] { operations.Run(); }, replay, {});
  EXPECT_EQ(replay.happened(), std::vector<bool>({true, false, false}));
}

// Law: a thread that computes for ever lets others run after a slice, though nothing of what it
// touches is anybody else's.
TEST_F(RuntimeTest, ALongComputationLetsOthersRun) {
  LongComputation computation;
  const RunOptions options = {.max_points = 10'000'000, .slice_points = 500};
  const RunResult& result = RunStubborn([&] { computation.Run(); }, options);
  EXPECT_EQ(result.ending, Ending::kDone) << result.message;
  EXPECT_EQ(computation.found, 1);
  EXPECT_GT(result.points, computation.rounds);
  LongComputation in_one_slice;
  const RunResult& whole = RunStubborn([&] { in_one_slice.Run(); },
                                       {.max_points = 10'000'000, .slice_points = 10'000'000});
  EXPECT_EQ(whole.ending, Ending::kDone) << whole.message;
  EXPECT_EQ(in_one_slice.found, 2);
}

// Law: a thread that waits in a loop lets others go on, also where the strategy never would.
TEST_F(RuntimeTest, LoopsThatWaitLetOthersGoOn) {
  for (void (*const program)() :
       {SpinsOnAnAtomic, SpinsOnTryLock, SpinsWithYield, SpinsWithCompareExchange}) {
    Runtime::Get().Forget();
    // Contended memory has to be learnt.
    for (int i = 0; i < 5; ++i) {
      const RunResult& result = RunStubborn(program, {.max_points = 5'000});
      EXPECT_EQ(result.ending, Ending::kDone) << result.message;
      EXPECT_LT(result.points, 200);
      LastFirst last_first;
      EXPECT_EQ(RunOnce(program, last_first, {.max_points = 5'000}).ending, Ending::kDone);
    }
  }
}

TEST_F(RuntimeTest, WhatNeverEndsIsStopped) {
  const RunResult& result = RunStubborn(NeverEnds, {.max_points = 777});
  EXPECT_EQ(result.ending, Ending::kLivelock);
  EXPECT_EQ(result.message, "no end after 777 points");
  EXPECT_EQ(result.points, 778);
}

// Law: there is room for all threads that can be told apart, and no more.
TEST_F(RuntimeTest, ThereAreAsManyThreadsAsNumbers) {
  const RunResult& most = RunStubborn([] { StartThreads(kMaxThreads - 1); });
  EXPECT_EQ(most.ending, Ending::kDone) << most.message;
  EXPECT_EQ(most.threads, kMaxThreads);
  const RunResult& more = RunStubborn([] { StartThreads(kMaxThreads); });
  EXPECT_EQ(more.ending, Ending::kUnsupported);
  EXPECT_EQ(more.message, "more than 128 threads");
}

// Law: a schedule that failed leaves nothing: no memory, locks, exceptions or variables.
TEST_F(RuntimeTest, AFailureLeavesNothing) {
  for (int i = 0; i < 20; ++i) {
    const RunResult& failed = RunStubborn(FailsWithMuchMemory);
    ASSERT_EQ(failed.ending, Ending::kFailed);
    ASSERT_EQ(failed.message, "all is left as it is");
    EXPECT_EQ(std::uncaught_exceptions(), 0);
    EXPECT_EQ(std::current_exception(), nullptr);
    const RunResult& next = RunStubborn(FindsNothingOfOthers);
    ASSERT_EQ(next.ending, Ending::kDone) << next.message;
  }
}

// Law: the same seed gives the same schedules, step for step, however often it is asked.
TEST_F(RuntimeTest, TheSameSeedGivesTheSameSteps) {
  for (std::size_t name = 0; name < kStrategies; ++name) {
    std::vector<std::uint64_t> first;
    std::set<std::uint64_t> different;
    for (int time = 0; time < 30; ++time) {
      Runtime::Get().Forget();
      Choices choices(11);
      Mix mix(static_cast<StrategyName>(name), choices);
      std::vector<std::uint64_t> digests;
      for (int i = 0; i < 8; ++i) {
        const RunResult& result = RunOnce(MixOfEverything, mix, {});
        digests.push_back(result.digest ^ result.points << 32 ^ result.decisions);
        different.insert(result.digest);
      }
      if (time == 0) first = digests;
      ASSERT_EQ(digests, first) << NameOf(static_cast<StrategyName>(name));
    }
    EXPECT_GT(different.size(), 2);
  }
}

// Law: one schedule replayed two hundred times takes the same steps.
TEST_F(RuntimeTest, AReplayTakesTheSameSteps) {
  const std::optional<Found> found = FindFailure(MixOfEverything, StrategyName::kUniform, 3, 1'000);
  ASSERT_TRUE(found);
  std::set<std::uint64_t> digests;
  for (int i = 0; i < 200; ++i) {
    const Replayed replayed = ReplaySchedule(MixOfEverything, found->result.schedule);
    ASSERT_FALSE(replayed.moved);
    ASSERT_EQ(replayed.result.message, found->result.message);
    ASSERT_EQ(replayed.result.points, found->result.points);
    digests.insert(replayed.result.digest);
  }
  EXPECT_EQ(digests.size(), 1);
}

// Law: that a thread yielded is in its schedule. Where nothing is known of what is contended, it
// does not yield by itself.
TEST_F(RuntimeTest, AScheduleHasWhereThreadsYielded) {
  const RunOptions options = {.races_fail = false};
  const std::optional<Found> found =
      FindFailure(SpinsOnPlainMemory, StrategyName::kUniform, 3, 10'000, options);
  ASSERT_TRUE(found);
  Runtime::Get().Forget();
  const Replayed replayed = ReplaySchedule(SpinsOnPlainMemory, found->result.schedule, options);
  EXPECT_EQ(replayed.result.message, found->result.message);
  EXPECT_EQ(replayed.result.points, found->result.points);
  EXPECT_FALSE(replayed.moved);
}

TEST_F(RuntimeTest, AnInnerPointerIsNotFreed) {
  const RunResult& result = RunStubborn(FreesAnInnerPointer);
  EXPECT_EQ(result.ending, Ending::kUseAfterFree);
  EXPECT_EQ(result.message, "t0: free of an address that no allocation returned");
}

// Law: a race is told with both its accesses, and ends the schedule only if it is to.
TEST_F(RuntimeTest, ARaceIsTold) {
  for (const bool fail : {true, false}) {
    const RunResult& result = RunStubborn(ReadsWhatAnotherWrites, {.races_fail = fail});
    EXPECT_EQ(result.ending, fail ? Ending::kRace : Ending::kDone);
    ASSERT_TRUE(result.race);
    EXPECT_EQ(result.race->earlier.thread, 1);
    EXPECT_TRUE(result.race->earlier.event.may_write);
    EXPECT_EQ(result.race->later.thread, 2);
    EXPECT_FALSE(result.race->later.event.may_write);
    EXPECT_NE(result.race->earlier.event.pc, result.race->later.event.pc);
    if (fail) {
      EXPECT_EQ(result.message, "t2 read of 4 bytes races with t1 write of 4 bytes");
    }
  }
}

TEST_F(RuntimeTest, ADeadlockSaysWhoWaitsForWhat) {
  const RunResult& result = RunStubborn(DeadlockOfTwoLocks);
  EXPECT_EQ(result.ending, Ending::kDeadlock);
  EXPECT_EQ(result.message, "t0 waits for the end of t1; t1 waits for a lock of t0");
}

// Law: a strategy that gives up ends the schedule, and that is no failure; one that answers what
// cannot be is told so.
TEST_F(RuntimeTest, StrategiesMayGiveUpAndMustNotInvent) {
  Answers gives_up(kNoThread);
  const RunResult& given_up = RunOnce([] { StartThreads(2); }, gives_up, {});
  EXPECT_EQ(given_up.ending, Ending::kGivenUp);
  EXPECT_FALSE(given_up.failed());
  Answers invents(77);
  const RunResult& invented = RunOnce([] { StartThreads(2); }, invents, {});
  EXPECT_EQ(invented.ending, Ending::kNondeterminism);
  EXPECT_TRUE(invented.failed());
}

TEST_F(RuntimeTest, NothingIsLeftOfAScheduleOutsideOfIt) {
  RunStubborn(ReturnsAtOnce);
  EXPECT_FALSE(Runtime::Active());
  const auto outside = std::make_unique<int>(1);
  EXPECT_FALSE(Arena::Contains(reinterpret_cast<std::uintptr_t>(outside.get())));
}

}  // namespace
}  // namespace slotproof::sched
