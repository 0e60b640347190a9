#include "harness/check/every_fuse.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/subject/fuse.h"
#include "harness/subject/session.h"

namespace slotproof {
namespace {

// A shelf of numbers that is copied whole by each push, the new number last. The n-th push of a
// trace takes n steps of the fuse.
enum class Plant : std::uint8_t {
  kNone,
  kLosesOne,    // a throw behind the first copy takes the last number away
  kDies,        // a throw at the third copy is an abort
  kForgetsOne,  // the push after a throw does nothing
};
Plant plant = Plant::kNone;

enum ShelfOp : std::uint8_t { kPush, kFuseCopy, kFuseless };
constexpr std::uint32_t kLongest = 8;

constexpr Operand kNumber = {.kind = OperandKind::kNumber, .limit = 16};
constexpr Operand kTimes = {.kind = OperandKind::kCount, .limit = kLongest};
constexpr std::array<OpSpec, 3> kOps = {{
    {"push", {kNumber}, "push a number"},
    {"fuse_copy", {kTimes}, "the n-th copy from here on throws"},
    {"fuse_box", {kNumber}, "no fuse: it has no count"},
}};
constexpr Vocabulary kVocabulary = {.name = "shelf", .fields = {}, .ops = kOps};

class ShelfSession final : public Session {
 public:
  void Reset(const Header&) override {
    ResetBase();
    shelf_.clear();
    model_.clear();
    thrown_ = false;
    Fuse::Douse();
  }
  StepResult Step(const Op& op) override {
    if (op.code == kFuseCopy) Fuse::Light(FuseKind::kCopy, OperandValue(op, kTimes) + 1);
    if (op.code != kPush) return StepResult::kOk;
    const auto number = OperandValue(op, kNumber);
    try {
      CallSubject([&] { Push(number); });
      model_.push_back(number);
    } catch (const std::bad_alloc&) {
      if (!Fuse::TakeBurnt()) throw;
    }
    Observe(shelf_.size());
    if (shelf_ == model_) return StepResult::kOk;
    Mismatch("shelf", std::to_string(model_.size()), std::to_string(shelf_.size()));
    return StepResult::kFailed;
  }
  bool CheckFull() override { return true; }
  bool Finish() override {
    Fuse::Douse();
    return true;
  }
  void Abandon() override {}
  std::string Draw() const override { return ""; }
  std::string Annotate(const Op&) const override { return ""; }
  void StructuralState(std::span<std::uint8_t>) const override {}

 private:
  void Push(std::uint32_t number) {
    if (plant == Plant::kForgetsOne && thrown_) return;
    std::size_t copied = 0;
    try {
      for (; copied <= shelf_.size(); ++copied) Fuse::Step(FuseKind::kCopy);
    } catch (const FuseBurnt&) {
      thrown_ = true;
      if (plant == Plant::kLosesOne && copied == 1) shelf_.pop_back();
      if (plant == Plant::kDies && copied == 2) std::abort();
      throw;
    }
    shelf_.push_back(number);
  }

  std::vector<std::uint32_t> shelf_;
  std::vector<std::uint32_t> model_;
  bool thrown_ = false;
};

const Target& ShelfTarget() {
  static const Target target = {
      .name = "shelf",
      .help = "numbers",
      .vocabulary = &kVocabulary,
      .goals = {},
      .profiles = {},
      .new_session = []() -> std::unique_ptr<Session> { return std::make_unique<ShelfSession>(); },
  };
  return target;
}

Trace Pushes(std::size_t n) {
  Trace trace;
  for (std::uint8_t i = 0; i < n; ++i) trace.ops.push_back({.code = kPush, .b = i});
  return trace;
}

FuseSweep Sweep(Plant what, const Trace& trace, const FuseSweepOptions& options = {}) {
  plant = what;
  EXPECT_TRUE(Runner(ShelfTarget()).Run(trace).passed()) << "without a fuse";
  return SweepFuses(ShelfTarget(), trace, options);
}

TEST(EveryFuse, AFuseIsAnOperationWithACountAlone) {
  EXPECT_EQ(FuseOps(kVocabulary), std::vector<std::size_t>{kFuseCopy});
}

TEST(EveryFuse, EachStepOfEachOperationBurnsInATraceOfItsOwn) {
  const FuseSweep sweep = Sweep(Plant::kNone, Pushes(4));
  EXPECT_EQ(sweep.planned, 1u + 2 + 3 + 4);
  EXPECT_EQ(sweep.ran, sweep.planned);
  EXPECT_EQ(sweep.burnt, std::vector<std::size_t>{sweep.planned});
  EXPECT_EQ(sweep.beyond, 0u);
  EXPECT_FALSE(sweep.finding);
}

// Law: what it finds is a trace that fails by itself.
TEST(EveryFuse, ItFindsWhatTheTraceAloneDoesNot) {
  const FuseSweep sweep = Sweep(Plant::kLosesOne, Pushes(3));
  ASSERT_TRUE(sweep.finding);
  EXPECT_EQ(sweep.finding->run.verdict.Signature(), "mismatch/shelf");
  ASSERT_EQ(sweep.finding->trace.ops.size(), 4u);
  EXPECT_EQ(sweep.finding->trace.ops[1].code, kFuseCopy) << "in the push of the second number";
  const Verdict again = Runner(ShelfTarget()).Run(sweep.finding->trace);
  EXPECT_EQ(again.Signature(), sweep.finding->run.verdict.Signature());
  EXPECT_EQ(again.op_index, sweep.finding->run.verdict.op_index);
}

TEST(EveryFuse, ATraceGoesOnBehindTheThrow) {
  const FuseSweep sweep = Sweep(Plant::kForgetsOne, Pushes(2));
  ASSERT_TRUE(sweep.finding);
  EXPECT_EQ(sweep.finding->run.verdict.op_index, 2u) << "of the fuse, a push and another";
}

TEST(EveryFuse, WhatEndsTheProcessIsAFinding) {
  const FuseSweep sweep = Sweep(Plant::kDies, Pushes(3));
  ASSERT_TRUE(sweep.finding);
  EXPECT_EQ(sweep.finding->run.verdict.outcome, Outcome::kSignal);
  EXPECT_EQ(sweep.finding->run.verdict.law, "SIGABRT");
  EXPECT_EQ(sweep.ran, 6u) << "three with a fuse of one step, two of two, and this one";
}

TEST(EveryFuse, StepsBehindTheLongestFuseAreTold) {
  const FuseSweep sweep = Sweep(Plant::kNone, Pushes(10));
  EXPECT_EQ(sweep.planned, 1u + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 8 + 8);
  EXPECT_EQ(sweep.beyond, 1u + 2);
}

TEST(EveryFuse, TheTracesOwnFusesAreLeftOut) {
  Trace trace = Pushes(2);
  trace.ops.insert(trace.ops.begin(), {.code = kFuseCopy});
  EXPECT_EQ(Sweep(Plant::kNone, trace).planned, 3u);
}

TEST(EveryFuse, WithoutTimeNothingRuns) {
  FuseSweepOptions options;
  options.budget = std::chrono::milliseconds(0);
  const FuseSweep sweep = Sweep(Plant::kLosesOne, Pushes(3), options);
  EXPECT_EQ(sweep.planned, 6u);
  EXPECT_EQ(sweep.ran, 0u);
  EXPECT_FALSE(sweep.finding);
}

}  // namespace
}  // namespace slotproof
