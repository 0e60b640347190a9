// What may be done at the same time: copying, reading and dropping windows of one array, and
// appending to windows that do not overlap.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice.h"

namespace slotproof::core {
namespace {

constexpr int kThreads = 4;

TEST(ThreadsTest, WindowsAreCopiedAndDroppedByAnyThread) {
  auto s = Slice<std::string>::Make(kThreads, kThreads).value();
  const std::string text = "a text that is too long to be kept inline";
  for (int i = 0; i < kThreads; ++i) ASSERT_TRUE(s.Set(i, text));
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&wrong, &text, i, mine = s] {
      for (int round = 0; round < 1000; ++round) {
        const auto copy = mine;
        const auto part = copy.Sub(i, i + 1).value();
        if (part[0] != text) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_FALSE(s.SharesArray());
}

// Whoever is last frees it, having seen what the others wrote.
TEST(ThreadsTest, TheLastWindowFreesTheArrayWhicheverThreadHasIt) {
  for (int round = 0; round < 100; ++round) {
    std::vector<std::thread> threads;
    {
      const auto s = Slice<std::string>::Make(kThreads, kThreads).value();
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([i, mine = s.Sub3(i, i + 1, i + 1).value()]() mutable {
          static_cast<void>(mine.Set(0, std::string(40, static_cast<char>('a' + i))));
          mine = {};
        });
      }
    }
    for (auto& thread : threads) thread.join();
  }
}

TEST(ThreadsTest, GrowthReadsTheSharedArrayAndWritesItsOwn) {
  const auto s = Slice<std::int64_t>::Make(100, 100).value();
  std::vector<std::thread> threads;
  std::atomic<std::int64_t> total = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&total, mine = s]() mutable {
      for (std::int64_t n = 0; n < 1000; ++n) static_cast<void>(mine.Append(n));
      total += mine.len();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(total, kThreads * 1100);
  EXPECT_FALSE(s.SharesArray());
}

}  // namespace
}  // namespace slotproof::core
