// The oracle against facts about Go that are known without it.

#include "models/go/heap_oracle.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slotproof::go {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kNoLimit = ~std::uint64_t{0} >> 1;
constexpr Layout kPair{.bytes = 16, .pointer_map = 0b11};

Block Only(const Layout& layout) { return Allocate(std::span(&layout, 1)).front(); }

// ---- Places.

TEST(HeapOracleTest, ClassesAndSpansOfAFewSizes) {
  Block block = Only({.bytes = 5000});
  EXPECT_EQ(block.object_bytes, 5376);
  EXPECT_EQ(block.size_class, 46);
  EXPECT_FALSE(block.has_pointers);
  EXPECT_EQ(block.span_pages, 2);
  EXPECT_EQ(block.span_objects, 3);
  block = Only(kPair);
  EXPECT_EQ(block.object_bytes, 16);
  EXPECT_EQ(block.size_class, 2);
  EXPECT_TRUE(block.has_pointers);
  EXPECT_EQ(block.span_objects, 512);
  block = Only({.count = 4097, .pointer_map = 1});
  EXPECT_EQ(block.object_bytes, 40'960) << "five pages";
  EXPECT_EQ(block.size_class, 0);
  EXPECT_EQ(block.span_objects, 1);
}

// The runtime's TestTinyAlloc.
TEST(HeapOracleTest, SixteenBytesShareABlock) {
  std::set<std::uint64_t> blocks;
  for (const Block& block : Allocate(std::vector<Layout>(64, {.bytes = 1}))) {
    blocks.insert(block.address / 16);
  }
  EXPECT_EQ(blocks.size(), 4U);
}

TEST(HeapOracleTest, ATinyObjectIsAlignedAsItsSizeAllows) {
  const std::vector<Block> blocks =
      Allocate(std::vector<Layout>{{.bytes = 1}, {.bytes = 6}, {.bytes = 8}, {.bytes = 15}});
  EXPECT_EQ(blocks[1].address - blocks[0].address, 2U);
  EXPECT_EQ(blocks[2].address - blocks[0].address, 8U);
  EXPECT_EQ(blocks[3].address % 16, 0U);
}

// ---- Counts.

TEST(HeapOracleTest, NothingElseIsCounted) {
  for (int i = 0; i < 100; ++i) {
    const Counts counts = Count({});
    for (const MemStats* stats : {&counts.allocated, &counts.thinned, &counts.emptied}) {
      ASSERT_EQ(stats->mallocs, counts.before.mallocs);
      ASSERT_EQ(stats->frees, counts.before.frees);
      ASSERT_EQ(stats->heap_alloc, counts.before.heap_alloc);
    }
  }
}

TEST(HeapOracleTest, WhatIsKeptIsFreedByTheSecondCollection) {
  const std::vector<CountedObject> objects = {
      {.layout = kPair}, {.layout = {.bytes = 100}, .is_kept = true}, {.layout = kPair}};
  const Counts counts = Count(objects);
  EXPECT_EQ(counts.allocated.mallocs - counts.before.mallocs, 3U);
  EXPECT_EQ(counts.allocated.frees, counts.before.frees);
  EXPECT_EQ(counts.allocated.heap_alloc - counts.before.heap_alloc, 2U * 16 + 112);
  EXPECT_EQ(counts.allocated.class_mallocs[2] - counts.before.class_mallocs[2], 2U);
  EXPECT_EQ(counts.allocated.num_gc, counts.before.num_gc);
  EXPECT_EQ(counts.thinned.frees - counts.before_again.frees, 2U);
  EXPECT_EQ(counts.thinned.heap_alloc - counts.before_again.heap_alloc, 112U);
  EXPECT_EQ(counts.thinned.num_forced_gc - counts.before_again.num_forced_gc, 1U);
  EXPECT_EQ(counts.emptied.frees - counts.before_again.frees, 3U);
  EXPECT_EQ(counts.emptied.heap_objects, counts.before_again.heap_objects);
}

// ---- Graphs.

GraphStep New(std::int32_t slot, const Layout& layout = kPair) {
  return {.op = GraphOp::kNew, .slot = slot, .layout = layout};
}
// Into the first word.
GraphStep Store(std::int32_t slot, std::int32_t from) {
  return {.op = GraphOp::kStore, .slot = slot, .from = from};
}
GraphStep Copy(std::int32_t slot, std::int32_t from, std::int64_t offset) {
  return {.op = GraphOp::kCopy, .slot = slot, .from = from, .offset = offset};
}
GraphStep Drop(std::int32_t slot) { return {.op = GraphOp::kDrop, .slot = slot}; }
GraphStep Finalize(std::int32_t slot, std::int32_t into = -1) {
  return {.op = GraphOp::kFinalize, .slot = slot, .from = into};
}
GraphStep Forget(std::int32_t slot) { return {.op = GraphOp::kForget, .slot = slot}; }
GraphStep Collect() { return {.op = GraphOp::kCollect}; }

GraphEvent Freed(std::int32_t collection, std::int32_t object) {
  return {.collection = collection, .what = GraphEventKind::kFreed, .object = object};
}
GraphEvent Finalized(std::int32_t collection, std::int32_t object) {
  return {.collection = collection, .what = GraphEventKind::kFinalized, .object = object};
}

std::vector<GraphEvent> Events(const std::vector<GraphStep>& steps) {
  std::vector<GraphEvent> events = RunGraph(steps, 4);
  std::ranges::sort(events);
  return events;
}

TEST(HeapOracleTest, WhatARootReachesStays) {
  EXPECT_THAT(Events({New(0), New(1), Store(0, 1), Drop(1), Collect(), Drop(0), Collect()}),
              ElementsAre(Freed(2, 0), Freed(2, 1)));
}

TEST(HeapOracleTest, ACycleIsFreed) {
  EXPECT_THAT(
      Events({New(0), New(1), Store(0, 1), Store(1, 0), Drop(0), Collect(), Drop(1), Collect()}),
      ElementsAre(Freed(2, 0), Freed(2, 1)));
}

TEST(HeapOracleTest, APointerIntoAnObjectKeepsIt) {
  EXPECT_THAT(
      Events({New(0, {.bytes = 3000}), Copy(1, 0, 2999), Drop(0), Collect(), Drop(1), Collect()}),
      ElementsAre(Freed(2, 0)));
}

TEST(HeapOracleTest, ATinyBlockLivesAsLongAsAnyPart) {
  EXPECT_THAT(Events({New(0, {.bytes = 4}), New(1, {.bytes = 4}), Collect(), Drop(0), Collect(),
                      Drop(1), Collect()}),
              ElementsAre(Freed(3, 0), Freed(3, 1)));
}

TEST(HeapOracleTest, AFinalizedObjectIsFreedACollectionLater) {
  EXPECT_THAT(Events({New(0), Finalize(0), Drop(0), Collect(), Collect(), Collect()}),
              ElementsAre(Finalized(1, 0), Freed(2, 0)));
}

TEST(HeapOracleTest, AFinalizerMayBringItsObjectBack) {
  EXPECT_THAT(Events({New(0), Finalize(0, 3), Drop(0), Collect(), Collect(), Finalize(3), Drop(3),
                      Collect(), Collect()}),
              ElementsAre(Finalized(1, 0), Finalized(3, 0), Freed(4, 0)));
}

TEST(HeapOracleTest, AForgottenFinalizerDoesNotRun) {
  EXPECT_THAT(Events({New(0), Finalize(0), Forget(0), Drop(0), Collect()}),
              ElementsAre(Freed(1, 0)));
}

TEST(HeapOracleTest, FinalizersOfAListRunFromItsHeadOn) {
  EXPECT_THAT(Events({New(0), New(1), Store(0, 1), Finalize(0), Finalize(1), Drop(0), Drop(1),
                      Collect(), Collect(), Collect()}),
              ElementsAre(Finalized(1, 0), Finalized(2, 1), Freed(2, 0), Freed(3, 1)));
}

TEST(HeapOracleTest, ACycleWithAFinalizerStays) {
  EXPECT_THAT(Events({New(0), New(1), Store(0, 1), Store(1, 0), Finalize(0), Drop(0), Drop(1),
                      Collect(), Collect()}),
              IsEmpty());
}

TEST(HeapOracleTest, StepsOfAnEmptySlotDoNothing) {
  EXPECT_THAT(Events({Store(0, 1), Copy(0, 1, 8), Finalize(0), Forget(0), Drop(0), New(0),
                      Store(0, 1), Collect(), Drop(0), Collect()}),
              ElementsAre(Freed(2, 0)));
}

// ---- Pools.

std::vector<PoolStep> Puts(std::int64_t count) {
  std::vector<PoolStep> steps;
  for (std::int64_t item = 0; item < count; ++item) {
    steps.push_back({.op = PoolOp::kPut, .item = item});
  }
  return steps;
}

TEST(HeapOracleTest, APoolGivesThePrivateItemAndThenTheNewest) {
  std::vector<PoolStep> steps = Puts(3);
  steps.resize(7);
  EXPECT_THAT(UsePool(steps, 1), ElementsAre(0, 2, 1, -1));
}

TEST(HeapOracleTest, AVictimGivesThePrivateItemAndThenTheOldest) {
  std::vector<PoolStep> steps = Puts(3);
  steps.push_back({.op = PoolOp::kCollect});
  steps.resize(8);
  EXPECT_THAT(UsePool(steps, 1), ElementsAre(0, 1, 2, -1));
}

TEST(HeapOracleTest, TwoCollectionsEmptyAPool) {
  std::vector<PoolStep> steps = Puts(3);
  steps.resize(5, {.op = PoolOp::kCollect});
  steps.resize(6);
  EXPECT_THAT(UsePool(steps, 1), ElementsAre(-1));
}

TEST(HeapOracleTest, OthersGetTheSharedItemsOnly) {
  std::vector<PoolStep> steps = Puts(2);
  steps.resize(4, {.op = PoolOp::kGet, .worker = 1});
  steps.push_back({.op = PoolOp::kGet, .worker = 0});
  EXPECT_THAT(UsePool(steps, 2), ElementsAre(1, -1, 0));
}

// ---- The pacer.

TEST(HeapOracleTest, GoalsOfAFewHeaps) {
  const std::vector<PacingInputs> cases = {
      {.memory_limit = kNoLimit},
      {.marked = 8 * kMiB, .stack_scan = kMiB, .globals_scan = kMiB, .memory_limit = kNoLimit},
      {.marked = 8 * kMiB, .gc_percent = -1, .memory_limit = 20 * kMiB},
      {.marked = 8 * kMiB, .gc_percent = -1, .memory_limit = kMiB}};
  const std::vector<Pacing> answers = Pace(cases);
  EXPECT_EQ(answers[0].goal, 4 * kMiB) << "the least";
  EXPECT_EQ(answers[1].goal, 18 * kMiB);
  EXPECT_EQ(answers[2].goal_of_percent, ~std::uint64_t{0});
  EXPECT_EQ(answers[2].goal, 19 * kMiB) << "the limit without its headroom";
  EXPECT_EQ(answers[2].trigger, 8 * kMiB + 11 * kMiB / 64 * 45);
  EXPECT_EQ(answers[3].goal, 8 * kMiB) << "never less than what is live";
}

// The fields lie where they are looked for.
TEST(HeapOracleTest, TheRuntimesOwnPacer) {
  const Pacing pacing = PaceRuntime(50, 300 * kMiB, 10 * kMiB);
  EXPECT_EQ(pacing.in.gc_percent, 50);
  EXPECT_EQ(pacing.in.memory_limit, 300 * kMiB);
  EXPECT_GE(pacing.in.marked, 10 * kMiB);
  EXPECT_LT(pacing.in.marked, 12 * kMiB);
  EXPECT_GE(pacing.in.heap_alloc, 10 * kMiB);
  EXPECT_LT(pacing.in.heap_alloc, 12 * kMiB);
  EXPECT_GE(pacing.in.mapped_ready, pacing.in.heap_alloc + pacing.in.heap_free);
  EXPECT_LT(pacing.in.mapped_ready, 300 * kMiB);
  EXPECT_EQ(pacing.goal, pacing.goal_of_percent) << "MemStats.NextGC, and the controller's";
  EXPECT_GT(pacing.goal, pacing.in.marked + pacing.in.marked / 2);
}

TEST(HeapOracleDeathTest, NumbersThatTheRuntimeWouldWaitForAreAMistake) {
  // Go's runtime does not survive a fork.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const PacingInputs more_free_than_mapped{.mapped_ready = 5, .heap_free = 6};
  EXPECT_DEATH(Pace(std::span(&more_free_than_mapped, 1)), "waits for these numbers to change");
}

}  // namespace
}  // namespace slotproof::go
