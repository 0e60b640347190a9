#include "core/map/random.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

TEST(WyRandTest, EachDrawAdvancesTheStateOnceWhateverItsWidth) {
  constexpr std::uint64_t kIncrement = 0xa0761d6478bd642f;
  WyRand random(17);
  random.Rand32();
  EXPECT_EQ(random.state(), 17 + kIncrement);
  random.Rand64();
  EXPECT_EQ(random.state(), 17 + 2 * kIncrement);
}

TEST(WyRandTest, Rand32IsTheLowHalfOfRand64) {
  WyRand a(99);
  WyRand b(99);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(a.Rand32(), static_cast<std::uint32_t>(b.Rand64()));
  }
}

// Worked out by hand from the definition, for state 0.
TEST(WyRandTest, FirstValueIsTheFoldedProduct) {
  constexpr std::uint64_t kState = 0xa0761d6478bd642f;
  EXPECT_EQ(WyRand(0).Rand64(), MixHash(kState, kState ^ 0xe7037ed1a0b428db));
  // A product that can be checked by eye: high half 1, low half 0.
  EXPECT_EQ(MixHash(std::uint64_t{1} << 32, std::uint64_t{1} << 32), 1U);
  EXPECT_EQ(MixHash(3, 5), 15U);
}

TEST(WyRandTest, DefaultSeedsDiffer) {
  WyRand a;
  WyRand b;
  EXPECT_NE(a.state(), b.state());
}

TEST(WyRandTest, ASplitGoesOnWhereItsSourceWasAndTheSourceTurnsToOthers) {
  WyRand source(5);
  WyRand alone(5);
  std::set<std::uint64_t> seen;
  constexpr int kSplits = 100;
  constexpr int kDraws = 100;
  WyRand first = source.Split();
  for (int i = 0; i < kDraws; ++i) {
    const std::uint64_t drawn = first.Rand64();
    EXPECT_EQ(drawn, alone.Rand64());
    seen.insert(drawn);
  }
  for (int split = 1; split < kSplits; ++split) {
    WyRand next = source.Split();
    for (int i = 0; i < kDraws; ++i) seen.insert(next.Rand64());
  }
  EXPECT_EQ(seen.size(), std::size_t{kSplits * kDraws});
}

TEST(WyRandTest, DrawsOfSeveralThreadsAreTheSameSetAsOfOne) {
  constexpr int kThreads = 4;
  constexpr int kDraws = 1000;
  WyRand shared(5);
  std::vector<std::vector<std::uint64_t>> drawn(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&shared, &mine] {
      for (int i = 0; i < kDraws; ++i) mine.push_back(shared.Rand64());
    });
  }
  for (auto& thread : threads) thread.join();
  std::multiset<std::uint64_t> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  WyRand alone(5);
  std::multiset<std::uint64_t> expected;
  for (int i = 0; i < kThreads * kDraws; ++i) expected.insert(alone.Rand64());
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace slotproof::core
