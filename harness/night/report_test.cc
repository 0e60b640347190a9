#include "harness/night/report.h"

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

constexpr std::array<GoalSpec, 2> kGoals = {{
    {.name = "grew", .help = "the block doubled"},
    {.name = "shrank", .help = "the block was halved"},
}};

FuzzReport SomeReport() {
  FuzzReport report;
  report.goals = kGoals;
  report.corpus_inputs = 1;
  report.stats.executions = 1'234'567;
  report.stats.operations = 20'000'000;
  report.stats.checked_operations = 60'000'000;
  report.stats.goals[0] = 98'765;
  report.state.target = "map";
  report.state.started = "2024-05-01 12:00:00";
  report.state.elapsed_seconds = 120;
  report.state.planned_seconds = 120;
  report.state.ended_by = "the time limit";
  report.state.jobs = 4;
  report.state.restarts = 1;
  report.state.seed = 7;
  report.state.edges = 812;
  report.state.features = 4521;
  FuzzFinding finding;
  finding.signature = "mismatch/find.value";
  finding.summary = "op 12: mismatch/find.value: expected v3, got absent";
  finding.first_seen = "2024-05-01 12:00:12";
  finding.first_seen_after = 12;
  finding.operations = 3;
  finding.one_minimal = true;
  finding.file = "findings/map.trace";
  finding.replay = "slotproof replay findings/map.trace";
  finding.deaths = 2;
  report.state.findings.push_back(finding);
  return report;
}

TEST(ReportTest, MarkdownSaysAllThatIsKnown) {
  EXPECT_EQ(ReportMarkdown(SomeReport()),
            R"(# Fuzzing map: 1 finding

- started: 2024-05-01 12:00:00 UTC
- time: 0:02:00 of 0:02:00, ended by the time limit
- workers: 4, restarted 1 time, seed 7
- executions: 1,234,567 (10.3k/s)
- operations: 20,000,000 (166.7k/s)
- checked operations: 60,000,000 (500.0k/s)
- coverage: 812 edges, 4,521 features
- corpus: 1 input
- goals: 1 of 2

## Findings

### mismatch/find.value

- op 12: mismatch/find.value: expected v3, got absent
- met 2 times, first on 2024-05-01 12:00:12 UTC, 0:00:12 into that run
- 3 operations, none can be left out: findings/map.trace
- replay: `slotproof replay findings/map.trace`

## Goals

- missed: shrank: the block was halved

| goal   |            hits |
|--------|----------------:|
| grew   |          98,765 |
| shrank |               0 |
)");
}

// What matters most is what a terminal still shows: the findings. Goals are few lines.
// What nothing reproduces is no finding, and is not hidden.
TEST(ReportTest, OutOfMemoryIsListedApart) {
  FuzzReport report = SomeReport();
  report.state.findings.clear();
  report.state.unreproduced = {{.file = "d/oom-1", .replay = "fuzzer d/oom-1"}};
  report.state.unreproduced_count = 3;
  const std::string page = ReportMarkdown(report);
  EXPECT_NE(page.find("0 findings"), std::string::npos) << page;
  EXPECT_NE(page.find("3 times a worker ran out of memory at inputs that do not do so again; the "
                      "first 1 are kept"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("- d/oom-1\n  replay: `fuzzer d/oom-1`"), std::string::npos) << page;
  EXPECT_NE(page.find("- out of memory, not reproduced: 3 times; see below\n"), std::string::npos);
  EXPECT_NE(ReportSummary(report).find("out of memory, not reproduced: 3 times; see report.md"),
            std::string::npos);
  EXPECT_NE(ReportJson(report).find("\"unreproduced_count\": 3"), std::string::npos);
}

TEST(ReportTest, SummaryEndsWithTheFindings) {
  const std::string page = ReportSummary(SomeReport());
  EXPECT_TRUE(page.ends_with("- replay: `slotproof replay findings/map.trace`\n\n")) << page;
  EXPECT_NE(page.find("- missed: shrank: the block was halved\n"), std::string::npos) << page;
  EXPECT_EQ(page.find("| grew"), std::string::npos) << page;

  std::array<GoalSpec, 54> many;
  many.fill({.name = "grew", .help = "the block doubled"});
  FuzzReport report = SomeReport();
  report.goals = many;
  const std::string shorter = ReportSummary(report);
  EXPECT_NE(shorter.find("- missed: and 48 more\n"), std::string::npos) << shorter;
  EXPECT_LT(std::count(shorter.begin(), shorter.end(), '\n'), 40) << shorter;
}

// A run without findings, that reached all it should, says so.
TEST(ReportTest, NothingFoundIsSaid) {
  FuzzReport report = SomeReport();
  report.state.findings.clear();
  report.stats.goals[1] = 1;
  report.unclassified = 2;
  const std::string page = ReportMarkdown(report);
  EXPECT_NE(page.find("# Fuzzing map: 0 findings\n"), std::string::npos) << page;
  EXPECT_NE(page.find("## Findings\n\nNone.\n"), std::string::npos) << page;
  EXPECT_NE(page.find("Every goal was reached.\n"), std::string::npos) << page;
  EXPECT_NE(page.find("not classified yet: 2 files"), std::string::npos) << page;
}

TEST(ReportTest, JsonHoldsTheSame) {
  const std::string page = ReportJson(SomeReport());
  for (const char* part : {"\"target\": \"map\"", "\"executions\": 1234567", "\"goals_reached\": 1",
                           "\"shrank\": 0", "\"signature\": \"mismatch/find.value\"",
                           "\"count\": 2", "\"ended_by\": \"the time limit\""}) {
    EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
  }
}

TEST(ReportTest, StatusIsOneLine) {
  EXPECT_EQ(StatusLine(SomeReport(), 12'345, 34'500'000),
            "0:02:00/0:02:00 map: findings 1, 12.3k exec/s, 34.5M checked/s, goals 1/2, corpus 1, "
            "cov 812 ft 4521");
}

TEST(ReportTest, NumbersArePlainToRead) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1'000), "1,000");
  EXPECT_EQ(WithCommas(1'234'567), "1,234,567");
  EXPECT_EQ(ShortNumber(9'999), "9999");
  EXPECT_EQ(ShortNumber(12'345), "12.3k");
  EXPECT_EQ(ShortNumber(12'345'678), "12.3M");
  EXPECT_EQ(HoursMinutesSeconds(3'661.9), "1:01:01");
}

}  // namespace
}  // namespace slotproof
