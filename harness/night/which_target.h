#ifndef SLOTPROOF_HARNESS_NIGHT_WHICH_TARGET_H_
#define SLOTPROOF_HARNESS_NIGHT_WHICH_TARGET_H_

#include <string>
#include <string_view>

#include "harness/base/error.h"

// Whether a program that a run is given belongs to the run's target. A fuzzer of another target
// would fuzz all night, and nothing that it finds could be replayed.

namespace slotproof {

// An error when the fuzzer is of another target, or of none that it can name.
Expected<void> CheckFuzzer(const std::string& fuzzer, std::string_view target);

// An error when the `slotproof` command does not have the target.
Expected<void> CheckSlotproof(const std::string& slotproof, std::string_view target);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_WHICH_TARGET_H_
