#include "harness/night/state.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/engine/fuzz/stats_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

class StateTest : public ::testing::Test {
 protected:
  StateTest() : folder_(::testing::TempDir() + "state_test." + std::to_string(getpid())) {}
  void SetUp() override {
    fs::remove_all(folder_.dir());
    ASSERT_TRUE(folder_.Make(2));
  }
  void TearDown() override { fs::remove_all(folder_.dir()); }

  static FuzzState SomeState() {
    FuzzState state;
    state.target = "map";
    state.laws = "spec";
    state.started = "2024-05-01 12:00:00";
    state.elapsed_seconds = 12.5;
    state.jobs = 2;
    state.findings.push_back({.signature = "mismatch/find",
                              .summary = "op 1: \"quoted\"",
                              .first_seen = "2024-05-01 12:00:03",
                              .first_seen_after = 3,
                              .operations = 4,
                              .one_minimal = true,
                              .file = "f.trace",
                              .replay = "slotproof replay f.trace",
                              .earlier = 5,
                              .deaths = 2,
                              .met_in_this_run = true,
                              .shape = "insert find",
                              .examples = {{.shape = "find",
                                            .summary = "op 0",
                                            .operations = 1,
                                            .one_minimal = false,
                                            .file = "g.trace",
                                            .replay = "slotproof replay g.trace"}},
                              .looks = {{"mismatch/find at find", 3}}});
    state.unreproduced = {{.file = "oom-1", .replay = "fuzzer oom-1"}};
    state.unreproduced_count = 2;
    return state;
  }

  static FuzzStats Met(std::string_view signature, std::uint64_t times) {
    FuzzStats stats;
    stats.signature_count = 1;
    stats.signatures[0].count = times;
    std::copy(signature.begin(), signature.end(), stats.signatures[0].signature.begin());
    return stats;
  }

  RunFolder folder_;
};

TEST_F(StateTest, SavedIsLoaded) {
  ASSERT_TRUE(SaveState(SomeState(), folder_.state()));
  const auto loaded = LoadState(folder_.state());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(*loaded, SomeState());
}

TEST_F(StateTest, AFindingKnowsTheShapesOfItsExamples) {
  const KnownFailure known = SomeState().findings[0].Known();
  EXPECT_EQ(known.signature, "mismatch/find");
  EXPECT_EQ(known.shapes, (std::vector<std::string>{"insert find", "find"}));
  EXPECT_EQ(known.looks.at("mismatch/find at find"), 3u);
}

TEST_F(StateTest, NeverSavedIsEmpty) {
  const auto loaded = LoadState(folder_.state());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded, FuzzState{});
}

// A damaged file is an error that names it, not an empty state that would be saved over it.
TEST_F(StateTest, DamageIsAnError) {
  for (const char* text : {"", "{", "[1]", "{\"findings\": 3}"}) {
    std::ofstream(folder_.state()) << text;
    const auto loaded = LoadState(folder_.state());
    ASSERT_FALSE(loaded) << text;
    EXPECT_NE(loaded.error().message.find(folder_.state()), std::string::npos);
  }
}

// Else each failure would be filed as a new finding.
TEST_F(StateTest, AKnownSignatureIsFound) {
  FuzzState state = SomeState();
  EXPECT_EQ(state.Find("mismatch/find"), &state.findings[0]);
  EXPECT_EQ(state.Find("mismatch/other"), nullptr);
  EXPECT_EQ(state.Find("op 1: \"quoted\""), nullptr);
}

// Met counts what workers survived, what ended them and what earlier runs saw.
TEST_F(StateTest, TimesMetAddUp) {
  const FuzzState state = SomeState();
  EXPECT_EQ(TimesMet(state.findings[0], Met("mismatch/find", 10)), 17u);
  EXPECT_EQ(TimesMet(state.findings[0], Met("mismatch/other", 10)), 7u);
}

// The next run keeps the findings, and nothing of their counts is lost.
TEST_F(StateTest, NextRunKeepsFindings) {
  const FuzzState next = NextRun(SomeState(), Met("mismatch/find", 10));
  ASSERT_EQ(next.findings.size(), 1u);
  EXPECT_EQ(next.findings[0].earlier, 17u);
  EXPECT_EQ(next.findings[0].deaths, 0u);
  EXPECT_FALSE(next.findings[0].met_in_this_run);
  EXPECT_EQ(next.findings[0].file, "f.trace");
  EXPECT_EQ(next.elapsed_seconds, 0);
}

// Workers' counters add up; a file that is none is passed over.
TEST_F(StateTest, TotalOfAllWorkers) {
  for (const std::size_t worker : {0u, 1u}) {
    std::string error;
    const auto stats = StatsFile::Open(folder_.stats(worker), &error);
    ASSERT_NE(stats, nullptr) << error;
    RunStats totals;
    totals.traces = 10 + worker;
    stats->Update(totals);
  }
  std::ofstream(folder_.stats() + "/junk") << "junk";
  EXPECT_EQ(folder_.TotalStats().executions, 21u);
}

// A folder is of one target and of one choice of its laws; one of before there was a choice is of
// the default.
TEST_F(StateTest, AFolderOfOtherLawsIsNotGoneOnWith) {
  Target lax;
  lax.name = "map";
  lax.laws = "lax";
  Target strict = lax;
  strict.laws = "strict";
  const Target* const by_laws[] = {&lax, &strict};
  lax.by_laws = strict.by_laws = by_laws;
  FuzzState state;
  EXPECT_TRUE(CheckIsOf(strict, state, folder_)) << "a new folder";
  state.target = "map";
  EXPECT_TRUE(CheckIsOf(lax, state, folder_));
  EXPECT_EQ(CheckIsOf(strict, state, folder_).error().message,
            folder_.dir() +
                " belongs to the target map by the laws lax; choose another folder with --out");
  state.laws = "strict";
  EXPECT_TRUE(CheckIsOf(strict, state, folder_));
  EXPECT_FALSE(CheckIsOf(lax, state, folder_));
  state.target = "slice";
  EXPECT_EQ(CheckIsOf(strict, state, folder_).error().message,
            folder_.dir() + " belongs to the target slice; choose another folder with --out");
}

TEST_F(StateTest, UnwritableFolderIsNamed) {
  const auto made = RunFolder("/proc/none").Make(1);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("/proc/none"), std::string::npos);
}

}  // namespace
}  // namespace slotproof
