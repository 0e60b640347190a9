#include "harness/check/isolate.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/build_info.h"
#include "harness/base/child_process.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

using std::chrono::milliseconds;
using testing::Plant;
using testing::ToyTarget;

constexpr RunOptions kOnce = {.determinism_share = 0};

bool IsAsan() { return Configuration() == "asan"; }
bool IsTsan() { return Configuration() == "tsan"; }

// Pushes one key three times running at operations 1, 2 and 3.
Trace ThreeEqualKeys() {
  const Op push = {.code = testing::kPush, .b = 0, .a = 3};
  return {.header = {},
          .ops = {{.code = testing::kPop}, push, push, push, {.code = testing::kPop}}};
}

Verdict Isolated(Plant plant) { return RunIsolated(ToyTarget(plant), ThreeEqualKeys(), kOnce); }

TEST(Isolate, AVerdictComesBackWhole) {
  for (const Plant plant : {Plant::kNone, Plant::kFatal, Plant::kException}) {
    Runner runner(ToyTarget(plant), kOnce);
    const Verdict here = runner.Run(ThreeEqualKeys());
    const IsolatedRun there = RunIsolatedWithReport(ToyTarget(plant), ThreeEqualKeys(), kOnce);
    EXPECT_EQ(there.verdict.Summary(), here.Summary());
    EXPECT_EQ(there.verdict.op_index, here.op_index);
    EXPECT_EQ(there.stats.operations, runner.stats().operations);
    EXPECT_EQ(there.stats.checked_operations, runner.stats().checked_operations);
    EXPECT_EQ(there.stats.full_checks, runner.stats().full_checks);
    EXPECT_EQ(there.report, "");
  }
}

TEST(Isolate, GoalsComeBack) {
  const Trace trace = {.header = {}, .ops = {{.code = testing::kPushMany, .b = 8, .a = 0}}};
  const IsolatedRun run = RunIsolatedWithReport(ToyTarget(), trace, kOnce);
  EXPECT_TRUE(run.verdict.passed());
  EXPECT_EQ(run.stats.goals[testing::kGrew], 2u);
}

TEST(Isolate, NondeterminismIsSeenThroughTheProcessToo) {
  const RunOptions twice = {.determinism_share = 1};
  EXPECT_EQ(RunIsolated(ToyTarget(Plant::kRandom), ThreeEqualKeys(), twice).Signature(),
            "nondeterminism/digest");
  EXPECT_TRUE(RunIsolated(ToyTarget(), ThreeEqualKeys(), twice).passed());
}

TEST(Isolate, ASignalIsAVerdict) {
  const Verdict segv = Isolated(Plant::kSegv);
  EXPECT_EQ(segv.op_index, 3u);
  if (IsAsan()) {
    EXPECT_EQ(segv.outcome, Outcome::kSanitizer);
  } else if (!IsTsan()) {
    EXPECT_EQ(segv.Signature(), "signal/SIGSEGV");
  } else {
    EXPECT_FALSE(segv.passed());
  }
  const Verdict abort = Isolated(Plant::kAbort);
  EXPECT_EQ(abort.op_index, 3u);
  EXPECT_EQ(abort.Signature(), "signal/SIGABRT");
}

TEST(Isolate, AnExitIsAVerdict) {
  const Verdict verdict = Isolated(Plant::kExit);
  EXPECT_EQ(verdict.Signature(), "signal/exit 7");
  EXPECT_EQ(verdict.op_index, 3u);
}

// The time limit bounds the wait by the monotonic clock.
TEST(Isolate, AHangIsAVerdictInBoundedTime) {
  const auto start = std::chrono::steady_clock::now();
  const Verdict verdict = RunIsolated(ToyTarget(Plant::kHang), ThreeEqualKeys(), kOnce,
                                      {.time_limit = milliseconds(300)});
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(verdict.Signature(), "hang/time limit");
  EXPECT_EQ(verdict.op_index, 3u);
  EXPECT_GE(waited, milliseconds(300));
  EXPECT_LT(waited, milliseconds(10'000));
}

// Each operation of it takes a while, and the walks none.
class SlowSession : public Session {
 public:
  void Reset(const Header&) override { ResetBase(); }
  StepResult Step(const Op&) override {
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < milliseconds(20)) {
    }
    return StepResult::kOk;
  }
  bool CheckFull() override { return true; }
  std::uint64_t FullCheckCost() const override { return kWalkCost; }
  bool Finish() override { return true; }
  void Abandon() override {}
  std::string Draw() const override { return ""; }
  std::string Annotate(const Op&) const override { return ""; }
  void StructuralState(std::span<std::uint8_t>) const override {}

 private:
  static constexpr std::uint64_t kWalkCost = 1'000;
};

Target SlowTarget() {
  Target target = ToyTarget();
  target.new_session = []() -> std::unique_ptr<Session> { return std::make_unique<SlowSession>(); };
  return target;
}

// The limit is an operation's: of a slow trace, each one ends in time.
TEST(Isolate, ALongTraceIsNoHang) {
  Trace trace;
  trace.ops.resize(60);
  const IsolatedRun run =
      RunIsolatedWithReport(SlowTarget(), trace, kOnce, {.time_limit = milliseconds(1000)});
  EXPECT_EQ(run.verdict.Summary(), "passed");
  EXPECT_EQ(run.stats.operations, trace.ops.size());
}

// Walks wait until they are paid for, as in this process.
TEST(Isolate, WalksAsOftenAsInThisProcess) {
  const Target slow = SlowTarget();
  Runner runner(slow, kOnce);
  runner.Run(ThreeEqualKeys());
  const IsolatedRun run = RunIsolatedWithReport(slow, ThreeEqualKeys(), kOnce);
  EXPECT_EQ(runner.stats().full_checks, 1u);
  EXPECT_EQ(run.stats.full_checks, 1u);
}

TEST(Isolate, ASanitizersReportIsAVerdict) {
  if (!IsAsan()) GTEST_SKIP() << "needs AddressSanitizer";
  const IsolatedRun overflow =
      RunIsolatedWithReport(ToyTarget(Plant::kOverflow), ThreeEqualKeys(), kOnce);
  EXPECT_EQ(overflow.verdict.outcome, Outcome::kSanitizer);
  EXPECT_EQ(overflow.verdict.op_index, 3u);
  EXPECT_TRUE(overflow.verdict.law.starts_with("heap-buffer-overflow")) << overflow.verdict.law;
  EXPECT_NE(overflow.report.find("SUMMARY: AddressSanitizer"), std::string::npos);
  const Verdict undefined = Isolated(Plant::kUndefined);
  EXPECT_EQ(undefined.outcome, Outcome::kSanitizer);
  EXPECT_TRUE(undefined.law.starts_with("undefined: shift exponent is too large")) << undefined.law;
  EXPECT_EQ(undefined.op_index, 3u);
}

TEST(Isolate, ALeakIsAVerdict) {
  if (!IsAsan()) GTEST_SKIP() << "needs LeakSanitizer";
  const IsolatedRun run = RunIsolatedWithReport(ToyTarget(Plant::kLeak), ThreeEqualKeys(), kOnce);
  EXPECT_EQ(run.verdict.outcome, Outcome::kLeak) << run.report;
  EXPECT_TRUE(run.verdict.law.starts_with("leak")) << run.verdict.law;
  EXPECT_TRUE(RunIsolated(ToyTarget(Plant::kLeak), ThreeEqualKeys(), kOnce, {.check_leaks = false})
                  .passed());
}

TEST(Isolate, ARaceIsAVerdict) {
  if (!IsTsan()) GTEST_SKIP() << "needs ThreadSanitizer";
  const IsolatedRun run = RunIsolatedWithReport(ToyTarget(Plant::kRace), ThreeEqualKeys(), kOnce);
  EXPECT_EQ(run.verdict.outcome, Outcome::kRace) << run.report;
  EXPECT_TRUE(run.verdict.law.starts_with("data race")) << run.verdict.law;
}

// What ends the process while a law looks at a trace.
TEST(Isolate, ALawIsJudgedInAChildToo) {
  const auto law = [](const Trace& trace) {
    if (trace.ops.size() == 5) std::abort();
    for (volatile bool hangs = trace.ops.empty(); hangs;) {
    }
    Verdict verdict;
    verdict.outcome = Outcome::kMismatch;
    verdict.law = "length";
    return verdict;
  };
  const Verdict death = RunLawIsolated(law, ThreeEqualKeys());
  EXPECT_EQ(death.Signature(), "signal/SIGABRT");
  EXPECT_EQ(death.op_index, 5u);
  EXPECT_EQ(RunLawIsolated(law, Trace{}, {.time_limit = milliseconds(200)}).Signature(),
            "hang/time limit");
  EXPECT_EQ(RunLawIsolated(law, {.header = {}, .ops = {{}}}).Signature(), "mismatch/length");
}

// A library's assertion is cut to what matters; sanitizers know who called it.
TEST(Isolate, AnAssertionOfTheLibraryNamesItsCaller) {
  const auto law = [](const Trace& trace) {
    const std::vector<int> none;
    return none[trace.ops.size()] == 0 ? Verdict() : Verdict();
  };
  const Verdict verdict = RunLawIsolated(law, ThreeEqualKeys());
  EXPECT_TRUE(verdict.Signature().starts_with("signal/SIGABRT assertion __n < this->size()"))
      << verdict.Signature();
  EXPECT_TRUE(verdict.actual.starts_with("stl_vector.h:")) << verdict.actual;
  EXPECT_NE(verdict.actual.find(": vector::operator[]: __n < this->size()"), std::string::npos)
      << verdict.actual;
  if (Configuration() == "plain") return;
  EXPECT_NE(verdict.actual.find("harness/check/isolate_test.cc:"), std::string::npos)
      << verdict.actual;
}

TEST(Isolate, CandidatesGetWhatTheirFailureNeeds) {
  const IsolateOptions whole = {.time_limit = milliseconds(20'000)};
  const auto limit = [](const IsolateOptions& of, Outcome outcome, int took) {
    return ForCandidates(of, outcome, milliseconds(took)).time_limit.count();
  };
  EXPECT_EQ(limit(whole, Outcome::kHang, 20'000), 2'000);
  EXPECT_EQ(limit({.time_limit = milliseconds(500)}, Outcome::kHang, 500), 200);
  EXPECT_EQ(limit(whole, Outcome::kSignal, 3), 2'000);
  EXPECT_EQ(limit(whole, Outcome::kSignal, 1'000), 4'000);
  EXPECT_EQ(limit(whole, Outcome::kSignal, 15'000), 20'000);
  EXPECT_FALSE(ForCandidates(whole, Outcome::kHang, {}).check_leaks);
  EXPECT_TRUE(ForCandidates(whole, Outcome::kLeak, {}).check_leaks);
}

TEST(Isolate, TheSameDeathHasTheSameVerdict) {
  for (const Plant plant : {Plant::kSegv, Plant::kAbort, Plant::kOverflow}) {
    EXPECT_EQ(Isolated(plant).Signature(), Isolated(plant).Signature());
  }
}

TEST(ChildProcess, WhatWasSentBeforeADeathArrives) {
  const ChildResult result = RunInChild(
      [](const ChildChannel& channel) {
        channel.Send("before");
        std::fputs("last words", stderr);
        ::raise(SIGKILL);
      },
      milliseconds(20'000));
  EXPECT_EQ(result.end, ChildResult::End::kSignalled);
  EXPECT_EQ(result.code, SIGKILL);
  EXPECT_EQ(result.sent, "before");
  EXPECT_EQ(result.errors, "last words");
}

TEST(ChildProcess, MuchOutputNeitherBlocksNorFillsTheMemory) {
  const std::string megabyte(1 << 20, 'x');
  const ChildResult result = RunInChild(
      [&](const ChildChannel& channel) {
        for (int i = 0; i < 4; ++i) std::fwrite(megabyte.data(), 1, megabyte.size(), stderr);
        for (int i = 0; i < 4; ++i) channel.Send(megabyte);
      },
      milliseconds(20'000));
  EXPECT_EQ(result.end, ChildResult::End::kExited);
  EXPECT_EQ(result.sent.size(), 4 * megabyte.size());
  EXPECT_EQ(result.errors.size(), megabyte.size());
}

// A grandchild that lives on and holds the pipes does not hold the parent.
TEST(ChildProcess, AGrandchildDoesNotDelayTheResult) {
  const auto start = std::chrono::steady_clock::now();
  const ChildResult result = RunInChild(
      [](const ChildChannel& channel) {
        const pid_t grandchild = ::fork();
        if (grandchild == 0) {
          ::alarm(15);
          while (true) ::pause();
        }
        channel.Send(std::to_string(grandchild));
      },
      milliseconds(20'000));
  EXPECT_EQ(result.end, ChildResult::End::kExited);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(10'000));
  ASSERT_NE(result.sent, "");
  ::kill(std::stoi(result.sent), SIGKILL);
}

}  // namespace
}  // namespace slotproof
