#include "harness/night/report.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/file_io.h"

namespace slotproof {
namespace {

constexpr std::size_t kMostMissedInSummary = 5;

double PerSecond(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::string Plural(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", WithCommas(count), count == 1 ? one : many);
}

std::string Time(const FuzzState& state) {
  std::string text = HoursMinutesSeconds(state.elapsed_seconds);
  if (state.planned_seconds > 0) text += " of " + HoursMinutesSeconds(state.planned_seconds);
  return text + ", ended by " +
         (state.ended_by.empty() ? std::string("a kill, or still running") : state.ended_by);
}

std::string Counted(std::uint64_t count, double seconds) {
  return fmt::format("{} ({}/s)", WithCommas(count), ShortNumber(PerSecond(count, seconds)));
}

std::string FindingText(const FuzzFinding& finding, const FuzzStats& stats) {
  std::string text = fmt::format(
      "### {}\n\n- {}\n- met {}, first on {} UTC, {} into that run\n- {}{}: {}\n",
      finding.signature, finding.summary, Plural(TimesMet(finding, stats), "time", "times"),
      finding.first_seen, HoursMinutesSeconds(finding.first_seen_after),
      Plural(finding.operations, "operation", "operations"),
      finding.one_minimal ? ", none can be left out" : "", finding.file);
  if (!finding.replay.empty()) text += fmt::format("- replay: `{}`\n", finding.replay);
  if (!finding.examples.empty()) {
    text +=
        fmt::format("- {} to other operations than `{}`; each may be another bug:\n",
                    Plural(finding.examples.size(), "more example shrinks", "more examples shrink"),
                    finding.shape);
  }
  for (const FuzzExample& example : finding.examples) {
    text += fmt::format("  - `{}`: {}; {}{}: {}\n    replay: `{}`\n", example.shape,
                        example.summary, Plural(example.operations, "operation", "operations"),
                        example.one_minimal ? ", none can be left out" : "", example.file,
                        example.replay);
  }
  return text + "\n";
}

// What can be said shortly; `details` names the place where the rest is.
std::string Head(const FuzzReport& report, std::string_view details) {
  const FuzzState& state = report.state;
  const double seconds = state.elapsed_seconds;
  const std::array<std::pair<std::string_view, std::string>, 9> rows = {{
      {"started", state.started + " UTC"},
      {"time", Time(state)},
      {"workers", fmt::format("{}, restarted {}, seed {}", state.jobs,
                              Plural(state.restarts, "time", "times"), state.seed)},
      {"executions", Counted(report.stats.executions, seconds)},
      {"operations", Counted(report.stats.operations, seconds)},
      {"checked operations", Counted(report.stats.checked_operations, seconds)},
      {"coverage",
       fmt::format("{} edges, {} features", WithCommas(state.edges), WithCommas(state.features))},
      {"corpus", Plural(report.corpus_inputs, "input", "inputs")},
      {"goals", fmt::format("{} of {}", GoalsReached(report), report.goals.size())},
  }};
  std::string text = fmt::format("# Fuzzing {}{}: {}\n\n", state.target,
                                 state.laws.empty() ? "" : " by the laws " + state.laws,
                                 Plural(state.findings.size(), "finding", "findings"));
  for (const auto& [name, value] : rows) text += fmt::format("- {}: {}\n", name, value);
  if (state.unreproduced_count != 0) {
    text += fmt::format("- out of memory, not reproduced: {}; see {}\n",
                        Plural(state.unreproduced_count, "time", "times"), details);
  }
  if (report.unclassified != 0) {
    text += fmt::format("- not classified yet: {} in the inbox; the next run takes them up\n",
                        Plural(report.unclassified, "file", "files"));
  }
  return text;
}

// Inputs that ended a worker for want of memory and nothing else.
std::string Unreproduced(const FuzzReport& report) {
  const FuzzState& state = report.state;
  if (state.unreproduced_count == 0) return "";
  std::string text = fmt::format(
      "## Out of memory, not reproduced\n\n{} a worker ran out of memory at inputs that do not do "
      "so "
      "again{}:\n\n",
      Plural(state.unreproduced_count, "time", "times"),
      state.unreproduced_count > state.unreproduced.size()
          ? fmt::format("; the first {} are kept", state.unreproduced.size())
          : "");
  for (const UnreproducedInput& input : state.unreproduced) {
    text += fmt::format("- {}\n  replay: `{}`\n", input.file, input.replay);
  }
  return text + "\n";
}

std::string Findings(const FuzzReport& report) {
  const std::string sections = FindingSections(report);
  return "## Findings\n\n" + (sections.empty() ? "None.\n\n" : sections);
}

// The first ones missed, or all.
std::string MissedGoals(const FuzzReport& report, std::size_t most = SIZE_MAX) {
  const std::size_t missed = report.goals.size() - GoalsReached(report);
  if (missed == 0) return "Every goal was reached.\n";
  std::string text;
  std::size_t said = 0;
  for (std::size_t i = 0; i < report.goals.size() && said < most; ++i) {
    if (report.stats.goals[i] != 0) continue;
    text += fmt::format("- missed: {}: {}\n", report.goals[i].name, report.goals[i].help);
    ++said;
  }
  if (said < missed) text += fmt::format("- missed: and {} more\n", missed - said);
  return text;
}

std::string GoalTable(const FuzzReport& report) {
  std::size_t width = 4;
  for (const GoalSpec& goal : report.goals) width = std::max(width, goal.name.size());
  std::string text = fmt::format("| {:{}} | {:>15} |\n|-{:-<{}}-|-{:->15}:|\n", "goal", width,
                                 "hits", "", width, "");
  for (std::size_t i = 0; i < report.goals.size(); ++i) {
    text += fmt::format("| {:{}} | {:>15} |\n", report.goals[i].name, width,
                        WithCommas(report.stats.goals[i]));
  }
  return text;
}

}  // namespace

FuzzReport CollectReport(const RunFolder& folder, FuzzState state,
                         std::span<const GoalSpec> goals) {
  FuzzReport report = {.state = std::move(state),
                       .stats = folder.TotalStats(),
                       .goals = goals,
                       .corpus_inputs = RunFolder::FilesIn(folder.corpus()).size()};
  for (std::size_t worker = 0; worker < report.state.jobs; ++worker) {
    report.unclassified += RunFolder::FilesIn(folder.inbox(worker)).size();
  }
  return report;
}

std::size_t GoalsReached(const FuzzReport& report) {
  std::size_t reached = 0;
  for (std::size_t i = 0; i < report.goals.size(); ++i) reached += report.stats.goals[i] != 0;
  return reached;
}

std::string FindingSections(const FuzzReport& report) {
  std::string text;
  for (const FuzzFinding& finding : report.state.findings) {
    text += FindingText(finding, report.stats);
  }
  return text;
}

std::string ReportMarkdown(const FuzzReport& report) {
  return Head(report, "below") + "\n" + Findings(report) + Unreproduced(report) + "## Goals\n\n" +
         MissedGoals(report) + "\n" + GoalTable(report);
}

std::string ReportSummary(const FuzzReport& report) {
  return Head(report, "report.md") + "\n## Goals\n\n" + MissedGoals(report, kMostMissedInSummary) +
         "\n" + Findings(report);
}

std::string ReportJson(const FuzzReport& report) {
  const FuzzState& state = report.state;
  auto findings = nlohmann::ordered_json::array();
  for (const FuzzFinding& finding : state.findings) {
    auto examples = nlohmann::ordered_json::array();
    for (const FuzzExample& example : finding.examples) {
      examples.push_back({{"shape", example.shape},
                          {"summary", example.summary},
                          {"operations", example.operations},
                          {"one_minimal", example.one_minimal},
                          {"file", example.file},
                          {"replay", example.replay}});
    }
    findings.push_back({{"signature", finding.signature},
                        {"summary", finding.summary},
                        {"count", TimesMet(finding, report.stats)},
                        {"first_seen", finding.first_seen},
                        {"first_seen_after_seconds", finding.first_seen_after},
                        {"operations", finding.operations},
                        {"one_minimal", finding.one_minimal},
                        {"met_in_this_run", finding.met_in_this_run},
                        {"file", finding.file},
                        {"replay", finding.replay},
                        {"shape", finding.shape},
                        {"examples", examples}});
  }
  nlohmann::ordered_json goals = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < report.goals.size(); ++i) {
    goals[std::string(report.goals[i].name)] = report.stats.goals[i];
  }
  auto unreproduced = nlohmann::ordered_json::array();
  for (const UnreproducedInput& input : state.unreproduced) {
    unreproduced.push_back({{"file", input.file}, {"replay", input.replay}});
  }
  const nlohmann::ordered_json page = {
      {"target", state.target},
      {"laws", state.laws},
      {"started", state.started},
      {"elapsed_seconds", state.elapsed_seconds},
      {"planned_seconds", state.planned_seconds},
      {"ended_by", state.ended_by},
      {"jobs", state.jobs},
      {"seed", state.seed},
      {"restarts", state.restarts},
      {"executions", report.stats.executions},
      {"operations", report.stats.operations},
      {"checked_operations", report.stats.checked_operations},
      {"edges", state.edges},
      {"features", state.features},
      {"corpus_inputs", report.corpus_inputs},
      {"unclassified", report.unclassified},
      {"goals_reached", GoalsReached(report)},
      {"goals", goals},
      {"unreproduced", unreproduced},
      {"unreproduced_count", state.unreproduced_count},
      {"findings", findings},
  };
  return page.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string StatusLine(const FuzzReport& report, double executions_per_second,
                       double checked_per_second) {
  const FuzzState& state = report.state;
  std::string time = HoursMinutesSeconds(state.elapsed_seconds);
  if (state.planned_seconds > 0) time += "/" + HoursMinutesSeconds(state.planned_seconds);
  return fmt::format(
      "{} {}: findings {}, {} exec/s, {} checked/s, goals {}/{}, corpus {}, cov {} ft {}", time,
      state.target, state.findings.size(), ShortNumber(executions_per_second),
      ShortNumber(checked_per_second), GoalsReached(report), report.goals.size(),
      report.corpus_inputs, state.edges, state.features);
}

Expected<void> WriteReport(const FuzzReport& report, const RunFolder& folder) {
  auto written = WriteFile(folder.dir() + "/report.md", ReportMarkdown(report));
  if (!written) return written;
  return WriteFile(folder.dir() + "/report.json", ReportJson(report));
}

std::string WithCommas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string ShortNumber(double number) {
  if (number < 10'000) return fmt::format("{:.0f}", number);
  if (number < 1e6) return fmt::format("{:.1f}k", number / 1e3);
  return fmt::format("{:.1f}M", number / 1e6);
}

std::string HoursMinutesSeconds(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace slotproof
