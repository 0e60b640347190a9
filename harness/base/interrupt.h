#ifndef SLOTPROOF_HARNESS_BASE_INTERRUPT_H_
#define SLOTPROOF_HARNESS_BASE_INTERRUPT_H_

#include <signal.h>

#include <array>

namespace slotproof {

// While it lives, the first Ctrl-C or kill only asks for an end, and the second one is the end. One
// at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // Whether an end was asked for.
  static bool Asked();

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_INTERRUPT_H_
