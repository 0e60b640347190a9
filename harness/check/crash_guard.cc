#include "harness/check/crash_guard.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "harness/report/replay_line.h"

extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());
extern "C" __attribute__((weak)) int __asan_report_present();
extern "C" __attribute__((weak)) const char* __asan_get_report_description();

namespace slotproof {
namespace {

constexpr std::array<int, 5> kFatalSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
// How long saving may take before the last resort.
constexpr unsigned kSavingSeconds = 10;
constexpr std::size_t kHandlerStackBytes = 256 << 10;
constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;

std::int64_t MonotonicNanoseconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void SetAction(int signal, void (*handler)(int, siginfo_t*, void*), struct sigaction* before) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, before);
}

[[noreturn]] void DieOf(int signal) {
  ::signal(signal, SIG_DFL);
  sigset_t only = {};
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

// Writes to standard error without allocating.
void WriteRaw(const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(STDERR_FILENO, text, size);
    if (written <= 0) return;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
}

void WriteHex(std::uint64_t value, std::size_t bytes) {
  char text[16];
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
    text[2 * i] = "0123456789abcdef"[byte >> 4];
    text[2 * i + 1] = "0123456789abcdef"[byte & 15];
  }
  WriteRaw(text, 2 * bytes);
}

}  // namespace

struct CrashGuard::State {
  const Target* target = nullptr;
  CrashGuardOptions options;
  pid_t process = 0;
  State* outer = nullptr;

  // Read by handlers.
  std::atomic<const Trace*> trace = nullptr;
  std::atomic<std::uint64_t> sequence = 0;

  // Of the time limit.
  timer_t timer = nullptr;
  bool has_timer = false;
  std::uint64_t last_sequence = 0;
  std::int64_t last_change = 0;

  struct Replaced {
    int signal = 0;
    struct sigaction before = {};
  };
  std::vector<Replaced> replaced;
  std::vector<char> handler_stack;
  int dying_of = SIGABRT;

  static std::atomic<State*> innermost;

  void InstallHandlers();
  void StartTimer();
  void RestoreHandlers();
  void Save(Outcome outcome, const char* law);
  void SaveInHex() const;

  static void OnFatalSignal(int signal, siginfo_t* info, void* context);
  static void OnTick(int signal, siginfo_t* info, void* context);
  static void OnSavingTooLong(int signal, siginfo_t* info, void* context);
  static void OnSanitizerDeath();
};

std::atomic<CrashGuard::State*> CrashGuard::State::innermost = nullptr;

void CrashGuard::State::InstallHandlers() {
  stack_t stack = {};
  ::sigaltstack(nullptr, &stack);
  if ((stack.ss_flags & SS_DISABLE) != 0) {
    handler_stack.resize(kHandlerStackBytes);
    stack = {};
    stack.ss_sp = handler_stack.data();
    stack.ss_size = handler_stack.size();
    ::sigaltstack(&stack, nullptr);
  }
  const bool sanitized = __sanitizer_set_death_callback != nullptr;
  for (const int signal : kFatalSignals) {
    Replaced entry = {.signal = signal};
    ::sigaction(signal, nullptr, &entry.before);
    // A sanitizer reports the signals that it handles, and then calls back.
    const bool handled =
        (entry.before.sa_flags & SA_SIGINFO) != 0 || entry.before.sa_handler != SIG_DFL;
    if (sanitized && handled && outer == nullptr) continue;
    SetAction(signal, &OnFatalSignal, nullptr);
    replaced.push_back(entry);
  }
  if (sanitized) __sanitizer_set_death_callback(&OnSanitizerDeath);
}

void CrashGuard::State::StartTimer() {
  if (options.time_limit.count() <= 0) return;
  Replaced entry = {.signal = SIGALRM};
  SetAction(SIGALRM, &OnTick, &entry.before);
  replaced.push_back(entry);
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGALRM;
  has_timer = ::timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
  if (!has_timer) return;
  // Ticks rather than one shot a trace: a system call a trace would cost more than the trace.
  const std::int64_t tick = options.time_limit.count() * kNanosecondsPerMillisecond / 4;
  itimerspec period = {};
  period.it_interval.tv_sec = tick / 1'000'000'000;
  period.it_interval.tv_nsec = tick % 1'000'000'000;
  period.it_value = period.it_interval;
  ::timer_settime(timer, 0, &period, nullptr);
}

void CrashGuard::State::RestoreHandlers() {
  if (has_timer) ::timer_delete(timer);
  for (const Replaced& entry : replaced) ::sigaction(entry.signal, &entry.before, nullptr);
  if (outer == nullptr && __sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(nullptr);
  }
  if (handler_stack.empty()) return;
  stack_t none = {};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
}

// Saves the trace in flight, at most once.
void CrashGuard::State::Save(Outcome outcome, const char* law) {
  const Trace* const in_flight = trace.exchange(nullptr);
  if (in_flight == nullptr || process != ::getpid()) return;
  trace.store(in_flight);
  SetAction(SIGALRM, &OnSavingTooLong, nullptr);
  ::alarm(kSavingSeconds);
  const Verdict verdict = {.outcome = outcome,
                           .op_index = 0,
                           .law = law,
                           .expected = {},
                           .actual = "the process died while it ran this trace"};
  const auto path = SaveFinding(*target, *in_flight, verdict, options.found_by, options.directory);
  if (path) {
    std::fprintf(stderr, "\nslotproof: %s while it ran a trace of %s\n%s\n",
                 verdict.Signature().c_str(), std::string(target->name).c_str(),
                 ReplayLine(*path).c_str());
  } else {
    PrintUnsaved(*target, *in_flight, path.error());
  }
  std::fflush(stderr);
  ::alarm(0);
  trace.store(nullptr);
}

void CrashGuard::State::SaveInHex() const {
  const Trace* const in_flight = trace.load();
  if (in_flight == nullptr) return;
  constexpr std::string_view kText =
      "\nslotproof: the trace could not be saved; its raw input in hexadecimal (xxd -r -p) is\n";
  WriteRaw(kText.data(), kText.size());
  for (std::size_t i = 0; i < target->vocabulary->fields.size(); ++i) {
    WriteHex(in_flight->header.field[i], target->vocabulary->fields[i].width);
  }
  for (const Op& op : in_flight->ops) {
    WriteHex(std::bit_cast<std::uint32_t>(op), kOpBytes);
  }
  WriteRaw("\n", 1);
}

void CrashGuard::State::OnFatalSignal(int signal, siginfo_t* info, void*) {
  State* const state = innermost.load();
  if (state == nullptr) DieOf(signal);
  // First, so that a fault while saving ends the process.
  for (const Replaced& entry : state->replaced) {
    if (entry.signal == signal) ::sigaction(signal, &entry.before, nullptr);
  }
  state->dying_of = signal;
  char law[32];
  const char* name = ::sigabbrev_np(signal);
  std::snprintf(law, sizeof(law), "SIG%s", name == nullptr ? "?" : name);
  state->Save(Outcome::kSignal, law);
  // A fault happens again when this returns; a signal that was sent does not.
  if (info->si_code <= 0) ::raise(signal);
}

void CrashGuard::State::OnTick(int, siginfo_t*, void*) {
  State* const state = innermost.load();
  if (state == nullptr) return;
  const std::uint64_t sequence = state->sequence.load();
  const std::int64_t now = MonotonicNanoseconds();
  if (sequence != state->last_sequence || state->trace.load() == nullptr) {
    state->last_sequence = sequence;
    state->last_change = now;
    return;
  }
  const std::int64_t limit = state->options.time_limit.count() * kNanosecondsPerMillisecond;
  if (now - state->last_change < limit) return;
  state->Save(Outcome::kHang, "time limit");
  DieOf(SIGABRT);
}

void CrashGuard::State::OnSavingTooLong(int, siginfo_t*, void*) {
  State* const state = innermost.load();
  if (state == nullptr) DieOf(SIGABRT);
  state->SaveInHex();
  DieOf(state->dying_of);
}

void CrashGuard::State::OnSanitizerDeath() {
  State* const state = innermost.load();
  if (state == nullptr) return;
  const bool described = __asan_report_present != nullptr && __asan_report_present() != 0;
  state->Save(Outcome::kSanitizer, described ? __asan_get_report_description() : "report");
}

CrashGuard::CrashGuard(const Target& target, CrashGuardOptions options) : state_(new State) {
  state_->target = &target;
  state_->options = std::move(options);
  state_->process = ::getpid();
  state_->outer = State::innermost.load();
  State::innermost.store(state_);
  state_->InstallHandlers();
  state_->StartTimer();
}

CrashGuard::~CrashGuard() {
  state_->RestoreHandlers();
  State::innermost.store(state_->outer);
  delete state_;
}

void CrashGuard::Watch(const Trace& trace) {
  state_->sequence.fetch_add(1, std::memory_order_relaxed);
  state_->trace.store(&trace, std::memory_order_release);
}

void CrashGuard::Unwatch() { state_->trace.store(nullptr, std::memory_order_release); }

}  // namespace slotproof
