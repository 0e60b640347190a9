#include "harness/check/candidates.h"

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/build_info.h"
#include "harness/base/child_process.h"
#include "harness/check/isolate.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

using std::chrono::milliseconds;
using testing::Plant;
using testing::ToyTarget;

constexpr milliseconds kLong{50'000};
constexpr RunOptions kOnce = {.determinism_share = 0};

// The planted bug shows when one key is pushed three times running.
Trace Pushes(std::size_t count) {
  return {.header = {}, .ops = std::vector<Op>(count, Op{.code = testing::kPush, .b = 0, .a = 3})};
}

// Runs on a target, and where each did.
class Runs {
 public:
  explicit Runs(Plant plant, Outcome sought, milliseconds limit = kLong)
      : runner_(ToyTarget(plant), kOnce),
        run_(RunsOfCandidates(
            sought,
            [this](const Trace& trace) {
              together_->store(::getpid());
              return runner_.Run(trace);
            },
            [this, plant](const Trace& trace) {
              ++alone_;
              return RunIsolated(ToyTarget(plant), trace, kOnce, {.time_limit = milliseconds(500)});
            },
            limit)) {}

  Verdict Run(std::size_t pushes) {
    Verdict verdict = run_(Pushes(pushes));
    if (*together_.get() != 0) processes_.insert(*together_.get());
    return verdict;
  }
  int alone() const { return alone_; }
  std::size_t processes() const { return processes_.size(); }

 private:
  Runner runner_;
  Shared<std::atomic<pid_t>> together_;
  int alone_ = 0;
  std::set<pid_t> processes_;
  std::function<Verdict(const Trace&)> run_;
};

TEST(Candidates, ThoseThatLiveShareAProcess) {
  Runs runs(Plant::kAbort, Outcome::kSignal);
  for (const std::size_t pushes : {0u, 1u, 2u, 2u, 1u}) EXPECT_TRUE(runs.Run(pushes).passed());
  EXPECT_EQ(runs.alone(), 0);
  EXPECT_EQ(runs.processes(), 1u);
}

TEST(Candidates, ADeathIsJudgedAloneAndOthersGoOn) {
  Runs runs(Plant::kAbort, Outcome::kSignal);
  const Verdict alone = RunIsolated(ToyTarget(Plant::kAbort), Pushes(4), kOnce);
  ASSERT_EQ(alone.outcome, Outcome::kSignal);
  for (int round = 1; round <= 3; ++round) {
    EXPECT_TRUE(runs.Run(2).passed());
    const Verdict verdict = runs.Run(4);
    EXPECT_EQ(verdict.Summary(), alone.Summary());
    EXPECT_EQ(runs.alone(), round);
  }
  EXPECT_TRUE(runs.Run(2).passed());
  EXPECT_EQ(runs.processes(), 4u);
}

TEST(Candidates, WhatIsSurvivedIsNotWhatIsSought) {
  Runs runs(Plant::kFatal, Outcome::kSanitizer);
  EXPECT_TRUE(runs.Run(3).passed());
  EXPECT_EQ(runs.alone(), 0);
}

TEST(Candidates, WhatTakesTooLongIsNoDeath) {
  Runs runs(Plant::kHang, Outcome::kSignal, milliseconds(1'000));
  EXPECT_TRUE(runs.Run(3).passed());
  EXPECT_TRUE(runs.Run(2).passed());
  EXPECT_EQ(runs.alone(), 0);
  EXPECT_EQ(runs.processes(), 2u);
}

TEST(Candidates, TheReportIsOfTheRunAlone) {
  Runs runs(Plant::kOverflow, Outcome::kSanitizer);
  const bool sanitized = Configuration() == "asan";
  EXPECT_EQ(runs.Run(3).outcome, sanitized ? Outcome::kSanitizer : Outcome::kPass);
  EXPECT_EQ(runs.alone(), sanitized ? 1 : 0);
}

TEST(Candidates, EachIsAloneWhereNoDeathAtOnceIsSought) {
  for (const Outcome sought :
       {Outcome::kMismatch, Outcome::kLeak, Outcome::kRace, Outcome::kHang}) {
    Runs runs(Plant::kFatal, sought);
    EXPECT_EQ(runs.Run(3).outcome, Outcome::kFatal);
    EXPECT_TRUE(runs.Run(2).passed());
    EXPECT_EQ(runs.alone(), 2);
  }
}

using Answer = ServingChild::Answer;

TEST(ServingChild, TakesMoreThanASocketHolds) {
  const Shared<std::atomic<std::size_t>> size;
  ServingChild child([&](std::string_view request) { *size.get() = request.size(); });
  EXPECT_EQ(child.Ask(std::string(1 << 22, 'x'), kLong), Answer::kServed);
  EXPECT_EQ(*size.get(), std::size_t{1} << 22);
  EXPECT_EQ(child.Ask("", kLong), Answer::kServed);
  EXPECT_EQ(*size.get(), 0u);
}

TEST(ServingChild, DiesOfARequest) {
  for (const std::string_view fatal : {"exit", "throw"}) {
    ServingChild child([](std::string_view request) {
      if (request == "exit") ::_exit(0);
      if (request == "throw") throw std::runtime_error("thrown");
    });
    EXPECT_EQ(child.Ask("pass", kLong), Answer::kServed);
    EXPECT_EQ(child.Ask(fatal, kLong), Answer::kDied);
    EXPECT_EQ(child.Ask("pass", kLong), Answer::kDied);
  }
}

TEST(ServingChild, HasATimeLimit) {
  ServingChild child([](std::string_view) {
    while (true) ::pause();
  });
  EXPECT_EQ(child.Ask("hang", milliseconds(50)), Answer::kTimedOut);
}

}  // namespace
}  // namespace slotproof
