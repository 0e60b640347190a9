// Cells that no window reaches are poisoned under AddressSanitizer, and nothing else is.

#include "core/base/poison.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

class PoisonTest : public CountingTest {};

// The poisoned ones of a slice's cells, as a picture.
template <class T, class Policy>
std::string Picture(const Slice<T, Policy>& whole) {
  std::string picture;
  for (std::int64_t i = 0; i < whole.cap(); ++i)
    picture += IsPoisoned(whole.data() + i) ? 'x' : '.';
  return picture;
}
std::string IfPoisoning(const std::string& picture) {
  return kPoisons ? picture : std::string(picture.size(), '.');
}

TEST_F(PoisonTest, CellsOutsideArePoisonedExactlyIfTheyAreWords) {
  for (std::int64_t first = 0; first <= 6; ++first) {
    for (std::int64_t last = first; last <= 6; ++last) {
      const auto s = Make<std::uint64_t>(6, 6);
      s.PoisonOutside(first, last);
      std::string expected(6, 'x');
      for (std::int64_t i = first; i < last; ++i) expected[static_cast<std::size_t>(i)] = '.';
      EXPECT_EQ(Picture(s), IfPoisoning(expected));
    }
  }
}

TEST_F(PoisonTest, SmallCellsInsideAreNeverPoisoned) {
  std::size_t poisoned = 0;
  for (std::int64_t first = 0; first <= 40; ++first) {
    for (std::int64_t last = first; last <= 40; ++last) {
      const auto s = Make<char>(40, 40);
      s.PoisonOutside(first, last);
      for (std::int64_t i = first; i < last; ++i) EXPECT_FALSE(IsPoisoned(s.data() + i));
      for (std::int64_t i = 0; i < 40; ++i) poisoned += IsPoisoned(s.data() + i) ? 1U : 0U;
    }
  }
  EXPECT_EQ(poisoned > 0, kPoisons);
}

TEST_F(PoisonTest, PoisonIsNeverTakenBackByAWiderWindow) {
  const auto s = Make<std::uint64_t>(6, 6);
  s.PoisonOutside(2, 4);
  s.PoisonOutside(0, 6);
  EXPECT_EQ(Picture(s), IfPoisoning("xx..xx"));
}

TEST_F(PoisonTest, ASliceWithoutAnArrayHasNothingToPoison) {
  Nil().PoisonOutside(0, 0);
  Make(0, 0).PoisonOutside(0, 0);
}

TEST_F(PoisonTest, APoisonedArrayIsDestroyedAndItsMemoryIsGoodAgain) {
  const std::string text = "a text that is too long to be kept inline";
  for (int round = 0; round < 3; ++round) {
    auto s = Nil<std::string>();
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(s.Append(text));
    auto t = s.Sub3(2, 3, 5).value();
    s = Nil<std::string>();
    t.PoisonOutside(t.offset(), t.offset() + t.cap());
    EXPECT_TRUE(t.Append(text));
    EXPECT_TRUE(t.Append(text));
    EXPECT_EQ(counters_.live_arrays, 1U);
    EXPECT_TRUE(t.Append(text));
    EXPECT_EQ(Contents(t), std::vector<std::string>(4, text));
  }
}

// The growth that leaves a poisoned array copies what is within the length, and not a cell more.
TEST_F(PoisonTest, GrowthDoesNotTouchWhatIsPoisoned) {
  auto s = Make<std::uint64_t>(6, 6);
  s = s.Sub3(2, 3, 3).value();
  s.PoisonOutside(2, 3);
  EXPECT_TRUE(s.Append(1));
  EXPECT_EQ(s.len(), 2);
}

using PoisonDeathTest = PoisonTest;

TEST_F(PoisonDeathTest, TouchingWhatIsPoisonedIsReported) {
  if (!kPoisons) GTEST_SKIP() << "needs AddressSanitizer";
  const auto s = Make<std::uint64_t>(6, 6);
  s.PoisonOutside(1, 6);
  EXPECT_EQ(s[1], 0U);
  EXPECT_DEATH(std::printf("%d\n", static_cast<int>(s[0])), "use-after-poison");
}

}  // namespace
}  // namespace slotproof::core
