#include "harness/night/supervisor.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <ostream>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/base/interrupt.h"
#include "harness/base/shell_quoted.h"
#include "harness/night/which_target.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

constexpr int kTickMs = 200;
constexpr double kSaveEverySeconds = 1;
constexpr double kRateWindowSeconds = 5;
constexpr double kDiskCheckEverySeconds = 2;
constexpr double kTerminalStatusEverySeconds = 0.5;
constexpr double kPlainStatusEverySeconds = 10;
constexpr double kRetryAfterSeconds = 20;
constexpr double kLastTriageSeconds = 90;
constexpr double kTogetherSeconds = 60;
constexpr std::size_t kMostUnreproduced = 100;
constexpr std::uintmax_t kLittleDiskSpace = std::uintmax_t{16} << 20;
constexpr std::uint64_t kFruitlessStarts = 4;

void RemoveFile(const std::string& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

}  // namespace

Supervisor::Supervisor(const Target& target, SupervisorOptions options, std::ostream& out)
    : target_(&target), options_(std::move(options)), out_(&out), folder_(options_.dir) {
  options_.worker.laws = target.laws;
}

double Supervisor::Now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

Expected<void> Supervisor::Prepare() {
  for (const std::string& fuzzer : options_.fuzzers) {
    if (const auto fits = CheckFuzzer(fuzzer, target_->name); !fits) return fits;
  }
  for (const std::string& slotproof : options_.slotproofs) {
    if (const auto fits = CheckSlotproof(slotproof, target_->name); !fits) return fits;
  }
  if (const auto made = folder_.Make(options_.jobs); !made) return made;
  auto lock = RunLock::Take(folder_);
  if (!lock) return tl::unexpected(lock.error());
  lock_.emplace(*std::move(lock));
  const auto last = LoadState(folder_.state());
  if (!last) return tl::unexpected(last.error());
  if (const auto fits = CheckIsOf(*target_, *last, folder_); !fits) return fits;
  state_ = NextRun(*last, folder_.TotalStats());
  state_.target = target_->name;
  state_.laws = LawsToSay(*target_);
  state_.started = UtcNow();
  state_.planned_seconds = options_.seconds;
  state_.jobs = options_.jobs;
  state_.seed = options_.worker.seed;
  unreproduced_before_ = state_.unreproduced_count;
  if (const auto saved = SaveState(state_, folder_.state()); !saved) return saved;
  for (const std::string& file : RunFolder::FilesIn(folder_.stats())) RemoveFile(file);
  for (std::size_t i = 0; i < options_.jobs; ++i) {
    workers_.emplace_back(i, options_.fuzzers[i % options_.fuzzers.size()], options_.worker,
                          folder_);
  }
  return {};
}

Expected<bool> Supervisor::Run() {
  start_ = std::chrono::steady_clock::now();
  const InterruptGuard guard(InterruptGuard::Second::kCounted);
  if (const auto prepared = Prepare(); !prepared) return tl::unexpected(prepared.error());
  CollectInbox();
  // A short turn has one line, its last.
  if (options_.is_turn && !options_.terminal) status_due_at_ = kPlainStatusEverySeconds;
  while (!ReasonToEnd()) {
    if (const auto ticked = Tick(); !ticked) return tl::unexpected(ticked.error());
    WaitForNews();
  }
  const std::string reason = *ReasonToEnd();
  if (!options_.is_turn) ShowStatus(/*at_once=*/true);
  state_.elapsed_seconds = Now();
  for (Worker& worker : workers_) worker.AskToStop();
  for (Worker& worker : workers_) worker.Stop();
  FinishTriage();
  state_.ended_by = reason;
  Save();
  const FuzzReport report = Collect();
  if (const auto written = WriteReport(report, folder_); !written) Say(written.error().message);
  if (options_.is_turn) {
    const double seconds = std::max(state_.elapsed_seconds, 1e-3);
    Say(StatusLine(report, static_cast<double>(report.stats.executions) / seconds,
                   static_cast<double>(report.stats.checked_operations) / seconds));
  } else {
    Say("\n" + ReportSummary(report) + "report: " + folder_.dir() + "/report.md");
  }
  if (report.unclassified != 0) {
    Say(fmt::format(
        "{} {}; see {}",
        report.unclassified == 1 ? "1 failure" : std::to_string(report.unclassified) + " failures",
        MetEnough() ? "more not looked at, for enough was found"
                    : "could not be looked at, so this run has not passed",
        folder_.inbox()));
  }
  const bool out_of_memory =
      options_.fail_on_unreproduced && state_.unreproduced_count != unreproduced_before_;
  return MetInThisRun() != 0 || report.unclassified != 0 || out_of_memory;
}

std::optional<std::string> Supervisor::ReasonToEnd() const {
  if (InterruptGuard::Asked()) return InterruptGuard::LastSignal() == SIGINT ? "Ctrl-C" : "SIGTERM";
  if (options_.seconds > 0 && Now() >= options_.seconds) return "the time limit";
  if (MetEnough()) return fmt::format("--stop-after {}", options_.stop_after);
  if (std::all_of(workers_.begin(), workers_.end(),
                  [](const Worker& worker) { return worker.finished(); })) {
    return "its runs";
  }
  return std::nullopt;
}

std::size_t Supervisor::MetInThisRun() const {
  return static_cast<std::size_t>(
      std::count_if(state_.findings.begin(), state_.findings.end(),
                    [](const FuzzFinding& finding) { return finding.met_in_this_run; }));
}

bool Supervisor::MetEnough() const {
  return options_.stop_after != 0 && MetInThisRun() >= options_.stop_after;
}

void Supervisor::WaitForNews() const {
  std::vector<pollfd> polled;
  for (const Worker& worker : workers_) {
    if (worker.running())
      polled.push_back({.fd = worker.output_fd(), .events = POLLIN, .revents = 0});
  }
  if (pending_ && pending_->process) {
    polled.push_back({.fd = pending_->process->output_fd(), .events = POLLIN, .revents = 0});
  }
  // Status lines come in bursts; a short sleep takes them in together.
  poll(nullptr, 0, kTickMs / 10);
  poll(polled.data(), polled.size(), kTickMs);
}

Expected<void> Supervisor::Tick() {
  const double now = Now();
  state_.elapsed_seconds = now;
  bool died = false;
  for (Worker& worker : workers_) {
    if (const auto started = worker.StartIfDue(now); !started) return started;
    died |= worker.Tend(now);
    state_.edges = std::max(state_.edges, worker.status().edges);
    state_.features = std::max(state_.features, worker.status().features);
  }
  state_.restarts = 0;
  for (const Worker& worker : workers_) state_.restarts += worker.starts() - (worker.starts() != 0);
  CollectInbox();
  if (died && inbox_.empty() && !pending_ && folder_.TotalStats().executions == 0) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (workers_[i].starts() < kFruitlessStarts) continue;
      return Unexpected(fmt::format(
          "worker {} ends before it runs an input: {}; see {}", i,
          workers_[i].last_words().empty() ? "it says nothing" : workers_[i].last_words(),
          folder_.log(i)));
    }
  }
  ContinueTriage();
  ShowStatus(/*at_once=*/false);
  if (now >= save_due_at_) Save();
  if (now >= disk_due_at_) WarnWhenDiskIsFull();
  return {};
}

void Supervisor::CollectInbox() {
  std::erase_if(retry_, [&](const auto& retry) {
    if (Now() < retry.first) return false;
    inbox_.Forget(retry.second);
    return true;
  });
  std::error_code error;
  for (auto it = fs::directory_iterator(folder_.inbox(), error);
       !error && it != fs::directory_iterator(); it.increment(error)) {
    for (const std::string& file : RunFolder::FilesIn(it->path().string())) {
      if (KindOfInboxFile(file) != InboxKind::kOther) inbox_.Add(file);
    }
  }
}

void Supervisor::ContinueTriage() {
  if (!pending_) {
    if (const auto path = inbox_.Take()) StartTriage(*path);
    return;
  }
  const auto exit = pending_->process->Exit();
  pending_->output += pending_->process->ReadOutput();
  if (!exit && pending_->together_until && Now() > *pending_->together_until) {
    return OnReplayedTogether(TogetherEnd::kPassed);
  }
  if (!exit) return;
  pending_->process.reset();
  if (pending_->together_until) return OnReplayedTogether(HowItEnded(*exit));
  const bool well = exit->signal == 0 && exit->code == 0;
  OnTriaged(well ? TriageFromJson(pending_->output) : std::nullopt);
}

// A worker that survives a failure saves it again after each start; its file says what it is.
bool Supervisor::TakeKnown(const std::string& path) {
  if (KindOfInboxFile(path) != InboxKind::kTrace) return false;
  const auto loaded = LoadTrace(path, std::span(&target_, 1));
  FuzzFinding* known = loaded ? state_.Find(loaded->info.signature) : nullptr;
  if (known == nullptr || !known->Known().Exhausted()) return false;
  MeetAgain(known);
  RemoveFile(path);
  return true;
}

void Supervisor::StartTriage(const std::string& path) {
  if (TakeKnown(path)) return;
  if (!pending_) {
    pending_ = Pending{.path = path,
                       .counts_death = KindOfInboxFile(path) != InboxKind::kTrace,
                       .together_until = std::nullopt,
                       .process = std::nullopt,
                       .output = {}};
  }
  Save();  // the child reads the known signatures there
  // What ended a worker is most likely seen by sanitizers alone, which are last.
  const std::size_t last = options_.slotproofs.size() - 1;
  const std::size_t place = pending_->counts_death ? last - pending_->program : pending_->program;
  auto process =
      Program::Start(TriageCommand(options_.slotproofs[place], *target_, path, folder_.dir()), {},
                     ProgramOutput::kStdout);
  if (process) {
    pending_->output.clear();
    pending_->process = *std::move(process);
    return;
  }
  Say(process.error().message);
  OnTriaged(std::nullopt);
}

void Supervisor::OnTriaged(const std::optional<TriageResult>& result) {
  const std::string path = pending_->path;
  if (!result) {
    Say(path + ": could not be looked at; it stays and is tried again");
    retry_.emplace_back(Now() + kRetryAfterSeconds, path);
    pending_.reset();
    return;
  }
  if (!result->signature.empty()) return OnFinding(*result);
  if (++pending_->program < options_.slotproofs.size()) return StartTriage(path);
  if (pending_->counts_death) return ReplayPendingTogether();
  OnNotReproduced();
}

// The program of the worker in whose inbox the file lies.
const std::string& Supervisor::FuzzerOf(const std::string& path) const {
  const std::string worker = fs::path(path).parent_path().filename().string();
  std::size_t number = 0;
  std::from_chars(worker.data(), worker.data() + worker.size(), number);
  return options_.fuzzers[number % options_.fuzzers.size()];
}

TogetherSettings Supervisor::Together() const {
  return {.laws = std::string(LawsToSay(*target_)),
          .limit_mb = options_.worker.rss_limit_mb,
          .runs = options_.together_runs};
}

void Supervisor::ReplayPendingTogether() {
  const std::string& path = pending_->path;
  auto process = Program::Start(ReplayTogether(FuzzerOf(path), Together(), path),
                                {{"SLOTPROOF_FINDINGS", fs::path(path).parent_path().string()},
                                 {"SLOTPROOF_LAWS", options_.worker.laws}},
                                ProgramOutput::kStderr);
  if (!process) {
    Say(process.error().message);
    return OnTriaged(std::nullopt);
  }
  pending_->together_until = Now() + kTogetherSeconds;
  pending_->process = *std::move(process);
}

void Supervisor::OnReplayedTogether(TogetherEnd end) {
  if (end == TogetherEnd::kPassed) return OnNotReproduced();
  const std::string path = pending_->path;
  const bool memory = end == TogetherEnd::kOutOfMemory;
  TriageResult result;
  result.signature = memory ? "memory/over the worker's limit"
                            : fmt::format("together/{}", InboxKindName(KindOfInboxFile(path)));
  result.summary =
      memory ? fmt::format("over {} MB again when a worker's last inputs run over and over",
                           options_.worker.rss_limit_mb)
             : "passes alone, and ends the process again when the inputs before it run too";
  OnUnshrinkable(std::move(result));
}

// A finding that is no trace alone: the first of its signature is kept with the inputs before it.
void Supervisor::OnUnshrinkable(TriageResult result) {
  if (state_.Find(result.signature) == nullptr) {
    const auto kept = MovePending(folder_.findings());
    if (!kept) return;
    result.file = kept->file;
    result.replay = kept->replay;
  }
  OnFinding(result);
}

// Nothing when the input stays where it is, to be looked at again.
std::optional<UnreproducedInput> Supervisor::MovePending(const std::string& folder) {
  const std::string& fuzzer = FuzzerOf(pending_->path);
  const auto moved = MoveWithLastInputs(pending_->path, folder);
  if (!moved) {
    Say(moved.error().message);
    OnTriaged(std::nullopt);
    return std::nullopt;
  }
  return UnreproducedInput{.file = *moved,
                           .replay = ReplayTogetherLine(fuzzer, Together(), *moved)};
}

// Listed apart; the process may have held what no trace is to blame for.
void Supervisor::KeepUnreproduced() {
  const std::string path = pending_->path;
  if (state_.unreproduced.size() < kMostUnreproduced) {
    const auto kept = MovePending(folder_.unreproduced());
    if (!kept) return;
    state_.unreproduced.push_back(*kept);
  }
  if (state_.unreproduced_count++ == unreproduced_before_) {
    Say(
        fmt::format("{}: a worker ran out of memory, and its last inputs do not do so again; they "
                    "are kept in {}",
                    fs::path(path).filename().string(), folder_.unreproduced()));
  }
  Save();
  DropInput();
}

void Supervisor::OnNotReproduced() {
  if (KindOfInboxFile(pending_->path) == InboxKind::kOom) return KeepUnreproduced();
  const std::string& path = pending_->path;
  TriageResult result;
  result.signature = fmt::format("unreproduced/{}", InboxKindName(KindOfInboxFile(path)));
  result.summary = "an input that failed in a worker passes when it is replayed";
  OnUnshrinkable(std::move(result));
}

void Supervisor::OnFinding(const TriageResult& result) {
  FuzzFinding* known = state_.Find(result.signature);
  if (known == nullptr) {
    AddFinding(result);
    known = &state_.findings.back();
  } else {
    MeetAgain(known);
    if (!result.file.empty()) AddExample(result, known);
  }
  if (!result.situation.empty()) ++known->looks[result.situation];
  known->deaths += pending_->counts_death ? 1 : 0;
  Save();
  DropInput();
}

std::string Supervisor::ReplayOf(const TriageResult& result) const {
  if (options_.replay_command.empty() || !result.file.ends_with(".trace")) return result.replay;
  return options_.replay_command + " replay " + ShellQuoted(result.file);
}

void Supervisor::AddFinding(const TriageResult& result) {
  FuzzFinding finding;
  finding.signature = result.signature;
  finding.summary = result.summary;
  finding.first_seen = UtcNow();
  finding.first_seen_after = state_.elapsed_seconds;
  finding.operations = result.operations;
  finding.one_minimal = result.one_minimal;
  finding.file = result.file;
  finding.replay = ReplayOf(result);
  finding.met_in_this_run = true;
  finding.shape = result.shape;
  Say(fmt::format("FOUND after {}: {}\n  {}\n  {} operations: {}\n  replay: {}",
                  HoursMinutesSeconds(finding.first_seen_after), finding.signature, finding.summary,
                  finding.operations, finding.file, finding.replay));
  state_.findings.push_back(std::move(finding));
}

void Supervisor::AddExample(const TriageResult& result, FuzzFinding* finding) {
  const FuzzExample example = {.shape = result.shape,
                               .summary = result.summary,
                               .operations = result.operations,
                               .one_minimal = result.one_minimal,
                               .file = result.file,
                               .replay = ReplayOf(result)};
  Say(
      fmt::format("FOUND after {}: {} by other operations, maybe another bug: {}\n  {}\n"
                  "  {} operations: {}\n  replay: {}",
                  HoursMinutesSeconds(state_.elapsed_seconds), finding->signature, example.shape,
                  example.summary, example.operations, example.file, example.replay));
  finding->examples.push_back(example);
}

void Supervisor::MeetAgain(FuzzFinding* finding) {
  if (std::exchange(finding->met_in_this_run, true)) return;
  if (std::ranges::find(options_.said_before, finding->signature) != options_.said_before.end()) {
    return;
  }
  Say(fmt::format("FOUND AGAIN after {}: {}\n  saved before: {}\n  replay: {}",
                  HoursMinutesSeconds(state_.elapsed_seconds), finding->signature, finding->file,
                  finding->replay));
}

void Supervisor::DropInput() {
  inbox_.Forget(pending_->path);
  RemoveWithLastInputs(pending_->path);
  pending_.reset();
}

void Supervisor::FinishTriage() {
  const double deadline = Now() + kLastTriageSeconds;
  const int signals_before = InterruptGuard::Count();
  CollectInbox();
  // What is not looked at stays in the inbox for the next run.
  while ((pending_ || !inbox_.empty()) && !MetEnough() && Now() < deadline &&
         InterruptGuard::Count() == signals_before) {
    ContinueTriage();
    if (pending_) WaitForNews();
  }
}

FuzzReport Supervisor::Collect() { return CollectReport(folder_, state_, target_->goals); }

void Supervisor::ShowStatus(bool at_once) {
  const double now = Now();
  if (now < status_due_at_ && !at_once) return;
  status_due_at_ =
      now + (options_.terminal ? kTerminalStatusEverySeconds : kPlainStatusEverySeconds);
  const FuzzReport report = Collect();
  samples_.push_back({now, report.stats.executions, report.stats.checked_operations});
  while (samples_.size() > 2 && samples_[1].at < now - kRateWindowSeconds) samples_.pop_front();
  const Sample& then = samples_.front();
  const double seconds = std::max(now - then.at, 1e-3);
  const std::string line =
      StatusLine(report, static_cast<double>(report.stats.executions - then.executions) / seconds,
                 static_cast<double>(report.stats.checked_operations - then.checked) / seconds);
  if (options_.terminal) {
    // Without wrapping: what has gone on to a second line cannot be written over.
    *out_ << "\r\x1b[K\x1b[?7l" << line << "\x1b[?7h" << std::flush;
    status_shown_ = true;
  } else {
    *out_ << line << "\n" << std::flush;
  }
}

void Supervisor::Say(const std::string& text) {
  if (status_shown_) *out_ << "\r\x1b[K";
  status_shown_ = false;
  *out_ << text << "\n" << std::flush;
}

void Supervisor::Save() {
  save_due_at_ = Now() + kSaveEverySeconds;
  const auto saved = SaveState(state_, folder_.state());
  if (!saved && save_worked_) Say(saved.error().message);
  save_worked_ = saved.has_value();
}

void Supervisor::WarnWhenDiskIsFull() {
  disk_due_at_ = Now() + kDiskCheckEverySeconds;
  std::error_code error;
  const fs::space_info space = fs::space(folder_.dir(), error);
  const bool full = !error && space.available < kLittleDiskSpace;
  if (full && !disk_full_) {
    Say(folder_.dir() + ": the disk is full, or nearly; fuzzing goes on and keeps what it found, " +
        "but what is new may not be saved until there is room");
  }
  if (!full && disk_full_) Say(folder_.dir() + ": the disk has room again");
  disk_full_ = full;
}

}  // namespace slotproof
