// The oracle against facts about Go that are known without it.

#include "models/go/slice_oracle.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slotproof::go {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// Answers as text, so that a failure shows all of it.
template <class Case>
std::string Text(std::vector<Answer> (*ask)(std::span<const Case>), const Case& c) {
  std::ostringstream text;
  text << ask(std::span(&c, 1)).front();
  return text.str();
}
std::string Text(const Expression& e) { return Text(Evaluate, e); }
std::string Text(const MakeCase& c) { return Text(Make, c); }
std::string Text(const AppendCase& c) { return Text(AppendCaps, c); }

std::int64_t CapOf(std::int64_t elem_bytes, std::int64_t old_cap, std::int64_t need) {
  const AppendCase c{.elem_bytes = elem_bytes, .old_cap = old_cap, .need = need};
  const Answer answer = AppendCaps(std::span(&c, 1)).front();
  EXPECT_EQ(answer.status, Status::kDone) << c << ": " << answer;
  return answer.window.cap;
}

// The capacities that appending one by one goes through.
std::vector<std::int64_t> CapsOneByOne(std::int64_t elem_bytes, int count) {
  std::vector<std::int64_t> caps;
  for (std::int64_t cap = 0; count > 0; --count) {
    cap = CapOf(elem_bytes, cap, cap + 1);
    caps.push_back(cap);
  }
  return caps;
}

Expression Of(Operand operand, Form form, std::int64_t len, std::int64_t cap, std::int64_t i = 0,
              std::int64_t j = 0, std::int64_t k = 0) {
  return {.operand = operand,
          .form = form,
          .elem_bytes = operand == Operand::kString ? 1 : 8,
          .len = len,
          .cap = cap,
          .i = i,
          .j = j,
          .k = k};
}

Expression OfSlice(Form form, std::int64_t i, std::int64_t j = 0, std::int64_t k = 0) {
  return Of(Operand::kSlice, form, 3, 5, i, j, k);
}
Expression OfString(Form form, std::int64_t i, std::int64_t j = 0, std::int64_t k = 0) {
  return Of(Operand::kString, form, 3, 3, i, j, k);
}
Expression OfArray(Form form, std::int64_t i, std::int64_t j = 0, std::int64_t k = 0) {
  return Of(Operand::kArrayPointer, form, kArrayCells, kArrayCells, i, j, k);
}
Expression OfNil(Form form, std::int64_t i, std::int64_t j = 0, std::int64_t k = 0) {
  return Of(Operand::kNilSlice, form, 0, 0, i, j, k);
}

TEST(SliceOracleTest, IsGo119) { EXPECT_THAT(RuntimeVersion(), StartsWith("go1.19")); }

TEST(SliceOracleTest, AppendOneByOne) {
  EXPECT_THAT(CapsOneByOne(8, 18), ElementsAre(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280,
                                               1792, 2560, 3408, 5120, 7168, 9216));
  EXPECT_THAT(CapsOneByOne(1, 6), ElementsAre(8, 16, 32, 64, 128, 256));
  EXPECT_THAT(CapsOneByOne(0, 3), ElementsAre(1, 2, 3));
}

TEST(SliceOracleTest, AppendOfSeveralToNil) {
  EXPECT_EQ(CapOf(8, 0, 5), 6);
  EXPECT_EQ(CapOf(16, 0, 3), 3);
  EXPECT_EQ(CapOf(4096, 0, 1), 1);
}

TEST(SliceOracleTest, AppendThatCannotBeHad) {
  const std::string panic = "runtime error: growslice: cap out of range";
  // A length that overflowed.
  EXPECT_EQ(Text(AppendCase{.elem_bytes = 8, .old_cap = 5, .need = kMin}), panic);
  EXPECT_EQ(Text(AppendCase{.elem_bytes = 0, .old_cap = 5, .need = 4}), panic);
  EXPECT_EQ(Text(AppendCase{.elem_bytes = 8, .old_cap = 0, .need = kMax}), panic);
  EXPECT_EQ(Text(AppendCase{.elem_bytes = 1, .old_cap = 0, .need = (kMax >> 15) + 2}), panic);
  EXPECT_EQ(CapOf(0, 0, kMax), kMax);
}

// 2^48 bytes can be asked for, one more cannot; the last quarter of growth may lead beyond them.
TEST(SliceOracleDeathTest, TheLastCaseBeforeThePanic) {
  // Go's runtime does not survive a fork.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  constexpr std::int64_t kEdge = std::int64_t{1} << 48;
  const auto sure = [](std::int64_t elem_bytes, std::int64_t old_cap, std::int64_t need) {
    return AppendCase{
        .elem_bytes = elem_bytes, .old_cap = old_cap, .need = need, .sure_of_panic = true};
  };
  const std::string panic = "runtime error: growslice: cap out of range";
  EXPECT_EQ(Text(sure(1, 0, kEdge + 1)), panic);
  EXPECT_EQ(Text(sure(8, kEdge / 8 - 1, kEdge / 8)), panic);
  AppendCase last = sure(8, 0, kEdge / 8);
  EXPECT_DEATH(AppendCaps(std::span(&last, 1)),
               "out of memory: cannot allocate 281474976710656-byte block");
  last.sure_of_panic = false;
  EXPECT_THAT(Text(last), StartsWith("declined: "));
}

TEST(SliceOracleTest, RoundingUp) {
  const std::vector<std::uint64_t> sizes = {
      0, 1, 9, 24, 25, 1016, 1024, 1025, 5120, 32767, 32768, 32769, 70000, ~std::uint64_t{0}};
  EXPECT_THAT(RoundUpSizes(sizes), ElementsAre(0, 8, 16, 24, 32, 1024, 1024, 1152, 5376, 32768,
                                               32768, 40960, 73728, ~std::uint64_t{0}));
  EXPECT_TRUE(RoundUpSizes({}).empty());
}

TEST(SliceOracleTest, WindowsOfASlice) {
  EXPECT_EQ(Text(OfSlice(Form::kIndex, 2)), "{offset 2, len 1, cap 1}");
  EXPECT_EQ(Text(OfSlice(Form::kLow, 1)), "{offset 1, len 2, cap 4}");
  EXPECT_EQ(Text(OfSlice(Form::kHigh, 0, 5)), "{offset 0, len 5, cap 5}");
  EXPECT_EQ(Text(OfSlice(Form::kLowHigh, 2, 4)), "{offset 2, len 2, cap 3}");
  EXPECT_EQ(Text(OfSlice(Form::kHighMax, 0, 2, 4)), "{offset 0, len 2, cap 4}");
  EXPECT_EQ(Text(OfSlice(Form::kLowHighMax, 1, 2, 4)), "{offset 1, len 1, cap 3}");
  EXPECT_EQ(Text(OfSlice(Form::kToArray, 2)), "{offset 0, len 2, cap 2}");
  EXPECT_EQ(Text(OfSlice(Form::kToArray, 0)), "{offset 0, len 0, cap 0}");
}

TEST(SliceOracleTest, AWindowWithoutCapacityDoesNotPointPastTheEnd) {
  EXPECT_EQ(Text(OfSlice(Form::kLowHigh, 5, 5)), "{offset 0, len 0, cap 0}");
  EXPECT_EQ(Text(OfSlice(Form::kLowHighMax, 2, 2, 2)), "{offset 0, len 0, cap 0}");
  EXPECT_EQ(Text(OfString(Form::kLow, 3)), "{offset 0, len 0, cap 0}");
}

TEST(SliceOracleTest, WindowsOfNilAreNil) {
  EXPECT_EQ(Text(OfNil(Form::kLow, 0)), "{offset 0, len 0, cap 0, nil}");
  EXPECT_EQ(Text(OfNil(Form::kLowHighMax, 0)), "{offset 0, len 0, cap 0, nil}");
  EXPECT_EQ(Text(OfNil(Form::kToArray, 0)), "{offset 0, len 0, cap 0, nil}");
  EXPECT_EQ(Text(Of(Operand::kSlice, Form::kLow, 0, 0)), "{offset 0, len 0, cap 0}");
}

TEST(SliceOracleTest, WindowsOfArraysAndStrings) {
  EXPECT_EQ(Text(OfArray(Form::kLowHigh, 1, 3)), "{offset 1, len 2, cap 3}");
  EXPECT_EQ(Text(OfArray(Form::kLowHighMax, 1, 2, 3)), "{offset 1, len 1, cap 2}");
  EXPECT_EQ(Text(OfString(Form::kLowHigh, 1, 3)), "{offset 1, len 2, cap 2}");
  EXPECT_EQ(Text(OfString(Form::kIndex, 2)), "{offset 2, len 1, cap 1}");
}

// Elements without size: lengths as large as numbers go.
TEST(SliceOracleTest, WindowsOfASliceWithoutSize) {
  Expression all = Of(Operand::kSlice, Form::kLowHigh, kMax, kMax, kMax - 1, kMax);
  all.elem_bytes = 0;
  EXPECT_EQ(Text(all), "{offset 0, len 1, cap 1}");
  all.form = Form::kToArray;
  all.i = std::int64_t{1} << 40;
  EXPECT_EQ(Text(all), "{offset 0, len 1099511627776, cap 1099511627776}");
}

// A row for each text that the runtime has for a bounds error.
TEST(SliceOracleTest, EveryBoundsErrorInItsOwnWords) {
  struct Row {
    Expression expression;
    BoundsCode code;
    std::int64_t x, y;
    std::string text;
  };
  const std::vector<Row> rows = {
      {OfSlice(Form::kIndex, 3), BoundsCode::kIndex, 3, 3, "index out of range [3] with length 3"},
      {OfSlice(Form::kIndex, -1), BoundsCode::kIndex, -1, 3, "index out of range [-1]"},
      {OfString(Form::kHigh, 0, 4), BoundsCode::kSliceAlen, 4, 3,
       "slice bounds out of range [:4] with length 3"},
      {OfArray(Form::kHigh, 0, 5), BoundsCode::kSliceAlen, 5, 4,
       "slice bounds out of range [:5] with length 4"},
      {OfString(Form::kHigh, 0, kMin), BoundsCode::kSliceAlen, kMin, 3,
       "slice bounds out of range [:-9223372036854775808]"},
      {OfSlice(Form::kHigh, 0, 6), BoundsCode::kSliceAcap, 6, 5,
       "slice bounds out of range [:6] with capacity 5"},
      {OfSlice(Form::kLowHigh, 9, -2), BoundsCode::kSliceAcap, -2, 5,
       "slice bounds out of range [:-2]"},
      {OfSlice(Form::kLowHigh, 4, 3), BoundsCode::kSliceB, 4, 3, "slice bounds out of range [4:3]"},
      {OfSlice(Form::kLow, 4), BoundsCode::kSliceB, 4, 3, "slice bounds out of range [4:3]"},
      {OfSlice(Form::kLow, -4), BoundsCode::kSliceB, -4, 3, "slice bounds out of range [-4:]"},
      {OfArray(Form::kHighMax, 0, 1, 5), BoundsCode::kSlice3Alen, 5, 4,
       "slice bounds out of range [::5] with length 4"},
      {OfArray(Form::kHighMax, 0, 1, -5), BoundsCode::kSlice3Alen, -5, 4,
       "slice bounds out of range [::-5]"},
      {OfSlice(Form::kHighMax, 0, 9, 6), BoundsCode::kSlice3Acap, 6, 5,
       "slice bounds out of range [::6] with capacity 5"},
      {OfSlice(Form::kHighMax, 0, 9, -6), BoundsCode::kSlice3Acap, -6, 5,
       "slice bounds out of range [::-6]"},
      {OfSlice(Form::kLowHighMax, 9, 5, 4), BoundsCode::kSlice3B, 5, 4,
       "slice bounds out of range [:5:4]"},
      {OfSlice(Form::kLowHighMax, 9, -5, 4), BoundsCode::kSlice3B, -5, 4,
       "slice bounds out of range [:-5:]"},
      {OfSlice(Form::kLowHighMax, 4, 3, 4), BoundsCode::kSlice3C, 4, 3,
       "slice bounds out of range [4:3:]"},
      {OfSlice(Form::kLowHighMax, -4, 3, 4), BoundsCode::kSlice3C, -4, 3,
       "slice bounds out of range [-4::]"},
      {OfSlice(Form::kToArray, 4), BoundsCode::kConvert, 4, 3,
       "cannot convert slice with length 3 to pointer to array with length 4"},
      {OfNil(Form::kToArray, std::int64_t{1} << 40), BoundsCode::kConvert, std::int64_t{1} << 40, 0,
       "cannot convert slice with length 0 to pointer to array with length 1099511627776"},
  };
  for (const Row& row : rows) {
    const Answer answer = Evaluate(std::span(&row.expression, 1)).front();
    EXPECT_EQ(answer.status, Status::kPanicked) << row.expression;
    EXPECT_EQ(answer.panic.message, "runtime error: " + row.text) << row.expression;
    EXPECT_EQ(answer.panic.code, row.code) << row.expression;
    EXPECT_EQ(answer.panic.x, row.x) << row.expression;
    EXPECT_EQ(answer.panic.y, row.y) << row.expression;
  }
}

TEST(SliceOracleTest, MakeBlamesTheLengthOnlyIfItAloneIsTooLarge) {
  const std::string len = "runtime error: makeslice: len out of range";
  const std::string cap = "runtime error: makeslice: cap out of range";
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 8, .len = -1, .cap = 5}), len);
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 8, .len = kMax, .cap = kMax}), len);
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 1, .len = (kMax >> 15) + 2, .cap = kMax}), len);
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 8, .len = 5, .cap = 4}), cap);
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 8, .len = 0, .cap = kMin}), cap);
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 24, .len = 1, .cap = kMax}), cap);
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 4096, .len = 2, .cap = 3}), "{offset 0, len 2, cap 3}");
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 8, .len = 0, .cap = 0}), "{offset 0, len 0, cap 0}");
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 0, .len = kMax, .cap = kMax}),
            "{offset 0, len 9223372036854775807, cap 9223372036854775807}");
}

TEST(SliceOracleTest, WhatGoCannotDoIsDeclinedWithAReason) {
  EXPECT_EQ(Text(AppendCase{.elem_bytes = 4097, .old_cap = 1, .need = 2}),
            "declined: elements of 4097 bytes, or a capacity of 1, cannot be had");
  EXPECT_EQ(Text(AppendCase{.elem_bytes = 4096, .old_cap = 1, .need = 1 << 20}),
            "declined: 1048576 elements of 4096 bytes might not fit into memory");
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 1, .len = 1, .cap = std::int64_t{1} << 40}),
            "declined: 1099511627776 elements of 1 bytes might not fit into memory");
  EXPECT_EQ(Text(MakeCase{.elem_bytes = 2, .len = 1, .cap = 1}),
            "declined: make knows elements of 0, 1, 8, 24 and 4096 bytes, not 2");
  EXPECT_EQ(Text(OfString(Form::kHighMax, 0, 1, 1)),
            "declined: Go has no expression of form 4 for an operand of kind 3");
  EXPECT_EQ(Text(Of(Operand::kSlice, Form::kIndex, 4, 3, 0)),
            "declined: an operand of length 4 and capacity 3 cannot be had");
  EXPECT_THAT(Text(Of(Operand::kArrayPointer, Form::kIndex, 3, 3, 0)),
              HasSubstr("no operand of kind 2"));
  EXPECT_THAT(Text(OfSlice(Form::kToArray, 7)), HasSubstr("7 is not among those"));
}

TEST(SliceOracleTest, AnswersKeepTheOrderOfManyCases) {
  std::vector<Expression> cases;
  for (int i = 0; i < 5000; ++i) cases.push_back(OfSlice(Form::kIndex, i % 7));
  const std::vector<Answer> answers = Evaluate(cases);
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ASSERT_EQ(answers[i].status, i % 7 < 3 ? Status::kDone : Status::kPanicked) << i;
    ASSERT_EQ(answers[i].status == Status::kDone ? answers[i].window.offset : answers[i].panic.x,
              cases[i].i);
  }
}

TEST(SliceOracleTest, ThreadsGetTheirOwnAnswers) {
  std::vector<std::vector<std::int64_t>> caps(4);
  std::vector<std::thread> threads;
  for (auto& mine : caps) threads.emplace_back([&mine] { mine = CapsOneByOne(24, 20); });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : caps) EXPECT_EQ(mine, CapsOneByOne(24, 20));
}

}  // namespace
}  // namespace slotproof::go
