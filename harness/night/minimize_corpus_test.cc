#include "harness/night/minimize_corpus.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/night/program.h"
#include "harness/night/state.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

std::string PushesOf(const std::vector<std::uint16_t>& keys) {
  Trace trace;
  for (const std::uint16_t key : keys) {
    trace.ops.push_back({.code = testing::kPush, .b = 0, .a = key});
  }
  const std::vector<std::uint8_t> input = Codec(testing::ToyVocabulary()).Encode(trace);
  return std::string(AsText(input));
}

// The first run of a process takes ways of its own, and so the second one covers something, too.
constexpr std::size_t kMostOfEqualOnes = 2;

class MinimizeCorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(home_);
    options_.fuzzer = "harness/engine/fuzz/toy_fuzz_plain";
    InFolder("corpus");
    setenv("TOY_TARGET", "toy", 1);
  }
  void TearDown() override { fs::remove_all(home_); }

  void InFolder(const std::string& name) {
    options_.dir = home_ + "/" + name;
    fs::create_directories(options_.dir);
  }
  void Put(const std::string& name, const std::string& input) {
    std::ofstream(fs::path(options_.dir) / name, std::ios::binary) << input;
  }
  void PutEqualOnes() {
    for (const char* name : {"a", "b", "c", "d", "e"}) Put(name, PushesOf({1}));
  }
  static std::set<std::string> NamesIn(const std::string& dir) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir)) names.insert(entry.path().filename());
    return names;
  }

  const std::string home_ = ::testing::TempDir() + "minimize_corpus." + std::to_string(getpid());
  MinimizeOptions options_;
  std::ostringstream out_;
};

// No shell, no list of words and no option sees a name.
TEST_F(MinimizeCorpusTest, AnyNameOfAFolderOrAFileWorks) {
  for (const std::string folder :
       {"my corpus", "it's \"so\"", "$HOME `id` $(id)", "-merge=1", "a\nb", "*;&|<>#~", "\\n"}) {
    fs::remove_all(home_);
    InFolder(folder);
    const std::set<std::string> names = {"-runs=1", "a b", "c\nd", "$PATH", "'\"", "FT 1 2", "\\n"};
    for (const std::string& name : names) Put(name, PushesOf({1}));
    Put("larger", PushesOf({1, 2, 3, 4, 5, 6, 7, 8}));
    const auto sizes = MinimizeCorpus(options_, out_);
    ASSERT_TRUE(sizes) << sizes.error().message;
    EXPECT_EQ(sizes->before, names.size() + 1);
    EXPECT_EQ(sizes->failed, 0u) << out_.str();
    // The larger one reaches a state that the others do not.
    EXPECT_TRUE(fs::exists(fs::path(options_.dir) / "larger")) << folder;
    EXPECT_LE(sizes->after, 1 + kMostOfEqualOnes);
    EXPECT_EQ(NamesIn(options_.dir).size(), sizes->after);
    EXPECT_EQ(NamesIn(home_), std::set<std::string>{folder}) << "nothing is left beside it";
  }
}

// Each is run once, named with its reason and kept; the rest is minimized as ever.
TEST_F(MinimizeCorpusTest, InputsThatCrashOrFailAreListedAndKept) {
  for (const auto& [target, reason] :
       {std::pair("toy_segv", "SEGV"), std::pair("toy_exit", "exit code"),
        std::pair("toy_fatal", "3 equal keys")}) {
    setenv("TOY_TARGET", target, 1);
    fs::remove_all(home_);
    InFolder("corpus");
    Put("fails", PushesOf({1, 1, 1}));
    Put("fails too", PushesOf({2, 2, 2, 2}));
    PutEqualOnes();
    out_.str("");
    const auto sizes = MinimizeCorpus(options_, out_);
    ASSERT_TRUE(sizes) << sizes.error().message;
    EXPECT_EQ(sizes->failed, 2u) << out_.str();
    EXPECT_LE(sizes->after, 2 + kMostOfEqualOnes);
    EXPECT_TRUE(fs::exists(options_.dir + "/fails"));
    EXPECT_TRUE(fs::exists(options_.dir + "/fails too"));
    EXPECT_NE(out_.str().find("failed, kept: " + options_.dir + "/fails: "), std::string::npos)
        << out_.str();
    EXPECT_NE(out_.str().find(reason), std::string::npos) << out_.str();
    EXPECT_EQ(NamesIn(home_), std::set<std::string>{"corpus"});
  }
}

// Time is bounded, also where the process cannot even report that it hangs.
TEST_F(MinimizeCorpusTest, InputsThatHangAreStoppedAndKept) {
  setenv("TOY_TARGET", "toy_stuck", 1);
  options_.timeout_seconds = 2;
  Put("hangs", PushesOf({1, 1, 1}));
  PutEqualOnes();
  Put("passes, and is larger", PushesOf({1, 2, 3, 4, 5, 6, 7, 8}));
  const auto sizes = MinimizeCorpus(options_, out_);
  ASSERT_TRUE(sizes) << sizes.error().message;
  EXPECT_EQ(sizes->failed, 1u) << out_.str();
  EXPECT_NE(out_.str().find("/hangs: hangs: stopped after 2 s"), std::string::npos) << out_.str();
  EXPECT_LE(sizes->after, 2 + kMostOfEqualOnes);
  EXPECT_TRUE(fs::exists(options_.dir + "/hangs"));
  EXPECT_TRUE(fs::exists(options_.dir + "/passes, and is larger"));
}

// Whether the process is there and more than an entry that waits to be read.
bool Runs(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return stat >> number >> name >> state && state != "Z";
}

// Ctrl-C ends both processes at once and leaves the corpus as it was.
TEST_F(MinimizeCorpusTest, InterruptEndsTheInnerProcess) {
  Put("input", "x");
  const std::string fuzzer = home_ + "/fuzzer";
  const std::string pid_file = home_ + "/pid";
  ASSERT_EQ(mkfifo(pid_file.c_str(), 0600), 0);
  ASSERT_TRUE(WriteFile(fuzzer, "#!/bin/sh\necho $$ >'" + pid_file + "'\nexec sleep 1000\n"));
  fs::permissions(fuzzer, fs::perms::owner_all);
  auto command = Program::Start({"harness/night/toy_slotproof", "minimize-corpus", options_.dir,
                                 "--binary", fuzzer, "--timeout", "1000"},
                                {}, ProgramOutput::kStdout);
  ASSERT_TRUE(command) << command.error().message;
  pid_t inner = 0;
  std::ifstream(pid_file) >> inner;
  ASSERT_GT(inner, 0);
  EXPECT_TRUE(Runs(inner));
  command->Signal(SIGINT);
  while (!command->Exit()) poll(nullptr, 0, 10);
  for (int waited = 0; Runs(inner) && waited < 1000; ++waited) poll(nullptr, 0, 10);
  EXPECT_FALSE(Runs(inner));
  EXPECT_EQ(NamesIn(options_.dir), std::set<std::string>{"input"});
}

}  // namespace
}  // namespace slotproof
