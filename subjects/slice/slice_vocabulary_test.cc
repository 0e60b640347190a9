#include "subjects/slice/slice_vocabulary.h"

#include <limits>
#include <string_view>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::uint32_t PlaceCalled(std::string_view name) {
  const OpSpec& get = SliceVocabulary().ops[static_cast<std::size_t>(SliceOp::kGet)];
  for (std::uint32_t place = 0; place < get.operands[1].limit; ++place) {
    if (get.operands[1].choices[place] == name) return place;
  }
  ADD_FAILURE() << "no place is called " << name;
  return 0;
}

TEST(SliceVocabulary, ItsTablesAreSound) {
  EXPECT_EQ(CheckVocabulary(SliceVocabulary()), std::nullopt);
  for (const Profile& profile : SliceProfiles()) {
    EXPECT_EQ(profile.ops.size(), SliceVocabulary().ops.size()) << profile.name;
  }
}

// Law: what the session reads of an operation is what the tables say that it holds.
TEST(SliceVocabulary, OperandsLieWhereTheTablesSay) {
  const auto spec = [](SliceOp op) -> const OpSpec& {
    return SliceVocabulary().ops[static_cast<std::size_t>(op)];
  };
  Op op;
  std::uint32_t value = 3;
  for (const Operand& operand : spec(SliceOp::kSlice3).operands) {
    SetOperandValue(&op, operand, value++);
  }
  const SliceOperands read(op);
  EXPECT_EQ(read.d, 3u);
  EXPECT_EQ(read.s, 4u);
  EXPECT_EQ(read.i, 5u);
  EXPECT_EQ(read.j, 6u);
  EXPECT_EQ(read.k, 7u);

  Op append;
  SetOperandValue(&append, spec(SliceOp::kAppend).operands[2], 9);
  EXPECT_EQ(SliceOperands(append).few, 9u);
  Op insert;
  SetOperandValue(&insert, spec(SliceOp::kInsert).operands[3], 9);
  EXPECT_EQ(SliceOperands(insert).few_after_i, 9u);
  Op many;
  SetOperandValue(&many, spec(SliceOp::kAppendMany).operands[2], 99);
  EXPECT_EQ(SliceOperands(many).many, 100u) << "a count is stored less one";
  Op both;
  SetOperandValue(&both, spec(SliceOp::kAppendSlice).operands[2], 13);
  EXPECT_EQ(SliceOperands(both).t, 13u);
}

TEST(SliceVocabulary, APlaceIsCountedFromItsSlice) {
  EXPECT_EQ(ResolvePlace(PlaceCalled("7"), 10, 16), 7);
  EXPECT_EQ(ResolvePlace(PlaceCalled("len-1"), 10, 16), 9);
  EXPECT_EQ(ResolvePlace(PlaceCalled("cap+1"), 10, 16), 17);
  EXPECT_EQ(ResolvePlace(PlaceCalled("len/2"), 10, 16), 5);
  EXPECT_EQ(ResolvePlace(PlaceCalled("(len+cap)/2"), 10, 16), 13);
  EXPECT_EQ(ResolvePlace(PlaceCalled("(len+cap)/2"), kMax, kMax), kMax);
  EXPECT_EQ(ResolvePlace(PlaceCalled("len+1"), kMax, kMax),
            std::numeric_limits<std::int64_t>::min());
}

}  // namespace
}  // namespace slotproof
