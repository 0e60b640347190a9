#ifndef SLOTPROOF_HARNESS_NIGHT_UNREPRODUCED_H_
#define SLOTPROOF_HARNESS_NIGHT_UNREPRODUCED_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/night/program.h"

// What ended a worker and passes when it is replayed alone. Memory that is lost a little at a time,
// or a heap that an earlier input has ruined, ends a process at an input that did nothing wrong; so
// the inputs before it are kept beside it:
//
//   DIR/inbox/N/oom-1a2b            the input
//   DIR/inbox/N/oom-1a2b.inputs/    it and those before it, 00 the oldest
//
// They are run again as the worker ran them: all of these, over and over, in one process of the
// same fuzzer under the same limit. If that dies too, it is a finding; if not, the inputs move to
// DIR/unreproduced.

namespace slotproof {

// The last inputs of the worker whose statistics these are, in input + ".inputs". As many as can be
// written: a full disk is said elsewhere.
void KeepLastInputs(const std::string& stats, const std::string& input);

// The folder beside the input.
std::string LastInputsOf(const std::string& input);

struct TogetherSettings {
  std::string laws = {};  // to say; empty: the default
  std::uint64_t limit_mb = 0;
  // Of each input. libFuzzer looks at its memory once a second, so that all of it must take some.
  std::uint64_t runs = 20'000;
};

// The command that runs an input and those before it over and over, in one process.
std::vector<std::string> ReplayTogether(const std::string& fuzzer, const TogetherSettings& settings,
                                        const std::string& input);

// The same for a shell. A trace that fails a check does not end it, as it does not end a worker.
std::string ReplayTogetherLine(const std::string& fuzzer, const TogetherSettings& settings,
                               const std::string& input);

// What such a process says by its end.
enum class TogetherEnd : std::uint8_t { kPassed, kOutOfMemory, kDied };
TogetherEnd HowItEnded(const ProgramExit& exit);

// Moves an input and those before it into a folder, which is made; its new path.
Expected<std::string> MoveWithLastInputs(const std::string& input, const std::string& folder);
void RemoveWithLastInputs(const std::string& input);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_UNREPRODUCED_H_
