#include "harness/sched/vector_clock.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

using Model = std::array<std::uint32_t, kMaxThreads>;

// Law: a clock is a number for each thread, 0 at first, whatever it was before it was cleared.
TEST(VectorClockTest, IsANumberForEachThread) {
  std::mt19937 random(1);
  std::array<VectorClock, 4> clocks;
  std::array<Model, 4> models{};
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t one = random() % 4;
    const std::size_t other = random() % 4;
    const auto thread = static_cast<ThreadId>(random() % kMaxThreads >> random() % 6);
    switch (random() % 5) {
      case 0:
        clocks[one].Advance(thread);
        ++models[one][thread];
        break;
      case 1: {
        const auto value = static_cast<std::uint32_t>(random() % 100);
        clocks[one].Set(thread, value);
        models[one][thread] = value;
        break;
      }
      case 2:
        clocks[one].Join(clocks[other]);
        for (std::size_t i = 0; i < kMaxThreads; ++i) {
          models[one][i] = std::max(models[one][i], models[other][i]);
        }
        break;
      case 3:
        clocks[one].Assign(clocks[other]);
        models[one] = models[other];
        break;
      default:
        if (random() % 4 != 0) break;
        clocks[one].Clear();
        models[one] = {};
        ASSERT_TRUE(clocks[one].empty());
    }
    for (ThreadId i = 0; i < kMaxThreads; ++i) ASSERT_EQ(clocks[one].Of(i), models[one][i]);
  }
}

}  // namespace
}  // namespace slotproof::sched
