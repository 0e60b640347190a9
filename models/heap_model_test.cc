#include "models/heap_model.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

using Id = HeapModel::Id;
using Pointer = HeapModel::Pointer;
using Fate = HeapModel::Fate;
using Upgrade = HeapModel::Upgrade;

// One mutator of two registers, one global, one handle.
class HeapModelTest : public testing::Test {
 protected:
  HeapModelTest() {
    model_.Reset(1, 1, 1);
    model_.stack(0).resize(2);
  }

  // An object of 16 bytes and two fields that nothing refers to.
  Id New() { return model_.Add(16, 0, 2); }
  Id NewWithFinalizer() {
    const Id id = New();
    model_.object(id).has_finalizer = true;
    return id;
  }
  Id NewReferringTo(Id to) {
    const Id id = New();
    Refer(id, to);
    return id;
  }
  void Refer(Id from, Id to) { model_.object(from).fields[0] = {.object = to}; }
  Pointer& Register() { return model_.stack(0)[0]; }
  void Keep(Id id) { Register() = {.object = id}; }
  void KeepNothing() { Register() = {}; }
  void Mark() {
    model_.BeginCycle();
    model_.EndMarking();
  }

  HeapModel model_;
};

TEST_F(HeapModelTest, WhatIsUnreachableFromBeginToEndOfMarkingDies) {
  const Id object = New();
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kDies);
  EXPECT_EQ(model_.FirstToDie(), object);
  EXPECT_EQ(model_.EndSweep(), "cycle.garbage");
  EXPECT_EQ(model_.Free(object), "");
  EXPECT_EQ(model_.FirstToDie(), 0U);
  EXPECT_EQ(model_.EndSweep(), "");
}

TEST_F(HeapModelTest, WhatBecomesUnreachableDuringMarkingFloats) {
  const Id freed = New();
  const Id left = New();
  Keep(freed);
  model_.globals()[0] = {.object = left};
  model_.BeginCycle();
  KeepNothing();
  model_.globals()[0] = {};
  model_.EndMarking();
  EXPECT_EQ(model_.FateOf(freed), Fate::kFloats);
  EXPECT_EQ(model_.Free(freed), "") << "it may go";
  EXPECT_EQ(model_.EndSweep(), "") << "it need not go";
  EXPECT_EQ(model_.Free(left), "cycle.too_soon") << "but not after the sweep";

  Mark();
  EXPECT_EQ(model_.FateOf(left), Fate::kDies) << "the next cycle takes what floated";
}

TEST_F(HeapModelTest, WhatIsReachableWhenMarkingEndsStays) {
  const Id object = New();
  Keep(object);
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kStays);
  EXPECT_EQ(model_.Free(object), "reach.freed");
  EXPECT_EQ(model_.EndSweep(), "");
  EXPECT_FALSE(model_.object(object).is_gone);
}

TEST_F(HeapModelTest, WhatIsBornDuringMarkingStaysEvenIfNothingRefersToIt) {
  model_.BeginCycle();
  const Id object = New();
  model_.EndMarking();
  EXPECT_EQ(model_.FateOf(object), Fate::kStays);
  EXPECT_EQ(model_.Free(object), "cycle.too_soon");
  EXPECT_EQ(model_.EndSweep(), "");
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kDies);
}

TEST_F(HeapModelTest, WhatIsBornAfterMarkingStaysForThatCycle) {
  Mark();
  const Id object = New();
  EXPECT_EQ(model_.FateOf(object), Fate::kStays);
  EXPECT_EQ(model_.Free(object), "cycle.too_soon");
}

TEST_F(HeapModelTest, NothingIsFreedBeforeACycleHasMarked) {
  const Id object = New();
  EXPECT_EQ(model_.Free(object), "cycle.too_soon");
  model_.BeginCycle();
  EXPECT_EQ(model_.Free(object), "cycle.too_soon");
}

TEST_F(HeapModelTest, NothingIsFreedTwice) {
  const Id object = New();
  Mark();
  EXPECT_EQ(model_.Free(object), "");
  EXPECT_NE(model_.Free(object), "");
}

TEST_F(HeapModelTest, EachKindOfRootKeepsWhatItReaches) {
  const Id end = New();
  const Id on_stack = NewReferringTo(end);
  const Id global = New();
  const Id handle = New();
  const Id pooled = New();
  const Id due = NewWithFinalizer();
  Mark();  // all of them, and only `due` is queued
  EXPECT_EQ(model_.Queue(due), "");
  for (const Id id : {end, on_stack, global, handle, pooled}) {
    EXPECT_EQ(model_.FateOf(id), Fate::kDies) << id;
  }
  Keep(on_stack);
  model_.globals()[0] = {.object = global};
  model_.handles()[0] = {.object = handle};
  model_.pool().Put(0, 1, {.pointer = {.object = pooled}});
  EXPECT_EQ(model_.Reachable(), (std::vector<bool>{false, true, true, true, true, true, true}));
  Mark();
  for (const Id id : {end, on_stack, global, handle, pooled, due}) {
    EXPECT_EQ(model_.FateOf(id), Fate::kStays) << id;
  }
}

TEST_F(HeapModelTest, ThePoolKeepsAnItemThroughOneCycle) {
  const Id item = New();
  model_.pool().Put(0, 1, {.pointer = {.object = item}});
  Mark();
  EXPECT_EQ(model_.FateOf(item), Fate::kStays);
  Mark();
  EXPECT_EQ(model_.FateOf(item), Fate::kDies);
}

TEST_F(HeapModelTest, APointerIntoAnObjectKeepsAllOfIt) {
  const Id end = New();
  const Id object = NewReferringTo(end);
  Register() = {.object = object, .offset = 8};
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kStays);
  EXPECT_EQ(model_.FateOf(end), Fate::kStays);
}

TEST_F(HeapModelTest, WhatIsFarDownAChainStays) {
  Id object = New();
  for (int i = 0; i < 5; ++i) object = NewReferringTo(object);
  Keep(object);
  Mark();
  for (Id id = 1; id <= object; ++id) EXPECT_EQ(model_.FateOf(id), Fate::kStays) << id;
}

TEST_F(HeapModelTest, ARingThatNothingRefersToDies) {
  const Id first = New();
  const Id second = NewReferringTo(first);
  Refer(first, second);
  Mark();
  EXPECT_EQ(model_.FateOf(first), Fate::kDies);
  EXPECT_EQ(model_.FateOf(second), Fate::kDies);
}

TEST_F(HeapModelTest, APathLeadsFromARootToTheObject) {
  const Id end = New();
  const Id middle = New();
  model_.object(middle).fields[1] = {.object = end};
  EXPECT_EQ(model_.PathTo(end), "nothing");
  Keep(NewReferringTo(middle));
  EXPECT_EQ(model_.PathTo(end), "r0 of m0 -> o3.f0 -> o2.f1 -> o1");
  model_.handles()[0] = {.object = middle};
  EXPECT_EQ(model_.PathTo(end), "h0 -> o2.f1 -> o1") << "the shortest";
  model_.pool().Put(0, 1, {.pointer = {.object = end}});
  EXPECT_EQ(model_.PathTo(end), "the pool -> o1");
  model_.globals()[0] = {.object = end};
  EXPECT_EQ(model_.PathTo(end), "g0 -> o1") << "the first of equals";
}

TEST_F(HeapModelTest, APathMayBeginWithAFinalizer) {
  const Id end = New();
  const Id object = NewReferringTo(end);
  model_.object(object).has_finalizer = true;
  EXPECT_EQ(model_.PathTo(end), "the finalizer of o2.f0 -> o1");
  EXPECT_EQ(model_.PathTo(object), "nothing");
  Mark();
  EXPECT_EQ(model_.Queue(object), "");
  EXPECT_EQ(model_.PathTo(object), "the queue of finalizers -> o2");
}

// Finalizers.

TEST_F(HeapModelTest, AnObjectWithAFinalizerIsQueuedInsteadOfFreed) {
  const Id object = NewWithFinalizer();
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kDies);
  EXPECT_EQ(model_.Free(object), "finalizer.skipped");
  EXPECT_EQ(model_.EndSweep(), "finalizer.queued") << "it must have been queued by then";
  EXPECT_EQ(model_.Queue(object), "");
  EXPECT_EQ(model_.EndSweep(), "");
}

TEST_F(HeapModelTest, AFinalizerIsQueuedOnce) {
  const Id object = NewWithFinalizer();
  Mark();
  EXPECT_EQ(model_.Queue(object), "");
  EXPECT_EQ(model_.Queue(object), "finalizer.once");
  EXPECT_EQ(model_.TakeDue(), object);
  Mark();
  EXPECT_EQ(model_.Queue(object), "finalizer.once");
  EXPECT_EQ(model_.Free(object), "") << "the cycle after that takes it";
}

TEST_F(HeapModelTest, NoFinalizerIsQueuedForWhatStays) {
  const Id object = NewWithFinalizer();
  EXPECT_EQ(model_.Queue(object), "finalizer.reachable");
  Keep(object);
  Mark();
  EXPECT_EQ(model_.Queue(object), "finalizer.reachable");
}

TEST_F(HeapModelTest, AFinalizerMayBeQueuedForWhatFloats) {
  const Id object = NewWithFinalizer();
  Keep(object);
  model_.BeginCycle();
  KeepNothing();
  model_.EndMarking();
  EXPECT_EQ(model_.FateOf(object), Fate::kFloats);
  EXPECT_EQ(model_.Queue(object), "");
}

TEST_F(HeapModelTest, AQueuedObjectKeepsItsFieldsAndWhatTheyReferTo) {
  const Id end = New();
  const Id object = NewReferringTo(end);
  model_.object(object).has_finalizer = true;
  Mark();
  EXPECT_EQ(model_.FateOf(end), Fate::kStays) << "what a finalizer will see";
  EXPECT_EQ(model_.Queue(object), "");
  EXPECT_EQ(model_.Free(object), "reach.freed") << "the queue is a root";
  EXPECT_EQ(model_.object(object).fields[0].object, end);
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kStays);
  EXPECT_EQ(model_.TakeDue(), object);
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kDies);
  EXPECT_EQ(model_.FateOf(end), Fate::kDies);
}

// But not a large one that refers to another of its pieces: each may keep the other.
TEST_F(HeapModelTest, AnObjectThatRefersToItselfIsFinalized) {
  for (const std::uint32_t offset : {0U, 131'071U, 131'072U}) {
    const Id object = model_.Add(262'144, 0, 1);
    model_.object(object).has_finalizer = true;
    model_.object(object).fields[0] = {.object = object, .offset = offset};
    EXPECT_EQ(model_.PathTo(object) == "nothing", offset < 131'072) << offset;
    Mark();
    EXPECT_EQ(model_.FateOf(object), offset < 131'072 ? Fate::kDies : Fate::kStays) << offset;
  }
}

TEST_F(HeapModelTest, ARingWithAFinalizerIsNeverFinalized) {
  const Id first = NewWithFinalizer();
  const Id second = NewReferringTo(first);
  Refer(first, second);
  Mark();
  EXPECT_EQ(model_.FateOf(first), Fate::kStays);
  EXPECT_EQ(model_.FateOf(second), Fate::kStays);
}

TEST_F(HeapModelTest, AFinalizerWaitsForTheOneWhoseObjectRefersToItsOwn) {
  const Id second = NewWithFinalizer();
  const Id first = NewWithFinalizer();
  Refer(first, second);
  Mark();
  EXPECT_EQ(model_.Queue(second), "finalizer.reachable");
  EXPECT_EQ(model_.Queue(first), "");
  EXPECT_EQ(model_.EndSweep(), "");
  Mark();
  EXPECT_EQ(model_.Queue(second), "finalizer.reachable") << "the first one has not run";
  EXPECT_EQ(model_.TakeDue(), first);
  Mark();
  EXPECT_EQ(model_.Queue(second), "");
}

TEST_F(HeapModelTest, FinalizersRunInTheOrderInWhichTheyWereQueued) {
  const Id first = NewWithFinalizer();
  const Id second = NewWithFinalizer();
  Mark();
  EXPECT_EQ(model_.Queue(second), "");
  EXPECT_EQ(model_.Queue(first), "");
  EXPECT_EQ(model_.TakeDue(), second);
  EXPECT_EQ(model_.TakeDue(), first);
}

// Weak handles.

TEST_F(HeapModelTest, AWeakHandleGivesWhatNobodyHasCollected) {
  const Id object = New();
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMust);
  model_.Upgraded(object);
  Mark();
  EXPECT_EQ(model_.FateOf(object), Fate::kDies) << "what was had before the cycle does not count";
}

TEST_F(HeapModelTest, AWeakHandleBringsBackWhatNobodyHasMarkedYet) {
  const Id end = New();
  const Id object = NewReferringTo(end);
  model_.BeginCycle();
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMust);
  model_.Upgraded(object);
  model_.EndMarking();
  EXPECT_EQ(model_.FateOf(object), Fate::kStays) << "it was marked then";
  EXPECT_EQ(model_.FateOf(end), Fate::kFloats)
      << "its field may have changed before it was scanned";
  EXPECT_EQ(model_.UpgradeOf(end), Upgrade::kMay);
}

TEST_F(HeapModelTest, AWeakHandleGivesWhatWasBornDuringMarking) {
  model_.BeginCycle();
  const Id object = New();
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMust);
  model_.Upgraded(object);
  model_.EndMarking();
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMust);
}

TEST_F(HeapModelTest, AWeakHandleDoesNotGiveWhatDies) {
  const Id object = New();
  Mark();
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kCannot) << "though no sweep has come to it";
  EXPECT_EQ(model_.Free(object), "");
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kCannot);
}

TEST_F(HeapModelTest, AWeakHandleMayGiveWhatFloatsAndThenItStaysWithAllThatItRefersTo) {
  const Id end = New();
  const Id object = NewReferringTo(end);
  Keep(object);
  model_.BeginCycle();
  KeepNothing();
  model_.EndMarking();
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMay);
  model_.Upgraded(object);
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMust);
  EXPECT_EQ(model_.Free(object), "cycle.too_soon");
  EXPECT_EQ(model_.Free(end), "cycle.too_soon");
}

TEST_F(HeapModelTest, AWeakHandleGivesWhatFloatedOnceTheSweepHasLeftIt) {
  const Id object = New();
  Keep(object);
  model_.BeginCycle();
  KeepNothing();
  model_.EndMarking();
  EXPECT_EQ(model_.EndSweep(), "");
  EXPECT_EQ(model_.UpgradeOf(object), Upgrade::kMust);
}

// Tiny objects.

// Law: mallocgc's rule, by a table that was computed by hand. Blocks are numbered from 1.
TEST_F(HeapModelTest, TinyObjectsLieWhereTheRuntimePutsThem) {
  struct Row {
    std::size_t bytes;
    Id block;
    std::uint32_t offset;
    std::string_view why;
  };
  const Row rows[] = {
      {1, 1, 0, "the first block"},
      {8, 1, 8, "at a multiple of eight; the block is full"},
      {1, 2, 0, "no room, so a new block, which has more than none"},
      {2, 2, 2, "at an even place"},
      {12, 2, 4, "at a multiple of four, up to the last byte"},
      {12, 3, 0, "no room"},
      {12, 4, 0, "no room; 4 bytes left here as there, so block 3 stays the present one"},
      {4, 3, 12, "and is filled"},
      {12, 5, 0, "no room"},
      {6, 6, 0, "no room for 6 at 12; a block with 10 bytes left replaces one with 4"},
      {12, 7, 0, "no room for 12 at 8; a block with 4 bytes left replaces none with 10"},
      {4, 6, 8, "so block 6 is the present one still"},
      {15, 8, 0, "no room, and no reason to replace it"},
      {3, 6, 12, "an odd size lies anywhere"},
      {1, 6, 15, "the last byte"},
      {5, 9, 0, "no room"},
      {10, 9, 6, "10 is even and no more"},
  };
  for (const Row& row : rows) {
    const HeapModel::Tiny place = model_.PlaceTiny(0, row.bytes);
    EXPECT_EQ(place.shared, row.block <= model_.last()) << row.why;
    EXPECT_EQ(model_.AddTiny(0, row.bytes, 0), (Pointer{row.block, row.offset}))
        << row.bytes << " bytes: " << row.why;
  }
  EXPECT_EQ(model_.mallocs(), 17U) << "each counts";
  EXPECT_EQ(model_.objects_alive(), 9U) << "but the block is the object";
  EXPECT_EQ(model_.bytes_alive(), 9U * 16);
}

TEST_F(HeapModelTest, MutatorsShareNoTinyBlock) {
  model_.Reset(2, 1, 1);
  EXPECT_EQ(model_.AddTiny(0, 1, 0), (Pointer{1, 0}));
  EXPECT_EQ(model_.AddTiny(1, 1, 0), (Pointer{2, 0}));
  EXPECT_EQ(model_.AddTiny(0, 1, 0), (Pointer{1, 1}));
}

TEST_F(HeapModelTest, ATinyBlockDiesWithTheLastOfItsParts) {
  Register() = model_.AddTiny(0, 8, 0);
  model_.stack(0)[1] = model_.AddTiny(0, 8, 0);
  Mark();
  Register() = {};
  Mark();
  EXPECT_EQ(model_.FateOf(1), Fate::kStays) << "the second part";
  model_.stack(0)[1] = {};
  Mark();
  EXPECT_EQ(model_.FateOf(1), Fate::kDies);
}

TEST_F(HeapModelTest, ThePresentTinyBlockOutlivesTheCycleAndIsThenLeft) {
  model_.AddTiny(0, 1, 0);
  Mark();
  EXPECT_EQ(model_.FateOf(1), Fate::kStays);
  EXPECT_EQ(model_.AddTiny(0, 1, 0), (Pointer{2, 0})) << "caches are flushed as marking ends";
  Mark();
  EXPECT_EQ(model_.FateOf(1), Fate::kDies);
}

// Sums.

TEST_F(HeapModelTest, FreedBytesLeaveTheSumsAndTheTotalsStay) {
  const Id object = model_.Add(48, 0, 1);
  Keep(New());
  Mark();
  EXPECT_EQ(model_.Free(object), "");
  EXPECT_EQ(model_.objects_alive(), 1U);
  EXPECT_EQ(model_.bytes_alive(), 16U);
  EXPECT_EQ(model_.bytes_ever(), 64U);
  EXPECT_EQ(model_.mallocs(), 2U);
}

TEST_F(HeapModelTest, ACycleMarksWhatStaysAndPerhapsWhatFloats) {
  Keep(model_.Add(32, 0, 1));
  model_.globals()[0] = {.object = model_.Add(48, 0, 1)};
  model_.Add(64, 0, 1);
  model_.BeginCycle();
  model_.globals()[0] = {};
  model_.EndMarking();
  EXPECT_EQ(model_.LeastMarked(), 32U);
  EXPECT_EQ(model_.MostMarked(), 80U);
}

TEST_F(HeapModelTest, ResetForgetsEverything) {
  model_.AddTiny(0, 1, 0);
  model_.Add(16, 0, 1);
  Mark();
  model_.Reset(2, 1, 1);
  EXPECT_EQ(model_.last(), 0U);
  EXPECT_EQ(model_.mutators(), 2U);
  EXPECT_EQ(model_.bytes_ever(), 0U);
  EXPECT_EQ(model_.cycles(), 0U);
  EXPECT_FALSE(model_.PlaceTiny(0, 1).shared);
  EXPECT_EQ(model_.FirstToDie(), 0U);
}

// Law: gcControllerState.commit, with numbers computed by hand.
TEST(HeapModelGoal, IsWhatIsMarkedAndGogcOfAllThatWasScanned) {
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 100, 0), 2100U);
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 50, 0), 1550U);
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 400, 0), 5400U);
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 0, 0), 1000U);
  EXPECT_EQ(HeapModel::Goal(7, 0, 0, 10, 0), 7U) << "divided last, and rounded down";
}

TEST(HeapModelGoal, IsAtLeastTheMinimumTimesGogc) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 100, 4 * kMiB), 4 * kMiB);
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 200, 4 * kMiB), 8 * kMiB);
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, 25, 4 * kMiB), kMiB);
  EXPECT_EQ(HeapModel::Goal(3 * kMiB, 0, 0, 100, 4 * kMiB), 6 * kMiB);
}

TEST(HeapModelGoal, IsNoneWhileGogcIsOff) {
  EXPECT_EQ(HeapModel::Goal(1000, 80, 20, -1, 4), UINT64_MAX);
}

}  // namespace
}  // namespace slotproof
