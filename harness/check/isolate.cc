#include "harness/check/isolate.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "harness/base/child_process.h"
#include "harness/base/signal_safe.h"
#include "harness/check/death_report.h"

extern "C" __attribute__((weak)) int __lsan_do_recoverable_leak_check();
extern "C" __attribute__((weak)) void __sanitizer_set_report_fd(void* fd);
extern "C" __attribute__((weak)) void __sanitizer_symbolize_pc(void* pc, const char* format,
                                                               char* text, std::size_t size);
extern "C" __attribute__((weak)) void __sanitizer_print_stack_trace();

namespace slotproof {
namespace {

// How far the child has come.
struct Progress {
  std::atomic<std::size_t> op_index = 0;
  Heartbeat steps = 0;
};

// The target's own session, with each operation's index written down before it runs.
class ProgressSession : public Session {
 public:
  ProgressSession(std::unique_ptr<Session> session, Progress* progress)
      : session_(std::move(session)), progress_(progress) {}

  void Reset(const Header& header) override {
    ResetBase();
    next_ = 0;
    Begin(0);
    session_->Reset(header);
  }
  StepResult Step(const Op& op) override {
    Begin(next_++);
    const StepResult result = session_->Step(op);
    Forward(result != StepResult::kFailed);
    return result;
  }
  bool CheckFull() override {
    Beat();
    return Forward(session_->CheckFull());
  }
  std::uint64_t FullCheckCost() const override { return session_->FullCheckCost(); }
  bool Finish() override {
    Begin(next_);
    return Forward(session_->Finish());
  }
  void Abandon() override { session_->Abandon(); }
  std::string Draw() const override { return session_->Draw(); }
  std::vector<Remark> Remarks() const override { return session_->Remarks(); }
  std::string Annotate(const Op& op) const override { return session_->Annotate(op); }
  void StructuralState(std::span<std::uint8_t> features) const override {
    session_->StructuralState(features);
  }

 private:
  // One writer, so that a store will do.
  void Beat() { progress_->steps.store(++beats_, std::memory_order_relaxed); }
  void Begin(std::size_t op_index) {
    progress_->op_index.store(op_index, std::memory_order_relaxed);
    Beat();
  }

  bool Forward(bool ok) {
    goals_ = session_->goals();
    // Counts what the session counts, and observes what it observed.
    const std::uint64_t checked = session_->checked_operations();
    while (checked_operations() + 1 < checked) Observe(0);
    if (checked_operations() < checked) Observe(session_->digest());
    if (ok) return true;
    const Verdict& failure = session_->failure();
    return Fail(failure.outcome, failure.law, failure.expected, failure.actual);
  }

  std::unique_ptr<Session> session_;
  Progress* progress_;
  std::size_t next_ = 0;
  std::uint64_t beats_ = 0;
};

// A target's factory is a plain function, so what it wraps has to be global. Set in the child,
// where nobody else is.
struct Wrapped {
  const Target* target = nullptr;
  Progress* progress = nullptr;
};
Wrapped wrapped;

std::unique_ptr<Session> NewProgressSession() {
  return std::make_unique<ProgressSession>(wrapped.target->new_session(), wrapped.progress);
}

static_assert(std::is_trivially_copyable_v<RunStats>);

void AppendBytes(const void* bytes, std::size_t count, std::string* message) {
  message->append(static_cast<const char*>(bytes), count);
}

void AppendText(const std::string& text, std::string* message) {
  const std::size_t size = text.size();
  AppendBytes(&size, sizeof(size), message);
  *message += text;
}

std::string Pack(const Verdict& verdict, const RunStats& stats,
                 const std::vector<Remark>& remarks) {
  std::string message;
  AppendBytes(&verdict.outcome, sizeof(verdict.outcome), &message);
  AppendBytes(&verdict.op_index, sizeof(verdict.op_index), &message);
  for (const std::string* text : {&verdict.law, &verdict.expected, &verdict.actual}) {
    AppendText(*text, &message);
  }
  AppendBytes(&stats, sizeof(stats), &message);
  for (const Remark& remark : remarks) {
    AppendBytes(&remark.op_index, sizeof(remark.op_index), &message);
    AppendText(remark.text, &message);
  }
  return message;
}

bool TakeBytes(void* bytes, std::size_t count, std::string_view* message) {
  if (message->size() < count) return false;
  std::memcpy(bytes, message->data(), count);
  message->remove_prefix(count);
  return true;
}

bool TakeText(std::string* text, std::string_view* message) {
  std::size_t size = 0;
  if (!TakeBytes(&size, sizeof(size), message) || message->size() < size) return false;
  *text = message->substr(0, size);
  message->remove_prefix(size);
  return true;
}

// Nothing when the child died before all was sent.
bool Unpack(std::string_view message, IsolatedRun* run) {
  Verdict& verdict = run->verdict;
  if (!TakeBytes(&verdict.outcome, sizeof(verdict.outcome), &message) ||
      !TakeBytes(&verdict.op_index, sizeof(verdict.op_index), &message) ||
      !TakeText(&verdict.law, &message) || !TakeText(&verdict.expected, &message) ||
      !TakeText(&verdict.actual, &message) ||
      !TakeBytes(&run->stats, sizeof(run->stats), &message)) {
    return false;
  }
  Remark remark;
  while (TakeBytes(&remark.op_index, sizeof(remark.op_index), &message) &&
         TakeText(&remark.text, &message)) {
    run->remarks.push_back(remark);
  }
  return true;
}

// A log_path in the sanitizer's options would hide its report from the parent.
void ReportToStderr() {
  constexpr std::intptr_t kStderr = 2;
  if (__sanitizer_set_report_fd != nullptr) {
    __sanitizer_set_report_fd(reinterpret_cast<void*>(kStderr));
  }
}

// A failed assertion names the place in the library that asserts; who called it stands in a stack,
// which a sanitizer's runtime can print.
void ReportAborts() {
  if (__sanitizer_print_stack_trace == nullptr) return;
  ::signal(SIGABRT, [](int) {
    __sanitizer_print_stack_trace();
    DieOf(SIGABRT);
  });
}

// The symbolizer is a process of its own, started by the first report and then kept. Started here
// it serves all the children, each of which would otherwise read the debug information anew: 8 ms a
// death in place of 90.
void StartSymbolizer() {
  static const bool started = [] {
    char text[8];
    if (__sanitizer_symbolize_pc != nullptr) {
      __sanitizer_symbolize_pc(reinterpret_cast<void*>(&NewProgressSession), "%f", text,
                               sizeof(text));
    }
    return true;
  }();
  static_cast<void>(started);
}

using SendVerdict =
    std::function<void(const Verdict&, const RunStats&, const std::vector<Remark>& remarks)>;

// `run` sends its verdict as soon as it has it: what comes after may be fatal.
void RunInThisChild(const IsolateOptions& isolate, const ChildChannel& channel,
                    const std::function<void(const SendVerdict& send)>& run) {
  ReportToStderr();
  ReportAborts();
  bool passed = false;
  run([&](const Verdict& verdict, const RunStats& stats, const std::vector<Remark>& remarks) {
    passed = verdict.passed();
    channel.Send(Pack(verdict, stats, remarks));
  });
  const bool can_leak = isolate.check_leaks && __lsan_do_recoverable_leak_check != nullptr;
  // A failed run abandons its subject, which is a leak of our own making.
  if (passed && can_leak) __lsan_do_recoverable_leak_check();
}

void RunObserved(const Target& target, const Trace& trace, const RunOptions& options,
                 Progress* progress, const SendVerdict& send) {
  wrapped = {.target = &target, .progress = progress};
  Target observed = target;
  observed.new_session = &NewProgressSession;
  Runner runner(observed, options);
  const Verdict verdict = runner.Run(trace);
  send(verdict, runner.stats(), runner.session().Remarks());
}

// True when this process has leaks of its own, which each child inherits.
bool LeaksAnyway(const IsolateOptions& isolate) {
  const ChildResult control = RunInChild(
      [](const ChildChannel&) {
        ReportToStderr();
        __lsan_do_recoverable_leak_check();
      },
      isolate.time_limit);
  const std::optional<Verdict> report = FindSanitizerReport(control.errors);
  return report && report->outcome == Outcome::kLeak;
}

std::string SignalName(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

// The verdict on a child that neither sent one nor left a sanitizer's report.
Verdict OfDeath(const ChildResult& child) {
  Verdict verdict = {.outcome = Outcome::kSignal,
                     .op_index = 0,
                     .law = {},
                     .expected = {},
                     .actual = LastWords(child.errors)};
  if (child.end == ChildResult::End::kExited) {
    verdict.law = "exit " + std::to_string(child.code);
    return verdict;
  }
  verdict.law = SignalName(child.code);
  if (const auto assertion = FindAssertion(child.errors)) {
    verdict.law += " assertion " + assertion->law;
    verdict.actual = assertion->text;
  }
  return verdict;
}

Verdict OfTimeLimit(std::chrono::milliseconds time_limit) {
  return {
      .outcome = Outcome::kHang,
      .op_index = 0,
      .law = "time limit",
      .expected = "an end of the operation within " + std::to_string(time_limit.count()) + " ms",
      .actual = "none"};
}

// What became of the child that was to send its verdict.
IsolatedRun Conclude(ChildResult child, const IsolateOptions& isolate, std::size_t op_index) {
  IsolatedRun run;
  const bool has_verdict = Unpack(child.sent, &run);
  std::optional<Verdict> report = FindSanitizerReport(child.errors);
  if (report && report->outcome == Outcome::kLeak && LeaksAnyway(isolate)) report.reset();
  // What passed may still die when its subject is destroyed.
  const bool ended_well = child.end == ChildResult::End::kExited && child.code == 0 && !report;
  if (!has_verdict || (run.verdict.passed() && !ended_well)) {
    if (report) {
      run.verdict = *std::move(report);
    } else if (child.end == ChildResult::End::kTimedOut) {
      run.verdict = OfTimeLimit(isolate.time_limit);
    } else {
      run.verdict = OfDeath(child);
    }
    run.verdict.op_index = op_index;
  }
  run.report = std::move(child.errors);
  return run;
}

// A candidate's part of the time limit, and the least that is long enough for one.
constexpr int kHangShare = 10;
constexpr std::chrono::milliseconds kShortestHang{200};

}  // namespace

bool EndsTheProcess(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSanitizer:
    case Outcome::kRace:
    case Outcome::kLeak:
    case Outcome::kSignal:
    case Outcome::kHang:
      return true;
    default:
      return false;
  }
}

IsolateOptions ForCandidates(IsolateOptions options, Outcome outcome,
                             std::chrono::milliseconds took) {
  options.check_leaks = outcome == Outcome::kLeak;
  const auto share = std::max(options.time_limit / kHangShare, kShortestHang);
  options.time_limit =
      outcome == Outcome::kHang ? share : std::min(options.time_limit, std::max(share, 4 * took));
  return options;
}

IsolatedRun RunIsolatedWithReport(const Target& target, const Trace& trace,
                                  const RunOptions& options, const IsolateOptions& isolate) {
  StartSymbolizer();
  const auto start = std::chrono::steady_clock::now();
  const Shared<Progress> progress;
  ChildResult child = RunInChild(
      [&](const ChildChannel& channel) {
        RunInThisChild(isolate, channel, [&](const SendVerdict& send) {
          RunObserved(target, trace, options, progress.get(), send);
        });
      },
      isolate.time_limit, &progress->steps);
  IsolatedRun run = Conclude(std::move(child), isolate, progress->op_index);
  run.took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  return run;
}

Verdict RunLawIsolated(const std::function<Verdict(const Trace&)>& law, const Trace& trace,
                       const IsolateOptions& isolate) {
  StartSymbolizer();
  ChildResult child = RunInChild(
      [&](const ChildChannel& channel) {
        RunInThisChild(isolate, channel,
                       [&](const SendVerdict& send) { send(law(trace), RunStats(), {}); });
      },
      isolate.time_limit);
  return Conclude(std::move(child), isolate, trace.ops.size()).verdict;
}

}  // namespace slotproof
