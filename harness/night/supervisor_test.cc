// Runs the toys' real fuzzers under the supervisor, bounded by executions, as a user would.

#include "harness/night/supervisor.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/check/runner.h"
#include "harness/night/minimize_corpus.h"
#include "harness/night/unreproduced.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using testing::Plant;
using testing::ToyTarget;

class SupervisorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.dir = ::testing::TempDir() + "supervisor_test." + std::to_string(getpid());
    fs::remove_all(options_.dir);
    options_.fuzzers = {"harness/engine/fuzz/toy_fuzz", "harness/engine/fuzz/toy_fuzz_plain"};
    options_.slotproofs = {"harness/night/toy_slotproof", "harness/night/toy_slotproof_asan"};
    options_.jobs = 2;
    options_.seconds = 50;  // far more than it takes
    options_.worker.runs = 3'000;
    options_.worker.max_len = 256;
    options_.together_runs = 10;
  }
  void TearDown() override { fs::remove_all(options_.dir); }

  enum Result { kNothing, kFound, kError };

  Result Fuzz(Plant plant) {
    setenv("TOY_TARGET", std::string(ToyTarget(plant).name).c_str(), 1);
    out_.str("");
    const auto found = Supervisor(ToyTarget(plant), options_, out_).Run();
    if (found) return *found ? kFound : kNothing;
    out_ << found.error().message;
    return kError;
  }

  // A shell script, in a folder that goes with the test's others.
  std::string Script(const std::string& name, const std::string& text) {
    const std::string path = ::testing::TempDir() + name;
    EXPECT_TRUE(WriteFile(path, "#!/bin/sh\n" + text + "\n"));
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  FuzzState State() const { return LoadState(RunFolder(options_.dir).state()).value(); }

  SupervisorOptions options_;
  std::ostringstream out_;
};

// A correct subject: all goals reached, a corpus kept, nothing found.
TEST_F(SupervisorTest, NothingIsFoundInACorrectSubject) {
  EXPECT_EQ(Fuzz(Plant::kNone), kNothing) << out_.str();
  EXPECT_NE(out_.str().find("ended by its runs"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("Every goal was reached."), std::string::npos) << out_.str();
  EXPECT_TRUE(fs::exists(options_.dir + "/report.json"));
  const RunFolder folder(options_.dir);
  EXPECT_GE(folder.TotalStats().executions, 6'000u);
  const auto sizes =
      MinimizeCorpus({.fuzzer = fs::absolute(options_.fuzzers[1]), .dir = folder.corpus()}, out_);
  ASSERT_TRUE(sizes) << sizes.error().message;
  EXPECT_GT(sizes->after, 0u);
  EXPECT_LE(sizes->after, sizes->before);
  EXPECT_EQ(RunFolder::FilesIn(folder.corpus()).size(), sizes->after);
}

// A wrong result is found, shrunk and saved once, however often it is met, and fuzzing goes on.
TEST_F(SupervisorTest, MismatchIsSavedOnceAndCounted) {
  EXPECT_EQ(Fuzz(Plant::kWrongPop), kFound) << out_.str();
  const FuzzState state = State();
  ASSERT_EQ(state.findings.size(), 1u) << out_.str();
  EXPECT_EQ(state.findings[0].signature, "mismatch/pop.key");
  EXPECT_LE(state.findings[0].operations, 6u);
  EXPECT_GT(TimesMet(state.findings[0], RunFolder(options_.dir).TotalStats()), 10u);
  EXPECT_EQ(RunFolder::FilesIn(options_.dir + "/findings").size(),
            1 + state.findings[0].examples.size());
  std::set<std::string> shapes = {state.findings[0].shape};
  for (const FuzzExample& example : state.findings[0].examples) {
    EXPECT_TRUE(shapes.insert(example.shape).second) << example.shape << " is kept twice";
  }
  EXPECT_NE(out_.str().find("FOUND after"), std::string::npos) << out_.str();

  // The next run knows it.
  EXPECT_EQ(Fuzz(Plant::kWrongPop), kFound) << out_.str();
  EXPECT_NE(out_.str().find("FOUND AGAIN after"), std::string::npos) << out_.str();
  EXPECT_EQ(State().findings.size(), 1u);

  // A turn says it in its last line alone, if an earlier turn has said it.
  options_.is_turn = true;
  options_.said_before = {"mismatch/pop.key"};
  EXPECT_EQ(Fuzz(Plant::kWrongPop), kFound) << out_.str();
  EXPECT_EQ(out_.str().find("FOUND AGAIN"), std::string::npos) << out_.str();
  EXPECT_EQ(out_.str().find("## Goals"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find(": findings 1, "), std::string::npos) << out_.str();
}

// Whether the trace fails on a toy that has only this bug.
bool Breaks(const std::string& file, Plant plant) {
  const auto loaded = LoadTrace(file, testing::AllToyTargets());
  if (!loaded) return false;
  Runner runner(ToyTarget(plant));
  return !runner.Run(loaded->trace).passed();
}

// Two bugs that break one law at one operation have one signature; each gets a trace of its own.
TEST_F(SupervisorTest, ASecondBugBehindASignatureIsFound) {
  options_.worker.runs = 6'000;
  EXPECT_EQ(Fuzz(Plant::kTwoBugs), kFound) << out_.str();
  const FuzzState state = State();
  ASSERT_EQ(state.findings.size(), 1u) << out_.str();
  std::vector<std::string> files = {state.findings[0].file};
  for (const FuzzExample& example : state.findings[0].examples) files.push_back(example.file);
  const auto of_first_bug = static_cast<std::size_t>(std::count_if(
      files.begin(), files.end(), [](const auto& file) { return Breaks(file, Plant::kWrongPop); }));
  EXPECT_GE(of_first_bug, 1u) << out_.str();
  EXPECT_LT(of_first_bug, files.size()) << out_.str();
  EXPECT_NE(out_.str().find("by other operations, maybe another bug"), std::string::npos);
  EXPECT_NE(out_.str().find("to other operations than"), std::string::npos) << "in the report";
}

// A fuzzer or a command of another target is refused before anything runs.
TEST_F(SupervisorTest, ProgramsOfAnotherTargetAreRefused) {
  setenv("TOY_TARGET", "toy_fatal", 1);
  const auto found = Supervisor(ToyTarget(Plant::kNone), options_, out_).Run();
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("toy_fuzz: fuzzes the target toy_fatal, not toy"),
            std::string::npos)
      << found.error().message;
  EXPECT_EQ(found.error().kind, Error::Kind::kUsage);

  options_.slotproofs = {"/bin/echo"};
  EXPECT_EQ(Fuzz(Plant::kNone), kError);
  EXPECT_NE(out_.str().find("/bin/echo: has no target toy"), std::string::npos) << out_.str();
  EXPECT_FALSE(fs::exists(options_.dir));
}

// A failure that nobody could look at is not nothing.
TEST_F(SupervisorTest, AFailureThatCannotBeLookedAtIsNoPass) {
  const std::string broken = Script("broken", "[ \"$1\" = list ] && echo toy && exit; exit 3");
  options_.slotproofs = {broken};
  options_.worker.runs = 1;
  const RunFolder folder(options_.dir);
  ASSERT_TRUE(folder.Make(2));
  ASSERT_TRUE(WriteFile(folder.inbox(0) + "/crash-1", "abc"));
  EXPECT_EQ(Fuzz(Plant::kNone), kFound) << out_.str();
  EXPECT_NE(out_.str().find("1 failure could not be looked at, so this run has not passed"),
            std::string::npos)
      << out_.str();
}

// Memory that is kept a little at a time ends a worker at an input that is not to blame alone. Run
// with those before it, it does so again.
TEST_F(SupervisorTest, MemoryThatGrowsFromInputToInputIsFound) {
  options_.stop_after = 1;
  options_.worker.runs = 0;
  options_.worker.rss_limit_mb = 300;
  options_.together_runs = 20'000;
  EXPECT_EQ(Fuzz(Plant::kHoards), kFound) << out_.str();
  const FuzzState state = State();
  ASSERT_EQ(state.findings.size(), 1u) << out_.str();
  EXPECT_EQ(state.findings[0].signature, "memory/over the worker's limit");
  EXPECT_NE(state.findings[0].replay.find("-rss_limit_mb=300"), std::string::npos);
  EXPECT_TRUE(fs::exists(state.findings[0].file));
  EXPECT_FALSE(RunFolder::FilesIn(LastInputsOf(state.findings[0].file)).empty());
}

// What does not happen again is no finding; it is listed apart, and nothing of it is lost.
TEST_F(SupervisorTest, OutOfMemoryThatDoesNotReproduceIsListedApart) {
  options_.worker.runs = 1;
  const RunFolder folder(options_.dir);
  const auto leave = [&](const std::string& name) {
    const std::string input = folder.inbox(0) + "/" + name;
    ASSERT_TRUE(folder.Make(2));
    ASSERT_TRUE(WriteFile(input, "abc"));
    fs::create_directories(LastInputsOf(input));
    ASSERT_TRUE(WriteFile(LastInputsOf(input) + "/00", "before"));
  };
  leave("oom-1");
  leave("oom-2");
  EXPECT_EQ(Fuzz(Plant::kNone), kNothing) << out_.str();
  EXPECT_NE(out_.str().find("a worker ran out of memory, and its last inputs do not do so again"),
            std::string::npos)
      << out_.str();
  FuzzState state = State();
  EXPECT_TRUE(state.findings.empty());
  EXPECT_EQ(state.unreproduced_count, 2u);
  ASSERT_EQ(state.unreproduced.size(), 2u);
  for (const UnreproducedInput& input : state.unreproduced) {
    EXPECT_EQ(ReadFile(input.file).value(), "abc");
    EXPECT_EQ(ReadFile(LastInputsOf(input.file) + "/00").value(), "before");
  }

  // Asked to, the next run that meets one fails; what an earlier run met does not count.
  options_.fail_on_unreproduced = true;
  EXPECT_EQ(Fuzz(Plant::kNone), kNothing) << out_.str();
  leave("oom-1");
  EXPECT_EQ(Fuzz(Plant::kNone), kFound) << out_.str();
  EXPECT_EQ(State().unreproduced_count, 3u);
}

// Whatever the folder is called, the replay line is fit for a shell.
TEST_F(SupervisorTest, ReplayLinesAreQuoted) {
  options_.dir += " it's";
  options_.stop_after = 1;
  options_.replay_command = "slotproof";
  EXPECT_EQ(Fuzz(Plant::kWrongPop), kFound) << out_.str();
  const FuzzState state = State();
  ASSERT_FALSE(state.findings.empty()) << out_.str();
  EXPECT_TRUE(state.findings[0].replay.starts_with("slotproof replay '"))
      << state.findings[0].replay;
  EXPECT_NE(state.findings[0].replay.find(R"( it'\''s/findings/)"), std::string::npos)
      << state.findings[0].replay;
}

// What only a sanitizer sees ends a worker; it is found, named after its place, and shrunk.
TEST_F(SupervisorTest, SanitizerDeathIsFound) {
  options_.stop_after = 1;
  EXPECT_EQ(Fuzz(Plant::kOverflow), kFound) << out_.str();
  const FuzzState state = State();
  ASSERT_EQ(state.findings.size(), 1u) << out_.str();
  EXPECT_NE(state.findings[0].signature.find("heap-buffer-overflow"), std::string::npos);
  EXPECT_EQ(state.findings[0].operations, 3u);
  EXPECT_GE(state.findings[0].deaths, 1u);
}

// A process that ends without a word leaves the input that it was at.
TEST_F(SupervisorTest, SilentExitIsFound) {
  options_.stop_after = 1;
  EXPECT_EQ(Fuzz(Plant::kExit), kFound) << out_.str();
  ASSERT_EQ(State().findings.size(), 1u) << out_.str();
  EXPECT_EQ(State().findings[0].signature, "signal/exit 7");
}

// With enough found the run ends: what else lies there is the next run's.
TEST_F(SupervisorTest, StopAfterLeavesTheRestForTheNextRun) {
  options_.stop_after = 1;
  const RunFolder folder(options_.dir);
  ASSERT_TRUE(folder.Make(2));
  Trace fails;
  for (std::uint16_t key = 1; key <= 5; ++key) {
    fails.ops.push_back({.code = testing::kPush, .b = 0, .a = key});
  }
  fails.ops.push_back({.code = testing::kPop});
  const std::vector<std::uint8_t> input = Codec(testing::ToyVocabulary()).Encode(fails);
  ASSERT_TRUE(WriteFile(folder.inbox(0) + "/crash-1-fails", AsText(input)));
  const std::string passes = folder.inbox(0) + "/crash-2-passes";
  ASSERT_TRUE(WriteFile(passes, "abc"));
  EXPECT_EQ(Fuzz(Plant::kWrongPop), kFound) << out_.str();
  ASSERT_EQ(State().findings.size(), 1u) << out_.str();
  EXPECT_EQ(State().findings[0].signature, "mismatch/pop.key");
  EXPECT_TRUE(fs::exists(passes)) << out_.str();
}

// Two runs in one folder would lose each other's counts and findings.
TEST_F(SupervisorTest, FolderOfARunThatIsOnIsRefused) {
  const RunFolder folder(options_.dir);
  ASSERT_TRUE(folder.Make(1));
  {
    const auto lock = RunLock::Take(folder);
    ASSERT_TRUE(lock) << lock.error().message;
    EXPECT_EQ(Fuzz(Plant::kNone), kError);
    EXPECT_NE(out_.str().find("process " + std::to_string(getpid()) + " is fuzzing in this folder"),
              std::string::npos)
        << out_.str();
    EXPECT_FALSE(fs::exists(folder.state()));
    ASSERT_TRUE(SaveState({}, folder.state()));
    ASSERT_TRUE(WriteFile(folder.corpus() + "/input", "x"));
    const auto sizes = MinimizeCorpus({.fuzzer = "/bin/true", .dir = folder.corpus()}, out_);
    ASSERT_FALSE(sizes);
    EXPECT_NE(sizes.error().message.find("is fuzzing in this folder"), std::string::npos);
  }
  EXPECT_TRUE(RunLock::Take(folder)) << "free again";
}

// A fuzzer that cannot run is one clear error.
TEST_F(SupervisorTest, FuzzerThatCannotRunIsAnError) {
  options_.fuzzers = {Script(
      "dies", "[ -n \"$SLOTPROOF_WHICH_TARGET\" ] && echo slotproof fuzzes toy && exit; exit 1")};
  EXPECT_EQ(Fuzz(Plant::kNone), kError);
  EXPECT_NE(out_.str().find("ends before it runs an input"), std::string::npos) << out_.str();
  options_.fuzzers = {"/bin/false"};
  EXPECT_EQ(Fuzz(Plant::kNone), kError);
  EXPECT_NE(out_.str().find("/bin/false: is no fuzzer of traces"), std::string::npos) << out_.str();
  options_.fuzzers = {"/nowhere/fuzzer"};
  EXPECT_EQ(Fuzz(Plant::kNone), kError);
  EXPECT_NE(out_.str().find("/nowhere/fuzzer: cannot run"), std::string::npos) << out_.str();
}

// A folder belongs to one target.
TEST_F(SupervisorTest, FolderOfAnotherTargetIsRefused) {
  FuzzState state;
  state.target = "map";
  ASSERT_TRUE(RunFolder(options_.dir).Make(1));
  ASSERT_TRUE(SaveState(state, RunFolder(options_.dir).state()));
  EXPECT_EQ(Fuzz(Plant::kNone), kError);
  EXPECT_NE(out_.str().find("belongs to the target map"), std::string::npos) << out_.str();
}

}  // namespace
}  // namespace slotproof
