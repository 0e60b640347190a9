#include <stdlib.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/cli/cli.h"
#include "harness/engine/property.h"
#include "harness/trace/text.h"
#include "subjects/scheduled_map/planted_targets.h"

// What a person sees of a bug among threads, from the engine that finds it to the trace that is
// kept: testdata/*.txt are traces that were found so, testdata/*.golden is what the command says of
// them. To rewrite the latter:
//
//   SLOTPROOF_UPDATE_GOLDEN=1 bazel run //subjects/scheduled_map:planted_command_test

namespace slotproof {
namespace {

namespace fs = std::filesystem;

fs::path TestData(const std::string& name) {
  const char* const workspace = ::getenv("BUILD_WORKSPACE_DIRECTORY");
  const fs::path root = workspace == nullptr ? fs::current_path() : fs::path(workspace);
  return root / "subjects/scheduled_map/testdata" / name;
}

std::string Contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void ExpectGolden(const std::string& seen, const std::string& name) {
  if (::getenv("SLOTPROOF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(TestData(name), std::ios::binary) << seen;
    return;
  }
  EXPECT_EQ(seen, Contents(TestData(name))) << "see the top of planted_command_test.cc to rewrite";
}

struct Result {
  int exit_code = 0;
  std::string out;
};

Result Command(const std::vector<std::string>& words) {
  static const std::vector<const Target*> targets = [] {
    std::vector<const Target*> all;
    for (std::size_t i = 0; i < kPlantedMaps; ++i) all.push_back(&PlantedTarget(i));
    return all;
  }();
  std::vector<const char*> argv = {"slotproof"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  Result result;
  result.exit_code = Main(static_cast<int>(argv.size()), argv.data(), targets,
                          {.version = "1.2.3", .commands = {}, .out = &out, .err = &out});
  result.out = out.str();
  return result;
}

// The text with the file's own name in place of its path.
std::string Explained(const std::string& name) {
  const std::string path = TestData(name).string();
  std::string seen = Command({"explain", path}).out;
  for (std::size_t at = 0; (at = seen.find(path)) != std::string::npos;) {
    seen.replace(at, path.size(), name);
  }
  return seen;
}

// Operations of a counterexample.
constexpr std::size_t kShort = 8;

struct Story {
  const char* target;
  const char* name;
};

class PlantedCommandTest : public ::testing::TestWithParam<Story> {};

// Law: the engine finds it and makes it as small as the one that is kept, or nearly; the command
// explains that one, and fails on it in the same way a hundred times.
TEST_P(PlantedCommandTest, IsFoundExplainedAndReplayed) {
  const auto& [target_name, name] = GetParam();
  const Target& target = PlantedTarget(std::string_view(target_name));
  const std::string file = std::string(name) + ".txt";
  Runner runner(target);
  const PropertyResult found = CheckAgreement(runner, {.traces = 40000, .max_ops = 40});
  ASSERT_FALSE(found.passed);
  EXPECT_LE(found.trace.ops.size(), kShort) << PrintTrace(target, found.trace);
  const std::string explained = Explained(file);
  ExpectGolden(explained, std::string(name) + ".golden");
  EXPECT_NE(explained.find("signature  " + found.verdict.Signature() + "\n"), std::string::npos);

  const std::vector<std::string> replay = {"replay", "--in-process", TestData(file).string()};
  const Result once = Command(replay);
  EXPECT_EQ(once.exit_code, 1) << once.out;
  for (int i = 1; i < 100; ++i) {
    const Result again = Command(replay);
    ASSERT_EQ(again.exit_code, 1);
    ASSERT_EQ(again.out, once.out);
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, PlantedCommandTest,
                         ::testing::Values(Story{"Untagged", "aba"},
                                           Story{"NotifiedBeforeWaiting", "lost_wakeup"},
                                           Story{"CompareThenStore", "lost_update"}),
                         [](const ::testing::TestParamInfo<Story>& tested) {
                           return std::string(tested.param.target);
                         });

// Law: the same as a page has a bar for each call, a dot for each line of the table in between, and
// arrows for who goes on and for what was seen.
TEST(PlantedCommand, DrawsAPage) {
  const std::string page_path = ::testing::TempDir() + "/page.html";
  const Result drawn =
      Command({"explain", TestData("lost_update.txt").string(), "--html", page_path});
  EXPECT_NE(drawn.out.find("\nwrote " + page_path + "\n"), std::string::npos) << drawn.out;
  const std::string page = Contents(page_path);
  const auto count = [&](std::string_view what) {
    std::size_t times = 0;
    for (std::size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) {
      ++times;
    }
    return times;
  };
  EXPECT_EQ(count("<rect "), 2u) << page;
  EXPECT_EQ(count("<circle "), 5u) << page;
  EXPECT_EQ(count("<line class=\"switch\""), 3u) << page;
  EXPECT_EQ(count("<line class=\"saw\""), 1u) << page;
  EXPECT_EQ(count("class=\"placed\""), 0u) << page;
}

// Law: a switch whose point has moved is named with its line, what is there, and the remedy, by
// both commands; and so is a file whose points were counted otherwise.
TEST(PlantedCommand, SaysWhichSwitchDoesNotHappen) {
  const std::string path = ::testing::TempDir() + "/moved.txt";
  std::ofstream(path) << "slotproof-trace 1\ntarget None\npoints 7\nheader universe=2\n"
                         "insert k0 t0\nswitch t0 t1 2\nswitch t0 t1 900\nfind k0 t1\n"
                         "switch t1 t2 1\n";
  for (const char* const command : {"replay", "explain"}) {
    const Result seen = Command({command, path});
    EXPECT_EQ(seen.exit_code, 0);
    EXPECT_NE(
        seen.out.find("  note: operation 2 (switch t0 t1 900) does not happen: t0's insert k0 "
                      "v1 has only "),
        std::string::npos)
        << seen.out;
    EXPECT_NE(seen.out.find(" points now; move it to one of them, or let an explore find the place "
                            "anew (and 1 more like it)\n"),
              std::string::npos)
        << seen.out;
    EXPECT_NE(seen.out.find("  note: the file counts points of version 7, this slotproof of "),
              std::string::npos)
        << seen.out;
  }
  const Result in_json = Command({"replay", "--json", path});
  EXPECT_NE(in_json.out.find("t1 and t2 must both have an operation in this run"),
            std::string::npos)
      << in_json.out;
}

// Law: a program that does not repeat its runs is found to, and the share that did is said.
TEST(PlantedCommand, SaysThatRunsDoNotRepeat) {
  Runner drifting(PlantedTarget("Drifting"));
  ::testing::internal::CaptureStderr();
  const PropertyResult found = CheckAgreement(drifting, {.traces = 4000, .max_ops = 40});
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(found.verdict.Signature(), "nondeterminism/digest") << said;
  EXPECT_LT(drifting.stats().repeated, drifting.stats().run_twice);
  EXPECT_NE(said.find("\nstability "), std::string::npos) << said;
  EXPECT_EQ(said.find("stability 100 %"), std::string::npos) << said;

  Runner steady(PlantedTarget("None"));
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(CheckAgreement(steady, {.traces = 200, .max_ops = 40}).passed);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("\nstability 100 %, "),
            std::string::npos);
}

}  // namespace
}  // namespace slotproof
