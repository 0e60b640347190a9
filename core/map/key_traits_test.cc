#include "core/map/key_traits.h"

#include <array>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

struct Defaulted {
  int a;
  int b;
  bool operator==(const Defaulted&) const = default;
};
struct Caseless {
  char letter;
  friend bool operator==(Caseless a, Caseless b) { return (a.letter | 32) == (b.letter | 32); }
};
// Compares what it points to.
struct Pointing {
  const int* value;
  bool operator==(const Pointing& other) const { return *value == *other.value; }
};
struct Mixed {
  std::string text;
  double number;
  bool operator==(const Mixed&) const = default;
};
struct Vouched {
  std::string text;
  bool operator==(const Vouched&) const = default;
};
// What no compiler can see.
struct Declared {
  static constexpr bool kComparesAsBytes = true;
  int a;
  bool operator==(const Declared& other) const { return a == other.a; }
};
enum class Plain : std::uint8_t { kOne };
enum class Coarse : std::uint8_t { kOne, kAlsoOne };
bool operator==(Coarse, Coarse) { return true; }

struct CaselessTraits : std::char_traits<char> {};
using CaselessString = std::basic_string<char, CaselessTraits>;

template <std::size_t... kIndices>
auto WideTuple(std::index_sequence<kIndices...>) -> std::tuple<decltype(kIndices)...>;

}  // namespace

template <>
inline constexpr bool kIsReflexive<Vouched> = true;

namespace {

TEST(KeyTraitsTest, OnlyWhatIsKnownComparesAsBytes) {
  EXPECT_TRUE(kComparesAsBytes<int>);
  EXPECT_TRUE(kComparesAsBytes<const char*>);
  EXPECT_TRUE(kComparesAsBytes<Plain>);
  EXPECT_TRUE(kComparesAsBytes<std::chrono::seconds>);
  EXPECT_TRUE(kComparesAsBytes<Defaulted>);
  EXPECT_FALSE(kComparesAsBytes<double>);
  EXPECT_FALSE((kComparesAsBytes<std::chrono::duration<double>>));
  ASSERT_EQ(Coarse::kOne, Coarse::kAlsoOne);
  EXPECT_FALSE(kComparesAsBytes<Coarse>);
  ASSERT_EQ(Caseless{'a'}, Caseless{'A'});
  EXPECT_FALSE(kComparesAsBytes<Caseless>);
  EXPECT_FALSE(kComparesAsBytes<Pointing>);
}

TEST(KeyTraitsTest, OnlyWhatIsKnownIsReflexive) {
  EXPECT_TRUE(kIsReflexive<std::uint64_t>);
  EXPECT_TRUE(kIsReflexive<int*>);
  EXPECT_TRUE(kIsReflexive<Plain>);
  EXPECT_TRUE(kIsReflexive<std::string>);
  EXPECT_TRUE(kIsReflexive<std::string_view>);
  EXPECT_TRUE(kIsReflexive<std::wstring>);
  EXPECT_TRUE(kIsReflexive<Defaulted>);
  EXPECT_TRUE((kIsReflexive<std::pair<int, std::string>>));
  EXPECT_TRUE((kIsReflexive<std::tuple<int, std::array<std::string, 3>>>));
  EXPECT_FALSE(kIsReflexive<float>);
  EXPECT_FALSE(kIsReflexive<std::complex<double>>);
  EXPECT_FALSE((kIsReflexive<std::array<double, 2>>));
  EXPECT_FALSE((kIsReflexive<std::pair<int, double>>));
  EXPECT_FALSE((kIsReflexive<std::tuple<std::string, std::array<float, 3>>>));
  EXPECT_FALSE(kIsReflexive<Mixed>);
  EXPECT_FALSE(kIsReflexive<Caseless>);
  EXPECT_FALSE(kIsReflexive<Coarse>);
  EXPECT_FALSE(kIsReflexive<CaselessString>);
}

TEST(KeyTraitsTest, AProgramMayVouchForItsOwnClass) {
  EXPECT_TRUE(kComparesAsBytes<Declared>);
  EXPECT_TRUE(kIsReflexive<Declared>);
  EXPECT_TRUE(kIsReflexive<Vouched>);
  EXPECT_TRUE((kIsReflexive<std::pair<Vouched, int>>));
}

TEST(KeyTraitsTest, EqualKeysThatMayDifferAreUpdated) {
  EXPECT_FALSE(kNeedsKeyUpdate<int>);
  EXPECT_FALSE(kNeedsKeyUpdate<std::string>);
  EXPECT_FALSE((kNeedsKeyUpdate<std::pair<int, std::string>>));
  EXPECT_TRUE(kNeedsKeyUpdate<double>);
  EXPECT_TRUE(kNeedsKeyUpdate<std::string_view>);
  EXPECT_TRUE(kNeedsKeyUpdate<Coarse>);
  EXPECT_TRUE(kNeedsKeyUpdate<CaselessString>);
  EXPECT_TRUE((kNeedsKeyUpdate<std::tuple<int, double>>));
}

TEST(KeyTraitsTest, PointersAreSeenInsideArraysPairsAndTuples) {
  EXPECT_FALSE((kHasPointers<std::pair<int, double>>));
  EXPECT_FALSE((kHasPointers<std::array<int, 4>>));
  EXPECT_TRUE((kHasPointers<std::array<int*, 4>>));
  EXPECT_TRUE((kHasPointers<std::tuple<int, std::string_view>>));
}

TEST(KeyTraitsTest, LongArraysAndTuplesAreKnown) {
  EXPECT_TRUE((kIsReflexive<std::array<int, 100000>>));
  EXPECT_FALSE((kIsReflexive<std::array<float, 100000>>));
  EXPECT_TRUE((kNeedsKeyUpdate<std::array<float, 100000>>));
  using Wide = decltype(WideTuple(std::make_index_sequence<400>()));
  EXPECT_TRUE(kIsReflexive<Wide>);
  EXPECT_FALSE(kNeedsKeyUpdate<Wide>);
  EXPECT_FALSE(kHasPointers<Wide>);
}

}  // namespace
}  // namespace slotproof::core
