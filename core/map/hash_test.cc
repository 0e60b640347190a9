#include "core/map/hash.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "core/map/random.h"

namespace slotproof::core {
namespace {

struct PlainPair {
  std::uint32_t a;
  std::uint32_t b;
  bool operator==(const PlainPair&) const = default;
};
struct Nothing {};
// A class of one byte without padding whose == is coarser than its byte.
struct Caseless {
  char letter;
  friend bool operator==(Caseless a, Caseless b) { return (a.letter | 32) == (b.letter | 32); }
};
enum class Weekday : std::uint8_t { kMonday, kAlsoMonday };
bool operator==(Weekday, Weekday) { return true; }

}  // namespace
}  // namespace slotproof::core

template <>
struct std::hash<slotproof::core::Caseless> {
  std::size_t operator()(slotproof::core::Caseless value) const {
    return static_cast<std::size_t>(value.letter | 32);
  }
};
template <>
struct std::hash<slotproof::core::Weekday> {
  std::size_t operator()(slotproof::core::Weekday) const { return 7; }
};

namespace slotproof::core {
namespace {

struct Named {
  std::string name;
};
std::uint64_t RuntimeHashValue(const Named& value, std::uint64_t seed) {
  return MemHash(value.name.data(), seed, value.name.size());
}

template <class T>
std::uint64_t HashOf(const T& value, std::uint32_t hash0 = 0x12345678) {
  WyRand random(1);
  return RuntimeHash<T>{}(value, hash0, random);
}

// Values computed by the runtime itself with the same hash key, over bytes 1, 2, 3, ...
TEST(HashTest, MemHashIsTheRuntimes) {
  struct Golden {
    std::size_t size;
    std::uint64_t hash;
  };
  constexpr auto kGolden = std::to_array<Golden>({
      {0, 0x3e4164dd15c34e42},
      {1, 0xf104532354a9cc7b},
      {2, 0xed09aa95def51e9c},
      {3, 0x378cdbf32f0f725e},
      {4, 0xff4835b34c3855a3},
      {7, 0x6f479263cb71378a},
      {8, 0x407f2d81c9fcd47c},
      {12, 0x9b76b531477794e5},
      {16, 0xd5db147a9eb69458},
      {17, 0xac2fd50ed58c8cd2},
      {32, 0x594d8d047cd7d426},
      {48, 0xdc9af6e2baf014ae},
      {49, 0x418a60fb32158543},
      {96, 0x6c598929ff8c3760},
      {97, 0x5dc398bd7f194153},
      {136, 0x94bc8d66789a7189},
  });
  std::array<unsigned char, 200> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i + 1);
  for (const auto& [size, hash] : kGolden) {
    EXPECT_EQ(MemHash(bytes.data(), 0x12345678, size), hash) << size;
  }
}

TEST(HashTest, EachLengthAndEachByteCounts) {
  std::array<unsigned char, 200> bytes{};
  std::set<std::uint64_t> seen;
  std::size_t expected = 0;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      // Inputs of one to three bytes are read at their start, middle and end: all of them.
      bytes[at] = 0x5a;
      EXPECT_TRUE(seen.insert(MemHash(bytes.data(), 1, size)).second) << size << " at " << at;
      bytes[at] = 0;
      ++expected;
    }
  }
  EXPECT_EQ(seen.size(), expected);
}

TEST(HashTest, IntegersHashAsTheirBytes) {
  const std::uint64_t wide = 0x0123456789abcdef;
  const std::int32_t narrow = -5;
  EXPECT_EQ(HashOf(wide), MemHash(&wide, 0x12345678, 8));
  EXPECT_EQ(HashOf(narrow), MemHash(&narrow, 0x12345678, 4));
}

TEST(HashTest, StringAndViewOfTheSameTextAgree) {
  const std::string text = "a text of some length, longer than forty-eight bytes in all";
  EXPECT_EQ(HashOf(text), HashOf(std::string_view(text)));
  EXPECT_EQ(HashOf(text), MemHash(text.data(), 0x12345678, text.size()));
}

TEST(HashTest, StructWithoutPaddingHashesAsBytes) {
  const PlainPair pair{1, 2};
  EXPECT_EQ(HashOf(pair), MemHash(&pair, 0x12345678, 8));
}

TEST(HashTest, AUsersHashWinsOverBytes) {
  ASSERT_EQ(Caseless{'a'}, Caseless{'A'});
  EXPECT_EQ(HashOf(Caseless{'a'}), HashOf(Caseless{'A'}));
  EXPECT_NE(HashOf(Caseless{'a'}), HashOf(Caseless{'b'}));
  ASSERT_EQ(Weekday::kMonday, Weekday::kAlsoMonday);
  EXPECT_EQ(HashOf(Weekday::kMonday), HashOf(Weekday::kAlsoMonday));
  EXPECT_EQ(HashOf(std::array{Caseless{'a'}, Caseless{'B'}}),
            HashOf(std::array{Caseless{'A'}, Caseless{'b'}}));
  EXPECT_EQ(HashOf(std::pair(Caseless{'a'}, 1)), HashOf(std::pair(Caseless{'A'}, 1)));
}

// memhash0.
TEST(HashTest, AnEmptyClassHashesToTheSeed) {
  EXPECT_EQ(HashOf(Nothing{}, 0x12345678), 0x12345678U);
  EXPECT_EQ(HashOf(std::array<int, 0>{}, 5), 5U);
  EXPECT_NE(HashOf(std::string(), 5), 5U);
}

TEST(HashTest, ArraysOfAnyLengthHash) {
  std::array<std::uint32_t, 1000> words{};
  words.back() = 3;
  EXPECT_EQ(HashOf(words), MemHash(words.data(), 0x12345678, sizeof(words)));
  std::array<float, 1000> floats{};
  const std::uint64_t hash = HashOf(floats);
  floats.back() = -0.0F;
  EXPECT_EQ(HashOf(floats), hash);
  floats.front() = 1;
  EXPECT_NE(HashOf(floats), hash);
}

// A pair of two words is hashed word by word, a class of two as one piece of memory.
TEST(HashTest, APairOfWordsHashesUnlikeAClassOfTwo) {
  EXPECT_NE(HashOf(std::pair<std::uint32_t, std::uint32_t>(1, 2)), HashOf(PlainPair{1, 2}));
}

TEST(HashTest, NegativeZeroHashesLikeZero) {
  EXPECT_EQ(HashOf(0.0), HashOf(-0.0));
  EXPECT_EQ(HashOf(0.0F), HashOf(-0.0F));
  EXPECT_EQ(HashOf(0.0, 3), 23344194077549503ULL * (33054211828000289ULL ^ 3));
}

TEST(HashTest, NanDrawsOncePerHash) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  WyRand random(4);
  WyRand expected(4);
  const std::uint64_t hash = RuntimeHash<double>{}(nan, 9, random);
  EXPECT_EQ(hash, 23344194077549503ULL * (33054211828000289ULL ^ 9 ^ expected.Rand32()));
  EXPECT_EQ(random.state(), expected.state());
  RuntimeHash<double>{}(1.5, 9, random);
  EXPECT_EQ(random.state(), expected.state());
}

TEST(HashTest, ElementsOfAPairChainTheirSeeds) {
  WyRand random(1);
  const std::pair<std::uint32_t, std::string> pair{7, "x"};
  const std::uint64_t first = HashValue<kDefaultHashKeys[0]>(pair.first, 0x12345678, random);
  EXPECT_EQ(HashOf(pair), HashValue<kDefaultHashKeys[0]>(pair.second, first, random));
}

TEST(HashTest, AUsersHashIsFoundBesideTheType) {
  EXPECT_EQ(HashOf(Named{"n"}), HashOf(std::string("n")));
}

TEST(HashTest, StdHashIsTheLastResortAndIsSeeded) {
  EXPECT_NE(HashOf(std::optional<int>(3), 1), HashOf(std::optional<int>(3), 2));
}

TEST(HashTest, TheSeedCounts) {
  EXPECT_NE(HashOf(std::uint64_t{1}, 1), HashOf(std::uint64_t{1}, 2));
}

TEST(HashTest, FunctorsOfAllThreeFormsAreAccepted) {
  WyRand random(1);
  const auto key_only = [](int key) { return key + 1; };
  const auto with_seed = [](int key, std::uint32_t hash0) {
    return static_cast<std::uint64_t>(key) + hash0;
  };
  const auto full = [](int, std::uint32_t, WyRand& source) { return source.Rand64(); };
  EXPECT_EQ(InvokeHash(key_only, 5, 100, random), 6U);
  EXPECT_EQ(InvokeHash(with_seed, 5, 100, random), 105U);
  EXPECT_EQ(InvokeHash(full, 5, 100, random), WyRand(1).Rand64());
}

}  // namespace
}  // namespace slotproof::core
