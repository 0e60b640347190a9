#include "harness/night/signal_count.h"

#include <cstddef>

namespace slotproof {
namespace {

volatile sig_atomic_t last_signal = 0;
volatile sig_atomic_t signals = 0;

void NoteSignal(int signal) {
  last_signal = signal;
  signals = signals + 1;
}

}  // namespace

SignalCount::SignalCount() {
  signals = 0;
  struct sigaction action = {};
  action.sa_handler = NoteSignal;
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before_[i]);
}

SignalCount::~SignalCount() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

int SignalCount::Count() { return signals; }
int SignalCount::Last() { return last_signal; }

}  // namespace slotproof
