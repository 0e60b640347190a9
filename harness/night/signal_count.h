#ifndef SLOTPROOF_HARNESS_NIGHT_SIGNAL_COUNT_H_
#define SLOTPROOF_HARNESS_NIGHT_SIGNAL_COUNT_H_

#include <signal.h>

#include <array>

namespace slotproof {

// While it lives, Ctrl-C, SIGTERM and SIGHUP are only counted: the first asks a run to end in good
// order, the next one to leave what it is still at. One at a time.
class SignalCount {
 public:
  SignalCount();
  ~SignalCount();
  SignalCount(const SignalCount&) = delete;
  SignalCount& operator=(const SignalCount&) = delete;

  // Since the latest one began.
  static int Count();
  static int Last();

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_SIGNAL_COUNT_H_
