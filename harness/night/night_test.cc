#include "harness/night/night.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/cli/cli.h"
#include "harness/night/fuzz_command.h"
#include "harness/night/program.h"
#include "harness/night/state.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

// Fuzzers by the names of their targets, as `{}` finds them.
class NightTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(home_);
    fs::create_directories(home_);
    for (const char* target : {"toy", "toy_wrong_pop"}) {
      MakeProgram(target, "TOY_TARGET=" + std::string(target) + " exec '" +
                              fs::absolute("harness/engine/fuzz/toy_fuzz_plain").string() +
                              "' \"$@\"");
    }
  }
  void TearDown() override { fs::remove_all(home_); }

  void MakeProgram(const std::string& target, const std::string& script) const {
    const std::string path = home_ + "/" + target + "_fuzz";
    ASSERT_TRUE(WriteFile(path, "#!/bin/sh\n" + script + "\n"));
    fs::permissions(path, fs::perms::owner_all);
  }

  std::vector<std::string> Command(const std::vector<std::string>& more) const {
    std::vector<std::string> args = {slotproof_, "fuzz"};
    args.insert(args.end(), more.begin(), more.end());
    for (const std::string& arg :
         {std::string("--out"), out_dir_, std::string("--plain-binary"), home_ + "/{}_fuzz",
          std::string("--slotproof"), slotproof_, std::string("--seeds"), home_ + "/none/{}",
          std::string("--jobs"), std::string("1")}) {
      args.push_back(arg);
    }
    return args;
  }

  int Run(const std::vector<std::string>& args) {
    said_.str("");
    std::vector<const char*> pointers;
    for (const std::string& arg : args) pointers.push_back(arg.c_str());
    ToolConfig config;
    config.commands = FuzzCommands();
    config.out = &said_;
    config.err = &said_;
    return Main(static_cast<int>(pointers.size()), pointers.data(), testing::AllToyTargets(),
                config);
  }
  bool Said(std::string_view text) const { return said_.str().find(text) != std::string::npos; }

  const std::string home_ = ::testing::TempDir() + "night_test." + std::to_string(getpid());
  const std::string out_dir_ = home_ + "/out";
  const std::string slotproof_ = fs::absolute("harness/night/toy_slotproof");
  std::ostringstream said_;
};

TEST_F(NightTest, EachTargetHasItsTurnAndOnePageNamesAll) {
  const std::vector<std::string> command =
      Command({"toy", "toy_wrong_pop", "--runs", "1500", "--seconds", "50"});
  EXPECT_EQ(Run(command), 1) << said_.str();
  EXPECT_TRUE(Said(" toy: findings 0, ")) << said_.str();
  EXPECT_TRUE(Said(" toy_wrong_pop: findings 1, ")) << said_.str();
  EXPECT_TRUE(Said("# Fuzzing 2 targets: 1 finding\n")) << said_.str();
  EXPECT_TRUE(Said("| toy              |")) << said_.str();
  EXPECT_TRUE(Said("| toy_wrong_pop    |")) << said_.str();
  EXPECT_TRUE(Said("ended by its runs")) << said_.str();
  EXPECT_FALSE(Said("## Goals")) << "a turn ends with one line";
  const std::size_t page = said_.str().find("# Fuzzing");
  EXPECT_GT(said_.str().find("## Findings in toy_wrong_pop", page),
            said_.str().find("| toy_wrong_pop"))
      << "findings come last";
  for (const char* target : {"toy", "toy_wrong_pop"}) {
    EXPECT_TRUE(fs::exists(RunFolder(out_dir_ + "/" + target).state()));
  }
  EXPECT_EQ(Run({"slotproof", "report", out_dir_}), 0);
  EXPECT_TRUE(Said("# Fuzzing 2 targets: 1 finding\n")) << said_.str();
  EXPECT_EQ(Run({"slotproof", "report", out_dir_, "--json"}), 0);
  EXPECT_TRUE(Said("\"mismatch/pop.key\"")) << said_.str();
  EXPECT_TRUE(Said("\"unreproduced_count\": 0")) << said_.str();
}

// One that cannot be fuzzed does not take the others' time away, and is not passed over.
TEST_F(NightTest, TargetThatCannotBeFuzzedIsAnErrorAtTheEnd) {
  MakeProgram("toy", "echo broken >&2; exit 1");
  EXPECT_EQ(Run(Command({"toy", "toy_wrong_pop", "--runs", "1500", "--seconds", "50"})), 3);
  EXPECT_TRUE(Said("toy was not fuzzed to the end: ")) << said_.str();
  EXPECT_TRUE(Said("## toy could not be fuzzed")) << said_.str();
  EXPECT_TRUE(Said("FOUND after")) << said_.str();
}

TEST_F(NightTest, StopAfterCountsAllTargets) {
  EXPECT_EQ(Run(Command({"toy_wrong_pop", "toy", "--stop-after", "1", "--seconds", "50"})), 1);
  EXPECT_TRUE(Said("ended by --stop-after 1")) << said_.str();
  EXPECT_FALSE(fs::exists(RunFolder(out_dir_ + "/toy").state()));
}

// Ctrl-C ends the night, not the turn, and the page is there.
TEST_F(NightTest, InterruptEndsAllTurns) {
  auto night = Program::Start(Command({"toy", "toy_wrong_pop", "--seconds", "50"}), {},
                              ProgramOutput::kStdout);
  ASSERT_TRUE(night) << night.error().message;
  std::string output;
  bool asked = false;
  while (!night->Exit()) {
    pollfd polled = {.fd = night->output_fd(), .events = POLLIN, .revents = 0};
    poll(&polled, 1, 100);
    output += night->ReadOutput();
    if (asked || !fs::exists(RunFolder(out_dir_ + "/toy").state())) continue;
    night->Signal(SIGINT);
    asked = true;
  }
  output += night->ReadOutput();
  EXPECT_NE(output.find("ended by Ctrl-C"), std::string::npos) << output;
  EXPECT_TRUE(fs::exists(out_dir_ + "/report.md"));
  EXPECT_FALSE(fs::exists(out_dir_ + "/toy_wrong_pop"));
}

// Two rounds, so that a night that is cut short has seen all; long nights in turns of ten minutes.
TEST(NightPlanTest, RoundsFitTheTime) {
  EXPECT_EQ(Rounds(0, 3), 0u) << "without end";
  EXPECT_EQ(Rounds(5, 3), 1u);
  EXPECT_EQ(Rounds(120, 3), 2u);
  EXPECT_EQ(Rounds(8 * 3600, 3), 16u);
}

// What several turns have reached counts together.
TEST(NightPageTest, TableSumsTheTurns) {
  constexpr std::array<GoalSpec, 2> kGoals = {{
      {.name = "grew", .help = "the block doubled"},
      {.name = "shrank", .help = "the block was halved"},
  }};
  NightTarget target = {.target = &testing::ToyTarget(testing::Plant::kNone),
                        .options = {},
                        .seconds = 3661,
                        .stats = {},
                        .last = {},
                        .met = {},
                        .error = {}};
  target.stats.executions = 1'234'567;
  target.stats.goals[0] = 5;
  target.last.goals = kGoals;
  target.last.corpus_inputs = 1'000;
  EXPECT_EQ(NightMarkdown({target}, "the time limit"),
            R"(# Fuzzing 1 targets: 0 findings

| target           |     time |    executions |  corpus |   goals | findings |
|------------------|---------:|--------------:|--------:|--------:|---------:|
| toy              |  1:01:01 |     1,234,567 |   1,000 |     1/2 |        0 |

- ended by the time limit
- goals missed: toy/shrank

Nothing was found.

)");
}

}  // namespace
}  // namespace slotproof
