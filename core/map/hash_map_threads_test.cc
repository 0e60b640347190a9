// What may be done at the same time: look-ups, iterations and copies of a map that nobody writes
// to.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

constexpr int kThreads = 4;

template <class Action>
void OnAllThreads(Action&& action) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(action);
  for (auto& thread : threads) thread.join();
}

// TestConcurrentReadsAfterGrowth: tables of every size, among them such as are growing.
TEST(ThreadsTest, LookupsAndIterationsOfAConstMapDoNotRace) {
  for (std::uint64_t size = 1; size < 300; size += 13) {
    HashMap<std::uint64_t, std::uint64_t> filled(0, WyRand(size));
    for (std::uint64_t i = 0; i < size; ++i) filled[i] = i;
    const auto& map = filled;
    std::atomic<std::uint64_t> found = 0;
    std::atomic<std::uint64_t> visited = 0;
    OnAllThreads([&] {
      std::uint64_t mine = 0;
      for (auto it = map.Iterate(); it.Next();) mine += it.value() == it.key() ? 1 : 0;
      visited += mine;
      for (std::uint64_t i = 0; i < 2 * size; ++i) found += map.Contains(i) ? 1U : 0U;
    });
    EXPECT_EQ(found, kThreads * size);
    EXPECT_EQ(visited, kThreads * size);
  }
}

// Look-ups of a NaN draw random numbers; so does the start of an iteration.
TEST(ThreadsTest, LookupsOfNanDoNotRace) {
  HashMap<double, std::string> filled(104, WyRand(1));
  for (int i = 0; i < 105; ++i) filled.InsertOrAssign(i % 3 == 0 ? kNan : i, "text");
  ASSERT_TRUE(filled.Shape().growing);
  const auto& map = filled;
  const std::uint64_t before = map.random().state();
  OnAllThreads([&] {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(map.Contains(kNan));
    std::size_t visited = 0;
    for (auto it = map.Iterate(); it.Next();) ++visited;
    EXPECT_EQ(visited, map.size());
  });
  WyRand expected(before);
  for (int i = 0; i < kThreads * 101; ++i) expected.Rand32();
  EXPECT_EQ(map.random().state(), expected.state());
}

TEST(ThreadsTest, CopiesOfAConstMapDoNotRaceAndHaveSeedsOfTheirOwn) {
  HashMap<int, std::string> filled(0, WyRand(1));
  for (int i = 0; i < 105; ++i) filled[i] = "text";
  const auto& map = filled;
  std::mutex mutex;
  std::set<std::uint32_t> seeds = {map.Shape().hash0};
  OnAllThreads([&] {
    for (int i = 0; i < 50; ++i) {
      const HashMap<int, std::string> copy = map;
      EXPECT_EQ(copy, map);
      const std::lock_guard lock(mutex);
      seeds.insert(copy.Shape().hash0);
    }
  });
  EXPECT_EQ(seeds.size(), 1U + kThreads * 50U);
}

// Iterators share their array's lifetime; the last one frees it.
TEST(ThreadsTest, IteratorsMayBeDroppedByAnyThread) {
  for (int round = 0; round < 20; ++round) {
    auto* map = new HashMap<int, std::string>(0, WyRand(9));
    for (int i = 0; i < 100; ++i) (*map)[i] = "a text that is too long to be kept inline";
    std::vector<HashMap<int, std::string>::ConstIterator> iterators;
    for (int i = 0; i < kThreads; ++i) {
      iterators.push_back(std::as_const(*map).Iterate());
      ASSERT_TRUE(iterators.back().Next());
    }
    delete map;
    std::vector<std::thread> threads;
    for (auto& it : iterators) {
      threads.emplace_back([mine = std::move(it)]() mutable { mine = {}; });
    }
    for (auto& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace slotproof::core
