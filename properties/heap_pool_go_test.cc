// What a pool gives out, and in which order, against the Go runtime's own sync.Pool: the same steps
// on one P or on several, with collections between them. Go promises its users no order; core's
// pool has the order that this release happens to have.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/object_type.h"
#include "core/heap/pool.h"
#include "models/go/heap_oracle.h"
#include "models/pool_model.h"

namespace slotproof {
namespace {

using go::PoolOp;
using go::PoolStep;

constexpr std::uint64_t kSeed = 1;
// Not tiny: items do not share a block.
constexpr core::ObjectType kItem(16);

std::vector<std::int64_t> UsePoolHere(std::span<const PoolStep> steps, std::int32_t workers) {
  core::Heap<> heap({.arena_pages = 64, .automatic = false});
  for (std::int32_t i = 0; i < workers; ++i) heap.NewMutator();
  core::Pool<> pool(heap);
  std::vector<std::int64_t> found;
  for (const PoolStep& step : steps) {
    core::Mutator& worker = *heap.mutators()[static_cast<std::size_t>(step.worker)];
    if (step.op == PoolOp::kCollect) {
      heap.Collect();
    } else if (step.op == PoolOp::kPut) {
      void* const item = heap.New(worker, kItem);
      *static_cast<std::int64_t*>(item) = step.item;
      pool.Put(worker, item);
    } else {
      const void* const item = pool.Get(worker);
      found.push_back(item == nullptr ? -1 : *static_cast<const std::int64_t*>(item));
    }
  }
  return found;
}

std::vector<std::int64_t> UseModel(std::span<const PoolStep> steps, std::int32_t workers) {
  PoolModel<std::int64_t> pool;
  std::vector<std::int64_t> found;
  for (const PoolStep& step : steps) {
    const auto worker = static_cast<std::size_t>(step.worker);
    if (step.op == PoolOp::kCollect) {
      pool.BeginCycle();
    } else if (step.op == PoolOp::kPut) {
      pool.Put(worker, static_cast<std::size_t>(workers), step.item);
    } else {
      found.push_back(pool.Get(worker, static_cast<std::size_t>(workers)).value_or(-1));
    }
  }
  return found;
}

// Puts of new items, Gets and collections.
std::vector<PoolStep> DrawSteps(std::int32_t workers, std::mt19937_64* random) {
  std::vector<PoolStep> steps;
  std::int64_t items = 0;
  const std::uint64_t phases = 1 + (*random)() % 5;
  for (std::uint64_t phase = 0; phase < phases; ++phase) {
    const std::uint64_t puts = (*random)() % 5;
    for (std::uint64_t left = (*random)() % 60; left != 0; --left) {
      const auto worker =
          static_cast<std::int32_t>((*random)() % static_cast<std::uint64_t>(workers));
      const bool put = (*random)() % 4 < puts;
      steps.push_back(
          {.op = put ? PoolOp::kPut : PoolOp::kGet, .worker = worker, .item = put ? items++ : -1});
    }
    steps.push_back({.op = PoolOp::kCollect});
  }
  // Whatever is left.
  for (std::int32_t worker = 0; worker < workers; ++worker) {
    for (int i = 0; i < 30; ++i) steps.push_back({.op = PoolOp::kGet, .worker = worker});
  }
  return steps;
}

void CompareRandomSteps(std::int32_t workers, int sequences) {
  std::mt19937_64 random(kSeed);
  std::size_t gets = 0;
  std::size_t hits = 0;
  for (int i = 0; i < sequences; ++i) {
    const std::vector<PoolStep> steps = DrawSteps(workers, &random);
    const std::vector<std::int64_t> theirs = go::UsePool(steps, workers);
    ASSERT_EQ(theirs, UsePoolHere(steps, workers)) << "sequence " << i;
    ASSERT_EQ(theirs, UseModel(steps, workers)) << "sequence " << i;
    gets += theirs.size();
    for (const std::int64_t item : theirs) hits += item >= 0 ? 1 : 0;
  }
  std::printf("seed %llu, compared %d sequences with %zu Gets, of which %zu found an item\n",
              static_cast<unsigned long long>(kSeed), sequences, gets, hits);
  EXPECT_GT(hits, 10 * static_cast<std::size_t>(sequences));
}

std::vector<PoolStep> PutsAndCollections(int puts, int collections) {
  std::vector<PoolStep> steps;
  for (int i = 0; i < puts; ++i) steps.push_back({.op = PoolOp::kPut, .item = i});
  for (int i = 0; i < collections; ++i) steps.push_back({.op = PoolOp::kCollect});
  for (int i = 0; i <= puts; ++i) steps.push_back({.op = PoolOp::kGet});
  return steps;
}

TEST(HeapPoolGoTest, ContentsAfterOneCollectionAndAfterTwo) {
  for (const int puts : {0, 1, 2, 3, 8, 9, 17, 100, 1000}) {
    for (const int collections : {0, 1, 2}) {
      const std::vector<PoolStep> steps = PutsAndCollections(puts, collections);
      EXPECT_EQ(go::UsePool(steps, 1), UsePoolHere(steps, 1)) << puts << ' ' << collections;
    }
  }
}

TEST(HeapPoolGoTest, RandomStepsOnOneP) { CompareRandomSteps(1, 300); }

// A worker waits in its turn for the others, each on a thread of its own.
TEST(HeapPoolGoTest, RandomStepsOnThreePs) { CompareRandomSteps(3, 25); }

}  // namespace
}  // namespace slotproof
