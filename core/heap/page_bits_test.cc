#include "core/heap/page_bits.h"

#include <cstddef>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

// Against one bool a page, in sizes that end within a word and at its end.
TEST(PageBitsTest, AgreesWithOneBoolAPage) {
  std::mt19937 random(1);
  for (const std::size_t pages :
       {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{200}}) {
    PageBits bits(pages);
    std::vector<bool> model(pages);
    for (int round = 0; round < 2000; ++round) {
      const std::size_t first = random() % pages;
      const std::size_t count = random() % (pages - first + 1);
      const bool value = random() % 2 != 0;
      value ? bits.Set(first, count) : bits.Clear(first, count);
      for (std::size_t i = first; i < first + count; ++i) model[i] = value;

      const std::size_t from = random() % (pages + 1);
      const std::size_t wanted = 1 + random() % 8;
      std::size_t counted = 0;
      for (std::size_t i = first; i < pages; ++i) counted += model[i];
      ASSERT_EQ(bits.Count(first, pages - first), counted);

      std::size_t expected = PageBits::kNone;
      std::size_t longest = 0;
      for (std::size_t i = from, run = 0; i < pages && expected == PageBits::kNone; ++i) {
        run = model[i] ? 0 : run + 1;
        longest = std::max(longest, run);
        if (run == wanted) expected = i + 1 - wanted;
      }
      std::size_t seen = 0;
      ASSERT_EQ(bits.FindClear(from, wanted, &seen), expected);
      if (expected == PageBits::kNone) ASSERT_EQ(seen, longest);
    }
  }
}

TEST(PageBitsTest, NextFindsTheFirstOfEitherKind) {
  PageBits bits(130);
  EXPECT_EQ(bits.Next(0, true), 130U);
  bits.Set(64, 65);
  EXPECT_EQ(bits.Next(0, true), 64U);
  EXPECT_EQ(bits.Next(64, false), 129U);
  EXPECT_EQ(bits.Next(130, false), 130U);
  EXPECT_TRUE(bits.Test(128));
  EXPECT_FALSE(bits.Test(129));
}

}  // namespace
}  // namespace slotproof::core
