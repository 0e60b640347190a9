#ifndef SLOTPROOF_HARNESS_BASE_INTERRUPT_H_
#define SLOTPROOF_HARNESS_BASE_INTERRUPT_H_

#include <signal.h>

#include <array>

namespace slotproof {

// While it lives, the first Ctrl-C or kill only asks for an end. One at a time.
class InterruptGuard {
 public:
  enum class Second {
    kEnds,     // the process, at once
    kCounted,  // like the first: the owner asks Count()
  };

  explicit InterruptGuard(Second second = Second::kEnds);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // Whether an end was asked for, since the latest one began; how often, and by which signal.
  static bool Asked() { return Count() != 0; }
  static int Count();
  static int LastSignal();

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_INTERRUPT_H_
