#ifndef SLOTPROOF_HARNESS_NIGHT_REPORT_H_
#define SLOTPROOF_HARNESS_NIGHT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "harness/base/error.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/night/state.h"
#include "harness/subject/goals.h"

namespace slotproof {

// All that is known of a fuzzing run.
struct FuzzReport {
  FuzzState state;
  FuzzStats stats;
  std::span<const GoalSpec> goals;
  std::size_t corpus_inputs = 0;
  std::size_t unclassified = 0;  // files in the inbox that nobody has looked at
};

FuzzReport CollectReport(const RunFolder& folder, FuzzState state, std::span<const GoalSpec> goals);

// As a page of Markdown.
std::string ReportMarkdown(const FuzzReport& report);
std::string ReportJson(const FuzzReport& report);

// The page for a terminal, which shows the end of what is written: findings last, and no table.
std::string ReportSummary(const FuzzReport& report);

// Parts of a page. Each finding is a section.
std::string FindingSections(const FuzzReport& report);
std::size_t GoalsReached(const FuzzReport& report);

// One line for a terminal, which may cut it: what matters most comes first.
std::string StatusLine(const FuzzReport& report, double executions_per_second,
                       double checked_per_second);

// Writes report.md and report.json into the run's folder.
Expected<void> WriteReport(const FuzzReport& report, const RunFolder& folder);

std::string WithCommas(std::uint64_t number);     // 1,234,567
std::string ShortNumber(double number);           // 1.2k, 34.5M
std::string HoursMinutesSeconds(double seconds);  // 0:02:00

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_REPORT_H_
