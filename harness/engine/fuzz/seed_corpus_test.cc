#include "harness/engine/fuzz/seed_corpus.h"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/child_process.h"
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
    findings_ = dir_ + ".findings";
    ::setenv("TEST_UNDECLARED_OUTPUTS_DIR", findings_.c_str(), 1);
    TearDown();
  }
  void TearDown() override {
    fs::remove_all(dir_);
    fs::remove_all(findings_);
  }

  std::size_t FindingsOf(const std::string& target) const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(findings_)) {
      if (entry.path().filename().string().starts_with(target + "-")) ++count;
    }
    return count;
  }

  int Main(std::vector<const char*> args) {
    out_.str("");
    err_.str("");
    return CorpusMain(testing::AllToyTargets(), args, out_, err_);
  }

  std::string dir_;
  std::string findings_;
  std::ostringstream out_;
  std::ostringstream err_;
};

// A handful of traces of a few operations reach every goal together.
TEST_F(SeedCorpusTest, FewSmallTracesReachEveryGoal) {
  const SeedCorpus corpus = BuildSeedCorpus(ToyTarget());
  EXPECT_TRUE(corpus.missed_goals.empty());
  EXPECT_TRUE(corpus.failures.empty());
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

// What fails is shrunk and counted, one of each signature; what passes makes the corpus.
TEST_F(SeedCorpusTest, AFailingSubjectHasSeedsThatPass) {
  const SeedCorpus corpus = BuildSeedCorpus(ToyTarget(Plant::kFatal));
  ASSERT_EQ(corpus.failures.size(), 1u);
  EXPECT_EQ(corpus.failures[0].verdict.Signature(), "fatal/stack bored");
  EXPECT_EQ(corpus.failures[0].trace.ops.size(), 3u);
  EXPECT_GT(corpus.failed, 1u);
  EXPECT_GT(corpus.generated, corpus.failed);
  EXPECT_TRUE(corpus.missed_goals.empty());
  Runner runner(ToyTarget(Plant::kFatal));
  for (const SeedTrace& seed : corpus.traces) EXPECT_TRUE(runner.Run(seed.trace).passed());
}

// In children, the same.
TEST_F(SeedCorpusTest, ASubjectThatDiesHasSeedsThatPass) {
  SeedCorpusOptions options = SeedCorpusOptions::Isolated();
  options.min_traces = 50;
  options.max_traces = 200;
  const SeedCorpus corpus = BuildSeedCorpus(ToyTarget(Plant::kAbort), options);
  ASSERT_EQ(corpus.failures.size(), 1u);
  EXPECT_EQ(corpus.failures[0].verdict.Signature(), "signal/SIGABRT");
  EXPECT_EQ(corpus.failures[0].trace.ops.size(), 3u);
  EXPECT_FALSE(corpus.traces.empty());
}

TEST_F(SeedCorpusTest, NoMoreIsGeneratedAfterManyFailures) {
  SeedCorpusOptions options;
  options.max_failures = 3;
  const SeedCorpus corpus = BuildSeedCorpus(ToyTarget(Plant::kFatal), options);
  EXPECT_EQ(corpus.failed, 3u);
  EXPECT_LT(corpus.generated, options.min_traces);
}

// The failing trace is printed, saved and replayed by the line below it.
TEST_F(SeedCorpusTest, TheFailingTraceIsKept) {
  EXPECT_EQ(Main({"toy_fatal", dir_.c_str()}), 1);
  EXPECT_NE(err_.str().find("op 2: fatal/stack bored"), std::string::npos) << err_.str();
  EXPECT_NE(err_.str().find("push k0\npush k0\npush k0\n\nreplay: bazel run //:slotproof"),
            std::string::npos)
      << err_.str();
  EXPECT_NE(err_.str().find("generated traces failed; the seeds are made of those that pass"),
            std::string::npos);
  EXPECT_EQ(FindingsOf("toy_fatal"), 1u);
  EXPECT_EQ(Main({"--check", "toy_fatal", dir_.c_str()}), 0) << out_.str();
}

// A death, too: another process goes on where this one ends.
TEST_F(SeedCorpusTest, ADeathLeavesACorpusAndItsTrace) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel& channel) {
        const char* const args[] = {"toy_abort", dir_.c_str()};
        CorpusMain(testing::AllToyTargets(), args, std::cerr, std::cerr);
        channel.Send("alive");
      },
      std::chrono::seconds(50));
  EXPECT_EQ(result.sent, "");
  EXPECT_NE(result.errors.find("a trace ended the process"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("push k0\npush k0\npush k0\n\nreplay: "), std::string::npos)
      << result.errors;
  EXPECT_GE(FindingsOf("toy_abort"), 1u);
  EXPECT_EQ(Main({"--check", "toy", dir_.c_str()}), 0) << out_.str() << err_.str();
}

TEST_F(SeedCorpusTest, AnEmptyCorpusIsAnErrorWithARemedy) {
  fs::create_directory(dir_);
  EXPECT_EQ(Main({"--check", "toy", dir_.c_str()}), 3);
  EXPECT_NE(err_.str().find("there is no input; make some: bazel run //fuzz/seeds:make_corpus -- "
                            "toy $PWD/fuzz/corpus/toy"),
            std::string::npos)
      << err_.str();
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
