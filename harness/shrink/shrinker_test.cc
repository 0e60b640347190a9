#include "harness/shrink/shrinker.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/generator.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"
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

// Fails at its last operation, by a law of its length.
Verdict OfLength(const Trace& trace, const char* law) {
  Verdict verdict;
  if (trace.ops.empty()) return verdict;
  verdict.outcome = Outcome::kMismatch;
  verdict.op_index = trace.ops.size() - 1;
  verdict.law = law;
  verdict.actual = std::to_string(trace.ops.size());
  return verdict;
}

Trace ManyPops(std::size_t count) {
  return {.header = {}, .ops = std::vector<Op>(count, Op{.code = testing::kPop})};
}

// Shorter traces fail, too, but of another bug.
TEST(Shrinker, KeepsToTheFailureThatItWasGiven) {
  const auto run = [](const Trace& trace) {
    return OfLength(trace, trace.ops.size() >= 5 ? "wanted" : "other");
  };
  const Trace trace = ManyPops(40);
  const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run);
  EXPECT_EQ(small.trace.ops.size(), 5u);
  EXPECT_EQ(small.verdict.law, "wanted");
  EXPECT_TRUE(small.one_minimal);
}

TEST(Shrinker, TheVerdictIsThatOfTheSmallestTrace) {
  const auto run = [](const Trace& trace) { return OfLength(trace, "length"); };
  const Trace trace = ManyPops(40);
  const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run);
  EXPECT_EQ(small.verdict.Summary(), "op 0: mismatch/length: 1");
}

// One run is enough to be rid of what comes after the failure.
TEST(Shrinker, TheTailAfterTheFailureGoesFirst) {
  const auto run = [](const Trace& trace) {
    Verdict verdict = OfLength(trace, "third");
    verdict.op_index = 2;
    return verdict;
  };
  const Trace trace = ManyPops(1000);
  const ShrinkResult small =
      Shrink(testing::ToyVocabulary(), trace, run(trace), run, {.max_runs = 1});
  EXPECT_EQ(small.trace.ops.size(), 3u);
}

TEST(Shrinker, TellsOfItsProgress) {
  const auto run = [](const Trace& trace) {
    return trace.ops.size() < 400 ? Verdict() : OfLength(trace, "length");
  };
  std::vector<ShrinkProgress> told;
  const Trace trace = ManyPops(500);
  const ShrinkResult small =
      Shrink(testing::ToyVocabulary(), trace, run(trace), run,
             {.on_progress = [&](const ShrinkProgress& progress) { told.push_back(progress); }});
  ASSERT_GT(told.size(), 1u);
  EXPECT_EQ(told.front().runs, 256u);
  EXPECT_EQ(told.back().runs, small.runs);
  EXPECT_EQ(told.back().ops, 400u);
}

// A failure that any operation has keeps the plainest one of all.
TEST(Shrinker, AnOperationBecomesAPlainerOne) {
  const auto run = [](const Trace& trace) { return OfLength(trace, "any"); };
  const Trace trace = {.header = {.field = {3, 0, 0, 0}},
                       .ops = {LargestOp(testing::ToyVocabulary(), testing::kAim)}};
  const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run);
  EXPECT_EQ(PrintOp(testing::ToyVocabulary(), small.trace.ops.at(0)), "push k0");
}

// What is tried is a trace as one could write it: a smaller universe has fewer keys.
TEST(Shrinker, TriesNothingOutsideOfTheLimits) {
  const Codec codec(testing::ToyVocabulary());
  // What fails holds a number that a smaller universe, or a plainer operation, has no room for.
  const auto run = [&](const Trace& trace) {
    EXPECT_EQ(codec.Decode(codec.Encode(trace)), trace);
    return !trace.ops.empty() && trace.ops[0].a >= 8 ? OfLength(trace, "large") : Verdict();
  };
  for (const std::uint8_t code : {testing::kPush, testing::kPeek}) {
    const Trace trace = {.header = {.field = {3, 1, 99, 7}},
                         .ops = {{.code = code, .a = 63}, {.code = code, .a = 63}}};
    const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run);
    EXPECT_EQ(small.trace.ops.at(0).a, 8u);
    for (std::size_t index = 0;
         const auto candidate = ShrinkCandidate(testing::ToyVocabulary(), trace, index); ++index) {
      EXPECT_EQ(codec.Decode(codec.Encode(*candidate)), *candidate) << index;
    }
  }
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
                                     {.stop = [&asked] { return ++asked == 4; }});
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

// The boldest first: half of the operations; in the end smaller operands and a plainer header.
TEST(ShrinkCandidate, BeginsWithHalfTheTraceAndEndsWithTheHeader) {
  const Vocabulary& vocabulary = testing::ToyVocabulary();
  const Trace trace = {.header = {.field = {0, 0, 40, 0}},
                       .ops = {{.code = testing::kPop}, {.code = testing::kPeek, .a = 12}}};
  std::vector<Trace> candidates;
  while (auto candidate = ShrinkCandidate(vocabulary, trace, candidates.size())) {
    candidates.push_back(*std::move(candidate));
  }
  EXPECT_EQ(candidates.at(0).ops, std::vector<Op>{trace.ops[0]});
  EXPECT_EQ(candidates.at(1).ops, std::vector<Op>{trace.ops[1]});
  ASSERT_EQ(candidates.size(), 2 + 1 + vocabulary.fields.size());
  EXPECT_EQ(candidates.at(2).ops.at(1).a, 6u);
  EXPECT_EQ(candidates.at(2 + 1 + 2).header.field[2], 20u);
}

}  // namespace
}  // namespace slotproof
