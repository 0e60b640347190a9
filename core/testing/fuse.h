// Failing at each step in turn: what a container promises when user code throws.
//
//   Fuse::Arm(2);        step 0   step 1   step 2: throws Thrown, and the fuse is out
//
// Test types call Step() wherever they may throw, and count themselves, so that a leak or a second
// destruction shows. One fuse a program: such tests run in one thread.
#ifndef SLOTPROOF_CORE_TESTING_FUSE_H_
#define SLOTPROOF_CORE_TESTING_FUSE_H_

#include <cstddef>
#include <stdexcept>

namespace slotproof::core {

struct Thrown : std::runtime_error {
  Thrown() : std::runtime_error("thrown on purpose") {}
};

// Throws at the n-th step from now on.
struct Fuse {
  static inline std::size_t steps_left = 0;
  static inline bool armed = false;
  static inline std::ptrdiff_t objects = 0;

  static void Arm(std::size_t steps) {
    armed = true;
    steps_left = steps;
  }
  static void Step() {
    if (armed && steps_left-- == 0) {
      armed = false;
      throw Thrown();
    }
  }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_TESTING_FUSE_H_
