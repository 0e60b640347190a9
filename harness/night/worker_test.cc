#include "harness/night/worker.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/night/inbox.h"
#include "harness/night/unreproduced.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() : folder_(::testing::TempDir() + "worker_test." + std::to_string(getpid())) {}
  void SetUp() override {
    fs::remove_all(folder_.dir());
    ASSERT_TRUE(folder_.Make(1));
    // In place of a fuzzer that has taken an input and does not come back from it.
    fuzzer_ = folder_.dir() + "/fuzzer";
    ASSERT_TRUE(WriteFile(fuzzer_, "#!/bin/sh\ntrap '' TERM ALRM\nexec sleep 1000\n"));
    ASSERT_EQ(::chmod(fuzzer_.c_str(), 0755), 0);
    std::string error;
    stats_ = StatsFile::Open(folder_.stats(0), &error);
    ASSERT_NE(stats_, nullptr) << error;
  }
  void TearDown() override { fs::remove_all(folder_.dir()); }

  RunFolder folder_;
  WorkerSettings settings_;
  std::string fuzzer_;
  std::unique_ptr<StatsFile> stats_;
};

// The time is the test's; only the process is real.
TEST_F(WorkerTest, AProcessThatStaysAtOneInputIsKilledAndItsInputKept) {
  settings_.timeout_seconds = 25;
  Worker worker(0, fuzzer_, settings_, folder_);
  ASSERT_TRUE(worker.StartIfDue(0));
  // Idle for long: what it is at may be the reading of a corpus.
  EXPECT_FALSE(worker.Tend(1'000));
  const std::array<std::uint8_t, 3> input = {1, 2, 3};
  stats_->Enter(input);
  EXPECT_FALSE(worker.Tend(1'010));
  EXPECT_FALSE(worker.Tend(1'084));
  EXPECT_TRUE(worker.running());
  EXPECT_FALSE(worker.Tend(1'090)) << "killed now, and seen to be dead later";
  bool died = false;
  for (int i = 0; i < 20'000 && !died; ++i) {
    died = worker.Tend(1'090);
    if (!died) poll(nullptr, 0, 1);
  }
  EXPECT_TRUE(died);
  const auto files = RunFolder::FilesIn(folder_.inbox(0));
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(KindOfInboxFile(files[0]), InboxKind::kTimeout);
  EXPECT_EQ(ReadFile(files[0]).value(), std::string("\1\2\3"));
}

// The kernel kills what uses too much memory. What ran before goes beside the input that ran then.
TEST_F(WorkerTest, AProcessThatWasKilledCountsAsOutOfMemoryAndLeavesItsLastInputs) {
  ASSERT_TRUE(WriteFile(fuzzer_, "#!/bin/sh\nkill -9 $$\n"));
  ASSERT_EQ(::chmod(fuzzer_.c_str(), 0755), 0);
  Worker worker(0, fuzzer_, settings_, folder_);
  ASSERT_TRUE(worker.StartIfDue(0));
  stats_->Enter(std::array<std::uint8_t, 1>{'a'});
  stats_->Enter(std::array<std::uint8_t, 1>{'b'});
  bool died = false;
  for (int i = 0; i < 20'000 && !died; ++i) {
    died = worker.Tend(1);
    if (!died) poll(nullptr, 0, 1);
  }
  ASSERT_TRUE(died);
  const auto files = RunFolder::FilesIn(folder_.inbox(0));
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(KindOfInboxFile(files[0]), InboxKind::kOom);
  EXPECT_EQ(ReadFile(files[0]).value(), "b");
  const auto before = RunFolder::FilesIn(LastInputsOf(files[0]));
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(ReadFile(before[0]).value(), "a");
  EXPECT_EQ(ReadFile(before[1]).value(), "b");
}

// As long as inputs come and go, there is no stall.
TEST_F(WorkerTest, AProcessThatGoesOnIsLeftAlone) {
  settings_.timeout_seconds = 25;
  Worker worker(0, fuzzer_, settings_, folder_);
  ASSERT_TRUE(worker.StartIfDue(0));
  RunStats totals;
  for (int i = 1; i < 100; ++i) {
    stats_->Enter(std::array<std::uint8_t, 1>{1});
    ++totals.traces;
    stats_->Update(totals);
    EXPECT_FALSE(worker.Tend(50.0 * i));
  }
  EXPECT_TRUE(worker.running());
}

}  // namespace
}  // namespace slotproof
