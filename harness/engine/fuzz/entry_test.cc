#include "harness/engine/fuzz/entry.h"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/build_info.h"
#include "harness/base/child_process.h"
#include "harness/base/file_io.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using testing::Plant;
using testing::ToyTarget;

class FuzzEntryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "fuzz_entry_test." + std::to_string(getpid());
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  FuzzSettings GoingOn() const {
    return {.findings_dir = dir_ + "/findings", .stats_path = dir_ + "/stats"};
  }

  // Five pushes make a stack from which toy_wrong_pop pops wrongly.
  static std::vector<std::uint8_t> FailingInput() {
    Trace trace;
    trace.header.field[0] = 3;
    for (std::uint16_t key = 1; key <= 5; ++key) trace.ops.push_back({.code = 0, .b = 0, .a = key});
    trace.ops.push_back({.code = testing::kPop, .b = 0, .a = 0});
    return Codec(testing::ToyVocabulary()).Encode(trace);
  }

  std::vector<fs::path> Findings() const {
    std::vector<fs::path> files;
    if (!fs::exists(dir_ + "/findings")) return files;
    for (const auto& file : fs::directory_iterator(dir_ + "/findings")) files.push_back(file);
    return files;
  }

  std::string dir_;
};

// Inputs that pass are kept when libFuzzer likes them, and counted.
TEST_F(FuzzEntryTest, PassingInputsAreCounted) {
  FuzzEntry entry(ToyTarget(), GoingOn());
  EXPECT_EQ(entry.RunOne({}), FuzzEntry::kKeepIfInteresting);
  EXPECT_EQ(entry.RunOne(FailingInput()), FuzzEntry::kKeepIfInteresting);
  const auto stats = ReadStats(dir_ + "/stats");
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->operations, 6u);
  EXPECT_EQ(stats->failures, 0u);
  EXPECT_TRUE(Findings().empty());
}

// A failure is saved as a trace file that replays it; the input is kept out of the corpus.
TEST_F(FuzzEntryTest, OfASituationTheFirstSecondFourthAreSavedAndFuzzingGoesOn) {
  FuzzEntry entry(ToyTarget(Plant::kWrongPop), GoingOn());
  std::vector<std::uint8_t> input = FailingInput();
  const std::vector<std::size_t> saved_after = {1, 2, 2, 3, 3};
  for (std::size_t i = 0; i < saved_after.size(); ++i) {
    input[0] = static_cast<std::uint8_t>(i);  // another trace that fails for the same reason
    EXPECT_EQ(entry.RunOne(input), FuzzEntry::kReject);
    EXPECT_EQ(Findings().size(), saved_after[i]) << i;
  }
  const auto loaded = LoadTrace(Findings()[0].string(), testing::AllToyTargets());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->info.signature, "mismatch/pop.key");
  EXPECT_EQ(Runner(*loaded->target).Run(loaded->trace).Signature(), "mismatch/pop.key");
  const auto stats = ReadStats(dir_ + "/stats");
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->failures, saved_after.size());
  EXPECT_EQ(stats->signatures[0].name(), "mismatch/pop.key");
}

// A folder that cannot be made is said, and fuzzing goes on.
TEST_F(FuzzEntryTest, UnwritableFindingsDoNotStopFuzzing) {
  FuzzEntry entry(ToyTarget(Plant::kWrongPop),
                  {.findings_dir = "/proc/none", .stats_path = "/proc/none"});
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(entry.RunOne(FailingInput()), FuzzEntry::kReject);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("/proc/none"), std::string::npos);
}

// No input takes long, whatever its length.
TEST_F(FuzzEntryTest, LongInputsAreCutOff) {
  FuzzSettings settings;
  settings.max_ops = 10;
  FuzzEntry entry(ToyTarget(), settings);
  entry.RunOne(std::vector<std::uint8_t>(10'000));
  EXPECT_EQ(entry.runner().stats().operations, 10u);
}

// A hang ends even if what libFuzzer would report it with is locked; here without libFuzzer.
TEST_F(FuzzEntryTest, AHangWritesTheInputDownAndEnds) {
  if (Configuration() == "tsan") GTEST_SKIP() << "ThreadSanitizer holds the signal back";
  Trace trace;
  trace.ops.assign(3, {.code = testing::kPush, .b = 0, .a = 3});
  const std::vector<std::uint8_t> input = Codec(testing::ToyVocabulary()).Encode(trace);
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        FuzzSettings settings;
        settings.hang_limit = std::chrono::milliseconds(200);
        settings.artifact_prefix = dir_ + "/artifacts/";
        FuzzEntry entry(ToyTarget(Plant::kStuck), settings);
        entry.RunOne({});  // ends, and is not it
        entry.RunOne(input);
      },
      std::chrono::seconds(50));
  EXPECT_EQ(result.end, ChildResult::End::kExited);
  EXPECT_EQ(result.code, 70);
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(dir_ + "/artifacts")) files.push_back(file);
  ASSERT_EQ(files.size(), 1u) << result.errors;
  EXPECT_TRUE(files[0].filename().string().starts_with("timeout-"));
  EXPECT_EQ(ReadFile(files[0].string()).value(), AsText(input));
  EXPECT_NE(result.errors.find("Test unit written to " + files[0].string()), std::string::npos)
      << result.errors;
}

// libFuzzer's own flags say how long, where and with which code.
TEST_F(FuzzEntryTest, SettingsForHangsAreLibFuzzers) {
  using Arguments = std::vector<std::string_view>;
  EXPECT_EQ(HangSettings({}).hang_limit, std::chrono::seconds(2 * 1200 + 3));
  const FuzzSettings settings = HangSettings(
      Arguments{"-timeout=7", "-artifact_prefix=a/b-", "-timeout_exitcode=9", "corpus"});
  EXPECT_EQ(settings.hang_limit, std::chrono::seconds(17));
  EXPECT_EQ(settings.artifact_prefix, "a/b-");
  EXPECT_EQ(settings.hang_exit_code, 9);
  EXPECT_EQ(HangSettings(Arguments{"-timeout=0"}).hang_limit, std::chrono::seconds(0));
}

// What a fuzzer makes of the input, started under these laws.
TEST_F(FuzzEntryTest, TheEnvironmentChoosesTheLaws) {
  const auto run_under = [this](const char* laws) {
    return RunInChild(
        [&](const ChildChannel& channel) {
          ::setenv("SLOTPROOF_LAWS", laws, 1);
          ::setenv("SLOTPROOF_FINDINGS", (dir_ + "/findings").c_str(), 1);
          FuzzEntry& entry = ProcessFuzzEntry(testing::LawsToyTarget());
          channel.Send(entry.RunOne(FailingInput()) == FuzzEntry::kReject ? "failed" : "passed");
        },
        std::chrono::seconds(50));
  };
  EXPECT_EQ(run_under("").sent, "passed");
  EXPECT_EQ(run_under("lax").sent, "passed");
  EXPECT_TRUE(Findings().empty());
  EXPECT_EQ(run_under("strict").sent, "failed");
  ASSERT_EQ(Findings().size(), 1u);
  const Target* const targets[] = {&testing::LawsToyTarget()};
  const auto loaded = LoadTrace(Findings()[0].string(), targets);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->target->laws, "strict");

  const ChildResult unknown = run_under("nonsense");
  EXPECT_EQ(unknown.end, ChildResult::End::kExited);
  EXPECT_EQ(unknown.code, 2);
  EXPECT_EQ(unknown.sent, "");
  EXPECT_EQ(unknown.errors,
            "slotproof: SLOTPROOF_LAWS: unknown laws \"nonsense\"; target \"toy_laws\" has lax and "
            "strict\n");
}

// On its own, a failure ends the process with the verdict, the trace and a replay line.
TEST_F(FuzzEntryTest, FailureAloneEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(FuzzEntry(ToyTarget(Plant::kWrongPop), {}).RunOne(FailingInput()),
               "toy_wrong_pop: op 5: mismatch/pop.key: expected k5, got k4(.|\n)*"
               "push k5\npop(.|\n)*replay: ");
}

}  // namespace
}  // namespace slotproof
