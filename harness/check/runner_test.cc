#include "harness/check/runner.h"

#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

using testing::Plant;
using testing::ToyTarget;

Trace PushThrice(std::uint16_t key) {
  Trace trace;
  trace.ops.assign(3, Op{.code = testing::kPush, .a = key});
  return trace;
}

TEST(Runner, ACorrectSubjectPasses) {
  Runner runner(ToyTarget());
  EXPECT_TRUE(runner.Run(PushThrice(1)).passed());
  EXPECT_EQ(runner.stats().traces, 1u);
  EXPECT_GE(runner.stats().checked_operations, 3u);
}

TEST(Runner, AFatalErrorIsAVerdictAtItsOperation) {
  Runner runner(ToyTarget(Plant::kFatal));
  const Verdict verdict = runner.Run(PushThrice(1));
  EXPECT_EQ(verdict.outcome, Outcome::kFatal);
  EXPECT_EQ(verdict.op_index, 2u);
  EXPECT_TRUE(runner.Run(Trace{}).passed()) << "a failed trace leaves nothing behind";
}

TEST(Runner, AnEscapedExceptionIsAVerdict) {
  Runner runner(ToyTarget(Plant::kException));
  EXPECT_EQ(runner.Run(PushThrice(1)).Signature(), "fatal/exception");
}

TEST(Runner, ABrokenInvariantIsAVerdict) {
  Runner runner(ToyTarget(Plant::kBrokenMark), {.check_every_op = true});
  Trace trace;
  trace.ops = {{.code = testing::kPush, .b = 0, .a = 1},
               {.code = testing::kMark, .b = 0, .a = 0},
               {.code = testing::kPush, .b = 0, .a = 2},
               {.code = testing::kMark, .b = 1, .a = 1},
               {.code = testing::kRewind, .b = 0, .a = 0}};
  const Verdict verdict = runner.Run(trace);
  EXPECT_EQ(verdict.outcome, Outcome::kInvariant);
  EXPECT_EQ(verdict.op_index, 4u);
}

TEST(Runner, TwoRunsThatDifferAreNondeterminism) {
  Runner runner(ToyTarget(Plant::kRandom), {.determinism_share = 1});
  EXPECT_EQ(runner.Run(PushThrice(1)).Signature(), "nondeterminism/digest");
  Runner unchecked(ToyTarget(Plant::kRandom), {.determinism_share = 0});
  EXPECT_TRUE(unchecked.Run(PushThrice(1)).passed());
}

TEST(Runner, NondeterminismIsKnownAtOnceAndNamesTheOperation) {
  Runner runner(ToyTarget(Plant::kRandom), {.determinism_share = 1'000'000});
  Trace trace;
  trace.ops = {{.code = testing::kPeek}, {.code = testing::kPush}, {.code = testing::kPeek}};
  const Verdict verdict = runner.Run(trace);
  EXPECT_EQ(verdict.Signature(), "nondeterminism/digest");
  EXPECT_EQ(verdict.op_index, 1u);
}

TEST(Runner, AFailureThatDoesNotComeAgainIsNondeterminism) {
  Runner runner(ToyTarget(Plant::kSometimes));
  const Verdict verdict = runner.Run(PushThrice(1));
  EXPECT_EQ(verdict.Signature(), "nondeterminism/digest") << verdict.Summary();
  EXPECT_NE(verdict.expected.find("stack bored"), std::string::npos) << verdict.expected;
  EXPECT_EQ(verdict.actual, "a pass");
}

TEST(Runner, AFailureThatComesAgainIsItself) {
  Runner runner(ToyTarget(Plant::kFatal), {.determinism_share = 1});
  EXPECT_EQ(runner.Run(PushThrice(1)).Signature(), "fatal/stack bored");
  EXPECT_EQ(runner.stats().traces, 1u) << "of one trace, one run counts";
}

TEST(Runner, StopBeforeLooksAtTheStateInBetween) {
  Runner runner(ToyTarget(Plant::kFatal), {.stop_before = 2});
  EXPECT_TRUE(runner.Run(PushThrice(1)).passed());
}

TEST(Runner, FullChecksComeAtPowersOfTwoAndAtTheEnd) {
  Runner runner(ToyTarget(), {.determinism_share = 0});
  Trace trace;
  trace.ops.assign(1000, Op{.code = testing::kPeek});
  runner.Run(trace);
  EXPECT_GE(runner.stats().full_checks, 11u);
  EXPECT_LT(runner.stats().full_checks, 100u);
  Runner each(ToyTarget(), {.check_every_op = true, .determinism_share = 0});
  each.Run(trace);
  EXPECT_GE(each.stats().full_checks, 1000u);
}

TEST(Verdict, SignaturesHoldNoOperand) {
  const Verdict verdict = {.outcome = Outcome::kMismatch,
                           .op_index = 7,
                           .law = "find.value",
                           .expected = "v3",
                           .actual = "absent"};
  EXPECT_EQ(verdict.Signature(), "mismatch/find.value");
  EXPECT_EQ(verdict.Summary(), "op 7: mismatch/find.value: expected v3, got absent");
  EXPECT_EQ(OutcomeFromName("mismatch"), Outcome::kMismatch);
  EXPECT_EQ(OutcomeFromName("no such"), std::nullopt);
}

// The file and the condition tell assertions apart; a line would change with the code above it.
TEST(Verdict, AnAssertionIsItsFileAndCondition) {
  EXPECT_EQ(
      LawOfMessage("core/map/evacuate.h:30: assertion failed: std::has_single_bit(n) && n < 3"),
      "assertion core/map/evacuate.h std::has_single_bit(n) && n < 3");
  EXPECT_EQ(LawOfMessage("a.h:1: assertion failed: x"),
            LawOfMessage("a.h:20: assertion failed: x"));
  EXPECT_EQ(LawOfMessage("no place: assertion failed: x"), "no place");
}

TEST(Verdict, OfOtherMessagesOnlyWhatComesBeforeNumbersCounts) {
  EXPECT_EQ(LawOfMessage("concurrent map writes"), "concurrent map writes");
  EXPECT_EQ(LawOfMessage("stack bored: 3 equal keys"), "stack bored");
  EXPECT_EQ(LawOfMessage("index 7 of 3"), "index");
  EXPECT_EQ(LawOfMessage("7 of 3"), "7 of 3");
  EXPECT_EQ(LawOfMessage(""), "");
}

}  // namespace
}  // namespace slotproof
