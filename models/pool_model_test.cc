#include "models/pool_model.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

constexpr std::size_t kWorkers = 3;

class PoolModelTest : public testing::Test {
 protected:
  void Put(std::size_t worker, std::vector<int> items) {
    for (const int item : items) pool_.Put(worker, kWorkers, item);
  }
  std::optional<int> Get(std::size_t worker) { return pool_.Get(worker, kWorkers); }
  // All that this worker gets, in the order in which it does.
  std::vector<int> GetAll(std::size_t worker) {
    std::vector<int> items;
    while (const std::optional<int> item = Get(worker)) items.push_back(*item);
    return items;
  }
  std::vector<int> Held() const {
    std::vector<int> items;
    pool_.ForEach([&](int item) { items.push_back(item); });
    std::ranges::sort(items);
    return items;
  }

  PoolModel<int> pool_;
};

TEST_F(PoolModelTest, AnEmptyPoolGivesNothing) { EXPECT_EQ(Get(0), std::nullopt); }

TEST_F(PoolModelTest, AWorkerGetsThePrivateOneThenTheLastShared) {
  Put(0, {1, 2, 3, 4});
  EXPECT_EQ(GetAll(0), (std::vector{1, 4, 3, 2}));
}

TEST_F(PoolModelTest, APrivatePlaceThatIsFreeIsFilledFirst) {
  Put(0, {1, 2});
  EXPECT_EQ(Get(0), 1);
  Put(0, {3});
  EXPECT_EQ(GetAll(0), (std::vector{3, 2}));
}

TEST_F(PoolModelTest, AThiefTakesTheFirstSharedOfTheNextWorkerAndNoPrivateOne) {
  Put(1, {11, 12, 13});
  Put(2, {21, 22, 23});
  EXPECT_EQ(GetAll(0), (std::vector{12, 13, 22, 23}));
  EXPECT_EQ(Held(), (std::vector{11, 21}));
  EXPECT_EQ(Get(1), 11);
}

TEST_F(PoolModelTest, AThiefBeginsBehindItself) {
  Put(0, {1, 2});
  Put(2, {21, 22});
  EXPECT_EQ(GetAll(1), (std::vector{22, 2}));
}

TEST_F(PoolModelTest, WhatACycleLeftIsThereForOneMore) {
  Put(0, {1, 2});
  pool_.BeginCycle();
  EXPECT_EQ(Held(), (std::vector{1, 2}));
  pool_.BeginCycle();
  EXPECT_EQ(Held(), std::vector<int>{});
  EXPECT_EQ(Get(0), std::nullopt);
}

TEST_F(PoolModelTest, VictimsComeLastAndThePrivateOneBeforeAllTails) {
  Put(0, {1, 2, 3});
  Put(1, {11, 12});
  pool_.BeginCycle();
  Put(0, {4});
  EXPECT_EQ(GetAll(0), (std::vector{4, 1, 2, 3, 12}));
}

TEST_F(PoolModelTest, VictimsAreSharedFromOnesOwnOn) {
  Put(0, {1, 2});
  Put(1, {11, 12});
  Put(2, {21, 22});
  pool_.BeginCycle();
  EXPECT_EQ(GetAll(1), (std::vector{11, 12, 22, 2}));
}

TEST_F(PoolModelTest, AWorkerThatFindsNoVictimEndsThemForAll) {
  Put(0, {1});
  Put(1, {11});
  pool_.BeginCycle();
  EXPECT_EQ(Get(2), std::nullopt);
  EXPECT_EQ(Get(0), std::nullopt) << "though its private place holds one";
  EXPECT_EQ(Held(), (std::vector{1, 11})) << "which stay roots";
  Put(0, {2});
  pool_.BeginCycle();
  EXPECT_EQ(Get(0), 2) << "those of the next cycle are looked at again";
}

TEST_F(PoolModelTest, WhatAVictimBecomesAgainIsNoVictim) {
  Put(0, {1});
  pool_.BeginCycle();
  EXPECT_EQ(Get(0), 1);
  Put(0, {1});
  pool_.BeginCycle();
  EXPECT_EQ(Get(0), 1);
}

TEST_F(PoolModelTest, ResetForgetsEverything) {
  Put(0, {1, 2});
  pool_.BeginCycle();
  Put(0, {3});
  pool_.Reset();
  EXPECT_EQ(Held(), std::vector<int>{});
}

}  // namespace
}  // namespace slotproof
