#ifndef SLOTPROOF_HARNESS_CHECK_STALL_WATCH_H_
#define SLOTPROOF_HARNESS_CHECK_STALL_WATCH_H_

#include <signal.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>

// Sees that a step of this process does not end, from a timer's signal:
//
//   Begin ──── step ──── End      Begin ──── step ── ── ── ── ── ── ── ──
//     │  tick  │  tick  │           │  tick  │  tick  │  tick  │  tick
//                                                        the limit ▲ on_stall(context)
//
// A step costs two stores. Ticks come four times in a limit, rather than one shot a step, for which
// a system call a step would be needed. ThreadSanitizer holds the signal back until the step makes
// a system call.

namespace slotproof {

class StallWatch {
 public:
  // Runs in a signal handler, on any thread, maybe amid an allocation or with locks held.
  using OnStall = void (*)(void* context);

  // Watches nothing when the limit is 0 or there is no timer to be had. May nest.
  StallWatch(std::chrono::milliseconds limit, OnStall on_stall, void* context);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  // By one thread.
  void Begin() { Count((steps_.load(std::memory_order_relaxed) | 1) + 2); }
  void End() { Count((steps_.load(std::memory_order_relaxed) + 1) & ~std::uint64_t{1}); }

 private:
  void Count(std::uint64_t steps) { steps_.store(steps, std::memory_order_release); }
  void OnTick();
  static void OnSignal(int signal, siginfo_t* info, void* context);

  const std::int64_t limit_ns_;
  const OnStall on_stall_;
  void* const context_;
  std::atomic<std::uint64_t> steps_ = 0;  // odd: within one

  // Of the handler.
  std::uint64_t last_steps_ = 0;
  std::int64_t last_change_ns_ = 0;

  timer_t timer_ = nullptr;
  bool has_timer_ = false;
  struct sigaction before_ = {};
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_STALL_WATCH_H_
