#ifndef SLOTPROOF_HARNESS_NIGHT_RESTART_POLICY_H_
#define SLOTPROOF_HARNESS_NIGHT_RESTART_POLICY_H_

#include <algorithm>

namespace slotproof {

// When a worker that died is started again: at once after a good run, and after ever longer pauses
// when it dies young again and again, so that a subject that fails at once does not keep the
// machine busy with starting processes.
class RestartPolicy {
 public:
  static constexpr double kYoungSeconds = 5;
  static constexpr double kFirstPauseSeconds = 0.25;
  static constexpr double kLongestPauseSeconds = 16;

  // How long to wait before the next start, given how long the worker ran.
  double PauseAfter(double ran_seconds) {
    if (ran_seconds >= kYoungSeconds) {
      pause_ = 0;
      return 0;
    }
    pause_ = pause_ == 0 ? kFirstPauseSeconds : std::min(pause_ * 2, kLongestPauseSeconds);
    return pause_;
  }

 private:
  double pause_ = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_RESTART_POLICY_H_
