#include "subjects/heap/recycled_pages.h"

#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

constexpr std::size_t kSmall = std::size_t{64} << 10;
constexpr std::size_t kLarge = std::size_t{1} << 20;

// Gives everything back at its end.
class Given {
 public:
  ~Given() {
    for (const auto& [memory, bytes] : arenas_) RecycledPages().Unmap(memory, bytes);
  }
  std::byte* Map(std::size_t bytes) {
    auto* const memory = static_cast<std::byte*>(RecycledPages().Map(bytes, kSmall));
    arenas_.emplace_back(memory, bytes);
    return memory;
  }

 private:
  std::vector<std::pair<std::byte*, std::size_t>> arenas_;
};

TEST(RecycledPages, LieAboveThoseBefore) {
  Given given;
  const std::byte* below = nullptr;
  for (const std::size_t bytes : {kSmall, kLarge, kSmall, 3 * kSmall}) {
    const std::byte* const memory = given.Map(bytes);
    EXPECT_GT(memory, below);
    below = memory + bytes - 1;
  }
}

TEST(RecycledPages, AreTheSameForTheNextHeap) {
  std::vector<std::byte*> of_first;
  for (int heap = 0; heap < 2; ++heap) {
    Given given;
    std::vector<std::byte*> addresses;
    for (const std::size_t bytes : {kSmall, kLarge, kSmall}) addresses.push_back(given.Map(bytes));
    if (heap == 0) of_first = addresses;
    EXPECT_EQ(addresses, of_first);
  }
}

TEST(RecycledPages, ReadAsZeroHoweverTheyWereCutBefore) {
  const std::vector<std::vector<std::size_t>> cuts = {
      {kSmall, kSmall, kLarge}, {kLarge, kSmall}, {kSmall, kLarge, kLarge}, {kSmall, kSmall}};
  for (const std::vector<std::size_t>& cut : cuts) {
    Given given;
    for (const std::size_t bytes : cut) {
      std::byte* const memory = given.Map(bytes);
      for (std::size_t i = 0; i < bytes; ++i) {
        ASSERT_EQ(memory[i], std::byte{0}) << i << " of " << bytes;
        memory[i] = std::byte{0xa5};
      }
    }
  }
}

TEST(RecycledPages, ComeFromTheSystemWhereThereIsNoRoom) {
  Given given;
  const std::byte* const first = given.Map(kSmall);
  const std::byte* const far = given.Map(RecycledPages::kStretchBytes);
  ASSERT_NE(far, nullptr);
  EXPECT_TRUE(far + RecycledPages::kStretchBytes <= first ||
              far >= first + RecycledPages::kStretchBytes);
  EXPECT_EQ(given.Map(kSmall), first + kSmall);
}

}  // namespace
}  // namespace slotproof
