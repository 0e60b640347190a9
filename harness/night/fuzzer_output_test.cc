#include "harness/night/fuzzer_output.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

TEST(FuzzerOutputTest, ReadsStatusLines) {
  const auto status = ParseStatusLine(
      "#242697\tREDUCE cov: 210 ft: 757 corp: 130/62Kb lim: 4096 exec/s: 48539 rss: 30Mb L: "
      "91/4095 "
      "MS: 1 CustomCrossOver-");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->runs, 242697u);
  EXPECT_EQ(status->edges, 210u);
  EXPECT_EQ(status->features, 757u);
  EXPECT_EQ(status->rss_mb, 30u);
}

// Other lines, also ones that look alike, are no status.
TEST(FuzzerOutputTest, OtherLinesAreNoStatus) {
  for (const char* line : {"", "#", "INFO: Seed: 1", "#2 INITED exec/s: 0 rss: 27Mb",
                           "# cov: 1 ft: 1", "    #1 0x5564 in Run cov: 3 ft: 4", "#1 x cov: ft: 4",
                           "###### End of dictionary. ######"}) {
    EXPECT_FALSE(ParseStatusLine(line)) << line;
  }
}

std::vector<std::string> Lines(const std::vector<std::string>& chunks) {
  std::vector<std::string> lines;
  LineSplitter splitter;
  for (const std::string& chunk : chunks) {
    splitter.Add(chunk, [&](std::string_view line) { lines.emplace_back(line); });
  }
  return lines;
}

// Lines are whole however the bytes arrive; the last one waits for its end.
TEST(LineSplitterTest, JoinsWhatArrivesInParts) {
  EXPECT_EQ(Lines({"on", "e\ntwo\n\nth", "ree"}), (std::vector<std::string>{"one", "two", ""}));
  EXPECT_EQ(Lines({"a\n"}), std::vector<std::string>{"a"});
  EXPECT_TRUE(Lines({"", "no end"}).empty());
}

// A stream without line ends does not fill the memory.
TEST(LineSplitterTest, OverlongLinesComeInParts) {
  EXPECT_EQ(Lines(std::vector<std::string>(70, std::string(1000, 'x'))).size(), 1u);
}

TEST(ArtifactLineTest, NamesTheFile) {
  EXPECT_EQ(ParseArtifactLine("artifact_prefix='/d/'; Test unit written to /d/oom-1"), "/d/oom-1");
  EXPECT_EQ(ParseArtifactLine("#5 NEW cov: 1 ft: 2"), "");
}

}  // namespace
}  // namespace slotproof
