// How a program stops itself, and the system calls that put threads to sleep.

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <linux/futex.h>

#include "harness/sched/crash.h"
#include "harness/sched/fail.h"
#include "harness/sched/fiber.h"
#include "harness/sched/real_call.h"
#include "harness/sched/runtime.h"
#include "harness/sched/unobserved.h"

using slotproof::sched::Ending;
using slotproof::sched::Runtime;

namespace {

// Enough for a handler that only writes a message and leaves for another stack.
alignas(16) std::array<char, std::size_t{64} << 10> signal_stack;

// A FUTEX_WAIT says how long, and a FUTEX_WAIT_BITSET until when.
std::uint64_t FutexUntil(int operation, const timespec* time) {
  if (time == nullptr) return Runtime::kForever;
  const std::uint64_t nanoseconds = static_cast<std::uint64_t>(time->tv_sec) * 1'000'000'000 +
                                    static_cast<std::uint64_t>(time->tv_nsec);
  return (operation & FUTEX_CMD_MASK) == FUTEX_WAIT ? Runtime::Get().Now() + nanoseconds
                                                    : nanoseconds;
}

long FutexInSchedule(const std::uint32_t* word, int operation, std::uint32_t value,
                     const timespec* time, std::uintptr_t pc) {
  Runtime& runtime = Runtime::Get();
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      if (runtime.FutexWait(word, value, FutexUntil(operation, time), pc)) return 0;
      errno = EAGAIN;
      return -1;
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      return runtime.Signal(reinterpret_cast<std::uintptr_t>(word), static_cast<int>(value), pc);
    default:
      runtime.End(Ending::kUnsupported, "futex operation " + std::to_string(operation));
  }
}

void OnBadAddress(int signal, siginfo_t* info, void*) {
  Runtime& runtime = Runtime::Get();
  if (Runtime::current() == slotproof::sched::kNoThread) {
    // Not ours: dies of it when it happens again.
    ::signal(signal, SIG_DFL);
    return;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const std::string self = runtime.NameOf(Runtime::current());
  if (slotproof::sched::Fibers::Get().IsGuard(address)) {
    runtime.End(Ending::kCrash, self + " has used up its stack");
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%#zx", static_cast<std::size_t>(address));
  runtime.End(Ending::kCrash,
              self + (address < 4096 ? " uses a null pointer (" : " uses a bad address (") +
                  text.data() + ")");
}

// What had SIGALRM before.
struct sigaction alarm_before;

// What a fuzzer does about time is not part of the program that it interrupts.
void OnAlarm(int signal, siginfo_t* info, void* context) {
  const slotproof::sched::Unobserved unobserved;
  if ((alarm_before.sa_flags & SA_SIGINFO) != 0) {
    alarm_before.sa_sigaction(signal, info, context);
  } else {
    alarm_before.sa_handler(signal);
  }
}

void TakeAlarm() {
  struct sigaction present{};
  sigaction(SIGALRM, nullptr, &present);
  const bool handled = (present.sa_flags & SA_SIGINFO) != 0 ||
                       (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN);
  if (!handled || present.sa_sigaction == &OnAlarm) return;
  alarm_before = present;
  present.sa_sigaction = &OnAlarm;
  present.sa_flags |= SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGALRM, &present, nullptr);
}

}  // namespace

namespace slotproof::sched {

void Fail(const char* message) {
  if (Runtime::Active()) Runtime::Get().End(Ending::kFailed, message);
  std::fprintf(stderr, "%s\n", message);
  std::abort();
}

void BeginOperation() {
  if (Runtime::Active()) Runtime::Get().BeginOperation();
}

Unobserved::Unobserved() : active_(Runtime::Active()) {
  if (active_) Runtime::LookAway();
}

Unobserved::~Unobserved() {
  if (active_) Runtime::LookAgain();
}

void CatchCrashes() {
  stack_t stack{};
  stack.ss_sp = signal_stack.data();
  stack.ss_size = signal_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_sigaction = &OnBadAddress;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) {
    sigaction(signal, &action, nullptr);
  }
  TakeAlarm();
}

}  // namespace slotproof::sched

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the library's names.
extern "C" {

void __assert_fail(const char* assertion, const char* file, unsigned line,
                   const char* function) noexcept {
  if (Runtime::Active()) {
    Runtime::Get().End(Ending::kFailed, std::string(file) + ":" + std::to_string(line) +
                                            ": assertion failed: " + assertion);
  }
  SLOTPROOF_REAL(__assert_fail)(assertion, file, line, function);
  __builtin_unreachable();
}

void exit(int status) noexcept {
  if (Runtime::Active()) Runtime::Get().End(Ending::kUnsupported, "exit");
  SLOTPROOF_REAL(exit)(status);
  __builtin_unreachable();
}

void abort() noexcept {
  if (Runtime::Active()) Runtime::Get().End(Ending::kFailed, "abort");
  SLOTPROOF_REAL(abort)();
  __builtin_unreachable();
}

long syscall(long number, ...) noexcept {
  std::array<long, 6> arguments{};
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex && Runtime::Active()) {
    return FutexInSchedule(reinterpret_cast<const std::uint32_t*>(arguments[0]),
                           static_cast<int>(arguments[1]), static_cast<std::uint32_t>(arguments[2]),
                           reinterpret_cast<const timespec*>(arguments[3]), SLOTPROOF_CALLER);
  }
  return SLOTPROOF_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                                 arguments[4], arguments[5]);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
