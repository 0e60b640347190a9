#include "harness/sched/arena.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

std::uintptr_t At(const void* block) { return reinterpret_cast<std::uintptr_t>(block); }

class ArenaTest : public testing::Test {
 protected:
  ArenaTest() { arena_.Reset(); }
  ~ArenaTest() override { arena_.Reset(); }

  Arena& arena_ = Arena::Get();
};

// Law: where a thread's blocks lie depends on what it allocated before alone.
TEST_F(ArenaTest, AddressesAreOfTheThreadsOwnHistory) {
  std::vector<std::uintptr_t> alone;
  for (std::size_t i = 0; i < 100; ++i) alone.push_back(At(arena_.Allocate(3, 7 * i, 16, 0)));
  for (unsigned seed = 0; seed < 10; ++seed) {
    arena_.Reset();
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < 100; ++i) {
      for (unsigned other = random() % 4; other > 0; --other) {
        void* const block = arena_.Allocate(4 + other, random() % 200, 16, 0);
        if (random() % 2 == 0) {
          EXPECT_EQ(arena_.Free(3, block, 0), "");
        }
      }
      void* const mine = arena_.Allocate(3, 7 * i, 16, 0);
      EXPECT_EQ(At(mine), alone[i]);
      if (random() % 2 == 0) {
        EXPECT_EQ(arena_.Free(2, mine, 0), "");
      }
    }
  }
}

// Law: blocks are aligned as asked for, do not overlap, hold what is written, and start alike.
TEST_F(ArenaTest, BlocksAreAlignedAndApart) {
  std::mt19937 random(1);
  std::vector<std::pair<std::uintptr_t, std::size_t>> blocks;
  for (int i = 0; i < 500; ++i) {
    const std::size_t alignment = std::size_t{1} << random() % 13;
    const std::size_t size = random() % 300;
    const auto thread = static_cast<ThreadId>(random() % 3);
    auto* const block = static_cast<unsigned char*>(arena_.Allocate(thread, size, alignment, 0));
    ASSERT_NE(block, nullptr);
    ASSERT_EQ(At(block) % alignment, 0);
    ASSERT_EQ(At(block) % 16, 0);
    ASSERT_TRUE(Arena::Contains(At(block)));
    for (std::size_t j = 0; j < size; ++j) ASSERT_EQ(block[j], 0xcb);
    for (const auto& [at, bytes] : blocks) {
      ASSERT_TRUE(At(block) + size <= at || at + bytes <= At(block));
      ASSERT_NE(At(block), at);
    }
    std::memset(block, 1, size);
    blocks.emplace_back(At(block), size);
  }
}

// Law: memory is live from its allocation until it is freed, and never again in this schedule.
TEST_F(ArenaTest, FreedMemoryStaysFreed) {
  void* const block = arena_.Allocate(1, 40, 16, 0x11);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(arena_.StateOf(At(block) + i), Arena::State::kLive);
  }
  EXPECT_EQ(arena_.Free(2, block, 0x22), "");
  for (int i = 0; i < 1000; ++i) arena_.Allocate(1, 40, 16, 0);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(arena_.StateOf(At(block) + i), Arena::State::kFreed);
  }
  const Arena::Head* const head = arena_.FindHead(At(block) + 33);
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(head->size, 40);
  EXPECT_EQ(head->allocated_by, 1);
  EXPECT_EQ(head->allocated_at, 0x11);
  EXPECT_EQ(head->freed_by, 2);
  EXPECT_EQ(head->freed_at, 0x22);
}

TEST_F(ArenaTest, BlocksAreFreedOnce) {
  void* const block = arena_.Allocate(1, 40, 16, 0);
  EXPECT_EQ(arena_.Free(1, block, 0), "");
  EXPECT_EQ(arena_.Free(1, block, 0), "double free");
  EXPECT_EQ(arena_.Free(2, block, 0), "double free");
}

// Law: only what Allocate() returned can be freed.
TEST_F(ArenaTest, InnerPointersAreNotFreed) {
  auto* const block = static_cast<char*>(arena_.Allocate(1, 100, 16, 0));
  constexpr std::string_view kRefused = "free of an address that no allocation returned";
  for (const std::ptrdiff_t offset : {1, 8, 16, 32, 96, -16, -32, 4096}) {
    EXPECT_EQ(arena_.Free(1, block + offset, 0), kRefused) << offset;
  }
  EXPECT_EQ(arena_.Free(1, block, 0), "");
}

// Law: each address in a block, live or freed, leads to its head; others lead to none.
TEST_F(ArenaTest, AddressesLeadToTheirHead) {
  std::mt19937 random(2);
  std::vector<std::pair<char*, std::size_t>> blocks;
  for (int i = 0; i < 200; ++i) {
    const std::size_t size = 1 + random() % 100;
    auto* const block =
        static_cast<char*>(arena_.Allocate(5, size, std::size_t{16} << random() % 3, 0));
    blocks.emplace_back(block, size);
    if (random() % 2 == 0) {
      EXPECT_EQ(arena_.Free(5, block, 0), "");
    }
  }
  for (const auto& [block, size] : blocks) {
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(arena_.FindHead(At(block) + i), &Arena::HeadOf(block));
    }
    ASSERT_EQ(arena_.FindHead(At(block) - 1), nullptr);
  }
  EXPECT_EQ(arena_.FindHead(At(blocks.back().first) + 4096), nullptr);
}

TEST_F(ArenaTest, ResetTakesAllBack) {
  std::vector<std::uintptr_t> first;
  for (int i = 0; i < 50; ++i) first.push_back(At(arena_.Allocate(1, 1000, 16, 0)));
  arena_.Reset();
  for (const std::uintptr_t at : first) {
    EXPECT_EQ(arena_.StateOf(at), Arena::State::kNever);
    EXPECT_EQ(arena_.FindHead(at), nullptr);
  }
  for (const std::uintptr_t at : first) EXPECT_EQ(At(arena_.Allocate(1, 1000, 16, 0)), at);
}

// Law: a region that is full gives null, also for sizes that overflow; others still have room.
TEST_F(ArenaTest, AFullRegionGivesNull) {
  constexpr std::size_t kBlock = Arena::kRegionBytes / 8;
  int blocks = 0;
  std::uintptr_t last = 0;
  while (void* const block = arena_.Allocate(7, kBlock, 16, 0)) {
    last = At(block);
    ASSERT_LE(++blocks, 8);
  }
  EXPECT_EQ(blocks, 7);
  EXPECT_LT(last + kBlock, At(arena_.Allocate(8, 1, 16, 0)));
  for (const std::size_t size : {~std::size_t{0}, ~std::size_t{0} - 40, Arena::kRegionBytes}) {
    EXPECT_EQ(arena_.Allocate(9, size, 16, 0), nullptr);
  }
  EXPECT_EQ(arena_.Allocate(9, 1, Arena::kRegionBytes, 0), nullptr);
  EXPECT_NE(arena_.Allocate(9, 1, 16, 0), nullptr);
}

}  // namespace
}  // namespace slotproof::sched
