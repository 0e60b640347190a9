#include "subjects/heap/heap_session.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/expanded_traces.h"
#include "harness/trace/text.h"
#include "subjects/heap/targets.h"

namespace slotproof {
namespace {

Trace Parse(std::string_view ops, std::string_view header = "mutators=1") {
  const Target* const targets[] = {&HeapTarget()};
  const std::string text =
      "slotproof-trace 1\ntarget heap\nheader " + std::string(header) + "\n" + std::string(ops);
  const Expected<TargetTrace> parsed = ParseTrace(text, "test", targets);
  if (!parsed) ADD_FAILURE() << parsed.error().message;
  return parsed ? parsed->trace : Trace{};
}

// A trace that passes, with a walk after each operation. What it saw is what its own operations
// did, without the collections at the end of each trace.
class Ran {
 public:
  explicit Ran(const std::string& ops, std::string_view header = "mutators=1") {
    Runner whole(HeapTarget(), {.check_every_op = true, .determinism_share = 1});
    const Verdict verdict = whole.Run(Parse(ops, header));
    EXPECT_TRUE(verdict.passed()) << verdict.Summary() << "\n" << ops;
    const Trace trace = Parse(ops + "mark x1\n", header);
    Runner part(HeapTarget(), {.stop_before = trace.ops.size() - 1});
    EXPECT_TRUE(part.Run(trace).passed());
    goals_ = part.session().goals();
    drawing_ = part.session().Draw();
  }
  bool Saw(HeapGoal goal) const { return goals_[static_cast<std::size_t>(goal)] != 0; }
  // At the end.
  const std::string& drawing() const { return drawing_; }
  // Its line of the registers of the first mutator.
  std::string registers() const {
    const std::size_t begin = drawing_.find("stack m0*");
    if (begin == std::string::npos) return "";
    return drawing_.substr(begin, drawing_.find('\n', begin) - begin);
  }

 private:
  GoalCounts goals_;
  std::string drawing_;
};

// o1 has been scanned, o2 is about to be, and nobody has come to o3.
constexpr std::string_view kHalfMarked =
    "alloc r0 pair\n"
    "alloc r1 pair\n"
    "alloc r2 pair\n"
    "store r0 f0 r1\n"
    "store r1 f1 r2\n"
    "nil r1\n"
    "nil r2\n"
    "begin_cycle\n"
    "mark x7\n";

TEST(HeapSession, ADrawingShowsColoursDuringMarking) {
  EXPECT_EQ(Ran(std::string(kHalfMarked)).drawing(),
            "marking, 3 objects\n"
            "stack m0* (black)  r0 = o1 (black)\n"
            "o1 (black)  pair  f0 -> o2 (grey)\n"
            "o2 (grey)  pair  f1 -> o3 (white)\n"
            "o3 (white)  pair\n"
            "spans (a allocated, M marked, . free)\n"
            "  16 bytes, pointers  MMa............................................................."
            " and 448 more\n");
}

TEST(HeapSession, ADrawingShowsWhatASweepWillTake) {
  const Ran ran(
      "alloc r0 node\n"
      "alloc r1 node\n"
      "set_global g2 r0\n"
      "nil r0\n"
      "nil r1\n"
      "begin_cycle\n"
      "finish_marking\n");
  EXPECT_EQ(ran.drawing(),
            "sweeping, 2 objects\n"
            "globals  g2 = o1 (black)\n"
            "o1 (black)  node\n"
            "o2 (white)  node\n"
            "spans (a allocated, M marked, . free)\n"
            "  24 bytes, pointers, unswept  "
            "Ma.............................................................. and 277 more\n");
}

TEST(HeapSession, AnAnnotationSaysWhichObjectARegisterStandsFor) {
  const Trace trace = Parse(std::string(kHalfMarked) + "store r1 f0 r0\n");
  Runner runner(HeapTarget(), {.stop_before = trace.ops.size() - 1});
  EXPECT_TRUE(runner.Run(trace).passed());
  EXPECT_EQ(runner.session().Annotate(trace.ops.back()),
            "a is r0 = o1 (black), b is r0 = o1 (black)");
}

TEST(HeapSession, TinyObjectsShareABlockThatLivesAsLongAsAnyOfThem) {
  const std::string ops =
      "alloc r0 tiny1\n"
      "alloc r1 tiny6\n"
      "alloc r2 tiny8\n"
      "alloc r3 tiny12\n"
      "alloc r4 tiny1\n";
  EXPECT_EQ(Ran(ops).registers(), "stack m0*  r0 = o1  r1 = o1+2  r2 = o1+8  r3 = o2  r4 = o2+12");
  const std::string last = ops + "nil r0\nnil r1\nnil r3\nnil r4\ncollect\n";
  EXPECT_FALSE(Ran(last).Saw(HeapGoal::kGarbageFreed)) << "caches hold o2 through this cycle";
  EXPECT_TRUE(Ran(last + "collect\n").Saw(HeapGoal::kGarbageFreed));
  EXPECT_EQ(Ran(last + "collect\n").registers(), "stack m0*  r2 = o1+8");
}

TEST(HeapSession, APointerIntoAnObjectKeepsIt) {
  const Ran ran(
      "alloc r0 row\n"
      "alloc r1 pair\n"
      "store r0 f7 r1\n"
      "nil r1\n"
      "interior r2 r0 63\n"
      "nil r0\n"
      "collect\n"
      "load r3 r2 f7\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kInteriorKept));
  EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, WhatLooksLikeAPointerAndIsNoneKeepsNothing) {
  EXPECT_TRUE(Ran("alloc r0 leaf\n"
                  "alloc r1 pair\n"
                  "hide r0 r1\n"
                  "nil r1\n"
                  "collect\n")
                  .Saw(HeapGoal::kGarbageFreed));
}

constexpr std::string_view kFinalized =
    "alloc r0 pair\n"
    "alloc r1 leaf\n"
    "store r0 f0 r1\n"
    "nil r1\n"
    "set_finalizer r0\n"
    "nil r0\n"
    "collect\n";

TEST(HeapSession, AFinalizerBringsItsObjectBackWithAllThatItRefersTo) {
  const std::string ops = std::string(kFinalized) + "run_finalizers r3 x1\ncollect\n";
  const Ran ran(ops);
  EXPECT_TRUE(ran.Saw(HeapGoal::kFinalizerRan));
  EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed));
  EXPECT_EQ(Ran(ops + "load r4 r3 f0\n").registers(), "stack m0*  r3 = o1  r4 = o2");
}

TEST(HeapSession, WhatWasFinalizedAndIsLetGoIsFreed) {
  const Ran ran(std::string(kFinalized) + "run_finalizers r3 x1\nnil r3\ncollect\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kFinalizedObjectFreed));
  EXPECT_TRUE(ran.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, AFinalizerThatIsTakenAwayDoesNotRun) {
  const Ran ran(
      "alloc r0 pair\n"
      "set_finalizer r0\n"
      "set_finalizer r0\n"
      "clear_finalizer r0\n"
      "clear_finalizer r0\n"
      "nil r0\n"
      "collect\n"
      "run_finalizers r0 x8\n");
  EXPECT_FALSE(ran.Saw(HeapGoal::kFinalizerRan));
  EXPECT_TRUE(ran.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, AFinalizerWaitsForTheOneThatRefersToItsObject) {
  const std::string both =
      "alloc r0 pair\n"
      "alloc r1 pair\n"
      "store r0 f0 r1\n"
      "set_finalizer r0\n"
      "set_finalizer r1\n"
      "nil r0\n"
      "nil r1\n"
      "collect\n"
      "run_finalizers r0 x8\n";
  EXPECT_TRUE(Ran(both).Saw(HeapGoal::kFinalizerWaited));
  EXPECT_EQ(Ran(both).registers(), "stack m0*  r0 = o1");
  EXPECT_EQ(Ran(both + "nil r0\ncollect\nrun_finalizers r0 x8\n").registers(),
            "stack m0*  r0 = o2");
}

TEST(HeapSession, ARingWithAFinalizerStays) {
  const Ran ran(
      "ring r0 pair x3\n"
      "set_finalizer r0\n"
      "nil r0\nnil r1\nnil r2\n"
      "collect\ncollect\n"
      "run_finalizers r0 x8\n");
  EXPECT_FALSE(ran.Saw(HeapGoal::kFinalizerRan));
  EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, AWeakHandleGivesItsObjectUntilThatIsGone) {
  const std::string named = "alloc r0 pair\nweak w0 r0\n";
  EXPECT_TRUE(Ran(named + "collect\nstrong r1 w0\n").Saw(HeapGoal::kWeakHad));
  const Ran gone(named + "nil r0\ncollect\nstrong r1 w0\n");
  EXPECT_TRUE(gone.Saw(HeapGoal::kWeakGone));
  EXPECT_FALSE(gone.Saw(HeapGoal::kWeakHad));
}

TEST(HeapSession, AWeakHandleIsGoneBeforeTheSweepHasComeToItsObject) {
  EXPECT_TRUE(Ran("alloc r0 pair\nweak w0 r0\nnil r0\nbegin_cycle\nfinish_marking\nstrong r1 w0\n")
                  .Saw(HeapGoal::kWeakGone));
}

TEST(HeapSession, AWeakHandleBringsBackWhatNobodyHasMarked) {
  const Ran ran("alloc r0 pair\nweak w0 r0\nnil r0\nbegin_cycle\nmark x8\nstrong r1 w0\ncollect\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kWeakHad));
  EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, AWeakHandleIsGoneWhenItsObjectIsFinalized) {
  const Ran ran(
      "alloc r0 pair\nweak w0 r0\nset_finalizer r0\nnil r0\n"
      "collect\nstrong r1 w0\nrun_finalizers r2 x1\nstrong r1 w0\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kWeakGone));
  EXPECT_FALSE(ran.Saw(HeapGoal::kWeakHad));
}

TEST(HeapSession, ThePoolKeepsAnItemThroughOneCycle) {
  const std::string put = "alloc r0 pair\nput r0\nnil r0\ncollect\n";
  const Ran once(put + "take r1\n");
  EXPECT_TRUE(once.Saw(HeapGoal::kPoolSurvivedCycle));
  EXPECT_FALSE(once.Saw(HeapGoal::kGarbageFreed));
  const Ran twice(put + "collect\ntake r1\n");
  EXPECT_FALSE(twice.Saw(HeapGoal::kPoolReturned));
  EXPECT_TRUE(twice.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, MutatorsTakeFromEachOthersPool) {
  const Ran ran(
      "alloc r0 pair\nput r0\nalloc r0 node\nput r0\nmutator m1\ntake r0\ntake r1\ntake r2\n",
      "mutators=2");
  EXPECT_TRUE(ran.Saw(HeapGoal::kPoolReturned));
}

TEST(HeapSession, WhatALimitRefusesIsLawfulAndSoIsAllThatFollows) {
  const Ran ran(
      "list r0 pair x8\n"
      "page_limit 4pages\n"
      "alloc r3 bytes40000\n"
      "load r4 r0 f0\n"
      "list r3 huge x4\n"
      "sieve r5 row x20\n"
      "collect\n"
      "page_limit any\n"
      "alloc r3 bytes40000\n"
      "alloc r4 pair\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kRefused));
  EXPECT_TRUE(ran.Saw(HeapGoal::kAllocatedAfterRefusal));
}

TEST(HeapSession, ALimitOfNothingIsLawful) {
  EXPECT_TRUE(Ran("page_limit 0pages\n"
                  "alloc r0 pair\n"
                  "alloc r1 tiny1\n"
                  "list r2 node x9\n"
                  "fan r3 pair x9\n"
                  "collect\n")
                  .Saw(HeapGoal::kRefused));
}

TEST(HeapSession, ACollectionMayComeInsideOfABurst) {
  for (const std::string burst : {"list", "ring", "web", "sieve", "fan"}) {
    for (const std::string n : {"1", "2", "5", "9"}) {
      std::string ops = "collect_at x" + n + "\n";
      ops += burst + " r0 pair x10\nweb r3 node x10\n";
      const Ran ran(ops);
      EXPECT_TRUE(ran.Saw(HeapGoal::kCycleInsideAllocation)) << burst << " " << n;
    }
  }
}

TEST(HeapSession, AMarkingMayEndInsideOfABurst) {
  const Ran ran("begin_cycle\nmark x3\ncollect_at x4\nlist r0 node x10\ncollect\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kCycleInsideAllocation));
}

TEST(HeapSession, WhatIsLostDuringMarkingFloats) {
  const Ran ran(std::string(kHalfMarked) + "nil r0\nfinish_marking\nsweep x8\ncollect\n");
  EXPECT_TRUE(ran.Saw(HeapGoal::kFloated));
  EXPECT_TRUE(ran.Saw(HeapGoal::kGarbageFreed)) << "the next cycle takes it";
}

// Law: the barrier keeps what a black stack has loaded, wherever it was lost.
TEST(HeapSession, WhatIsLoadedAndThenLostStays) {
  for (const std::string loss :
       {"store_nil r1 f1", "store r1 f1 r0", "clear r1", "copy_within r1 f1 f0 x1"}) {
    const Ran ran(std::string(kHalfMarked) + "load r1 r0 f0\nload r2 r1 f1\n" + loss +
                  "\nfinish_marking\nsweep x8\nmove r3 r2\n");
    EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed)) << loss;
  }
}

// Law: so do idioms that take something out while they lose it.
TEST(HeapSession, WhatAnIdiomTakesOutStays) {
  for (const std::string idiom : {"detach r2 r1 f1", "empty r2 r1 f1", "replace r2 r1 r0 f1"}) {
    std::string ops(kHalfMarked);
    ops += "load r1 r0 f0\n" + idiom + "\nfinish_marking\nsweep x8\n";
    const Ran ran(ops);
    EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed)) << idiom;
    EXPECT_NE(ran.registers().find("r2 = o3"), std::string::npos) << idiom << ran.drawing();
  }
}

TEST(HeapSession, ObjectsOfTwoShapesShareThePointersThatTheyBeginWith) {
  const std::string ops =
      "alloc r0 pair\nalloc r1 node\nalloc r2 cell\nstore r0 f0 r2\nstore r0 f1 r2\ncopy r1 r0\n";
  const Ran ran(ops);
  EXPECT_NE(ran.drawing().find("o2  node  f0 -> o3\n"), std::string::npos) << ran.drawing();
}

TEST(HeapSession, AnAddressThatWasFreedIsUsedAgain) {
  EXPECT_TRUE(Ran("alloc r0 pair\nnil r0\nbegin_cycle\nfinish_marking\nalloc r0 pair\n")
                  .Saw(HeapGoal::kAddressReused));
}

TEST(HeapSession, FramesAreRootsWhileTheyLast) {
  const std::string pushed = "push\nalloc r9 pair\nalloc r0 node\n";
  EXPECT_FALSE(Ran(pushed + "collect\n").Saw(HeapGoal::kGarbageFreed));
  EXPECT_TRUE(Ran(pushed + "pop\ncollect\n").Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, HandlesAreRootsWhileTheyKeep) {
  const std::string kept = "alloc r0 pair\nkeep h1 r0\nnil r0\n";
  EXPECT_FALSE(Ran(kept + "collect\n").Saw(HeapGoal::kGarbageFreed));
  EXPECT_TRUE(Ran(kept + "drop h1\ncollect\n").Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, OperationsOnNothingDoNothing) {
  const Ran ran(
      "load r0 r1 f0\nstore r0 f0 r1\nstore_nil r0 f0\ninterior r0 r1 3\ncopy r0 r1\n"
      "copy_within r0 f0 f1 x2\nclear r0\nhide r0 r1\nset_finalizer r0\nclear_finalizer r0\n"
      "run_finalizers r0 x3\nweak w0 r0\nstrong r0 w0\nforget w0\nput r0\ntake r0\nmark x3\n"
      "finish_marking\nsweep x2\nscavenge x4\npop\nmutator m3\ndrop h0\n");
  EXPECT_FALSE(ran.Saw(HeapGoal::kGarbageFreed));
}

TEST(HeapSession, ABurstCountsEachOperationThatItChecks) {
  Runner runner(HeapTarget(), {.determinism_share = 0});
  EXPECT_TRUE(runner.Run(Parse("garbage r0 pair x100\nalloc r0 pair\n")).passed());
  EXPECT_EQ(runner.stats().checked_operations, 102U);
}

TEST(HeapSession, ABurstRecordsTheOperationsThatItPerforms) {
  const testing::ExpandedTraces compared =
      testing::CompareExpandedTraces(HeapTarget(), /*seed=*/1, /*traces=*/300, /*max_ops=*/60);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 100U);
}

}  // namespace
}  // namespace slotproof
