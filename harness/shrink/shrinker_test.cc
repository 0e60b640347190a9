#include "harness/shrink/shrinker.h"

#include <cstddef>
#include <optional>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/generator.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

using testing::Plant;
using testing::ToyTarget;

constexpr std::uint64_t kSeed = 1;

struct Failing {
  Trace trace;
  Verdict verdict;
};

std::optional<Failing> FindFailure(Runner& runner, std::uint64_t seed) {
  Rng rng(seed);
  const Generator generator(runner.target());
  Failing failing;
  for (int round = 0; round < 5000; ++round) {
    generator.Generate(rng, 200, &failing.trace);
    failing.verdict = runner.Run(failing.trace);
    if (!failing.verdict.passed()) return failing;
  }
  return std::nullopt;
}

class ShrinkerTest : public ::testing::TestWithParam<Plant> {};

TEST_P(ShrinkerTest, TheResultFailsAlikeAndIsOneMinimal) {
  const Target& target = ToyTarget(GetParam());
  Runner runner(target, {.check_every_op = true, .determinism_share = 1});
  const RunTrace run = [&](const Trace& trace) { return runner.Run(trace); };
  for (std::uint64_t seed = kSeed; seed < kSeed + 5; ++seed) {
    const std::optional<Failing> failing = FindFailure(runner, seed);
    ASSERT_TRUE(failing) << "seed " << seed;
    const ShrinkResult small = Shrink(*target.vocabulary, failing->trace, failing->verdict, run);
    ASSERT_TRUE(small.one_minimal);
    EXPECT_EQ(small.verdict.Signature(), failing->verdict.Signature());
    for (std::size_t i = 0; i < small.trace.ops.size(); ++i) {
      Trace less = small.trace;
      less.ops.erase(less.ops.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_NE(run(less).Signature(), small.verdict.Signature())
          << "seed " << seed << ": operation " << i << " can go from\n"
          << PrintTrace(target, small.trace);
    }
    const ShrinkResult again = Shrink(*target.vocabulary, failing->trace, failing->verdict, run);
    EXPECT_EQ(again.trace, small.trace) << "shrinking is deterministic";
  }
}

INSTANTIATE_TEST_SUITE_P(Plants, ShrinkerTest,
                         ::testing::Values(Plant::kWrongPop, Plant::kBrokenMark, Plant::kFatal,
                                           Plant::kException, Plant::kRandom),
                         [](const auto& plant) {
                           return std::string(ToyTarget(plant.param).name);
                         });

// Of the places that fail, the earliest; every other operand goes to its simplest value.
TEST(Shrinker, TakesTheEarliestChoiceThatStillFails) {
  const OperandList& operands = testing::ToyVocabulary().ops[testing::kAim].operands;
  const auto run = [&](const Trace& trace) {
    Verdict verdict;
    verdict.op_index = trace.ops.size();
    for (const Op& op : trace.ops) {
      const bool fails = op.code == testing::kAim && OperandValue(op, operands[2]) % 2 == 1;
      if (fails) verdict.outcome = Outcome::kMismatch;
    }
    return verdict;
  };
  const Trace trace = {.header = {.field = {3, 1, 7, 7}},
                       .ops = {LargestOp(testing::ToyVocabulary(), testing::kPushMany),
                               LargestOp(testing::ToyVocabulary(), testing::kAim)}};
  const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run);
  EXPECT_EQ(small.trace.header, Header());
  ASSERT_EQ(small.trace.ops.size(), 1u);
  EXPECT_EQ(PrintOp(testing::ToyVocabulary(), small.trace.ops[0]), "aim i0 i0 top 0");
}

// Marks and keys are names of different things: a mark is not renamed with a key.
TEST(Shrinker, RenamesAllUsesOfOneHandleAtOnce) {
  const OperandList& operands = testing::ToyVocabulary().ops[testing::kAim].operands;
  const auto run = [&](const Trace& trace) {
    Verdict verdict;
    verdict.op_index = trace.ops.size();
    if (trace.ops.size() != 3 || trace.ops[0].code != testing::kMark) return verdict;
    const bool fails = trace.ops[1].code == testing::kAim &&
                       OperandValue(trace.ops[1], operands[1]) == trace.ops[0].a &&
                       OperandValue(trace.ops[1], operands[0]) == trace.ops[2].a &&
                       trace.ops[0].a != trace.ops[2].a;
    if (fails) verdict.outcome = Outcome::kMismatch;
    return verdict;
  };
  Op aim = {.code = testing::kAim};
  SetOperandValue(&aim, operands[0], 3);
  SetOperandValue(&aim, operands[1], 2);
  const Trace trace = {
      .header = {},
      .ops = {{.code = testing::kMark, .a = 2}, aim, {.code = testing::kPush, .a = 3}}};
  const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run);
  ASSERT_EQ(small.trace.ops.size(), 3u);
  EXPECT_EQ(small.trace.ops[0].a, 0u);
  EXPECT_EQ(PrintOp(testing::ToyVocabulary(), small.trace.ops[1]), "aim i3 i0 bottom 0");
}

TEST(Shrinker, StopsAtItsBudgetAndSaysSo) {
  const Target& target = ToyTarget(Plant::kFatal);
  Runner runner(target);
  const std::optional<Failing> failing = FindFailure(runner, kSeed);
  ASSERT_TRUE(failing);
  const ShrinkResult result =
      Shrink(*target.vocabulary, failing->trace, failing->verdict,
             [&](const Trace& trace) { return runner.Run(trace); }, {.max_runs = 3});
  EXPECT_EQ(result.runs, 3u);
  EXPECT_FALSE(result.one_minimal);
}

// The best so far, which still fails, is smaller than what it began with.
TEST(Shrinker, StopsWhenAskedAndKeepsTheBestSoFar) {
  const auto run = [](const Trace& trace) {
    Verdict verdict = {.op_index = trace.ops.size(), .law = {}, .expected = {}, .actual = {}};
    if (!trace.ops.empty()) verdict.outcome = Outcome::kMismatch;
    return verdict;
  };
  const Trace trace = {.header = {}, .ops = std::vector<Op>(64, Op{.code = testing::kPop})};
  int asked = 0;
  const ShrinkResult result = Shrink(testing::ToyVocabulary(), trace, run(trace), run,
                                     {.stop = [&asked] { return ++asked > 3; }});
  EXPECT_TRUE(result.stopped);
  EXPECT_FALSE(result.one_minimal);
  EXPECT_EQ(result.runs, 3u);
  EXPECT_EQ(result.trace.ops.size(), 16u);
  EXPECT_FALSE(result.verdict.passed());
}

TEST(ShrinkCandidate, CandidatesAreNeverLongerAndComeToAnEnd) {
  const Vocabulary& vocabulary = testing::ToyVocabulary();
  Rng rng(kSeed);
  Trace trace;
  Generator(ToyTarget()).Generate(rng, 40, &trace);
  std::size_t index = 0;
  while (const std::optional<Trace> candidate = ShrinkCandidate(vocabulary, trace, index)) {
    EXPECT_LE(candidate->ops.size(), trace.ops.size());
    ASSERT_LT(++index, 1000u);
  }
  EXPECT_GT(index, trace.ops.size());
}

}  // namespace
}  // namespace slotproof
