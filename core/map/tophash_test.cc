#include "core/map/tophash.h"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "core/map/random.h"

namespace slotproof::core {
namespace {

TEST(TopHashTest, TopByteIsRaisedClearOfTheStates) {
  for (std::uint64_t top = 0; top < 256; ++top) {
    const std::uint8_t expected = static_cast<std::uint8_t>(top < 5 ? top + 5 : top);
    EXPECT_EQ(TopHash(top << 56 | 0x00ffffffffffffff), expected);
    EXPECT_TRUE(IsLive(TopHash(top << 56)));
  }
}

TEST(TopHashTest, StatesAreClassified) {
  const std::array<bool, 6> empty = {true, true, false, false, false, false};
  const std::array<bool, 6> evacuated = {false, false, true, true, true, false};
  const std::array<bool, 6> moved = {false, false, true, true, false, false};
  for (std::uint8_t state = 0; state < 6; ++state) {
    EXPECT_EQ(IsEmpty(state), empty[state]);
    EXPECT_EQ(IsEvacuated(state), evacuated[state]);
    EXPECT_EQ(HasMoved(state), moved[state]);
    EXPECT_EQ(IsLive(state), state == 5);
  }
}

// One comparison of eight bytes gives what eight comparisons of one byte give.
TEST(TopHashTest, EightAtOnceAgreesWithOneByOne) {
  WyRand random(2);
  for (int round = 0; round < 20000; ++round) {
    std::array<std::uint8_t, 8> states{};
    for (auto& state : states) {
      const std::uint64_t draw = random.Rand64();
      state = static_cast<std::uint8_t>(draw % 3 == 0 ? draw >> 8 : (draw >> 8) % 8);
    }
    const auto top = static_cast<std::uint8_t>(random.Rand64() % 9);
    std::uint32_t match = 0;
    std::uint32_t empty = 0;
    std::uint32_t occupied = 0;
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] == top) match |= 1U << i;
      if (states[i] <= 1) empty |= 1U << i;
      if (states[i] > 1 && states[i] != 4) occupied |= 1U << i;
    }
    ASSERT_EQ(TopHashGroup<8>::Match(states.data(), top).bits(), match);
    ASSERT_EQ(TopHashGroup<8>::MatchEmpty(states.data()).bits(), empty);
    ASSERT_EQ(TopHashGroup<8>::MatchOccupied(states.data()).bits(), occupied);
    ASSERT_EQ(TopHashGroup<4>::Match(states.data(), top).bits(), match & 0xf);
    ASSERT_EQ(TopHashGroup<4>::MatchEmpty(states.data()).bits(), empty & 0xf);
    ASSERT_EQ(TopHashGroup<2>::MatchOccupied(states.data()).bits(), occupied & 3);
  }
}

TEST(TopHashTest, AMaskIteratesFromTheLowestSlot) {
  std::array<int, 3> slots{};
  std::size_t count = 0;
  for (const int slot : SlotMask(0b10010010)) slots[count++] = slot;
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(slots, (std::array<int, 3>{1, 4, 7}));
  EXPECT_FALSE(SlotMask(0));
}

}  // namespace
}  // namespace slotproof::core
