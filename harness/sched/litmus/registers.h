#ifndef SLOTPROOF_HARNESS_SCHED_LITMUS_REGISTERS_H_
#define SLOTPROOF_HARNESS_SCHED_LITMUS_REGISTERS_H_

#include <array>
#include <cstddef>
#include <thread>
#include <vector>

namespace slotproof::sched {

// What the threads of a litmus program observe. Each register is of one thread.
struct Registers {
  static constexpr std::size_t kMost = 8;

  std::array<int, kMost> value{};
  std::size_t used = 0;
};

inline Registers registers;

inline void StartWith(std::size_t used) {
  registers.value = {};
  registers.used = used;
}

inline int& R(std::size_t i) { return registers.value[i]; }

// Runs the bodies at once, each in a thread.
template <class... Body>
void Together(Body... bodies) {
  std::vector<std::thread> threads;
  threads.reserve(sizeof...(bodies));
  (threads.emplace_back(bodies), ...);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_LITMUS_REGISTERS_H_
