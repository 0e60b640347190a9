#include "harness/engine/generator.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"

namespace slotproof {
namespace {

using testing::ToyTarget;
using testing::ToyVocabulary;

TEST(Generator, TheSameSeedGivesTheSameTraces) {
  const Generator generator(ToyTarget());
  Rng one(7), two(7), other(8);
  bool differs = false;
  for (int round = 0; round < 50; ++round) {
    Trace a, b, c;
    generator.Generate(one, 100, &a);
    generator.Generate(two, 100, &b);
    generator.Generate(other, 100, &c);
    ASSERT_EQ(a, b);
    differs = differs || a != c;
  }
  EXPECT_TRUE(differs);
}

TEST(Generator, TracesAreCanonicalAndNoLongerThanAsked) {
  const Generator generator(ToyTarget());
  const Codec codec(ToyVocabulary());
  Rng rng(1);
  for (int round = 0; round < 2000; ++round) {
    Trace trace;
    generator.Generate(rng, 60, &trace);
    ASSERT_GE(trace.ops.size(), 1u);
    ASSERT_LE(trace.ops.size(), 60u);
    ASSERT_EQ(codec.Decode(codec.Encode(trace)), trace);
  }
}

TEST(Generator, SwarmsSwitchOperationsOffForAWholeTrace) {
  const Generator generator(ToyTarget());
  Rng rng(1);
  std::array<int, kMaxOps> absent{};
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    Trace trace;
    do {
      generator.Generate(rng, 2000, &trace);
    } while (trace.ops.size() < 1000);
    std::set<int> codes;
    for (const Op& op : trace.ops) codes.insert(op.code);
    for (int code = 0; code < static_cast<int>(ToyVocabulary().ops.size()); ++code) {
      absent[static_cast<std::size_t>(code)] += !codes.contains(code);
    }
  }
  for (std::size_t code = 0; code < ToyVocabulary().ops.size(); ++code) {
    EXPECT_GT(absent[code], kRounds / 20) << ToyVocabulary().ops[code].name;
    EXPECT_LT(absent[code], kRounds) << ToyVocabulary().ops[code].name;
  }
}

TEST(Generator, EachNameOfAChoiceIsDrawnAsOftenAsAnother) {
  const Generator generator(ToyTarget());
  const Operand& place = ToyVocabulary().ops[testing::kAim].operands[2];
  Rng rng(2);
  std::array<int, 4> drawn{};
  int draws = 0;
  while (draws < 4000) {
    const Op op = generator.RandomOp(rng, Header());
    if (op.code != testing::kAim) continue;
    ++drawn.at(OperandValue(op, place));
    ++draws;
  }
  for (const int times : drawn) EXPECT_NEAR(times, draws / 4.0, draws / 40.0);
}

TEST(Rng, BelowIsBelowAndReachesEveryValue) {
  Rng rng(3);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.Below(7));
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1, 2, 3, 4, 5, 6}));
}

}  // namespace
}  // namespace slotproof
