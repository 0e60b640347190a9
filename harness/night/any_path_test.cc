// Every verb takes every path: spaces, quotes, what a shell expands, newlines, a leading dash.

#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/cli/cli.h"
#include "harness/night/fuzz_command.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

// Each test stands in a folder of that name, which holds a trace of that name.
class AnyPathTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    start_ = fs::current_path();
    fuzzer_ = start_ / "harness/engine/fuzz/toy_fuzz_plain";
    slotproof_ = start_ / "harness/night/toy_slotproof";
    home_ = fs::path(::testing::TempDir()) / ("any_path." + std::to_string(getpid()));
    fs::remove_all(home_);
    fs::create_directories(home_ / GetParam());
    fs::current_path(home_ / GetParam());
    trace_ = GetParam() + ".txt";
    ASSERT_TRUE(WriteFile(trace_,
                          "slotproof-trace 1\ntarget toy_fatal\npush k2\npush k1\npush k1\n"
                          "push k1\n"));
  }
  void TearDown() override {
    fs::current_path(start_);
    fs::remove_all(home_);
  }

  int Run(const std::vector<std::string>& args) {
    said_.str("");
    std::vector<const char*> pointers = {"slotproof"};
    for (const std::string& arg : args) pointers.push_back(arg.c_str());
    ToolConfig config;
    config.commands = FuzzCommands();
    config.out = &said_;
    config.err = &said_;
    return Main(static_cast<int>(pointers.size()), pointers.data(), testing::AllToyTargets(),
                config);
  }

  std::string fuzzer_;
  std::string slotproof_;
  std::string trace_;
  std::ostringstream said_;

 private:
  fs::path start_;
  fs::path home_;
};

TEST_P(AnyPathTest, VerbsOfATrace) {
  const std::string absolute = fs::absolute(trace_);
  EXPECT_EQ(Run({"replay", "--", trace_}), 1) << said_.str();
  EXPECT_EQ(Run({"replay", absolute}), 1) << said_.str();
  EXPECT_EQ(Run({"explain", "--", trace_}), 1) << said_.str();
  const std::string minimal = GetParam() + " min.trace";
  EXPECT_EQ(Run({"shrink", "--out=" + minimal, "--", trace_}), 0) << said_.str();
  EXPECT_TRUE(fs::exists(minimal));
  const std::string raw = GetParam() + ".raw";
  EXPECT_EQ(Run({"convert", "--to", "raw", "--out=" + raw, "--", trace_}), 0) << said_.str();
  EXPECT_EQ(Run({"replay", "--target", "toy_fatal", "--", raw}), 1) << said_.str();
  const std::string kept = GetParam() + " kept";
  EXPECT_EQ(Run({"to-test", "--dir=" + kept, "--", minimal}), 0) << said_.str();
  EXPECT_FALSE(fs::is_empty(kept));
}

TEST_P(AnyPathTest, VerbsOfARun) {
  const std::string seeds = GetParam() + " seeds";
  const std::string dictionary = GetParam() + " dict";
  const std::string out = GetParam() + " out";
  fs::create_directory(seeds);
  ASSERT_TRUE(WriteFile(fs::path(seeds) / GetParam(), "x"));
  ASSERT_TRUE(WriteFile(dictionary, "word=\"x\"\n"));
  EXPECT_EQ(Run({"fuzz", "toy", "--out=" + out, "--seeds=" + seeds, "--dict=" + dictionary,
                 "--plain-binary", fuzzer_, "--slotproof", slotproof_, "--runs", "500", "--jobs",
                 "1", "--seconds", "50"}),
            0)
      << said_.str();
  EXPECT_NE(said_.str().find("ended by its runs"), std::string::npos) << said_.str();
  EXPECT_EQ(Run({"report", "--", out}), 0) << said_.str();
  const std::string corpus = (fs::path(out) / "corpus").string();
  EXPECT_EQ(Run({"minimize-corpus", "--binary", fuzzer_, "--", corpus}), 0) << said_.str();
}

// What looks like an option is taken for one; the error says how to name the file.
TEST_P(AnyPathTest, FileThatLooksLikeAnOption) {
  const int code = Run({"replay", trace_});
  EXPECT_EQ(code, trace_.starts_with('-') ? 2 : 1) << said_.str();
  if (code == 1) return;
  EXPECT_NE(said_.str().find("write ./" + trace_ + "; see slotproof"), std::string::npos)
      << said_.str();
  EXPECT_EQ(Run({"replay", "./" + trace_}), 1) << said_.str();
}

INSTANTIATE_TEST_SUITE_P(Names, AnyPathTest,
                         ::testing::Values("my traces", "it's \"so\"", "$HOME `id` $(id)", "-dash",
                                           "a\nb", "*;&|<>#~", "{} %s \\n"));

}  // namespace
}  // namespace slotproof
