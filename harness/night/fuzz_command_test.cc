#include "harness/night/fuzz_command.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/cli/cli.h"
#include "harness/engine/fuzz/entry.h"
#include "harness/night/state.h"
#include "harness/night/triage.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

class FuzzCommandTest : public ::testing::Test {
 protected:
  FuzzCommandTest() : folder_(::testing::TempDir() + "fuzz_command." + std::to_string(getpid())) {}
  void SetUp() override {
    fs::remove_all(folder_.dir());
    ASSERT_TRUE(folder_.Make(1));
  }
  void TearDown() override { fs::remove_all(folder_.dir()); }

  int Run(std::vector<const char*> args) {
    out_.str("");
    err_.str("");
    args.insert(args.begin(), "slotproof");
    ToolConfig config;
    config.commands = FuzzCommands();
    config.out = &out_;
    config.err = &err_;
    return Main(static_cast<int>(args.size()), args.data(), targets_, config);
  }

  bool Said(std::string_view text) const { return err_.str().find(text) != std::string::npos; }

  std::string Script(const std::string& name, const std::string& text) const {
    const std::string path = folder_.dir() + "/" + name;
    EXPECT_TRUE(WriteFile(path, "#!/bin/sh\n" + text));
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  RunFolder folder_;
  std::span<const Target* const> targets_ = testing::AllToyTargets();
  std::ostringstream out_;
  std::ostringstream err_;
};

// Whatever is missing or wrong is said before anything starts, with exit code 2.
TEST_F(FuzzCommandTest, WrongUseIsExplained) {
  EXPECT_EQ(Run({"fuzz"}), 2);
  EXPECT_EQ(Run({"fuzz", "tyo"}), 2);
  EXPECT_TRUE(Said("did you mean \"toy\"?")) << err_.str();
  EXPECT_EQ(Run({"fuzz", "toy"}), 2);
  EXPECT_TRUE(Said("--asan-binary")) << err_.str();
  EXPECT_EQ(Run({"fuzz", "toy", "--plain-binary", "/nowhere/fuzzer"}), 2);
  EXPECT_TRUE(Said("/nowhere/fuzzer: no such file")) << err_.str();
  EXPECT_EQ(Run({"fuzz", "toy", "--jobs", "0"}), 2);
  EXPECT_EQ(Run({"fuzz", "toy", "--minutes", "-1"}), 2);
  for (const char* jobs : {"99999999999999", "-1", "99999999999999999999999", "2x"}) {
    EXPECT_EQ(Run({"fuzz", "toy", "--jobs", jobs}), 2);
    EXPECT_TRUE(Said("--jobs: " + std::string(jobs) + " is not a whole number from 1 to 1024"))
        << err_.str();
  }
  for (const char* seconds : {"nan", "1e400", "soon"}) {
    EXPECT_EQ(Run({"fuzz", "toy", "--seconds", seconds}), 2);
    EXPECT_TRUE(Said(std::string(seconds) + " is not a number from 0 to 1000000000")) << err_.str();
  }
  EXPECT_EQ(Run({"minimize-corpus", "corpus"}), 2);
  EXPECT_EQ(Run({"report"}), 2);
}

TEST_F(FuzzCommandTest, FoldersWithoutARunAreUnreadable) {
  EXPECT_EQ(Run({"report", folder_.dir().c_str()}), 3);
  EXPECT_TRUE(Said("holds no fuzzing run")) << err_.str();
  EXPECT_EQ(Run({"minimize-corpus", "/nowhere", "--binary", "/bin/true"}), 3);
  EXPECT_TRUE(Said("/nowhere: holds no input")) << err_.str();
}

// A merge that keeps nothing, or fails, leaves the corpus as it was.
TEST_F(FuzzCommandTest, FailedMergeLeavesTheCorpusAlone) {
  const std::string input = folder_.corpus() + "/input";
  ASSERT_TRUE(WriteFile(input, "x"));
  for (const char* fuzzer : {"/bin/true", "/bin/false"}) {
    EXPECT_EQ(Run({"minimize-corpus", folder_.corpus().c_str(), "--binary", fuzzer}), 3);
    EXPECT_TRUE(Said("the merge")) << err_.str();
    EXPECT_TRUE(fs::exists(input));
    EXPECT_FALSE(fs::exists(folder_.corpus() + ".minimized"));
  }
}

// The report of a run that was killed is made of what is on disk.
TEST_F(FuzzCommandTest, ReportNeedsNoProperEnd) {
  FuzzState state;
  state.target = "toy";
  state.jobs = 1;
  ASSERT_TRUE(SaveState(state, folder_.state()));
  EXPECT_EQ(Run({"report", folder_.dir().c_str()}), 0) << err_.str();
  EXPECT_NE(out_.str().find("ended by a kill, or still running"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("- missed: rewound"), std::string::npos) << out_.str();
  EXPECT_TRUE(fs::exists(folder_.dir() + "/report.md"));
  EXPECT_EQ(Run({"report", folder_.dir().c_str(), "--json"}), 0) << err_.str();
  EXPECT_EQ(out_.str().front(), '{');
}

// What bash offers for the last of these words.
std::string Offered(const std::string& script, const std::string& words) {
  const std::string command = "bash -c '. " + script + "; COMP_WORDS=(slotproof " + words +
                              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _slotproof; " +
                              "echo \"${COMPREPLY[*]}\"'";
  std::string offered;
  std::FILE* output = ::popen(command.c_str(), "r");
  if (output == nullptr) return "cannot start bash";
  std::array<char, 4096> line{};
  if (std::fgets(line.data(), line.size(), output) != nullptr) offered = line.data();
  ::pclose(output);
  while (offered.ends_with('\n')) offered.pop_back();
  return offered;
}

// Targets, flags and files where each belongs.
TEST_F(FuzzCommandTest, BashCompletesWhatACommandTakes) {
  EXPECT_EQ(Run({"completion", "bash"}), 0);
  const std::string script = folder_.dir() + "/completion";
  ASSERT_TRUE(WriteFile(script, out_.str()));
  const std::string path = folder_.dir() + "/a b.trace";
  ASSERT_TRUE(WriteFile(path, ""));
  const std::string quoted = "\"" + folder_.dir() + "/a\"";
  EXPECT_EQ(Offered(script, "fu"), "fuzz");
  EXPECT_EQ(Offered(script, "fuzz toy_s"), "toy_segv toy_stuck toy_sometimes");
  EXPECT_EQ(Offered(script, "fuzz toy --asan-b"), "--asan-binary");
  EXPECT_EQ(Offered(script, "fuzz toy --tri"), "") << "a hidden option";
  EXPECT_EQ(Offered(script, "fuzz toy --dict " + quoted), path);
  EXPECT_EQ(Offered(script, "fuzz " + quoted), "") << "a target is no file";
  EXPECT_EQ(Offered(script, "replay " + quoted), path);
  EXPECT_EQ(Offered(script, "replay --target toy_h"), "toy_hang toy_hoards");
  EXPECT_EQ(Offered(script, "convert --to t"), "text trace");
  EXPECT_EQ(Offered(script, "list g"), "goals");
  EXPECT_EQ(Offered(script, "completion z"), "zsh");
  EXPECT_EQ(Offered(script, "report " + quoted), path);
}

// The supervisor's own call: one line of JSON about one input, and the finding saved.
TEST_F(FuzzCommandTest, TriagePrintsWhatAnInputIs) {
  const std::string input = folder_.dir() + "/input.txt";
  ASSERT_TRUE(WriteFile(input, "slotproof-trace 1\ntarget toy_exit\npush k1\npush k1\npush k1\n"));
  const std::vector<const char*> command = {"fuzz",        "toy_exit", "--triage",
                                            input.c_str(), "--out",    folder_.dir().c_str()};
  EXPECT_EQ(Run(command), 0) << err_.str();
  const auto result = TriageFromJson(out_.str());
  ASSERT_TRUE(result) << out_.str();
  EXPECT_EQ(result->signature, "signal/exit 7");
  EXPECT_TRUE(fs::exists(result->file));

  FuzzState state;
  state.target = "toy_exit";
  state.findings.push_back({});
  state.findings[0].signature = "signal/exit 7";
  state.findings[0].shape = "push";
  ASSERT_TRUE(SaveState(state, folder_.state()));
  EXPECT_EQ(Run(command), 0) << err_.str();
  EXPECT_EQ(TriageFromJson(out_.str())->file, "") << "known ones are not saved again";
}

// An input is judged by the laws that are said, and by the default ones when none are.
TEST_F(FuzzCommandTest, TriageJudgesByTheLaws) {
  const Target* const toy = &testing::LawsToyTarget();
  targets_ = std::span(&toy, 1);
  const std::string input = folder_.dir() + "/input.txt";
  ASSERT_TRUE(WriteFile(input,
                        "slotproof-trace 1\ntarget toy_laws\n"
                        "push k1\npush k1\npush k2\npush k2\npush k1\npop\n"));
  std::vector<const char*> command = {"fuzz",        "toy_laws", "--triage",
                                      input.c_str(), "--out",    folder_.dir().c_str()};
  EXPECT_EQ(Run(command), 0) << err_.str();
  EXPECT_EQ(TriageFromJson(out_.str()).value_or(TriageResult()).signature, "");
  command.insert(command.end(), {"--laws", "strict"});
  EXPECT_EQ(Run(command), 0) << err_.str();
  EXPECT_EQ(TriageFromJson(out_.str()).value_or(TriageResult()).signature, "mismatch/pop.key");
  command.back() = "stirct";
  EXPECT_EQ(Run(command), 2);
  EXPECT_TRUE(Said("unknown laws \"stirct\"")) << err_.str();
}

// The fuzzers are told the laws, and in turns each choice of laws has a folder of its own.
TEST_F(FuzzCommandTest, ARunIsByTheLaws) {
  const Target* const toy = &testing::LawsToyTarget();
  targets_ = std::span(&toy, 1);
  const std::string answer = std::string(kTargetAnswer) + "toy_laws";
  const std::string fuzzer = Script("fuzzer", "[ \"$SLOTPROOF_WHICH_TARGET\" ] && echo '" + answer +
                                                  "' || echo \"$SLOTPROOF_LAWS\" >\"$0.laws\"\n");
  const std::string slotproof = Script("slotproof", "echo 'toy_laws a stack'\n");
  const std::string out = folder_.dir() + "/out";
  std::vector<const char*> command = {"fuzz",
                                      "--runs",
                                      "1",
                                      "--jobs",
                                      "1",
                                      "--laws",
                                      "strict",
                                      "--plain-binary",
                                      fuzzer.c_str(),
                                      "--slotproof",
                                      slotproof.c_str(),
                                      "--out",
                                      out.c_str(),
                                      "toy_laws"};
  EXPECT_EQ(Run(command), 0) << err_.str();
  EXPECT_EQ(ReadFile(fuzzer + ".laws").value_or(""), "strict\n");
  EXPECT_EQ(LoadState(RunFolder(out).state()).value().laws, "strict");

  command.push_back("toy_laws");
  EXPECT_EQ(Run(command), 0) << err_.str();
  EXPECT_EQ(LoadState(RunFolder(out + "/toy_laws-strict").state()).value().laws, "strict");
}

}  // namespace
}  // namespace slotproof
