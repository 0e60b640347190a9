// What slice expressions and make give, and the words in which they are refused, against Go
// itself: all small lengths, capacities and indices, negative ones and the ends of int64.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/growth.h"
#include "core/slice/slice.h"
#include "core/slice/slice_error.h"
#include "models/go/slice_oracle.h"

namespace slotproof {
namespace {

using core::SliceError;
using core::SliceErrorCode;
using go::Answer;
using go::Expression;
using go::Form;
using go::MakeCase;
using go::Operand;
using go::Status;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::int64_t kMostCap = 4;
#else
constexpr std::int64_t kMostCap = 9;
#endif

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

struct NoSize {};

// ---- The reference slice, asked as the oracle is.

// The runtime's numbers of its codes; make and append have none.
go::BoundsCode BoundsCodeOf(SliceErrorCode code) {
  if (code > SliceErrorCode::kConvert) return go::BoundsCode::kNone;
  return static_cast<go::BoundsCode>(code);
}

Answer Panicked(const SliceError& error) {
  return {.status = Status::kPanicked,
          .panic = {.message = error.Message(),
                    .code = BoundsCodeOf(error.code),
                    .x = error.x,
                    .y = error.y}};
}

Answer Done(const go::Window& window) { return {.status = Status::kDone, .window = window}; }

template <class T>
Answer ToAnswer(const core::Checked<core::Slice<T>>& slice) {
  if (!slice) return Panicked(slice.error());
  return Done({.offset = slice->offset(),
               .len = slice->len(),
               .cap = slice->cap(),
               .is_nil = slice->IsNil()});
}

template <class T>
Answer AskIndex(core::Slice<T> slice, std::int64_t i) {
  const core::Checked<const T*> found = slice.At(i);
  const core::Checked<void> set = slice.Set(i, T{});
  if (!found) {
    EXPECT_TRUE(!set && set.error() == found.error()) << "s[" << i << "] and s[" << i << "] = v";
    return Panicked(found.error());
  }
  EXPECT_TRUE(set.has_value()) << "s[" << i << "] and s[" << i << "] = v";
  return Done({.offset = *found - slice.data(), .len = 1, .cap = 1});
}

template <class T>
Answer AskToArray(const core::Slice<T>& slice, std::int64_t n) {
  const core::Checked<const T*> array = slice.ToArray(n);
  if (!array) return Panicked(array.error());
  EXPECT_EQ(*array, slice.data());
  return Done({.len = n, .cap = n, .is_nil = *array == nullptr});
}

template <class T>
Answer AskSlice(const Expression& e) {
  const auto made = core::Slice<T>::Make(e.len, e.cap);
  EXPECT_TRUE(made.has_value()) << e;
  const core::Slice<T> slice = e.operand == Operand::kNilSlice ? core::Slice<T>() : *made;
  switch (e.form) {
    case Form::kIndex:
      return AskIndex(slice, e.i);
    case Form::kLow:
      return ToAnswer(slice.Sub(e.i, slice.len()));
    case Form::kHigh:
      return ToAnswer(slice.Sub(0, e.j));
    case Form::kLowHigh:
      return ToAnswer(slice.Sub(e.i, e.j));
    case Form::kHighMax:
      return ToAnswer(slice.Sub3(0, e.j, e.k));
    case Form::kLowHighMax:
      return ToAnswer(slice.Sub3(e.i, e.j, e.k));
    case Form::kToArray:
      return AskToArray(slice, e.i);
  }
  return {};
}

// Strings and arrays are slices whose capacity is called a length; that is all that their errors
// differ in. What is cut from a string has no capacity.
Answer AskOfFixedLength(const Expression& e) {
  Answer answer = AskSlice<std::uint64_t>(e);
  if (answer.status == Status::kDone) {
    if (e.operand == Operand::kString) answer.window.cap = answer.window.len;
    if (answer.window.cap == 0) answer.window.offset = 0;
    return answer;
  }
  SliceErrorCode code;
  if (answer.panic.code == go::BoundsCode::kSliceAcap) {
    code = SliceErrorCode::kSliceAlen;
  } else if (answer.panic.code == go::BoundsCode::kSlice3Acap) {
    code = SliceErrorCode::kSlice3Alen;
  } else {
    return answer;
  }
  return Panicked({.code = code, .x = answer.panic.x, .y = answer.panic.y});
}

Answer AskCore(const Expression& e) {
  if (e.operand == Operand::kString || e.operand == Operand::kArrayPointer) {
    return AskOfFixedLength(e);
  }
  return e.elem_bytes == 0 ? AskSlice<NoSize>(e) : AskSlice<std::uint64_t>(e);
}

template <class T>
Answer AskMakeOf(const MakeCase& c) {
  EXPECT_EQ(core::Slice<T>::kElemBytes, c.elem_bytes);
  const auto made = core::Slice<T>::Make(c.len, c.cap);
  const auto error = core::CheckMakeSlice(c.elem_bytes, c.len, c.cap);
  EXPECT_EQ(made.has_value(), !error.has_value()) << c;
  return ToAnswer(made);
}

Answer AskCoreMake(const MakeCase& c) {
  switch (c.elem_bytes) {
    case 0:
      return AskMakeOf<NoSize>(c);
    case 1:
      return AskMakeOf<std::uint8_t>(c);
    case 8:
      return AskMakeOf<std::uint64_t>(c);
    case 24:
      return AskMakeOf<std::array<std::uint64_t, 3>>(c);
    default:
      return AskMakeOf<std::array<std::uint8_t, 4096>>(c);
  }
}

// ---- The comparison.

bool Same(const Answer& a, const Answer& b) {
  if (a.status != b.status) return false;
  return a.status == Status::kDone ? a.window == b.window : a.panic == b.panic;
}

struct Tally {
  std::size_t compared = 0;
  std::size_t panicked = 0;
  std::size_t different = 0;
  std::string first_difference;
};

// What Go declines is not compared.
template <class Case, class Ask>
Tally Compare(const std::vector<Case>& cases, const std::vector<Answer>& expected, Ask ask) {
  Tally tally;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (expected[i].status == Status::kDeclined) continue;
    ++tally.compared;
    if (expected[i].status == Status::kPanicked) ++tally.panicked;
    const Answer actual = ask(cases[i]);
    if (Same(expected[i], actual) || tally.different++ != 0) continue;
    std::ostringstream text;
    text << cases[i] << ": Go " << expected[i] << ", here " << actual;
    tally.first_difference = text.str();
  }
  return tally;
}

void ExpectAgreement(const char* what, const Tally& tally) {
  std::printf("compared %zu %s, %zu of them panics\n", tally.compared, what, tally.panicked);
  EXPECT_GT(tally.panicked, 0U);
  EXPECT_LT(tally.panicked, tally.compared);
  EXPECT_EQ(tally.different, 0U) << "first: " << tally.first_difference;
}

// ---- The cases.

// All indices that are near a capacity, and the extremes.
std::vector<std::int64_t> IndicesFor(std::int64_t cap) {
  std::vector<std::int64_t> indices = {kMin, kMin + 1, kMax - 1, kMax};
  for (std::int64_t i = -2; i <= std::min<std::int64_t>(cap, kMostCap) + 2; ++i) {
    indices.push_back(i);
  }
  if (cap > kMostCap) {
    for (std::int64_t d = -1; d <= std::min<std::int64_t>(1, kMax - cap); ++d) {
      indices.push_back(cap + d);
    }
  }
  return indices;
}

void AddExpressionsOf(Expression e, std::vector<Expression>* cases) {
  const std::vector<std::int64_t> indices = IndicesFor(e.cap);
  const bool is_string = e.operand == Operand::kString;
  const auto add = [&](Form form) {
    e.form = form;
    cases->push_back(e);
  };
  for (std::int64_t i : indices) {
    e.i = e.j = i;
    add(Form::kIndex);
    add(Form::kLow);
    add(Form::kHigh);
    for (std::int64_t j : indices) {
      e.j = j;
      add(Form::kLowHigh);
      if (is_string) continue;
      e.j = i;
      e.k = j;
      add(Form::kHighMax);
      for (std::int64_t k : indices) {
        e.j = j;
        e.k = k;
        add(Form::kLowHighMax);
      }
    }
  }
  if (is_string || e.operand == Operand::kArrayPointer) return;
  for (std::int64_t n : {0, 1, 2, 3, 4, 5, 6, 1000}) {
    e.i = n;
    add(Form::kToArray);
  }
  e.i = std::int64_t{1} << 40;
  add(Form::kToArray);
}

std::vector<Expression> SmallExpressions() {
  std::vector<Expression> cases;
  AddExpressionsOf({.operand = Operand::kNilSlice, .elem_bytes = 8}, &cases);
  AddExpressionsOf({.operand = Operand::kNilSlice, .elem_bytes = 0}, &cases);
  for (std::int64_t cap = 0; cap <= kMostCap; ++cap) {
    for (std::int64_t len = 0; len <= cap; ++len) {
      for (std::int64_t elem_bytes : {0, 8}) {
        AddExpressionsOf({.elem_bytes = elem_bytes, .len = len, .cap = cap}, &cases);
      }
    }
  }
  return cases;
}

// Only elements without size allow lengths of any size.
std::vector<Expression> HugeExpressions() {
  const std::vector<std::int64_t> sizes = {0, 3, std::int64_t{1} << 40, kMax - 1, kMax};
  std::vector<Expression> cases;
  for (std::int64_t cap : sizes) {
    for (std::int64_t len : sizes) {
      if (len <= cap) AddExpressionsOf({.elem_bytes = 0, .len = len, .cap = cap}, &cases);
    }
  }
  return cases;
}

std::vector<Expression> FixedLengthExpressions() {
  std::vector<Expression> cases;
  AddExpressionsOf({.operand = Operand::kArrayPointer,
                    .elem_bytes = 8,
                    .len = go::kArrayCells,
                    .cap = go::kArrayCells},
                   &cases);
  for (std::int64_t len = 0; len <= 4 * kMostCap; ++len) {
    AddExpressionsOf({.operand = Operand::kString, .elem_bytes = 1, .len = len, .cap = len},
                     &cases);
  }
  return cases;
}

std::vector<MakeCase> MakeCases() {
  std::vector<std::int64_t> counts = {kMin,     kMin + 1, kMax / 4096, kMax / 24,
                                      kMax / 8, kMax - 1, kMax};
  for (std::int64_t n = -2; n <= 20; ++n) counts.push_back(n);
  for (std::int64_t elem_bytes : {1, 8, 24, 4096}) {
    for (std::int64_t d = -1; d <= 2; ++d) {
      counts.push_back((std::int64_t{1} << 48) / elem_bytes + d);
    }
  }
  std::vector<MakeCase> cases;
  for (std::int64_t elem_bytes : {0, 1, 8, 24, 4096}) {
    for (std::int64_t len : counts) {
      for (std::int64_t cap : counts) {
        cases.push_back({.elem_bytes = elem_bytes, .len = len, .cap = cap});
      }
    }
  }
  return cases;
}

TEST(SliceBoundsGoTest, SmallSlices) {
  const std::vector<Expression> cases = SmallExpressions();
  ExpectAgreement("expressions", Compare(cases, go::Evaluate(cases), AskCore));
}

TEST(SliceBoundsGoTest, SlicesOfAnyLengthWithoutSize) {
  const std::vector<Expression> cases = HugeExpressions();
  ExpectAgreement("expressions", Compare(cases, go::Evaluate(cases), AskCore));
}

TEST(SliceBoundsGoTest, ErrorsOfStringsAndArrays) {
  const std::vector<Expression> cases = FixedLengthExpressions();
  ExpectAgreement("expressions", Compare(cases, go::Evaluate(cases), AskCore));
}

TEST(SliceBoundsGoTest, Make) {
  const std::vector<MakeCase> cases = MakeCases();
  ExpectAgreement("calls of make", Compare(cases, go::Make(cases), AskCoreMake));
}

// Each code, and each of its texts for a negative number, has been produced by Go.
TEST(SliceBoundsGoTest, EveryCodeOccurs) {
  std::array<std::array<std::size_t, 2>, 9> seen{};
  for (const auto& cases : {SmallExpressions(), FixedLengthExpressions()}) {
    for (const Answer& answer : go::Evaluate(cases)) {
      if (answer.status != Status::kPanicked) continue;
      ASSERT_GE(answer.panic.code, go::BoundsCode::kIndex) << answer;
      ++seen[static_cast<std::size_t>(answer.panic.code)][answer.panic.x < 0];
    }
  }
  for (std::size_t code = 0; code < seen.size(); ++code) {
    const std::string_view name = core::SliceErrorName(static_cast<SliceErrorCode>(code));
    EXPECT_GT(seen[code][0], 0U) << name;
    // The length of an array is never negative.
    if (static_cast<SliceErrorCode>(code) == SliceErrorCode::kConvert) continue;
    EXPECT_GT(seen[code][1], 0U) << name << ", negative";
  }
}

// ---- The comparison finds answers that are wrong.

Answer ChecksLowFirst(const Expression& e) {
  if (e.form == Form::kLowHigh && e.i < 0) {
    return Panicked({.code = SliceErrorCode::kSliceB, .x = e.i, .y = e.j});
  }
  return AskCore(e);
}

Answer BoundedByLength(const Expression& e) {
  if (e.form == Form::kHigh && e.j > e.len) {
    return Panicked({.code = SliceErrorCode::kSliceAcap, .x = e.j, .y = e.cap});
  }
  return AskCore(e);
}

Answer PointsPastTheEnd(const Expression& e) {
  Answer answer = AskCore(e);
  if (e.form == Form::kLowHigh && answer.status == Status::kDone && answer.window.cap == 0) {
    answer.window.offset = e.i;
  }
  return answer;
}

Answer SlicesNilToEmpty(const Expression& e) {
  Answer answer = AskCore(e);
  answer.window.is_nil = false;
  return answer;
}

Answer SaysLengthForCapacity(const Expression& e) {
  Answer answer = AskCore(e);
  const std::size_t at = answer.panic.message.find("capacity");
  if (at != std::string::npos) answer.panic.message.replace(at, 8, "length");
  return answer;
}

Answer ForgetsTheBound(const Expression& e) {
  Answer answer = AskCore(e);
  if (e.form == Form::kIndex) answer.panic.y = 0;
  return answer;
}

Answer ReportsBoundsOfNegatives(const Expression& e) {
  Answer answer = AskCore(e);
  if (e.form == Form::kIndex && answer.panic.x < 0) {
    answer.panic.message += " with length " + std::to_string(answer.panic.y);
  }
  return answer;
}

TEST(SliceBoundsGoTest, PlantedExpressionsAreTold) {
  const std::vector<Expression> cases = SmallExpressions();
  const std::vector<Answer> expected = go::Evaluate(cases);
  for (const auto& [name, ask] : {std::pair{"checks low first", &ChecksLowFirst},
                                  {"bounded by length", &BoundedByLength},
                                  {"points past the end", &PointsPastTheEnd},
                                  {"slices nil to empty", &SlicesNilToEmpty},
                                  {"says length for capacity", &SaysLengthForCapacity},
                                  {"forgets the bound", &ForgetsTheBound},
                                  {"reports bounds of negatives", &ReportsBoundsOfNegatives}}) {
    const Tally tally = Compare(cases, expected, ask);
    EXPECT_GT(tally.different, 0U) << name;
    EXPECT_LT(tally.different, tally.compared) << name;
    std::printf("%s: %zu of %zu differ, first: %s\n", name, tally.different, tally.compared,
                tally.first_difference.c_str());
  }
}

Answer AlwaysBlamesTheCapacity(const MakeCase& c) {
  Answer answer = AskCoreMake(c);
  if (answer.status == Status::kPanicked) {
    answer = Panicked({.code = SliceErrorCode::kMakeSliceCap});
  }
  return answer;
}

TEST(SliceBoundsGoTest, APlantedMakeIsTold) {
  const std::vector<MakeCase> cases = MakeCases();
  EXPECT_GT(Compare(cases, go::Make(cases), AlwaysBlamesTheCapacity).different, 0U);
}

}  // namespace
}  // namespace slotproof
