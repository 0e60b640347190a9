#include "core/heap/finalizer_queue.h"

#include <cstddef>
#include <deque>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

class FinalizerQueueTest : public testing::Test {
 protected:
  void Enter(std::size_t i) { queue_.Enter({.object = &objects_[i], .finalizer = {}}); }

  std::vector<char> objects_ = std::vector<char>(1000);
  FinalizerQueue queue_;
};

TEST_F(FinalizerQueueTest, TheFirstInIsTheFirstOut) {
  for (int i = 0; i < 100; ++i) queue_.MakeRoom();
  for (std::size_t i = 0; i < 100; ++i) Enter(i);
  EXPECT_EQ(queue_.Size(), 100U);
  EXPECT_EQ(queue_[99].object, &objects_[99]);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(queue_.Take().object, &objects_[i]);
  EXPECT_EQ(queue_.Size(), 0U);
}

// Entering needs no memory once there is room, also when the queue has moved on meanwhile.
TEST_F(FinalizerQueueTest, EnteringNeverAllocates) {
  std::mt19937_64 random(2);
  std::deque<void*> model;
  std::size_t room = 0;
  for (int step = 0; step < 20000; ++step) {
    switch (random() % 5) {
      case 0:
        if (room + model.size() == 300) break;
        queue_.MakeRoom();
        ++room;
        break;
      case 1:
        if (room == 0) break;
        queue_.GiveRoomBack();
        --room;
        break;
      case 2:
      case 3:
        if (room != 0) {
          const std::size_t before = queue_.MetadataBytes();
          const std::size_t i = random() % objects_.size();
          Enter(i);
          --room;
          model.push_back(&objects_[i]);
          ASSERT_EQ(queue_.MetadataBytes(), before);
        }
        break;
      case 4:
        if (model.empty()) break;
        ASSERT_EQ(queue_.Take().object, model.front());
        model.pop_front();
        break;
    }
    ASSERT_EQ(queue_.Size(), model.size());
    for (std::size_t i = 0; i < model.size(); ++i) ASSERT_EQ(queue_[i].object, model[i]);
  }
}

// The room of objects that came and went does not add up.
TEST_F(FinalizerQueueTest, ItsSizeIsThatOfWhatMayBeDueAtOnce) {
  for (int round = 0; round < 1000; ++round) {
    queue_.MakeRoom();
    Enter(0);
    queue_.Take();
    queue_.MakeRoom();
    queue_.GiveRoomBack();
  }
  EXPECT_LE(queue_.MetadataBytes(), 16 * sizeof(DueFinalizer));
}

}  // namespace
}  // namespace slotproof::core
