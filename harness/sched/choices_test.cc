#include "harness/sched/choices.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A hundred choices of several kinds.
std::vector<std::uint64_t> Draw(std::uint64_t seed, const Bytes& bytes) {
  Choices choices(seed, bytes);
  std::vector<std::uint64_t> drawn;
  for (std::uint32_t i = 0; i < 100; ++i) {
    drawn.push_back(i % 3 == 0 ? choices.Priority() : choices.Below(2 + i % 7));
  }
  return drawn;
}

TEST(ChoicesTest, TheSameSeedDrawsTheSame) {
  EXPECT_EQ(Draw(1, {}), Draw(1, {}));
  EXPECT_NE(Draw(1, {}), Draw(2, {}));
  Choices restarted(9);
  restarted.Below(5);
  restarted.Restart(1);
  Choices fresh(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(restarted.Priority(), fresh.Priority());
}

// Law: bytes come first; once they are used up, it goes on as from the seed alone.
TEST(ChoicesTest, BytesComeBeforeTheGenerator) {
  const Bytes bytes = {0, 64, 128, 192, 255};
  Choices choices(3, bytes);
  for (const std::uint32_t expected : {0U, 1U, 2U, 3U, 3U}) EXPECT_EQ(choices.Below(4), expected);
  Choices plain(3);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(choices.Below(1000), plain.Below(1000));
}

// Law: a byte that changes changes the one choice that it decides.
TEST(ChoicesTest, OneByteDecidesOneChoice) {
  Bytes bytes(100);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(37 * i);
  const std::vector<std::uint64_t> before = Draw(1, bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 0x80;
    const std::vector<std::uint64_t> after = Draw(1, changed);
    for (std::size_t j = 0; j < after.size(); ++j) {
      EXPECT_EQ(before[j] != after[j], i == j) << "byte " << i << ", choice " << j;
    }
  }
}

// Law: of all bytes, and of many numbers of the generator, as many lead to each choice.
TEST(ChoicesTest, EachChoiceIsAsLikely) {
  for (std::uint32_t limit = 1; limit <= 128; ++limit) {
    std::vector<std::uint32_t> by_byte(limit);
    for (int byte = 0; byte < 256; ++byte) {
      const Bytes one = {static_cast<std::uint8_t>(byte)};
      Choices choices(0, one);
      ++by_byte.at(choices.Below(limit));
    }
    for (const std::uint32_t times : by_byte) {
      EXPECT_GE(times, 256 / limit);
      EXPECT_LE(times, (256 + limit - 1) / limit);
    }
  }
  for (const std::uint32_t limit : {2U, 3U, 7U, 10U}) {
    Choices choices(limit);
    std::vector<int> times(limit);
    constexpr int kDraws = 100'000;
    for (int i = 0; i < kDraws; ++i) ++times.at(choices.Below(limit));
    // Six standard deviations are at most 6 * sqrt(kDraws / 4).
    for (const int of : times) EXPECT_LE(std::abs(of - kDraws / static_cast<int>(limit)), 950);
  }
}

}  // namespace
}  // namespace slotproof::sched
