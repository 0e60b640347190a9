#include "harness/night/night.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <ostream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "harness/base/file_io.h"
#include "harness/night/state.h"

namespace slotproof {
namespace {

constexpr std::size_t kMostMissedGoals = 8;
constexpr double kLongestTurnSeconds = 600;
constexpr double kShortestTurnSeconds = 10;
// Without an end in sight all targets are to be seen soon.
constexpr double kFirstTurnSeconds = 60;

void AddTurn(const FuzzReport& turn, NightTarget* sum) {
  sum->last = turn;
  sum->seconds += turn.state.elapsed_seconds;
  sum->stats.executions += turn.stats.executions;
  sum->stats.operations += turn.stats.operations;
  sum->stats.checked_operations += turn.stats.checked_operations;
  for (std::size_t i = 0; i < turn.goals.size(); ++i) sum->stats.goals[i] += turn.stats.goals[i];
  for (const FuzzFinding& finding : turn.state.findings) {
    if (finding.met_in_this_run && std::ranges::find(sum->met, finding.signature) == sum->met.end())
      sum->met.push_back(finding.signature);
  }
}

// With the goals of all turns.
FuzzReport WholeReport(const NightTarget& target) {
  FuzzReport report = target.last;
  report.stats.goals = target.stats.goals;
  return report;
}

std::size_t Met(const std::vector<NightTarget>& targets) {
  std::size_t met = 0;
  for (const NightTarget& target : targets) met += target.met.size();
  return met;
}

std::string Row(std::string_view target, std::string_view time, std::string_view executions,
                std::string_view corpus, std::string_view goals, std::string_view findings) {
  return fmt::format("| {:16} | {:>8} | {:>13} | {:>7} | {:>7} | {:>8} |\n", target, time,
                     executions, corpus, goals, findings);
}

std::string Table(const std::vector<NightTarget>& targets) {
  std::string text = Row("target", "time", "executions", "corpus", "goals", "findings");
  text += "|------------------|---------:|--------------:|--------:|--------:|---------:|\n";
  for (const NightTarget& target : targets) {
    const FuzzReport report = WholeReport(target);
    text += Row(target.target->name, HoursMinutesSeconds(target.seconds),
                WithCommas(target.stats.executions), WithCommas(report.corpus_inputs),
                fmt::format("{}/{}", GoalsReached(report), report.goals.size()),
                WithCommas(report.state.findings.size()));
  }
  return text;
}

class Night {
 public:
  Night(std::vector<NightTarget> targets, const NightOptions& options, std::ostream& out)
      : targets_(std::move(targets)), options_(&options), out_(&out) {}

  Expected<bool> Run() {
    for (NightTarget& target : targets_) target.last.goals = target.target->goals;
    std::error_code ignored;  // the reports say so, if it cannot be made
    std::filesystem::create_directories(options_->dir, ignored);
    if (const auto written = WriteReports(); !written) return tl::unexpected(written.error());
    const std::size_t rounds = options_->one_round ? 1 : Rounds(options_->seconds, targets_.size());
    for (std::size_t round = 0; (rounds == 0 || round < rounds) && ended_by_.empty(); ++round) {
      std::size_t able = 0;
      for (std::size_t i = 0; i < targets_.size() && ended_by_.empty(); ++i) {
        if (!targets_[i].error.empty()) continue;
        ++able;
        const std::size_t left = rounds == 0 ? 0 : (rounds - round) * targets_.size() - i;
        TakeTurn(TurnSeconds(round, left), &targets_[i]);
      }
      if (able == 0) break;
    }
    if (ended_by_.empty()) ended_by_ = options_->one_round ? "its runs" : "the time limit";
    return Finish();
  }

 private:
  double Now() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  // What is left of the time is shared by the turns that are left.
  double TurnSeconds(std::size_t round, std::size_t turns_left) const {
    if (options_->seconds <= 0 && options_->one_round) return 0;
    if (turns_left == 0) return round == 0 ? kFirstTurnSeconds : kLongestTurnSeconds;
    return std::max(options_->seconds - Now(), 1.0) / static_cast<double>(turns_left);
  }

  void TakeTurn(double seconds, NightTarget* target) {
    SupervisorOptions options = target->options;
    options.is_turn = true;
    options.seconds = seconds;
    options.said_before = target->met;
    if (options_->stop_after != 0) options.stop_after = options_->stop_after - Met(targets_);
    const RunFolder folder(options.dir);
    const auto found = Supervisor(*target->target, std::move(options), *out_).Run();
    const auto state = LoadState(folder.state());
    if (!found || !state) {
      target->error = found ? state.error().message : found.error().message;
      *out_ << target->target->name << ": " << target->error << "\n" << std::flush;
      return;
    }
    found_ |= *found;
    AddTurn(CollectReport(folder, *state, target->target->goals), target);
    if (state->ended_by == "Ctrl-C" || state->ended_by == "SIGTERM") ended_by_ = state->ended_by;
    if (options_->stop_after != 0 && Met(targets_) >= options_->stop_after) {
      ended_by_ = fmt::format("--stop-after {}", options_->stop_after);
    }
    if (const auto written = WriteReports(); !written) {
      *out_ << written.error().message << "\n" << std::flush;
    }
  }

  Expected<void> WriteReports() const {
    auto written = WriteFile(options_->dir + "/report.md", NightMarkdown(targets_, ended_by_));
    if (!written) return written;
    return WriteFile(options_->dir + "/report.json", NightJson(targets_, ended_by_));
  }

  Expected<bool> Finish() const {
    const auto written = WriteReports();
    *out_ << "\n"
          << NightMarkdown(targets_, ended_by_) << "report: " << options_->dir << "/report.md\n"
          << std::flush;
    if (!written) return tl::unexpected(written.error());
    for (const NightTarget& target : targets_) {
      if (target.error.empty()) continue;
      return Unexpected(
          fmt::format("{} was not fuzzed to the end: {}", target.target->name, target.error));
    }
    return found_;
  }

  std::vector<NightTarget> targets_;
  const NightOptions* options_;
  std::ostream* out_;
  std::string ended_by_;
  bool found_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

std::size_t Rounds(double seconds, std::size_t targets) {
  if (seconds <= 0) return 0;
  const double share = seconds / static_cast<double>(targets);
  const auto enough = static_cast<std::size_t>(std::ceil(share / kLongestTurnSeconds));
  return std::max<std::size_t>(enough, share >= 2 * kShortestTurnSeconds ? 2 : 1);
}

Expected<bool> RunNight(std::vector<NightTarget> targets, const NightOptions& options,
                        std::ostream& out) {
  return Night(std::move(targets), options, out).Run();
}

std::string NightMarkdown(const std::vector<NightTarget>& targets, const std::string& ended_by) {
  std::size_t findings = 0;
  std::string sections;
  std::vector<std::string> goals;
  for (const NightTarget& target : targets) {
    const FuzzReport report = WholeReport(target);
    findings += report.state.findings.size();
    if (!target.error.empty()) {
      sections +=
          fmt::format("## {} could not be fuzzed\n\n{}\n\n", target.target->name, target.error);
    }
    if (report.unclassified != 0) {
      sections += fmt::format(
          "## {}: not classified yet\n\n{} files in its inbox; the next run takes them up\n\n",
          target.target->name, report.unclassified);
    }
    if (report.state.unreproduced_count != 0) {
      sections +=
          fmt::format("## {}: out of memory, not reproduced\n\nThe inputs are kept in {}\n\n",
                      target.target->name, RunFolder(target.options.dir).unreproduced());
    }
    const std::string own = FindingSections(report);
    if (!own.empty()) sections += fmt::format("## Findings in {}\n\n{}", target.target->name, own);
    for (std::size_t i = 0; i < report.goals.size(); ++i) {
      if (report.stats.goals[i] == 0)
        goals.push_back(fmt::format("{}/{}", target.target->name, report.goals[i].name));
    }
  }
  const std::size_t more = goals.size() - std::min(goals.size(), kMostMissedGoals);
  goals.resize(goals.size() - more);
  if (more != 0) goals.push_back(fmt::format("and {} more", more));
  return fmt::format(
      "# Fuzzing {} targets: {} finding{}\n\n{}\n- ended by {}\n- goals missed: {}\n\n{}",
      targets.size(), findings, findings == 1 ? "" : "s", Table(targets),
      ended_by.empty() ? "a kill, or still running" : ended_by,
      goals.empty() ? "none" : fmt::format("{}", fmt::join(goals, ", ")),
      sections.empty() ? "Nothing was found.\n\n" : sections);
}

std::string NightJson(const std::vector<NightTarget>& targets, const std::string& ended_by) {
  auto rows = nlohmann::ordered_json::array();
  for (const NightTarget& target : targets) {
    const FuzzReport report = WholeReport(target);
    auto signatures = nlohmann::ordered_json::array();
    for (const FuzzFinding& finding : report.state.findings)
      signatures.push_back(finding.signature);
    rows.push_back({{"target", target.target->name},
                    {"seconds", target.seconds},
                    {"executions", target.stats.executions},
                    {"operations", target.stats.operations},
                    {"checked_operations", target.stats.checked_operations},
                    {"corpus_inputs", report.corpus_inputs},
                    {"goals_reached", GoalsReached(report)},
                    {"goals", report.goals.size()},
                    {"findings", signatures},
                    {"met", target.met},
                    {"unclassified", report.unclassified},
                    {"unreproduced_count", report.state.unreproduced_count},
                    {"error", target.error}});
  }
  const nlohmann::ordered_json page = {{"ended_by", ended_by}, {"targets", rows}};
  return page.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace slotproof
