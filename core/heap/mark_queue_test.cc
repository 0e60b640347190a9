#include "core/heap/mark_queue.h"

#include <cstddef>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

constexpr std::size_t kMost = MarkBuffer::kMost;

class MarkQueueTest : public testing::Test {
 protected:
  std::byte* At(std::size_t i) { return &objects_[i]; }
  void Put(MarkWork& work, std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) work.Put(At(first + i));
  }

  std::vector<std::byte> objects_{10 * kMost};
  MarkQueue queue_;
};

TEST_F(MarkQueueTest, AnEmptyOneGivesNothing) {
  MarkWork work(queue_);
  EXPECT_TRUE(work.IsEmpty());
  EXPECT_EQ(work.Take(), nullptr);
  EXPECT_TRUE(queue_.IsEmpty());
  work.Flush();
  EXPECT_TRUE(queue_.IsEmpty());
}

TEST_F(MarkQueueTest, WhatWasPutLastIsTakenFirst) {
  MarkWork work(queue_);
  Put(work, 0, 2 * kMost);
  EXPECT_TRUE(queue_.IsEmpty()) << "two buffers are the worker's own";
  for (std::size_t i = 2 * kMost; i != 0; --i) EXPECT_EQ(work.Take(), At(i - 1));
  EXPECT_EQ(work.Take(), nullptr);
  EXPECT_TRUE(work.IsEmpty());
}

TEST_F(MarkQueueTest, TheThirdBufferfulIsShared) {
  MarkWork work(queue_);
  Put(work, 0, 2 * kMost);
  EXPECT_TRUE(queue_.IsEmpty());
  work.Put(At(2 * kMost));
  EXPECT_FALSE(queue_.IsEmpty());
  std::size_t shared = 0;
  queue_.ForEach([&](std::byte*) { ++shared; });
  EXPECT_EQ(shared, kMost);

  MarkWork other(queue_);
  std::size_t taken = 0;
  while (other.Take() != nullptr) ++taken;
  EXPECT_EQ(taken, kMost) << "the other worker sees what is shared and no more";
}

// A worker that goes to and fro at a buffer's edge leaves the shared list alone.
TEST_F(MarkQueueTest, ToAndFroAtAnEdgeStaysPrivate) {
  MarkWork work(queue_);
  Put(work, 0, kMost);
  for (std::size_t i = 0; i < 10; ++i) {
    Put(work, kMost, 3);
    for (int k = 0; k < 3; ++k) EXPECT_NE(work.Take(), nullptr);
    EXPECT_TRUE(queue_.IsEmpty());
  }
}

TEST_F(MarkQueueTest, FlushMakesEverythingVisible) {
  MarkWork work(queue_);
  Put(work, 0, kMost + 1);
  work.Flush();
  EXPECT_TRUE(work.IsEmpty());
  MarkWork other(queue_);
  std::size_t taken = 0;
  while (other.Take() != nullptr) ++taken;
  EXPECT_EQ(taken, kMost + 1);
  EXPECT_TRUE(queue_.IsEmpty());
}

TEST_F(MarkQueueTest, BuffersAreUsedAgain) {
  MarkWork work(queue_);
  Put(work, 0, 9 * kMost);
  const std::size_t most = queue_.MetadataBytes() + work.MetadataBytes();
  for (int round = 0; round < 20; ++round) {
    while (work.Take() != nullptr) {
    }
    work.Flush();
    Put(work, 0, 9 * kMost);
    EXPECT_EQ(queue_.MetadataBytes() + work.MetadataBytes(), most);
  }
}

// Nothing is lost and nothing comes twice, whoever puts and takes.
TEST_F(MarkQueueTest, ThreeWorkersShareAsAMultisetDoes) {
  MarkWork first(queue_);
  MarkWork second(queue_);
  MarkWork third(queue_);
  const std::vector<MarkWork*> workers = {&first, &second, &third};
  std::map<std::byte*, int> balance;
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    MarkWork& work = *workers[random() % 3];
    const std::size_t many = random() % (2 * kMost);
    switch (random() % 5) {
      case 0:
      case 1:
        for (std::size_t i = 0; i < many; ++i) {
          std::byte* const object = At(random() % objects_.size());
          work.Put(object);
          ++balance[object];
        }
        break;
      case 2:
      case 3:
        for (std::size_t i = 0; i < many; ++i) {
          if (std::byte* const object = work.Take()) --balance[object];
        }
        break;
      case 4:
        work.Flush();
        break;
    }
    std::map<std::byte*, int> held;
    const auto count = [&](std::byte* object) { ++held[object]; };
    queue_.ForEach(count);
    for (const MarkWork* worker : workers) worker->ForEach(count);
    std::erase_if(balance, [](const auto& entry) { return entry.second == 0; });
    ASSERT_EQ(held, balance) << "round " << round;
  }
}

}  // namespace
}  // namespace slotproof::core
