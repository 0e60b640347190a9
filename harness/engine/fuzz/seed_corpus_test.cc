#include "harness/engine/fuzz/seed_corpus.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using testing::Plant;
using testing::ToyTarget;

class SeedCorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "seed_corpus_test." + std::to_string(getpid());
    fs::remove_all(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  int Main(std::vector<const char*> args) {
    out_.str("");
    err_.str("");
    return CorpusMain(testing::AllToyTargets(), args, out_, err_);
  }

  std::string dir_;
  std::ostringstream out_;
  std::ostringstream err_;
};

// A handful of traces of a few operations reach every goal together.
TEST_F(SeedCorpusTest, FewSmallTracesReachEveryGoal) {
  const SeedCorpus corpus = BuildSeedCorpus(ToyTarget());
  EXPECT_TRUE(corpus.missed_goals.empty());
  EXPECT_TRUE(corpus.failure.empty());
  EXPECT_LE(corpus.traces.size(), 3u);
  Runner runner(ToyTarget());
  for (const SeedTrace& seed : corpus.traces) {
    EXPECT_LE(seed.trace.ops.size(), 4u) << seed.goal;
    EXPECT_TRUE(runner.Run(seed.trace).passed());
  }
  EXPECT_EQ(runner.stats().goals.Reached(3), 3u);
}

// The same seed makes the same corpus.
TEST_F(SeedCorpusTest, SeedDecides) {
  const SeedCorpus first = BuildSeedCorpus(ToyTarget());
  const SeedCorpus second = BuildSeedCorpus(ToyTarget());
  ASSERT_EQ(first.traces.size(), second.traces.size());
  for (std::size_t i = 0; i < first.traces.size(); ++i) {
    EXPECT_EQ(first.traces[i].trace, second.traces[i].trace);
  }
}

// A goal that generation does not reach within its bound is named.
TEST_F(SeedCorpusTest, MissedGoalsAreNamed) {
  SeedCorpusOptions options;
  options.min_traces = options.max_traces = 0;
  EXPECT_EQ(BuildSeedCorpus(ToyTarget(), options).missed_goals,
            (std::vector<std::string>{"grew", "rewound", "emptied"}));
}

// A subject that fails has no seed corpus: seeds must pass.
TEST_F(SeedCorpusTest, FailingSubjectIsReported) {
  EXPECT_NE(BuildSeedCorpus(ToyTarget(Plant::kBrokenMark)).failure.find("mark.beyond_top"),
            std::string::npos);
}

// What is written keeps the promise when it is read again, and the program says so.
TEST_F(SeedCorpusTest, WrittenCorpusKeepsItsPromise) {
  EXPECT_EQ(Main({"toy", dir_.c_str()}), 0) << err_.str();
  EXPECT_NE(out_.str().find("rewound  "), std::string::npos) << out_.str();
  EXPECT_EQ(Main({"--check", "toy", dir_.c_str()}), 0) << err_.str();
}

// A corpus that lost an input fails, naming the goal.
TEST_F(SeedCorpusTest, BrokenPromiseNamesTheGoal) {
  ASSERT_EQ(Main({"toy", dir_.c_str()}), 0);
  const SeedCorpus corpus = BuildSeedCorpus(ToyTarget());
  for (std::size_t i = 1; i < corpus.traces.size(); ++i) {
    fs::remove(fs::path(dir_) / corpus.traces[i].goal);
  }
  ASSERT_GT(corpus.traces.size(), 1u);
  EXPECT_EQ(Main({"--check", "toy", dir_.c_str()}), 1);
  EXPECT_NE(out_.str().find("missed: " + corpus.traces.back().goal), std::string::npos)
      << out_.str();
}

// An input that fails breaks the promise too.
TEST_F(SeedCorpusTest, FailingInputIsNamed) {
  ASSERT_EQ(Main({"toy", dir_.c_str()}), 0);
  EXPECT_EQ(Main({"--check", "toy_random", dir_.c_str()}), 1);
  EXPECT_NE(out_.str().find("failed: "), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("nondeterminism"), std::string::npos) << out_.str();
}

TEST_F(SeedCorpusTest, WrongUseIsExplained) {
  EXPECT_EQ(Main({}), 2);
  EXPECT_EQ(Main({"--check", "toy"}), 2);
  EXPECT_EQ(Main({"--unknown", "toy"}), 2);
  EXPECT_EQ(Main({"tyo", dir_.c_str()}), 2);
  EXPECT_NE(err_.str().find("tyo"), std::string::npos);
  EXPECT_EQ(Main({"--check", "toy", "/nowhere"}), 3);
  EXPECT_NE(err_.str().find("/nowhere"), std::string::npos);
}

TEST_F(SeedCorpusTest, DictionaryIsPrinted) {
  EXPECT_EQ(Main({"--dict", "toy"}), 0);
  EXPECT_NE(out_.str().find("push="), std::string::npos);
}

}  // namespace
}  // namespace slotproof
