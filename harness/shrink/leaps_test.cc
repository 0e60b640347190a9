// Failures that only a change in two places makes smaller.

#include "harness/shrink/leaps.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/steps.h"
#include "harness/shrink/shrinker.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

using testing::ToyVocabulary;

const OperandList& aim_operands = ToyVocabulary().ops[testing::kAim].operands;
const Operand& place_operand = aim_operands[2];
const Operand& times_operand = ToyVocabulary().ops[testing::kPopMany].operands[0];

Op Aim(std::uint32_t first, std::uint32_t second, std::uint32_t place = 0) {
  Op op = {.code = testing::kAim};
  SetOperandValue(&op, aim_operands[0], first);
  SetOperandValue(&op, aim_operands[1], second);
  SetOperandValue(&op, place_operand, place);
  return op;
}

Op PopMany(std::uint32_t times) {
  Op op = {.code = testing::kPopMany};
  SetOperandValue(&op, times_operand, times - 1);
  return op;
}

// The header's choices, and the operations, of the smallest trace.
std::string ShrunkBy(const RunTrace& run, const Trace& trace) {
  ShrinkOptions options;
  options.steps_of = [](const Trace& candidate) {
    return StepsOf(testing::ToyTarget(), candidate);
  };
  const ShrinkResult small = Shrink(ToyVocabulary(), trace, run(trace), run, options);
  EXPECT_TRUE(small.one_minimal);
  std::string text = std::to_string(small.trace.header.field[0]) +
                     std::to_string(small.trace.header.field[1]) + ": ";
  for (const Op& op : small.trace.ops) text += PrintOp(ToyVocabulary(), op) + "; ";
  return text;
}

// What fails does so in the final check.
std::string Shrunk(const Trace& trace, bool (*fails)(const Trace& trace)) {
  const RunTrace run = [fails](const Trace& candidate) {
    Verdict verdict;
    verdict.op_index = candidate.ops.size();
    if (fails(candidate)) verdict.outcome = Outcome::kMismatch;
    return verdict;
  };
  return ShrunkBy(run, trace);
}

// Five at the bottom weigh as much as two in the middle; one moved alone makes it less.
TEST(Leaps, ALaterChoiceInAllOperationsThatHaveIt) {
  const Trace trace = {.header = {}, .ops = std::vector<Op>(5, Aim(0, 0))};
  const auto fails = [](const Trace& candidate) {
    std::array<std::size_t, 4> at{};
    for (const Op& op : candidate.ops) {
      if (op.code == testing::kAim) ++at[OperandValue(op, place_operand)];
    }
    return at[0] >= 5 || at[2] >= 2;
  };
  EXPECT_EQ(Shrunk(trace, fails), "00: aim i0 i0 middle 0; aim i0 i0 middle 0; ");
}

// Forty small ones fill what two large ones do, and medium ones nearly as slowly as small ones.
TEST(Leaps, OfALongTraceAChoiceThatFailsMuchEarlier) {
  const Trace trace = {.header = {}, .ops = std::vector<Op>(40, Aim(0, 0))};
  const RunTrace run = [](const Trace& candidate) {
    Verdict verdict;
    std::size_t filled = 0;
    for (const Op& op : candidate.ops) {
      constexpr std::array<std::size_t, 4> kSizes = {10, 11, 200, 0};
      if (op.code == testing::kAim) filled += kSizes[OperandValue(op, place_operand)];
      if (filled >= 400) {
        verdict.outcome = Outcome::kMismatch;
        break;
      }
      ++verdict.op_index;
    }
    return verdict;
  };
  EXPECT_EQ(ShrunkBy(run, trace), "00: aim i0 i0 middle 0; aim i0 i0 middle 0; ");
}

// The second of two marks is moved to where the first one was, and rewound to there.
TEST(Leaps, WithoutAMoveTheNamesAreExchanged) {
  const Trace trace = {.header = {},
                       .ops = {{.code = testing::kMark, .a = 0},
                               {.code = testing::kMark, .a = 1},
                               Aim(0, 1),
                               {.code = testing::kRewind, .a = 0}}};
  const auto fails = [](const Trace& candidate) {
    constexpr std::size_t kNever = ~std::size_t{0};
    std::array<std::size_t, 4> mark_at;
    mark_at.fill(kNever);
    std::vector<std::uint16_t> marked;
    for (const Op& op : candidate.ops) {
      if (op.code == testing::kMark) {
        mark_at[op.a] = marked.size();
        marked.push_back(op.a);
      } else if (op.code == testing::kAim) {
        mark_at[OperandValue(op, aim_operands[0])] = mark_at[OperandValue(op, aim_operands[1])];
      } else if (op.code == testing::kRewind) {
        return marked.size() == 2 && marked[0] != marked[1] && mark_at[op.a] == 1;
      }
    }
    return false;
  };
  EXPECT_EQ(Shrunk(trace, fails), "00: mark i0; mark i1; rewind i1; ");
}

// Two pushes, or one clear.
TEST(Leaps, OneOperationForTwo) {
  const Trace trace = {.header = {}, .ops = {{.code = testing::kPush}, {.code = testing::kPush}}};
  const auto fails = [](const Trace& candidate) {
    const bool pushes = std::ranges::count(candidate.ops, testing::kPush, &Op::code) == 2;
    return pushes || (candidate.ops.size() == 1 && candidate.ops[0].code == testing::kClear);
  };
  EXPECT_EQ(Shrunk(trace, fails), "00: clear; ");
}

// Seven pops of eight keys on a plain stack, or two of any on a striped one.
TEST(Leaps, AnotherHeaderWithAnotherCount) {
  const Trace trace = {.header = {}, .ops = {{.code = testing::kPushMany, .b = 7}, PopMany(7)}};
  const auto fails = [](const Trace& candidate) {
    if (candidate.ops.size() != 2 || candidate.ops[0].code != testing::kPushMany) return false;
    const bool striped = candidate.header.field[1] == 1;
    return striped ? candidate.ops[1] == PopMany(2)
                   : candidate.ops[0].b == 7 && candidate.ops[1] == PopMany(7);
  };
  EXPECT_EQ(Shrunk(trace, fails), "01: push_many k0 x1; pop_many x2; ");
}

}  // namespace
}  // namespace slotproof
