#include "subjects/elements/elements.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

template <class T>
class ElementsTest : public testing::Test {};

using Kinds =
    testing::Types<std::uint64_t, Bytes<3>, Bytes<24>, Bytes<136>, Bytes<4096>, std::string>;
TYPED_TEST_SUITE(ElementsTest, Kinds);

// Law: an element reads as the token it was made of, and the zero value as 0.
TYPED_TEST(ElementsTest, ReadIsTheInverseOfMake) {
  for (Token token = 0; token < 1000; ++token) {
    EXPECT_EQ(ElementTraits<TypeParam>::Read(ElementTraits<TypeParam>::Make(token)), token);
  }
  constexpr Token kFits = 0xffffff;
  EXPECT_EQ(ElementTraits<TypeParam>::Read(ElementTraits<TypeParam>::Make(kFits)), kFits);
  EXPECT_EQ(ElementTraits<TypeParam>::Read(TypeParam{}), 0u);
  EXPECT_EQ(ElementTraits<TypeParam>::Make(0), TypeParam{});
}

// Law: a value of one half of an element and the other half of another is seen to be damaged.
TEST(Elements, AHalfCopiedElementIsDamaged) {
  const auto a = ElementTraits<Bytes<136>>::Make(5);
  auto torn = ElementTraits<Bytes<136>>::Make(6);
  std::memcpy(&torn, &a, sizeof(a) / 2);
  EXPECT_EQ(ElementTraits<Bytes<136>>::Read(torn), kDamaged);
  EXPECT_EQ(ElementTraits<std::string>::Read("v3"), kDamaged) << "v3 is 40 characters long";
  EXPECT_EQ(ElementTraits<std::string>::Read("v4."), kDamaged);
  EXPECT_EQ(ElementTraits<std::string>::Read("x"), kDamaged);
  EXPECT_EQ(ElementTraits<std::uint64_t>::Read(7), kDamaged);
}

// Law: one changed word of a large element is enough.
TEST(Elements, EachWordOfALargeElementIsChecked) {
  for (std::size_t word = 0; word < Bytes<136>::kWords; ++word) {
    auto bytes = Bytes<136>::Of(5);
    bytes.word[word] ^= 1;
    EXPECT_EQ(bytes.Number(), ~std::uint64_t{0}) << "word " << word;
  }
}

}  // namespace
}  // namespace slotproof
