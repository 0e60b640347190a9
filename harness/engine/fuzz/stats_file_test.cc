#include "harness/engine/fuzz/stats_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

class StatsFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "stats_file_test." + std::to_string(getpid());
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::unique_ptr<StatsFile> Open() {
    std::string error;
    auto stats = StatsFile::Open(path_, &error);
    EXPECT_NE(stats, nullptr) << error;
    return stats;
  }

  static RunStats Totals(std::uint64_t traces) {
    RunStats totals;
    totals.traces = traces;
    totals.operations = 10 * traces;
    totals.checked_operations = 100 * traces;
    for (std::uint64_t i = 0; i < traces; ++i) totals.goals.Hit(2);
    return totals;
  }

  std::string path_;
};

// A reader sees what was written while the writer lives.
TEST_F(StatsFileTest, ReaderSeesUpdates) {
  const auto writer = Open();
  writer->Update(Totals(7));
  const auto stats = ReadStats(path_);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->pid, static_cast<std::uint64_t>(getpid()));
  EXPECT_EQ(stats->executions, 7u);
  EXPECT_EQ(stats->operations, 70u);
  EXPECT_EQ(stats->checked_operations, 700u);
  EXPECT_EQ(stats->goals[2], 7u);
}

// A second writer of the same file goes on counting.
TEST_F(StatsFileTest, SuccessorAddsToPredecessor) {
  {
    const auto first = Open();
    first->Update(Totals(5));
    first->CountFailure("mismatch/find");
  }
  const auto second = Open();
  second->Update(Totals(3));
  EXPECT_FALSE(second->CountFailure("mismatch/find"));
  const auto stats = ReadStats(path_);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->executions, 8u);
  EXPECT_EQ(stats->goals[2], 8u);
  EXPECT_EQ(stats->signatures[0].count, 2u);
  EXPECT_EQ(stats->failures, 2u);
}

// Failures are counted by signature; only the first of each is new.
TEST_F(StatsFileTest, CountsFailuresBySignature) {
  const auto writer = Open();
  EXPECT_TRUE(writer->CountFailure("a"));
  EXPECT_FALSE(writer->CountFailure("a"));
  EXPECT_TRUE(writer->CountFailure("b"));
  const auto stats = ReadStats(path_);
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->signature_count, 2u);
  EXPECT_EQ(stats->signatures[0].name(), "a");
  EXPECT_EQ(stats->signatures[0].count, 2u);
  EXPECT_EQ(stats->signatures[1].name(), "b");
  EXPECT_EQ(stats->failures, 3u);
}

// A long signature is cut, and a full table keeps counting failures.
TEST_F(StatsFileTest, TableHasAnEnd) {
  const auto writer = Open();
  EXPECT_TRUE(writer->CountFailure(std::string(500, 'x')));
  EXPECT_FALSE(writer->CountFailure(std::string(500, 'x')));
  for (std::size_t i = 1; i < kMaxSignatures; ++i) {
    EXPECT_TRUE(writer->CountFailure(std::to_string(i)));
  }
  EXPECT_FALSE(writer->CountFailure("one too many"));
  const auto stats = ReadStats(path_);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->signature_count, kMaxSignatures);
  EXPECT_EQ(stats->failures, kMaxSignatures + 2);
}

// What is not a statistics file is not read as one, and is replaced by a writer.
TEST_F(StatsFileTest, DamageIsNotRead) {
  EXPECT_FALSE(ReadStats(path_));
  std::ofstream(path_) << std::string(sizeof(FuzzStats), 'x');
  EXPECT_FALSE(ReadStats(path_));
  Open()->Update(Totals(1));
  EXPECT_EQ(ReadStats(path_)->executions, 1u);
  std::filesystem::resize_file(path_, sizeof(FuzzStats) - 1);
  EXPECT_FALSE(ReadStats(path_));
}

// The input that a process was at can be read after its end, until the next one begins.
TEST_F(StatsFileTest, InputInFlightSurvives) {
  const std::vector<std::uint8_t> input = {1, 2, 3};
  Open()->Enter(input);
  EXPECT_EQ(ReadInputInFlight(path_), input);
  const auto next = Open();
  EXPECT_TRUE(ReadInputInFlight(path_).empty());
  next->Enter(std::vector<std::uint8_t>(1 << 20, 7));
  EXPECT_EQ(ReadInputInFlight(path_).size(), StoredInput{}.bytes.size());
  next->Leave();
  EXPECT_TRUE(ReadInputInFlight(path_).empty());
  EXPECT_TRUE(ReadInputInFlight("/nowhere").empty());
}

// What a process ran last can be read in its order; it is forgotten when the next process begins.
TEST_F(StatsFileTest, LastInputsAreKeptInOrder) {
  const auto first = Open();
  for (std::uint8_t i = 0; i < kLastInputs + 3; ++i) {
    first->Enter(std::vector<std::uint8_t>{i, i});
    first->Leave();
  }
  const auto inputs = ReadLastInputs(path_);
  ASSERT_EQ(inputs.size(), kLastInputs);
  for (std::size_t i = 0; i < kLastInputs; ++i) {
    EXPECT_EQ(inputs[i], std::vector<std::uint8_t>(2, static_cast<std::uint8_t>(i + 3)));
  }
  const auto second = Open();
  EXPECT_TRUE(ReadLastInputs(path_).empty());
  second->Enter(std::vector<std::uint8_t>{7});
  EXPECT_EQ(ReadLastInputs(path_), (std::vector<std::vector<std::uint8_t>>{{7}}));
  EXPECT_TRUE(ReadLastInputs("/nowhere").empty());
}

TEST_F(StatsFileTest, UnwritablePlaceIsNamed) {
  std::string error;
  EXPECT_EQ(StatsFile::Open("/nowhere/stats", &error), nullptr);
  EXPECT_NE(error.find("/nowhere/stats"), std::string::npos) << error;
}

// The totals of several processes: numbers add up, signatures join by name.
TEST_F(StatsFileTest, PartsAddUp) {
  FuzzStats part;
  part.executions = 2;
  part.goals[0] = 1;
  part.signature_count = 1;
  part.signatures[0].count = 3;
  part.signatures[0].signature[0] = 's';
  FuzzStats total;
  AddStats(part, &total);
  AddStats(part, &total);
  EXPECT_EQ(total.executions, 4u);
  EXPECT_EQ(total.goals[0], 2u);
  ASSERT_EQ(total.signature_count, 1u);
  EXPECT_EQ(total.signatures[0].count, 6u);
  EXPECT_EQ(total.signatures[0].name(), "s");
}

}  // namespace
}  // namespace slotproof
