#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/cli/cli.h"
#include "harness/testing/toy_target.h"

// A trace that fails by the strict laws of its target, and passes by the lax ones, which are its
// default, through each subcommand.

namespace slotproof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTrace =
    "slotproof-trace 1\n"
    "target toy_laws\n"
    "push_many k2 x5\n"
    "push k7\n"
    "pop\n"
    "clear\n";

class LawsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("BUILD_WORKING_DIRECTORY");
    ::unsetenv("BUILD_WORKSPACE_DIRECTORY");
    start_ = fs::current_path();
    folder_ = ::testing::TempDir() + "laws_test.XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    fs::current_path(folder_);
    std::ofstream("a.txt") << kTrace;
  }
  void TearDown() override {
    fs::current_path(start_);
    fs::remove_all(folder_);
  }

  // What it printed; its exit code is in exit_code_.
  std::string Run(const std::vector<std::string>& words) {
    static const Target* const targets[] = {&testing::LawsToyTarget(), &testing::ToyTarget()};
    std::vector<const char*> argv = {"slotproof"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::ostringstream out;
    exit_code_ = Main(static_cast<int>(argv.size()), argv.data(), targets,
                      {.version = "1.2.3", .commands = {}, .out = &out, .err = &out});
    return out.str();
  }
  static std::string TextOf(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  fs::path start_;
  std::string folder_;
  int exit_code_ = -1;
};

TEST_F(LawsTest, TheDefaultOrTheFileOrTheOptionSaysThem) {
  EXPECT_EQ(Run({"replay", "a.txt"}), "a.txt: toy_laws, 4 operations\n  passed\n");
  EXPECT_EQ(exit_code_, kExitPassed);
  EXPECT_TRUE(Run({"replay", "a.txt", "--laws", "strict"})
                  .starts_with("a.txt: toy_laws by the laws strict, 4 operations\n  FAILED at"));
  EXPECT_EQ(exit_code_, kExitFailure);
  for (const char* const form : {"text", "trace"}) {
    Run({"convert", "a.txt", "--laws", "strict", "--to", form, "-o", "b"});
    Run({"replay", "b"});
    EXPECT_EQ(exit_code_, kExitFailure) << form;
    Run({"replay", "b", "--laws", "lax"});
    EXPECT_EQ(exit_code_, kExitPassed) << form;
  }
}

TEST_F(LawsTest, WhatIsShrunkAndKeptIsJudgedByThemAgain) {
  const std::string shrunk = Run({"shrink", "a.txt", "--laws", "strict", "-o", "b.trace"});
  EXPECT_NE(shrunk.find("replay: bazel run"), std::string::npos) << shrunk;
  EXPECT_NE(shrunk.find(" -- replay --laws strict "), std::string::npos) << shrunk;
  Run({"replay", "b.trace"});
  EXPECT_EQ(exit_code_, kExitFailure);
  Run({"explain", "b.trace"});
  EXPECT_EQ(exit_code_, kExitFailure);
  Run({"explain", "b.trace", "--laws", "lax"});
  EXPECT_EQ(exit_code_, kExitPassed);
  Run({"to-test", "b.trace", "--dir", "kept", "--name", "one"});
  EXPECT_NE(TextOf("kept/one.txt").find("\nlaws strict\n"), std::string::npos);
  // The same operations by other laws are another regression.
  Run({"to-test", "kept/one.txt", "--laws", "lax", "--dir", "kept", "--name", "one"});
  EXPECT_EQ(TextOf("kept/one-2.txt").find("\nlaws"), std::string::npos);
  EXPECT_TRUE(fs::exists("kept/one-2.txt"));
}

TEST_F(LawsTest, AWrongNameIsOneClearError) {
  EXPECT_EQ(Run({"replay", "a.txt", "--laws", "nonsense"}),
            "slotproof: unknown laws \"nonsense\"; target \"toy_laws\" has lax and strict\n");
  EXPECT_EQ(exit_code_, kExitUsage);
  EXPECT_EQ(Run({"replay", "a.txt", "--target", "toy", "--laws", "strict"}),
            "slotproof: target \"toy\" has no laws to choose from, and so none called \"strict\"; "
            "say no laws, or choose another target\n");
  EXPECT_EQ(exit_code_, kExitUsage);
}

TEST_F(LawsTest, AListNamesThem) {
  EXPECT_EQ(Run({"list", "laws"}),
            "toy_laws  lax     a wrong key may be popped\n"
            "toy_laws  strict  only the right key may be popped\n");
}

}  // namespace
}  // namespace slotproof
