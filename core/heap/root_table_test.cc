#include "core/heap/root_table.h"

#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "core/heap/heap_test_util.h"

namespace slotproof::core {
namespace {

class RootTableTest : public testing::Test {
 protected:
  RootTableTest() : mutator_(heap_.NewMutator()) {}
  ~RootTableTest() override { EXPECT_EQ(BrokenLaw(heap_), ""); }

  std::size_t Objects() const { return heap_.Stats().heap_objects; }

  SeenEvents seen_;
  TestHeap heap_{kByHand, {}, {&seen_}};
  Mutator& mutator_;
  RootTable<TestPolicy> roots_{heap_};
};

TEST_F(RootTableTest, KeepsWhatWasAddedUntilItIsRemoved) {
  const std::size_t number = roots_.Add(NewNode(heap_, mutator_));
  void* const object = roots_.Get(number);
  heap_.Collect();
  EXPECT_EQ(roots_.Get(number), object);
  EXPECT_EQ(Objects(), 1U);
  roots_.Remove(number);
  heap_.Collect();
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(RootTableTest, ARemovedNumberIsUsedAgainAndAKeptOneIsNot) {
  const std::size_t first = roots_.Add(NewNode(heap_, mutator_));
  const std::size_t second = roots_.Add(NewNode(heap_, mutator_));
  EXPECT_NE(first, second);
  roots_.Remove(first);
  EXPECT_EQ(roots_.Get(first), nullptr);
  EXPECT_EQ(roots_.Add(nullptr), first);
  EXPECT_NE(roots_.Add(nullptr), second);
}

TEST_F(RootTableTest, SetReplacesTheObject) {
  const std::size_t number = roots_.Add(NewNode(heap_, mutator_));
  void* const second = NewNode(heap_, mutator_);
  roots_.Set(number, second);
  heap_.Collect();
  EXPECT_EQ(roots_.Get(number), second);
  EXPECT_EQ(Objects(), 1U);
}

// What the table loses may be in a frame that is black; what it gains may be nowhere else.
TEST_F(RootTableTest, ChangesWhileMarkingLoseNothing) {
  for (std::size_t steps = 0; steps < 8; ++steps) {
    Frame frame(mutator_, 2);
    const std::size_t number = roots_.Add(NewNode(heap_, mutator_));
    frame[0] = NewNode(heap_, mutator_);
    heap_.StartCycle();
    heap_.Mark(steps);
    frame[1] = roots_.Get(number);
    roots_.Set(number, frame[0]);
    frame[0] = nullptr;
    ASSERT_EQ(BrokenLaw(heap_), "");
    heap_.FinishMarking();
    EXPECT_EQ(BrokenMarkLaw(heap_), "");
    EXPECT_NE(heap_.SizeOf(roots_.Get(number)), 0U);
    roots_.Remove(number);
    heap_.Collect();
  }
}

TEST_F(RootTableTest, OneThatComesWhileMarkingIsARootAtOnce) {
  void* const object = NewNode(heap_, mutator_);
  heap_.StartCycle();
  RootTable<TestPolicy> late(heap_);
  late.Add(object);
  heap_.FinishMarking();
  EXPECT_EQ(BrokenMarkLaw(heap_), "");
  heap_.Collect();
  EXPECT_EQ(Objects(), 1U);
}

TEST_F(RootTableTest, OneThatEndsKeepsNothing) {
  auto table = std::make_unique<RootTable<TestPolicy>>(heap_);
  table->Add(NewNode(heap_, mutator_));
  heap_.StartCycle();
  table.reset();
  EXPECT_EQ(BrokenLaw(heap_), "");
  heap_.Collect();
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(RootTableTest, AgreesWithAMapOfNumbers) {
  std::map<std::size_t, void*> model;
  std::mt19937_64 random(4);
  for (int step = 0; step < 2000; ++step) {
    switch (random() % 6) {
      case 0:
      case 1: {
        void* const object = NewNode(heap_, mutator_);
        const std::size_t number = roots_.Add(object);
        ASSERT_TRUE(model.emplace(number, object).second);
        break;
      }
      case 2:
      case 3:
        if (model.empty()) break;
        {
          auto some =
              std::next(model.begin(), static_cast<std::ptrdiff_t>(random() % model.size()));
          roots_.Remove(some->first);
          model.erase(some);
        }
        break;
      case 4:
        heap_.StartCycle();
        heap_.Mark(random() % 8);
        break;
      case 5:
        if (random() % 8 == 0) {
          heap_.Collect();
          ASSERT_EQ(Objects(), model.size());
        }
        break;
    }
    for (const auto& [number, object] : model) ASSERT_EQ(roots_.Get(number), object);
  }
}

}  // namespace
}  // namespace slotproof::core
