// The runtime's texts, to the letter.

#include "core/slice/slice_error.h"

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::core {
namespace {

using Code = SliceErrorCode;

struct Text {
  SliceError error;
  std::string_view message;  // after the prefix
};

const std::vector<Text>& Texts() {
  static const std::vector<Text> texts = {
      {{Code::kIndex, 5, 3}, "index out of range [5] with length 3"},
      {{Code::kIndex, -1, 3}, "index out of range [-1]"},
      {{Code::kSliceAlen, 5, 3}, "slice bounds out of range [:5] with length 3"},
      {{Code::kSliceAlen, -5, 3}, "slice bounds out of range [:-5]"},
      {{Code::kSliceAcap, 5, 4}, "slice bounds out of range [:5] with capacity 4"},
      {{Code::kSliceAcap, -5, 4}, "slice bounds out of range [:-5]"},
      {{Code::kSliceB, 3, 2}, "slice bounds out of range [3:2]"},
      {{Code::kSliceB, -3, 2}, "slice bounds out of range [-3:]"},
      {{Code::kSlice3Alen, 5, 3}, "slice bounds out of range [::5] with length 3"},
      {{Code::kSlice3Alen, -5, 3}, "slice bounds out of range [::-5]"},
      {{Code::kSlice3Acap, 5, 4}, "slice bounds out of range [::5] with capacity 4"},
      {{Code::kSlice3Acap, -5, 4}, "slice bounds out of range [::-5]"},
      {{Code::kSlice3B, 4, 3}, "slice bounds out of range [:4:3]"},
      {{Code::kSlice3B, -4, 3}, "slice bounds out of range [:-4:]"},
      {{Code::kSlice3C, 3, 2}, "slice bounds out of range [3:2:]"},
      {{Code::kSlice3C, -3, 2}, "slice bounds out of range [-3::]"},
      {{Code::kConvert, 8, 7},
       "cannot convert slice with length 7 to pointer to array with length 8"},
      {{Code::kMakeSliceLen}, "makeslice: len out of range"},
      {{Code::kMakeSliceCap}, "makeslice: cap out of range"},
      {{Code::kGrowSliceCap}, "growslice: cap out of range"},
  };
  return texts;
}

TEST(SliceErrorTest, MessagesAreTheRuntimes) {
  std::set<Code> codes;
  for (const Text& text : Texts()) {
    EXPECT_EQ(text.error.Message(), "runtime error: " + std::string(text.message));
    codes.insert(text.error.code);
  }
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(Code::kCount)) << "a code without a text here";
}

TEST(SliceErrorTest, TheLargestNumbersAreWrittenOut) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ((SliceError{Code::kSliceB, kMax, 0}.Message()),
            "runtime error: slice bounds out of range [9223372036854775807:0]");
  EXPECT_EQ((SliceError{Code::kIndex, kMin, 0}.Message()),
            "runtime error: index out of range [-9223372036854775808]");
  EXPECT_EQ((SliceError{Code::kConvert, kMin, kMin}.Message()),
            "runtime error: cannot convert slice with length -9223372036854775808 to pointer to "
            "array with length -9223372036854775808");
}

TEST(SliceErrorTest, ErrorsAreEqualIfAllOfThemIs) {
  constexpr SliceError error{Code::kIndex, 5, 3};
  EXPECT_EQ(error, (SliceError{Code::kIndex, 5, 3}));
  EXPECT_NE(error, (SliceError{Code::kConvert, 5, 3}));
  EXPECT_NE(error, (SliceError{Code::kIndex, 6, 3}));
  EXPECT_NE(error, (SliceError{Code::kIndex, 5, 4}));
}

TEST(SliceErrorTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(Code::kCount); ++i) {
    EXPECT_TRUE(names.insert(SliceErrorName(static_cast<Code>(i))).second) << i;
  }
}

}  // namespace
}  // namespace slotproof::core
