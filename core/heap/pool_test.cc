#include "core/heap/pool.h"

#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/concurrent/shared_pool.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/weak_handle.h"

namespace slotproof::core {
namespace {

class PoolTest : public testing::Test {
 protected:
  PoolTest() : mutator_(heap_.NewMutator()) {}
  ~PoolTest() override { EXPECT_EQ(BrokenLaw(heap_), ""); }

  void* NewItem() { return heap_.New(mutator_, kNode); }
  std::vector<void*> PutNew(const Mutator& worker, std::size_t count) {
    std::vector<void*> items;
    for (std::size_t i = 0; i < count; ++i) {
      items.push_back(NewItem());
      pool_.Put(worker, items.back());
    }
    return items;
  }

  SeenEvents seen_;
  TestHeap heap_{kByHand, {}, {&seen_}};
  Mutator& mutator_;
  Pool<TestPolicy> pool_{heap_};
};

TEST_F(PoolTest, AnEmptyOneGivesNull) {
  EXPECT_EQ(pool_.Get(mutator_), nullptr);
  pool_.Put(mutator_, nullptr);
  EXPECT_EQ(pool_.Get(mutator_), nullptr) << "null is ignored";
}

// Two as in Go's own test, where the order cannot show which of the two places comes first.
TEST_F(PoolTest, OfTwoTheFirstComesBackFirst) {
  const std::vector<void*> items = PutNew(mutator_, 2);
  EXPECT_EQ(pool_.Get(mutator_), items[0]);
  EXPECT_EQ(pool_.Get(mutator_), items[1]);
  EXPECT_EQ(pool_.Get(mutator_), nullptr);
}

TEST_F(PoolTest, TheOwnerTakesItsPrivateItemAndThenTheNewestShared) {
  const std::vector<void*> items = PutNew(mutator_, 4);
  for (const std::size_t i : {0U, 3U, 2U, 1U}) EXPECT_EQ(pool_.Get(mutator_), items[i]);
}

TEST_F(PoolTest, OthersTakeTheOldestSharedAndNeverThePrivateOne) {
  const Mutator& thief = heap_.NewMutator();
  const std::vector<void*> items = PutNew(mutator_, 4);
  for (const std::size_t i : {1U, 2U, 3U}) EXPECT_EQ(pool_.Get(thief), items[i]);
  EXPECT_EQ(pool_.Get(thief), nullptr);
  EXPECT_EQ(pool_.Get(mutator_), items[0]);
  EXPECT_EQ(seen_[HeapEvent::kPoolStolen], 3U);
}

TEST_F(PoolTest, AThiefBeginsWithTheNextWorker) {
  const Mutator& thief = heap_.NewMutator();
  const Mutator& next = heap_.NewMutator();
  const Mutator& last = heap_.NewMutator();
  const std::vector<void*> of_first = PutNew(mutator_, 2);
  const std::vector<void*> of_last = PutNew(last, 2);
  const std::vector<void*> of_next = PutNew(next, 2);
  EXPECT_EQ(pool_.Get(thief), of_next[1]);
  EXPECT_EQ(pool_.Get(thief), of_last[1]);
  EXPECT_EQ(pool_.Get(thief), of_first[1]) << "round the end";
  EXPECT_EQ(pool_.Get(thief), nullptr);
}

TEST_F(PoolTest, AWorkerThatComesLaterFindsWhatIsThere) {
  const std::vector<void*> items = PutNew(mutator_, 2);
  const Mutator& late = heap_.NewMutator();
  EXPECT_EQ(pool_.Get(late), items[1]);
  pool_.Put(late, items[1]);
  EXPECT_EQ(pool_.Get(mutator_), items[0]);
}

TEST_F(PoolTest, ItemsSurviveOneCollectionAndAreGoneAfterTwo) {
  PutNew(mutator_, 100);
  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 100U);
  EXPECT_NE(pool_.Get(mutator_), nullptr);
  EXPECT_EQ(seen_[HeapEvent::kPoolVictimUsed], 1U);
  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 0U) << "what was taken has no root either";
  EXPECT_EQ(pool_.Get(mutator_), nullptr);
  EXPECT_GE(seen_[HeapEvent::kPoolVictimDropped], 1U);
}

// Unlike the primary, every worker's tail, one's own too.
TEST_F(PoolTest, AVictimGivesItsPrivateItemAndThenTheOldestShared) {
  const std::vector<void*> items = PutNew(mutator_, 4);
  heap_.Collect();
  for (const std::size_t i : {0U, 1U, 2U, 3U}) EXPECT_EQ(pool_.Get(mutator_), items[i]);
  EXPECT_EQ(pool_.Get(mutator_), nullptr);
}

TEST_F(PoolTest, VictimsAreLookedThroughFromOnesOwnOn) {
  const Mutator& second = heap_.NewMutator();
  const Mutator& third = heap_.NewMutator();
  const std::vector<void*> of_first = PutNew(mutator_, 2);
  const std::vector<void*> of_second = PutNew(second, 2);
  const std::vector<void*> of_third = PutNew(third, 2);
  heap_.Collect();
  EXPECT_EQ(pool_.Get(second), of_second[0]);
  EXPECT_EQ(pool_.Get(second), of_second[1]);
  EXPECT_EQ(pool_.Get(second), of_third[1]);
  EXPECT_EQ(pool_.Get(second), of_first[1]);
  EXPECT_EQ(pool_.Get(second), nullptr);
}

TEST_F(PoolTest, PrimariesComeBeforeVictims) {
  const Mutator& other = heap_.NewMutator();
  const std::vector<void*> old = PutNew(mutator_, 2);
  heap_.Collect();
  const std::vector<void*> young = PutNew(other, 2);
  EXPECT_EQ(pool_.Get(mutator_), young[1]) << "stolen, though a victim is nearer";
  EXPECT_EQ(pool_.Get(mutator_), old[0]);
}

// Once one worker has found no victim, nobody looks for one, not even for its own private item.
TEST_F(PoolTest, AWorkerThatFindsNoVictimEndsTheSearchForAll) {
  const Mutator& other = heap_.NewMutator();
  PutNew(mutator_, 1);
  heap_.Collect();
  EXPECT_EQ(pool_.Get(other), nullptr);
  EXPECT_EQ(pool_.Get(mutator_), nullptr);
  EXPECT_EQ(heap_.Stats().heap_objects, 1U);
  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 0U);
}

// Such a worker does not end the search: the runtime leaves before it.
TEST_F(PoolTest, AWorkerWithoutAVictimOfItsOwnFindsNone) {
  const std::vector<void*> items = PutNew(mutator_, 2);
  heap_.Collect();
  const Mutator& late = heap_.NewMutator();
  EXPECT_EQ(pool_.Get(late), nullptr);
  EXPECT_EQ(pool_.Get(mutator_), items[0]);
  EXPECT_EQ(pool_.Get(mutator_), items[1]);
}

// Whether the items are taken out again or not, nothing of the pool keeps them.
TEST_F(PoolTest, ItemsAreFinalizedAfterTwoCollections) {
  constexpr std::size_t kItems = 100;
  for (const bool drain : {false, true}) {
    std::size_t run = 0;
    for (void* const item : PutNew(mutator_, kItems)) {
      ASSERT_TRUE(heap_.SetFinalizer(item, Counting(&run)));
    }
    for (std::size_t i = 0; drain && i < kItems; ++i) EXPECT_NE(pool_.Get(mutator_), nullptr);
    heap_.Collect();
    EXPECT_EQ(heap_.DueFinalizers(), drain ? kItems : 0U);
    heap_.Collect();
    EXPECT_EQ(heap_.RunFinalizers(mutator_, 2 * kItems), kItems);
    EXPECT_EQ(run, kItems);
    heap_.Collect();
    EXPECT_EQ(heap_.Stats().heap_objects, 0U);
  }
}

TEST_F(PoolTest, ItemsThatAreUsedInTimeStay) {
  Frame frame(mutator_, 1);
  void* const item = PutNew(mutator_, 1)[0];
  for (int i = 0; i < 10; ++i) {
    heap_.Collect();
    frame[0] = pool_.Get(mutator_);
    ASSERT_EQ(frame[0], item);
    pool_.Put(mutator_, item);
  }
}

// A cycle may be anywhere when an item comes or goes.
TEST_F(PoolTest, ItemsThatMoveWhileMarkingAreKept) {
  for (std::size_t steps = 0; steps < 8; ++steps) {
    Frame frame(mutator_, 2);
    frame[0] = NewItem();
    const std::vector<void*> items = PutNew(mutator_, 1);
    heap_.StartCycle();
    heap_.Mark(steps);
    pool_.Put(mutator_, frame[0]);
    frame[0] = nullptr;
    heap_.Mark(1);
    frame[1] = pool_.Get(mutator_);
    ASSERT_EQ(BrokenLaw(heap_), "");
    heap_.FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(heap_), "");
    EXPECT_NE(heap_.SizeOf(frame[1]), 0U);
    heap_.Collect();
    heap_.Collect();
    heap_.Collect();
  }
}

// It is a root of the cycle that runs, so it stays one until that has ended.
TEST_F(PoolTest, OneThatEndsWhileMarkingEndsTheMarking) {
  auto pool = std::make_unique<Pool<TestPolicy>>(heap_);
  pool->Put(mutator_, NewItem());
  heap_.StartCycle();
  pool.reset();
  EXPECT_FALSE(heap_.is_marking());
  EXPECT_EQ(heap_.Stats().heap_objects, 1U);
  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 0U);
}

TEST_F(PoolTest, OneThatEndsWhileSweepingLosesItsItems) {
  auto pool = std::make_unique<Pool<TestPolicy>>(heap_);
  pool->Put(mutator_, NewItem());
  heap_.StartCycle();
  heap_.FinishMarking();
  pool.reset();
  EXPECT_EQ(BrokenLaw(heap_), "");
  heap_.Sweep(100);
  EXPECT_EQ(heap_.Stats().heap_objects, 1U) << "it was found live";
  heap_.Collect();
  EXPECT_EQ(heap_.Stats().heap_objects, 0U);
}

TEST_F(PoolTest, SeveralPoolsKeepTheirItemsApart) {
  Pool<TestPolicy> other(heap_);
  void* const item = PutNew(mutator_, 1)[0];
  EXPECT_EQ(other.Get(mutator_), nullptr);
  heap_.Collect();
  EXPECT_EQ(other.Get(mutator_), nullptr);
  EXPECT_EQ(pool_.Get(mutator_), item);
}

// As in Go's stress: no item is in two hands.
TEST_F(PoolTest, NoItemIsGivenOutTwice) {
  std::vector<const Mutator*> workers = {&mutator_, &heap_.NewMutator(), &heap_.NewMutator()};
  Frame frame(mutator_, 20);
  std::set<void*> held;
  std::vector<std::size_t> empty_slots;
  for (std::size_t i = 0; i < 20; ++i) empty_slots.push_back(i);
  std::uint64_t state = 7;
  const auto below = [&state](std::size_t n) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  for (int step = 0; step < 5000; ++step) {
    const Mutator& worker = *workers[below(3)];
    if (below(50) == 0) heap_.Collect();
    if (below(2) == 0 && !empty_slots.empty()) {
      void* item = pool_.Get(worker);
      if (item == nullptr) item = NewItem();
      ASSERT_NE(heap_.SizeOf(item), 0U);
      ASSERT_TRUE(held.insert(item).second);
      frame[empty_slots.back()] = item;
      empty_slots.pop_back();
    } else {
      const std::size_t slot = below(20);
      if (frame[slot] == nullptr) continue;
      held.erase(frame[slot]);
      pool_.Put(worker, frame[slot]);
      frame[slot] = nullptr;
      empty_slots.push_back(slot);
    }
  }
}

struct LeftToTheHeap {
  void operator()(void* /*item*/) const {}
};

// Law: to one thread, the pool of running threads gives what this one gives.
TEST_F(PoolTest, ASharedPoolHasTheSameOrder) {
  const std::vector<const Mutator*> workers = {&mutator_, &heap_.NewMutator(), &heap_.NewMutator()};
  using Shared = SharedPool<void, LeftToTheHeap>;
  Shared shared(workers.size());
  std::mt19937 random(7);
  std::size_t given = 0;
  for (int step = 0; step < 5000; ++step) {
    const Mutator& worker = *workers[random() % workers.size()];
    const auto kind = random() % 10;
    if (kind == 0) {
      pool_.OnCycle();
      shared.OnCycle();
    } else if (kind < 6) {
      void* const item = NewItem();
      pool_.Put(worker, item);
      shared.Put(worker.number, Shared::Item(item));
    } else {
      void* const item = pool_.Get(worker);
      ASSERT_EQ(shared.Get(worker.number).get(), item) << "step " << step;
      given += item != nullptr ? 1 : 0;
    }
  }
  EXPECT_GT(given, 500U);
}

}  // namespace
}  // namespace slotproof::core
