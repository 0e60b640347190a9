#include "core/heap/span.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

// A span over pages of the test's own.
class SpanTest : public testing::Test {
 protected:
  Span& Begin(std::size_t size_class, bool pointers, bool zeroed = true) {
    return BeginPages(kSizeClassPages[size_class], size_class, pointers, zeroed);
  }
  Span& BeginPages(std::size_t pages, std::size_t size_class, bool pointers, bool zeroed = true) {
    memory_.assign((pages + 1) * kPageBytes, std::byte{});
    const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
    std::byte* const base = memory_.data() + (kPageBytes - at % kPageBytes) % kPageBytes;
    EXPECT_TRUE(span_.Begin(base, pages, SpanClassOf(size_class, pointers), zeroed));
    return span_;
  }
  std::vector<std::size_t> PointersOf(std::size_t index) {
    std::vector<std::size_t> words;
    std::byte* const object = span_.ObjectAt(index);
    span_.ForEachPointer(object, object + span_.object_bytes(), [&](void** slot) {
      words.push_back(static_cast<std::size_t>(reinterpret_cast<std::byte*>(slot) - object) /
                      kWordBytes);
    });
    return words;
  }

  std::vector<std::byte> memory_;
  Span span_;
};

std::size_t CountMarked(const Span& span) {
  std::size_t marked = 0;
  for (std::size_t i = 0; i < span.objects(); ++i) marked += span.IsMarked(i) ? 1 : 0;
  return marked;
}

TEST_F(SpanTest, AFreshOneHandsOutItsObjectsInOrderAndThenNone) {
  for (std::size_t size_class = 1; size_class < kSizeClassBytes.size(); ++size_class) {
    Span& span = Begin(size_class, false);
    ASSERT_EQ(span.objects(), span.bytes() / kSizeClassBytes[size_class]);
    ASSERT_LE(span.objects(), Span::kMostObjects);
    for (std::size_t i = 0; i < span.objects(); ++i) {
      ASSERT_TRUE(span.IsFree(i));
      ASSERT_EQ(span.TakeFree(), i) << "class " << size_class;
      ASSERT_FALSE(span.IsFree(i));
      ASSERT_EQ(span.allocated(), i + 1);
    }
    EXPECT_TRUE(span.IsFull());
    EXPECT_EQ(span.TakeFree(), Span::kNone);
    EXPECT_EQ(span.TakeFree(), Span::kNone) << "and again none";
    EXPECT_EQ(span.allocated(), span.objects());
  }
}

// The alloc bits of the last sweep are skipped, wherever they lie in the words of 64.
TEST_F(SpanTest, TakeFreeFindsExactlyTheClearBits) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    Span& span = Begin(1 + random() % (kSizeClassBytes.size() - 1), false);
    const std::uint64_t density = random() % 5;
    std::vector<std::size_t> holes;
    for (std::size_t i = 0; i < span.objects(); ++i) {
      // Whole words that are full or empty are as frequent as mixed ones.
      const bool marked = density == 4 ? (i / 64) % 2 == 0 : random() % 4 < density;
      if (marked) {
        span.Mark(i);
      } else {
        holes.push_back(i);
      }
    }
    span.MarksBecomeAllocs();
    ASSERT_EQ(span.allocated(), span.objects() - holes.size());
    for (const std::size_t hole : holes) {
      ASSERT_FALSE(span.IsFull());
      ASSERT_TRUE(span.IsFree(hole));
      ASSERT_EQ(span.TakeFree(), hole);
      ASSERT_EQ(span.free_index(), hole + 1);
    }
    ASSERT_TRUE(span.IsFull());
    ASSERT_EQ(span.TakeFree(), Span::kNone);
    for (std::size_t i = 0; i < span.objects(); ++i) ASSERT_FALSE(span.IsFree(i));
  }
}

TEST_F(SpanTest, AFreeObjectBehindTheIndexIsFreeOnlyIfItsBitIsClear) {
  Span& span = Begin(1, false);
  span.Mark(0);
  span.Mark(63);
  span.Mark(64);
  span.MarksBecomeAllocs();
  EXPECT_FALSE(span.IsFree(0));
  EXPECT_TRUE(span.IsFree(1));
  EXPECT_FALSE(span.IsFree(63));
  EXPECT_FALSE(span.IsFree(64));
  EXPECT_TRUE(span.IsFree(65));
  for (std::size_t i = 1; i < 63; ++i) EXPECT_EQ(span.TakeFree(), i);
  EXPECT_EQ(span.TakeFree(), 65U);
}

TEST_F(SpanTest, IndexOfIsTheQuotientForEachOffsetOfEachClass) {
  for (std::size_t size_class = 1; size_class < kSizeClassBytes.size(); ++size_class) {
    Span& span = Begin(size_class, false);
    for (std::size_t offset = 0; offset < span.bytes(); ++offset) {
      if (span.IndexOf(span.base() + offset) != offset / kSizeClassBytes[size_class]) {
        FAIL() << "class " << size_class << ", offset " << offset;
      }
    }
  }
}

TEST_F(SpanTest, ALargeOneIsOneObject) {
  Span& span = BeginPages(37, 0, true);
  EXPECT_TRUE(span.IsLarge());
  EXPECT_EQ(span.objects(), 1U);
  EXPECT_EQ(span.object_bytes(), 37 * kPageBytes);
  for (const std::size_t offset : {std::size_t{0}, std::size_t{1}, 37 * kPageBytes - 1}) {
    EXPECT_EQ(span.IndexOf(span.base() + offset), 0U);
  }
  EXPECT_EQ(span.TakeFree(), 0U);
  EXPECT_EQ(span.TakeFree(), Span::kNone);
}

TEST_F(SpanTest, AnObjectIsMarkedOnce) {
  Span& span = Begin(1, false);
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{1023}}) {
    EXPECT_FALSE(span.IsMarked(i));
    EXPECT_TRUE(span.Mark(i));
    EXPECT_FALSE(span.Mark(i));
    EXPECT_TRUE(span.IsMarked(i));
  }
  EXPECT_FALSE(span.IsMarked(1));
  EXPECT_EQ(CountMarked(span), 4U);
}

TEST_F(SpanTest, SoItIsByWhoMarksAlone) {
  Span& span = Begin(1, false);
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{1023}}) {
    EXPECT_TRUE(span.Mark<true>(i));
    EXPECT_FALSE(span.Mark<true>(i));
    EXPECT_FALSE(span.Mark(i));
  }
  EXPECT_EQ(CountMarked(span), 4U);
}

TEST_F(SpanTest, MarksBecomeAllocsAndAreCleared) {
  Span& span = Begin(5, false);
  for (int i = 0; i < 70; ++i) span.TakeFree();
  EXPECT_FALSE(span.needs_zero());
  span.Mark(3);
  span.Mark(69);
  span.MarksBecomeAllocs();
  EXPECT_EQ(span.allocated(), 2U);
  EXPECT_EQ(span.free_index(), 0U);
  EXPECT_EQ(CountMarked(span), 0U);
  EXPECT_TRUE(span.needs_zero()) << "what was freed is dirty";
  EXPECT_FALSE(span.IsFree(3));
  EXPECT_TRUE(span.IsFree(68));
  EXPECT_FALSE(span.IsFree(69));
  EXPECT_EQ(span.TakeFree(), 0U);
}

TEST_F(SpanTest, BeginForgetsWhatTheLastRunWas) {
  Begin(1, true);
  for (int i = 0; i < 100; ++i) span_.TakeFree();
  span_.SetPointers(5, ObjectType(8, 0b1), 1);
  span_.Mark(7);
  span_.specials().push_back({});
  span_.End();
  EXPECT_EQ(span_.base(), nullptr);
  Span& span = Begin(2, true, false);
  EXPECT_TRUE(span.needs_zero());
  EXPECT_EQ(span.allocated(), 0U);
  EXPECT_EQ(CountMarked(span), 0U);
  EXPECT_TRUE(span.specials().empty());
  for (std::size_t i = 0; i < span.objects(); ++i) {
    EXPECT_TRUE(span.IsFree(i));
    EXPECT_TRUE(PointersOf(i).empty());
  }
}

TEST_F(SpanTest, PointersAreWhereTheTypeHasThem) {
  Begin(5, true);  // 48 bytes: six words, so that objects begin anywhere in a word of bits
  const ObjectType type(40, 0b10010);
  for (std::size_t i = 0; i < span_.objects(); ++i) {
    span_.SetPointers(i, type, 1);
    ASSERT_EQ(PointersOf(i), (std::vector<std::size_t>{1, 4}));
    std::byte* const object = span_.ObjectAt(i);
    for (std::size_t word = 0; word < 6; ++word) {
      ASSERT_EQ(span_.IsPointer(object + word * kWordBytes), word == 1 || word == 4);
    }
  }
}

TEST_F(SpanTest, NeighboursInAnArrayRepeatTheType) {
  Begin(27, true);
  ASSERT_EQ(span_.object_bytes(), 576U);
  const ObjectType type(24, 0b101);
  span_.SetPointers(1, type, 23);
  std::vector<std::size_t> expected;
  for (std::size_t element = 0; element < 23; ++element) {
    expected.push_back(3 * element);
    expected.push_back(3 * element + 2);
  }
  EXPECT_EQ(PointersOf(1), expected);
  EXPECT_TRUE(PointersOf(0).empty());
  EXPECT_TRUE(PointersOf(2).empty());
}

// An object that is taken again has its own pointers and none of its predecessor's.
TEST_F(SpanTest, AMapOfMoreThan64WordsIsTheSameWhereverTheObjectBegins) {
  std::mt19937_64 random(7);
  for (std::size_t size_class = 1; size_class < kSizeClassBytes.size(); ++size_class) {
    const std::size_t words = kSizeClassBytes[size_class] / kWordBytes;
    if (words < 65) continue;
    Begin(size_class, true);
    const std::size_t type_words = 65 + random() % (words - 64);
    std::vector<std::uint64_t> map(type_words / 64 + 1);
    std::vector<std::size_t> expected;
    for (std::size_t word = 0; word < type_words; ++word) {
      if (word + 1 != type_words && random() % 2 == 0) continue;
      map[word / 64] |= std::uint64_t{1} << (word % 64);
      expected.push_back(word);
    }
    const ObjectType type(type_words * kWordBytes, map);
    for (std::size_t index = 0; index < span_.objects(); index += 2) {
      span_.SetPointers(index, type, 1);
    }
    for (std::size_t index = 0; index < span_.objects(); ++index) {
      ASSERT_EQ(PointersOf(index), index % 2 == 0 ? expected : std::vector<std::size_t>{})
          << "object " << index << " of " << span_.object_bytes() << " bytes";
    }
  }
}

TEST_F(SpanTest, SetPointersLeavesNothingOfTheFormerTypeAndNothingToNeighbours) {
  std::mt19937_64 random(5);
  Begin(24, true);
  const std::size_t words = span_.object_bytes() / kWordBytes;
  std::vector<std::vector<std::size_t>> expected(span_.objects());
  for (int round = 0; round < 500; ++round) {
    const std::size_t index = random() % span_.objects();
    const std::uint64_t map = random() & random() & ((std::uint64_t{1} << (words / 2)) - 1);
    const ObjectType type(words / 2 * kWordBytes, map);
    const std::size_t count = 1 + random() % 2;
    span_.SetPointers(index, type, count);
    expected[index].clear();
    for (std::size_t element = 0; element < count; ++element) {
      for (std::size_t word = 0; word < words / 2; ++word) {
        if (type.IsPointer(word)) expected[index].push_back(element * (words / 2) + word);
      }
    }
    for (std::size_t i = 0; i < span_.objects(); ++i) ASSERT_EQ(PointersOf(i), expected[i]);
  }
}

TEST_F(SpanTest, APieceShowsItsOwnPointersAlone) {
  BeginPages(33, 0, true);
  const std::vector<std::uint64_t> map(33 * kPageBytes / kWordBytes / 64, ~std::uint64_t{0});
  span_.SetPointers(0, ObjectType(33 * kPageBytes, map), 1);
  std::byte* const begin = span_.base() + 100 * kWordBytes;
  std::vector<void**> seen;
  span_.ForEachPointer(begin, begin + 77 * kWordBytes, [&](void** slot) { seen.push_back(slot); });
  ASSERT_EQ(seen.size(), 77U);
  EXPECT_EQ(seen.front(), reinterpret_cast<void**>(begin));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(SpanClassTest, EachSizeHasOneWithPointersAndOneWithout) {
  std::set<SpanClass> seen;
  for (std::size_t size_class = 0; size_class < kSizeClassBytes.size(); ++size_class) {
    for (const bool pointers : {false, true}) {
      const SpanClass span_class = SpanClassOf(size_class, pointers);
      EXPECT_LT(span_class, kSpanClasses);
      EXPECT_EQ(span_class / 2, size_class);
      seen.insert(span_class);
    }
  }
  EXPECT_EQ(seen.size(), kSpanClasses);
}

}  // namespace
}  // namespace slotproof::core
