#include "harness/shrink/shrinker.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/check/steps.h"
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

ShrinkOptions WithSteps() {
  ShrinkOptions options;
  options.steps_of = [](const Trace& trace) { return StepsOf(ToyTarget(), trace); };
  return options;
}

// The keys that a trace pushes, burst or not.
std::multiset<std::uint16_t> Pushed(const Trace& trace) {
  std::multiset<std::uint16_t> keys;
  for (const Op& op : StepsOf(ToyTarget(), trace).Expanded(trace.header).ops) {
    if (op.code == testing::kPush) keys.insert(op.a);
  }
  return keys;
}

Verdict FailsIf(bool fails, const Trace& trace) {
  Verdict verdict;
  verdict.op_index = trace.ops.size();
  if (fails) verdict.outcome = Outcome::kMismatch;
  return verdict;
}

std::string Shrunk(const RunTrace& run, const Trace& trace, const ShrinkOptions& options) {
  const ShrinkResult small = Shrink(testing::ToyVocabulary(), trace, run(trace), run, options);
  EXPECT_TRUE(small.one_minimal);
  if (options.steps_of) EXPECT_EQ(small.steps, StepsOf(ToyTarget(), small.trace).count);
  std::string text;
  for (const Op& op : small.trace.ops) text += PrintOp(testing::ToyVocabulary(), op) + "; ";
  return text;
}

const Trace kPushesSixteen = {.header = {.field = {3, 0, 0, 0}},
                              .ops = {{.code = testing::kPushMany, .b = 15, .a = 8}}};

// Two of the sixteen keys matter, which no shorter burst has without those between them.
TEST(Shrinker, TakesABurstApart) {
  const RunTrace run = [](const Trace& trace) {
    const auto keys = Pushed(trace);
    return FailsIf(keys.contains(11) && keys.contains(20), trace);
  };
  EXPECT_EQ(Shrunk(run, kPushesSixteen, WithSteps()), "push k11; push k20; ");
  EXPECT_EQ(Shrunk(run, kPushesSixteen, {}), "push_many k5 x16; ") << "nobody can say its steps";

  // Neither does one that is shorter by its last step, with that behind it.
  const RunTrace whole = [&run](const Trace& trace) {
    const auto burst = [](const Op& op) { return op.code == testing::kPushMany; };
    const bool mixed = trace.ops.size() > 1 && std::ranges::any_of(trace.ops, burst);
    return FailsIf(!run(trace).passed() && !mixed, trace);
  };
  EXPECT_EQ(Shrunk(whole, kPushesSixteen, WithSteps()), "push k11; push k20; ");
}

// Whether a trace is in the header of kPushesSixteen and has either bursts alone or none. Then no
// other header fails, in which bursts are taken apart as well, and no shorter burst beside a push.
bool AsItCame(const Header& header, std::span<const Op> ops) {
  const auto bursts = std::ranges::count(ops, testing::kPushMany, &Op::code);
  return header == kPushesSixteen.header && (bursts == 0 || bursts == std::ssize(ops));
}

// What neither a header nor another operation does, the burst's own steps do.
TEST(Shrinker, TakesABurstApartWhereItStands) {
  const RunTrace run = [](const Trace& trace) {
    const auto keys = Pushed(trace);
    const bool both = keys.contains(11) && keys.contains(20);
    return FailsIf(both && AsItCame(trace.header, trace.ops), trace);
  };
  EXPECT_EQ(Shrunk(run, kPushesSixteen, WithSteps()), "push k11; push k20; ");
}

// Of two bursts neither can be taken apart alone.
TEST(Shrinker, TakesBurstsApartTogether) {
  const RunTrace run = [](const Trace& trace) {
    const auto keys = Pushed(trace);
    const bool all = std::ranges::all_of(std::array<std::uint16_t, 4>{11, 20, 41, 50},
                                         [&](std::uint16_t key) { return keys.contains(key); });
    return FailsIf(all && AsItCame(trace.header, trace.ops), trace);
  };
  Trace trace = kPushesSixteen;
  trace.ops.push_back({.code = testing::kPushMany, .b = 15, .a = 38});
  EXPECT_EQ(Shrunk(run, trace, WithSteps()), "push k11; push k20; push k41; push k50; ");
}

// Of two bursts one must stay.
TEST(Shrinker, TakesOneBurstApartAndLeavesTheOther) {
  const Op stays = {.code = testing::kPushMany, .b = 5, .a = 40};
  const RunTrace run = [&](const Trace& trace) {
    if (trace.ops.empty() || trace.ops.back() != stays) return Verdict();
    const auto keys = Pushed(trace);
    const bool both = keys.contains(11) && keys.contains(20);
    const std::span<const Op> others(trace.ops.data(), trace.ops.size() - 1);
    return FailsIf(both && AsItCame(trace.header, others), trace);
  };
  Trace trace = kPushesSixteen;
  trace.ops.push_back(stays);
  EXPECT_EQ(Shrunk(run, trace, WithSteps()), "push k11; push k20; push_many k40 x6; ");
}

// Six different keys, whichever: a burst of six is as good as six operations, and one line.
TEST(Shrinker, KeepsABurstThatIsNoLonger) {
  const RunTrace run = [](const Trace& trace) {
    const auto keys = Pushed(trace);
    return FailsIf(std::set(keys.begin(), keys.end()).size() >= 6, trace);
  };
  EXPECT_EQ(Shrunk(run, kPushesSixteen, WithSteps()), "push_many k0 x6; ");
  ShrinkOptions expand = WithSteps();
  expand.expand = true;
  EXPECT_EQ(Shrunk(run, kPushesSixteen, expand),
            "push k0; push k1; push k2; push k3; push k4; push k5; ");
}

// The same, from single operations.
TEST(Shrinker, MakesABurstOfARunOfOperations) {
  const RunTrace run = [](const Trace& trace) {
    const auto keys = Pushed(trace);
    const bool marked = std::ranges::count(trace.ops, testing::kMark, &Op::code) == 1;
    return FailsIf(marked && std::set(keys.begin(), keys.end()).size() >= 6, trace);
  };
  Trace trace = {.header = {.field = {1, 0, 0, 0}}, .ops = {{.code = testing::kMark}}};
  for (std::uint16_t key = 0; key < 8; ++key)
    trace.ops.push_back({.code = testing::kPush, .a = key});
  EXPECT_EQ(Shrunk(run, trace, WithSteps()), "mark i0; push_many k0 x6; ");
  ShrinkOptions expand = WithSteps();
  expand.expand = true;
  EXPECT_EQ(Shrunk(run, trace, expand),
            "mark i0; push k0; push k1; push k2; push k3; push k4; push k5; ");
}

// What fails is that sixteen keys are pushed, or one is rewound to.
TEST(Shrinker, ReplacesABurstByOneOperation) {
  const RunTrace run = [](const Trace& trace) {
    const bool rewinds = std::ranges::count(trace.ops, testing::kRewind, &Op::code) != 0;
    return FailsIf(rewinds || Pushed(trace).size() >= 16, trace);
  };
  EXPECT_EQ(Shrunk(run, kPushesSixteen, WithSteps()), "rewind i0; ");
}

// Any six keys: one key six times is less to keep in mind than six keys in one burst.
TEST(Shrinker, PrefersFewerKeysToFewerLines) {
  const RunTrace run = [](const Trace& trace) { return FailsIf(Pushed(trace).size() >= 6, trace); };
  EXPECT_EQ(Shrunk(run, kPushesSixteen, WithSteps()),
            "push k0; push k0; push k0; push k0; push k0; push k0; ");
}

// As single operations the trace passes: the burst stays, and that is said.
TEST(Shrinker, SaysWhenABurstCannotBeTakenApart) {
  const RunTrace run = [](const Trace& trace) {
    const bool burst = !trace.ops.empty() && trace.ops[0].code == testing::kPushMany;
    return FailsIf(burst, trace);
  };
  ShrinkOptions expand = WithSteps();
  expand.expand = true;
  const ShrinkResult small =
      Shrink(testing::ToyVocabulary(), kPushesSixteen, run(kPushesSixteen), run, expand);
  EXPECT_TRUE(small.has_bursts || small.steps == 1);
  EXPECT_EQ(small.trace.ops.at(0).code, testing::kPushMany);
}

// A plain header needs five pushes, a striped one two: fewer operations are worth a field.
TEST(Shrinker, LeapsToAHeaderThatAllowsAShorterTrace) {
  const RunTrace run = [](const Trace& trace) {
    return FailsIf(Pushed(trace).size() >= (trace.header.field[1] == 1 ? 2 : 5), trace);
  };
  const ShrinkResult small =
      Shrink(testing::ToyVocabulary(), kPushesSixteen, run(kPushesSixteen), run, WithSteps());
  const Header striped = {.field = {0, 1, 0, 0}};
  EXPECT_EQ(small.trace.header, striped);
  EXPECT_EQ(small.steps, 2u);
  ShrinkOptions no_leaps = WithSteps();
  no_leaps.max_leap_runs = 0;
  const ShrinkResult plain =
      Shrink(testing::ToyVocabulary(), kPushesSixteen, run(kPushesSixteen), run, no_leaps);
  EXPECT_EQ(plain.trace.header, Header());
  EXPECT_EQ(plain.steps, 5u);
}

// Neither a push nor a pop can go alone.
TEST(Shrinker, DropsWhatWasDoneAndUndoneAtOnce) {
  const RunTrace run = [](const Trace& trace) {
    std::ptrdiff_t depth = 0;
    bool cleared = false;
    for (const Op& op : trace.ops) {
      depth += (op.code == testing::kPush) - (op.code == testing::kPop);
      cleared |= op.code == testing::kClear;
    }
    return FailsIf(cleared && depth == 0, trace);
  };
  const Trace trace = {
      .header = {},
      .ops = {{.code = testing::kPush}, {.code = testing::kClear}, {.code = testing::kPop}}};
  EXPECT_EQ(Shrunk(run, trace, WithSteps()), "clear; ");
}

// Without the clear, the last burst pops twelve keys more. It is dropped all the same.
TEST(Shrinker, IsOneMinimalThoughMoreRuns) {
  const RunTrace run = [](const Trace& trace) {
    bool pushes = false;
    bool pops = false;
    for (const Op& op : trace.ops) {
      pushes |= op.code == testing::kPushMany && op.b == 11;
      pops |= op.code == testing::kPopMany && op.a == 200 && pushes;
    }
    return FailsIf(pops, trace);
  };
  const Trace trace = {.header = {},
                       .ops = {{.code = testing::kPushMany, .b = 11},
                               {.code = testing::kClear},
                               {.code = testing::kPopMany, .a = 200}}};
  EXPECT_EQ(Shrunk(run, trace, WithSteps()), "push_many k0 x12; pop_many x201; ");
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
