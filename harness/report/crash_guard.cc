#include "harness/report/crash_guard.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/file_io.h"
#include "harness/base/signal_safe.h"
#include "harness/check/stall_watch.h"
#include "harness/trace/codec.h"
#include "harness/trace/trace_file.h"

extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());
extern "C" __attribute__((weak)) int __asan_report_present();
extern "C" __attribute__((weak)) const char* __asan_get_report_description();

namespace slotproof {
namespace {

constexpr std::array<int, 5> kFatalSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
// How long saving may take before the last resort.
constexpr unsigned kSavingSeconds = 10;
constexpr std::size_t kHandlerStackBytes = 256 << 10;
constexpr std::size_t kMostSignature = 256;
constexpr std::string_view kDied = ": the process died while it ran this trace";

void SetAction(int signal, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  // Without SA_NODEFER a second fault would end the process before its last resort.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

// The time of a test in seconds; none when the variable is no number.
std::optional<double> SecondsIn(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  const std::string_view whole = text;
  constexpr double kMost = 1e9;
  double seconds = -1;
  const auto [end, error] = std::from_chars(whole.begin(), whole.end(), seconds);
  const bool is_time = error == std::errc() && end == whole.end() && seconds >= 0;
  if (is_time && seconds <= kMost) return seconds;
  std::fprintf(stderr, "slotproof: %s=%s is not a number of seconds; it does not count\n", variable,
               text);
  return std::nullopt;
}

// As ReplayLine() writes them.
std::string FolderOf(const std::string& directory) {
  std::error_code error;
  std::string folder = std::filesystem::absolute(directory, error).lexically_normal().string();
  if (!folder.ends_with('/')) folder += '/';
  return folder;
}

// A replay line with a gap for the file's name, which needs no quotes.
struct LineWithGap {
  std::string before;
  std::string after;
};

LineWithGap MakeReplayLine(const Target& target, const CrashGuardOptions& options,
                           const std::string& folder) {
  constexpr std::string_view kName = "NAME.trace";
  const std::string path = folder + std::string(kName);
  const std::string line = options.replay ? options.replay(path) : ReplayLine(path, target);
  const std::size_t at = line.rfind(kName);
  if (at == std::string::npos) return {.before = line, .after = {}};
  return {.before = line.substr(0, at), .after = line.substr(at + kName.size())};
}

}  // namespace

struct CrashGuard::State {
  State(const Target& target_arg, CrashGuardOptions options_arg);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void InstallHandlers();
  void MakeRoomFor(const Trace& trace_to_come);
  bool BeginDying();
  void Save(Outcome outcome, std::string_view law);
  void SaveInHex() const;
  void AskStandby() const;

  static void OnFatalSignal(int signal, siginfo_t* info, void* context);
  static void OnTerminate(int signal, siginfo_t* info, void* context);
  static void OnExit(int code, void* context);
  static void OnStall(void* context);
  static void OnSavingTooLong(int signal, siginfo_t* info, void* context);
  static void OnSanitizerDeath();

  static std::atomic<State*> innermost;

  const Target* target;
  const pid_t process = ::getpid();
  State* const outer = innermost.load();

  // All that handlers need is made beforehand, and has room enough.
  std::atomic<const Trace*> trace = nullptr;
  const std::string folder;
  const LineWithGap replay;
  Standby* const standby;
  const Codec codec;
  TraceInfo info;
  std::vector<std::uint8_t> raw;
  std::vector<std::uint8_t> file;

  // How far dying has come: 0 alive, 1 saving, 2 the last resort.
  std::atomic<int> dying = 0;
  std::atomic<pid_t> dying_thread = 0;
  int dying_of = SIGABRT;

  struct Replaced {
    int signal = 0;
    struct sigaction before = {};
  };
  std::vector<Replaced> replaced;
  std::vector<char> handler_stack;
  StallWatch stall_watch;
};

std::atomic<CrashGuard::State*> CrashGuard::State::innermost = nullptr;

CrashGuard::State::State(const Target& target_arg, CrashGuardOptions options)
    : target(&target_arg),
      folder(FolderOf(options.directory)),
      replay(MakeReplayLine(target_arg, options, folder)),
      standby(options.standby),
      codec(*target_arg.vocabulary),
      info(FindingInfo(target_arg, options.found_by)),
      stall_watch(options.time_limit, &OnStall, this) {
  info.signature.reserve(kMostSignature);
  info.summary.reserve(2 * kMostSignature);
  MakeRoomFor(Trace{});
  innermost.store(this);
  InstallHandlers();
}

CrashGuard::State::~State() {
  for (const Replaced& entry : replaced) ::sigaction(entry.signal, &entry.before, nullptr);
  if (outer == nullptr && __sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(nullptr);
  }
  innermost.store(outer);
  if (handler_stack.empty()) return;
  stack_t none = {};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
}

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
    SetAction(signal, &OnFatalSignal);
    replaced.push_back(entry);
  }
  if (sanitized) __sanitizer_set_death_callback(&OnSanitizerDeath);
  Replaced terminate = {.signal = SIGTERM};
  ::sigaction(SIGTERM, nullptr, &terminate.before);
  SetAction(SIGTERM, &OnTerminate);
  replaced.push_back(terminate);
  // There is no way to take it back, so that one serves all the guards.
  static const bool registered = ::on_exit(&OnExit, nullptr) == 0;
  static_cast<void>(registered);
}

void CrashGuard::State::MakeRoomFor(const Trace& trace_to_come) {
  const std::size_t raw_bytes = codec.header_bytes() + trace_to_come.ops.size() * kOpBytes;
  if (raw_bytes <= raw.capacity() && !file.empty()) return;
  raw.reserve(2 * raw_bytes);
  info.signature.resize(kMostSignature);
  info.summary.resize(2 * kMostSignature);
  EncodeTraceFile(info, {}, &file);
  file.reserve(file.size() + 2 * raw_bytes);
}

// False for a death that comes amid another.
bool CrashGuard::State::BeginDying() {
  const pid_t thread = ::gettid();
  int alive = 0;
  if (dying.compare_exchange_strong(alive, 1)) {
    dying_thread.store(thread);
    return true;
  }
  // The thread that was first ends the process.
  while (dying_thread.load() != thread) ::pause();
  return false;
}

// Saves the trace in flight.
void CrashGuard::State::Save(Outcome outcome, std::string_view law) {
  const Trace* const in_flight = trace.load();
  if (in_flight == nullptr || process != ::getpid()) return;
  SetAction(SIGALRM, &OnSavingTooLong);
  ::alarm(kSavingSeconds);
  codec.Encode(*in_flight, &raw);
  info.signature.assign(OutcomeName(outcome));
  info.signature.append("/").append(law.substr(0, kMostSignature - info.signature.size() - 1));
  info.summary.assign("op 0: ").append(info.signature).append(kDied);
  EncodeTraceFile(info, raw, &file);
  FindingNameText text;
  const std::string_view name = FindingName(*target, info.signature, raw, &text);
  const int error = SaveFileRaw(folder, name, file);
  for (const std::string_view part :
       {std::string_view("\nslotproof: "), std::string_view(info.signature),
        std::string_view(" while it ran a trace of "), target->name, std::string_view("\n")}) {
    SayRaw(part);
  }
  if (error == 0) {
    for (const std::string_view part : {std::string_view(replay.before), name,
                                        std::string_view(replay.after), std::string_view("\n")}) {
      SayRaw(part);
    }
  } else {
    for (const std::string_view part :
         {std::string_view(folder), name, std::string_view(": cannot be written: "),
          std::string_view(::strerrordesc_np(error)),
          std::string_view("; free some space or choose another "
                           "place")}) {
      SayRaw(part);
    }
    SaveInHex();
  }
  ::alarm(0);
  trace.store(nullptr);
}

void CrashGuard::State::SaveInHex() const {
  if (trace.load() == nullptr) return;
  for (const std::string_view part : {std::string_view("\nslotproof: the trace follows in "
                                                       "hexadecimal; to replay it: xxd -r -p "
                                                       ">raw && slotproof replay raw --target "),
                                      target->name, std::string_view("\n")}) {
    SayRaw(part);
  }
  SayRawHex(raw);
  SayRaw("\n");
}

// What the standby writes is the last that is seen of this process.
void CrashGuard::State::AskStandby() const {
  if (standby == nullptr || raw.empty() || process != ::getpid()) return;
  standby->Ask({info.signature, "\n", AsText(raw)});
}

void CrashGuard::State::OnFatalSignal(int signal, siginfo_t* siginfo, void*) {
  State* const state = innermost.load();
  if (state == nullptr) DieOf(signal);
  if (!state->BeginDying()) {
    if (state->dying.fetch_add(1) == 1) state->SaveInHex();
    DieOf(state->dying_of);
  }
  state->dying_of = signal;
  const char* const name = ::sigabbrev_np(signal);
  std::array<char, 32> law = {'S', 'I', 'G'};
  const std::string_view rest = name == nullptr ? "?" : name;
  std::ranges::copy(rest, law.begin() + 3);
  state->Save(Outcome::kSignal, {law.data(), 3 + rest.size()});
  state->AskStandby();
  for (const Replaced& entry : state->replaced) {
    if (entry.signal == signal) ::sigaction(signal, &entry.before, nullptr);
  }
  // A fault happens again when this returns; a signal that was sent does not.
  if (siginfo->si_code <= 0) ::raise(signal);
}

void CrashGuard::State::OnStall(void* context) {
  State* const state = static_cast<State*>(context);
  // The traces of a guard within this one are that one's.
  if (state != innermost.load() || state->dying.load() != 0 || !state->BeginDying()) return;
  state->Save(Outcome::kHang, "time limit");
  state->AskStandby();
  DieOf(SIGABRT);
}

// A death that is on its way goes on: the standby is told by whoever ends this process's group.
void CrashGuard::State::OnTerminate(int signal, siginfo_t*, void*) {
  State* const state = innermost.load();
  if (state == nullptr) DieOf(signal);
  int alive = 0;
  if (!state->dying.compare_exchange_strong(alive, 1)) return;
  state->dying_thread.store(::gettid());
  state->dying_of = signal;
  state->Save(Outcome::kHang, "SIGTERM");
  DieOf(signal);
}

void CrashGuard::State::OnExit(int code, void*) {
  State* const state = innermost.load();
  if (state == nullptr || state->trace.load() == nullptr || !state->BeginDying()) return;
  std::array<char, 32> law;
  state->Save(Outcome::kSignal, RawText(law).Add("exit ").AddNumber(code).text());
  state->AskStandby();
}

void CrashGuard::State::OnSavingTooLong(int, siginfo_t*, void*) {
  State* const state = innermost.load();
  if (state == nullptr) DieOf(SIGABRT);
  state->SaveInHex();
  DieOf(state->dying_of);
}

void CrashGuard::State::OnSanitizerDeath() {
  State* const state = innermost.load();
  if (state == nullptr || !state->BeginDying()) return;
  const bool described = __asan_report_present != nullptr && __asan_report_present() != 0;
  state->Save(Outcome::kSanitizer, described ? __asan_get_report_description() : "report");
  state->AskStandby();
}

std::chrono::milliseconds TraceTimeLimit() {
  constexpr double kMostByDefault = 60;
  constexpr double kShareOfATest = 0.25;
  double seconds = kMostByDefault;
  if (const auto said = SecondsIn("SLOTPROOF_TIME_LIMIT")) {
    seconds = *said;
  } else if (const auto test = SecondsIn("TEST_TIMEOUT")) {
    seconds = std::min(*test * kShareOfATest, kMostByDefault);
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

CrashGuard::CrashGuard(const Target& target, CrashGuardOptions options)
    : state_(new State(target, std::move(options))) {}

CrashGuard::~CrashGuard() { delete state_; }

void CrashGuard::Watch(const Trace& trace) {
  state_->MakeRoomFor(trace);
  state_->trace.store(&trace, std::memory_order_release);
  state_->stall_watch.Begin();
}

void CrashGuard::Unwatch() {
  state_->stall_watch.End();
  state_->trace.store(nullptr, std::memory_order_release);
}

}  // namespace slotproof
