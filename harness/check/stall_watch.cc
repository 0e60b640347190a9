#include "harness/check/stall_watch.h"

namespace slotproof {
namespace {

// libFuzzer has SIGALRM. Debuggers pass this one by.
constexpr int kTick = SIGVTALRM;
constexpr std::int64_t kTicksPerLimit = 4;
constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::int64_t MonotonicNanoseconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * kNanosecondsPerSecond + now.tv_nsec;
}

}  // namespace

StallWatch::StallWatch(std::chrono::milliseconds limit, OnStall on_stall, void* context)
    : limit_ns_(limit.count() * kNanosecondsPerMillisecond),
      on_stall_(on_stall),
      context_(context) {
  if (limit_ns_ <= 0) return;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = kTick;
  event.sigev_value.sival_ptr = this;
  has_timer_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
  if (!has_timer_) return;
  struct sigaction action = {};
  action.sa_sigaction = &OnSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(kTick, &action, &before_);
  itimerspec period = {};
  period.it_interval.tv_sec = limit_ns_ / kTicksPerLimit / kNanosecondsPerSecond;
  period.it_interval.tv_nsec = limit_ns_ / kTicksPerLimit % kNanosecondsPerSecond;
  period.it_value = period.it_interval;
  ::timer_settime(timer_, 0, &period, nullptr);
}

StallWatch::~StallWatch() {
  if (!has_timer_) return;
  ::timer_delete(timer_);
  // A tick that was already sent must not end the process.
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(kTick, &ignore, nullptr);
  ::sigaction(kTick, &before_, nullptr);
}

void StallWatch::OnTick() {
  const std::uint64_t steps = steps_.load(std::memory_order_acquire);
  const std::int64_t now = MonotonicNanoseconds();
  const bool idle = steps % 2 == 0;
  if (idle || steps != last_steps_) {
    last_steps_ = steps;
    last_change_ns_ = now;
    return;
  }
  if (now - last_change_ns_ >= limit_ns_) on_stall_(context_);
}

void StallWatch::OnSignal(int, siginfo_t* info, void*) {
  if (info->si_code == SI_TIMER) static_cast<StallWatch*>(info->si_value.sival_ptr)->OnTick();
}

}  // namespace slotproof
