#include "harness/base/interrupt.h"

#include <csignal>
#include <cstddef>

namespace slotproof {
namespace {

volatile std::sig_atomic_t count = 0;
volatile std::sig_atomic_t last_signal = 0;

void Note(int signal) {
  last_signal = signal;
  count = count + 1;
}

}  // namespace

InterruptGuard::InterruptGuard(Second second) {
  count = 0;
  struct sigaction action = {};
  action.sa_handler = Note;
  // Who counts waits in calls that a signal is to end.
  if (second == Second::kEnds) action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &action, &before_[i]);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &before_[i], nullptr);
  }
}

int InterruptGuard::Count() { return count; }
int InterruptGuard::LastSignal() { return last_signal; }

}  // namespace slotproof
