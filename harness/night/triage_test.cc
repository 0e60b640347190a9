#include "harness/night/triage.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using testing::Plant;
using testing::ToyTarget;

class TriageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.findings_dir = ::testing::TempDir() + "triage_test." + std::to_string(getpid());
    fs::remove_all(options_.findings_dir);
  }
  void TearDown() override { fs::remove_all(options_.findings_dir); }

  // Five keys, then the same one three times: each planted bug of these tests is in it.
  static Trace Failing() {
    Trace trace;
    trace.header.field[0] = 3;
    for (std::uint16_t key = 1; key <= 5; ++key) {
      trace.ops.push_back({.code = testing::kPush, .b = 0, .a = key});
    }
    trace.ops.push_back({.code = testing::kPop, .b = 0, .a = 0});
    trace.ops.insert(trace.ops.end(), 3, Op{.code = testing::kPush, .b = 0, .a = 9});
    trace.ops.push_back({.code = testing::kPop, .b = 0, .a = 0});
    return trace;
  }

  TriageResult TriageToy(Plant plant) {
    const auto result = Triage(ToyTarget(plant), Failing(), options_);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(TriageResult{});
  }

  TriageOptions options_;
};

// A failure that the process survives is shrunk and saved, and the file replays it.
TEST_F(TriageTest, NewFailureIsShrunkAndSaved) {
  const TriageResult result = TriageToy(Plant::kWrongPop);
  EXPECT_EQ(result.signature, "mismatch/pop.key");
  EXPECT_LE(result.operations, 6u);
  EXPECT_TRUE(result.one_minimal);
  const auto loaded = LoadTrace(result.file, testing::AllToyTargets());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace.ops.size(), result.operations);
  EXPECT_EQ(loaded->info.signature, result.signature);
  EXPECT_NE(result.replay.find(" replay " + result.file), std::string::npos) << result.replay;
}

// One that ends the process is shrunk too, a process a run.
TEST_F(TriageTest, DeathIsShrunkAndSaved) {
  const TriageResult result = TriageToy(Plant::kExit);
  EXPECT_EQ(result.signature, "signal/exit 7");
  EXPECT_EQ(result.operations, 3u);
  EXPECT_TRUE(result.one_minimal);
  EXPECT_TRUE(fs::exists(result.file));
}

// A known one is named and nothing more.
TEST_F(TriageTest, KnownFailureIsNotSaved) {
  options_.known = {{.signature = "signal/exit 7", .looks = {}, .shapes = {"push"}}};
  TriageResult result = TriageToy(Plant::kExit);
  EXPECT_EQ(result.signature, "signal/exit 7");
  EXPECT_EQ(result.file, "") << "it shrinks to the operations that are known";
  EXPECT_EQ(result.shape, "push");
  options_.known = {{.signature = "signal/exit 7", .looks = {{result.situation, 2}}, .shapes = {}}};
  result = TriageToy(Plant::kExit);
  EXPECT_EQ(result.file, "");
  EXPECT_EQ(result.shape, "") << "it is not shrunk any more";
  EXPECT_FALSE(fs::exists(options_.findings_dir));
}

// A failure of a known signature that shrinks to other operations may be another bug.
TEST_F(TriageTest, OtherOperationsAreAnotherExample) {
  options_.known = {{.signature = "mismatch/pop.key", .looks = {}, .shapes = {"clear push pop"}}};
  const TriageResult result = TriageToy(Plant::kWrongPop);
  EXPECT_EQ(result.signature, "mismatch/pop.key");
  EXPECT_EQ(result.situation, "mismatch/pop.key at pop");
  EXPECT_EQ(result.shape, "push pop");
  EXPECT_TRUE(fs::exists(result.file));
}

TEST(KnownFailure, IsLookedAtAFewTimesOnly) {
  KnownFailure known = {.signature = "s", .looks = {{"s at pop", 11}}, .shapes = {"push pop"}};
  EXPECT_TRUE(known.WorthALook("s at pop", Outcome::kMismatch));
  EXPECT_FALSE(known.WorthALook("s at pop", Outcome::kSignal)) << "to shrink a death is dear";
  EXPECT_TRUE(known.WorthALook("s at peek", Outcome::kSignal));
  known.looks["s at pop"] = 12;
  EXPECT_FALSE(known.WorthALook("s at pop", Outcome::kMismatch));
  EXPECT_FALSE(known.Exhausted());
  known.looks["s at mark"] = 20;
  EXPECT_TRUE(known.Exhausted());
  known.looks.clear();
  known.shapes = {"a", "b", "c", "d", "e", "f"};
  EXPECT_TRUE(known.Exhausted());
}

TEST_F(TriageTest, PassingInputHasNoSignature) {
  EXPECT_EQ(TriageToy(Plant::kNone), TriageResult{});
}

TEST_F(TriageTest, UnwritableFolderIsAnError) {
  options_.findings_dir = "/proc/none";
  const auto result = Triage(ToyTarget(Plant::kWrongPop), Failing(), options_);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("/proc/none"), std::string::npos);
}

TEST_F(TriageTest, ResultsTravelAsJson) {
  const TriageResult result = {.signature = "a/b \"c\"",
                               .summary = "op 1\nx",
                               .situation = "a at b",
                               .shape = "b c",
                               .operations = 3,
                               .one_minimal = true,
                               .file = "f",
                               .replay = "r"};
  EXPECT_EQ(TriageFromJson(TriageToJson(result)), result);
  EXPECT_EQ(TriageFromJson(""), std::nullopt);
  EXPECT_EQ(TriageFromJson("[]"), std::nullopt);
  EXPECT_EQ(TriageFromJson("{\"operations\": \"many\"}"), std::nullopt);
}

// The process that looks at an input judges it by the laws that the worker did.
TEST(TriageCommand, NamesTheLaws) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(TriageCommand("slotproof", ToyTarget(), "a", "dir"),
            (Words{"slotproof", "fuzz", "toy", "--triage", "a", "--out", "dir"}));
  EXPECT_EQ(TriageCommand("slotproof", *testing::LawsToyTarget().by_laws[1], "a", "dir"),
            (Words{"slotproof", "fuzz", "toy_laws", "--triage", "a", "--out", "dir", "--laws",
                   "strict"}));
}

}  // namespace
}  // namespace slotproof
