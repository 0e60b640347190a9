#include "harness/report/finding.h"

#include <stdlib.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/build_info.h"
#include "harness/report/replay_line.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

using testing::AllToyTargets;
using testing::Plant;
using testing::ToyTarget;

const Verdict kVerdict = {.outcome = Outcome::kMismatch,
                          .op_index = 2,
                          .law = "pop.key",
                          .expected = "k3",
                          .actual = "k2"};

TEST(Finding, IsLoadedAsItWasSaved) {
  std::string folder = ::testing::TempDir() + "finding_test.XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const Trace trace = {.header = {}, .ops = {{.code = testing::kPush, .a = 3}}};
  const auto path =
      SaveFinding(ToyTarget(Plant::kWrongPop), trace, kVerdict, "a test", folder + "/new/folder");
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_TRUE(path->starts_with(folder + "/new/folder/toy_wrong_pop-mismatch-pop.key-")) << *path;
  const auto loaded = LoadTrace(*path, AllToyTargets());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace, trace);
  EXPECT_EQ(loaded->info.signature, "mismatch/pop.key");
  EXPECT_EQ(loaded->info.summary, kVerdict.Summary());
  EXPECT_EQ(loaded->info.found_by, "a test");
  EXPECT_EQ(loaded->info.configuration, Configuration());
  EXPECT_EQ(
      *SaveFinding(ToyTarget(Plant::kWrongPop), trace, kVerdict, "a test", folder + "/new/folder"),
      *path);
  std::filesystem::remove_all(folder);
}

TEST(Finding, APlaceThatCannotBeIsAnError) {
  const auto path = SaveFinding(ToyTarget(), Trace{}, kVerdict, "a test", "/dev/null/x");
  ASSERT_FALSE(path);
  EXPECT_TRUE(path.error().message.starts_with("/dev/null/x: cannot make this folder"))
      << path.error().message;
}

TEST(Finding, ASlugIsFitForAFileName) {
  EXPECT_EQ(SignatureSlug("mismatch/pop.key"), "mismatch-pop.key");
  EXPECT_EQ(SignatureSlug("sanitizer/heap use/../operator<<(a, b)"),
            "sanitizer-heap-use-..-operator-a-b");
  EXPECT_EQ(SignatureSlug(std::string(500, 'x')).size(), 80u);
}

TEST(ReplayLine, NamesTheProgramOfTheConfiguration) {
  EXPECT_EQ(ReplayLine("/a/b.trace", ToyTarget(), "plain"),
            "replay: bazel run //:slotproof -- replay /a/b.trace");
  EXPECT_EQ(ReplayLine("/a/b.trace", ToyTarget(), "tsan"),
            "replay: bazel run //:slotproof_tsan -- replay /a/b.trace");
}

TEST(ReplayLine, QuotesThePath) {
  EXPECT_EQ(ReplayLine("/my files/it's.trace", ToyTarget(), "plain"),
            "replay: bazel run //:slotproof -- replay '/my files/it'\\''s.trace'");
}

TEST(ReplayLine, NamesAPathThatOutlivesTheTest) {
  const char* const variable = "TEST_UNDECLARED_OUTPUTS_DIR";
  const char* const before = ::getenv(variable);
  const std::string kept = before == nullptr ? "" : before;
  ::setenv(variable, "/b/sandbox/linux-sandbox/17/execroot/w/testlogs/t/test.outputs", 1);
  EXPECT_EQ(LastingPath("/b/sandbox/linux-sandbox/17/execroot/w/testlogs/t/test.outputs/x.trace"),
            "/b/execroot/w/testlogs/t/test.outputs/outputs.zip/x.trace");
  EXPECT_EQ(LastingPath("/elsewhere/x.trace"), "/elsewhere/x.trace");
  ::unsetenv(variable);
  EXPECT_EQ(LastingPath("/b/x.trace"), "/b/x.trace");
  if (before != nullptr) ::setenv(variable, kept.c_str(), 1);
}

}  // namespace
}  // namespace slotproof
