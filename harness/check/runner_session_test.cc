// What a runner asks of its session, and when: of one that writes everything down.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

// What an operation does.
enum ScriptedOp : std::uint8_t { kPlain, kGrows, kMismatches, kThrows };

// What the sessions of one test share.
struct Script {
  std::string diary;  // R reset, s step, w walk, f finish, a abandon
  std::uint64_t walk_cost = 0;
  bool walks_hold = true;
  bool finishes_well = true;
  int resets = 0;
  int fails_from_reset = 1 << 30;
};
Script script;

class ScriptedSession : public Session {
 public:
  void Reset(const Header&) override {
    ResetBase();
    script.diary += 'R';
    ++script.resets;
  }
  StepResult Step(const Op& op) override {
    script.diary += 's';
    Observe(op.code);
    if (op.code == kThrows) throw SubjectFatal(Outcome::kFatal, "thrown");
    if (op.code == kMismatches || script.resets >= script.fails_from_reset) {
      Mismatch("step", "this", "that");
      return StepResult::kFailed;
    }
    return op.code == kGrows ? StepResult::kStructural : StepResult::kOk;
  }
  bool CheckFull() override {
    script.diary += 'w';
    return script.walks_hold || Mismatch("walk", "", "");
  }
  std::uint64_t FullCheckCost() const override { return script.walk_cost; }
  bool Finish() override {
    script.diary += 'f';
    return script.finishes_well || Mismatch("finish", "", "");
  }
  void Abandon() override { script.diary += 'a'; }
  std::string Draw() const override { return ""; }
  std::string Annotate(const Op&) const override { return ""; }
  void StructuralState(std::span<std::uint8_t>) const override {}
};

class RunnerSession : public ::testing::Test {
 protected:
  void SetUp() override {
    script = Script();
    target_.new_session = []() -> std::unique_ptr<Session> {
      return std::make_unique<ScriptedSession>();
    };
  }

  // The diary of one run.
  std::string Diary(const std::vector<ScriptedOp>& codes, RunOptions options) {
    Trace trace;
    for (const ScriptedOp code : codes) trace.ops.push_back({.code = code});
    Runner runner(target_, options);
    verdict_ = runner.Run(trace);
    stats_ = runner.stats();
    return script.diary;
  }
  std::string Diary(const std::vector<ScriptedOp>& codes) {
    return Diary(codes, {.determinism_share = 0});
  }

  Target target_ = testing::ToyTarget();
  Verdict verdict_;
  RunStats stats_;
};

TEST_F(RunnerSession, WalksAtPowersOfTwoAndAtTheEnd) {
  EXPECT_EQ(Diary({kPlain, kPlain, kPlain, kPlain, kPlain}), "Rswswsswswf");
  EXPECT_EQ(stats_.full_checks, 4u);
}

// The last walk is not walked twice.
TEST_F(RunnerSession, WalksOnceAfterTheLastOperation) {
  EXPECT_EQ(Diary({kPlain, kPlain}), "Rswswf");
  script.diary.clear();
  EXPECT_EQ(Diary({}), "Rwf");
}

TEST_F(RunnerSession, WalksWhereTheStructureChanged) {
  EXPECT_EQ(Diary({kPlain, kPlain, kGrows, kPlain, kPlain}), "Rswswswswswf");
}

// A walk that costs 3 operations waits for 3 of them, counted from the one before.
TEST_F(RunnerSession, AWalkWaitsUntilItIsPaidFor) {
  script.walk_cost = 3;
  EXPECT_EQ(Diary({kGrows, kGrows, kGrows, kGrows, kGrows, kGrows, kPlain}), "Rssswssswswf");
  EXPECT_EQ(stats_.full_checks, 3u);
}

TEST_F(RunnerSession, CheckEveryOpWalksWhateverItCosts) {
  script.walk_cost = 100;
  EXPECT_EQ(Diary({kPlain, kPlain, kPlain}, {.check_every_op = true, .determinism_share = 0}),
            "Rswswswf");
}

TEST_F(RunnerSession, WhatFailsIsAbandonedAtItsOperation) {
  EXPECT_EQ(Diary({kPlain, kMismatches, kPlain}), "Rswsa");
  EXPECT_EQ(verdict_.Summary(), "op 1: mismatch/step: expected this, got that");
  script.diary.clear();
  EXPECT_EQ(Diary({kPlain, kPlain, kThrows}), "Rswswsa");
  EXPECT_EQ(verdict_.Summary(), "op 2: fatal/thrown: thrown");
  EXPECT_EQ(stats_.operations, 2u) << "those that were done";
}

TEST_F(RunnerSession, AWalkThatFailsIsOfTheOperationBeforeIt) {
  script.walks_hold = false;
  EXPECT_EQ(Diary({kPlain, kPlain}), "Rswa");
  EXPECT_EQ(verdict_.Summary(), "op 0: mismatch/walk");
}

TEST_F(RunnerSession, AFailureAtTheEndIsOfTheFinalCheck) {
  script.finishes_well = false;
  EXPECT_EQ(Diary({kPlain, kPlain}), "Rswswfa");
  EXPECT_EQ(verdict_.Summary(), "op 2: mismatch/finish");
  EXPECT_EQ(stats_.operations, 2u);
}

// For looking at a state: nothing ends there.
TEST_F(RunnerSession, StopBeforeSkipsTheFinalChecks) {
  EXPECT_EQ(
      Diary({kPlain, kPlain, kPlain, kMismatches}, {.determinism_share = 0, .stop_before = 3}),
      "Rswsws");
  EXPECT_TRUE(verdict_.passed());
}

TEST_F(RunnerSession, DeterminismRunsTheTraceTwiceAndCountsOne) {
  EXPECT_EQ(Diary({kPlain}, {.determinism_share = 1}), "RswfRswf");
  EXPECT_TRUE(verdict_.passed());
  EXPECT_EQ(stats_.traces, 1u);
  EXPECT_EQ(stats_.operations, 1u);
  EXPECT_EQ(stats_.checked_operations, 1u);
}

// It observed the same before it failed. Then it is stepped through, for the operation that
// differs.
TEST_F(RunnerSession, ASecondRunThatFailsIsNondeterminism) {
  script.fails_from_reset = 2;
  EXPECT_EQ(Diary({kPlain}, {.determinism_share = 1}).substr(0, 10), "RswfRsaRsa");
  EXPECT_EQ(verdict_.outcome, Outcome::kNondeterminism);
}

}  // namespace
}  // namespace slotproof
