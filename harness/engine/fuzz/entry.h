#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_ENTRY_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_ENTRY_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "harness/base/error.h"
#include "harness/check/runner.h"
#include "harness/check/stall_watch.h"
#include "harness/engine/fuzz/mutator.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/trace/codec.h"

// All that a libFuzzer program needs for a target; its source is one line:
//
//   SLOTPROOF_FUZZ_TARGET(slotproof::MapTarget())
//
// A failing input ends the process with its verdict and the trace as text, so that libFuzzer and
// whatever drives it (OSS-Fuzz, a regression run) see a crash. Under `slotproof fuzz` the fuzzer
// goes on instead, steered by the environment:
//
//   SLOTPROOF_FINDINGS=DIR   save failing traces in DIR and go on fuzzing: of each situation
//                            (signature and operation) the 1st, the 2nd, the 4th, ... 64th
//   SLOTPROOF_STATS=FILE     keep executions, operations, goals and failures in FILE
//   SLOTPROOF_LAWS=NAME      judge by these laws of the target instead of its default ones
//   SLOTPROOF_WHICH_TARGET=1 say which target this fuzzes, and end
//
// A hang is libFuzzer's to report, from a signal handler which allocates and prints: it never ends
// when the hung code holds the lock of either. Then this writes the input down and ends the process
// as libFuzzer would, at most twice -timeout and some seconds after the input began.

namespace slotproof {

struct FuzzSettings {
  std::string findings_dir;  // empty: a failure ends the process
  std::string stats_path;    // empty: none
  // Inputs are cut off here, so that no input takes long whatever -max_len says.
  std::size_t max_ops = 4096;
  std::chrono::milliseconds hang_limit{0};  // 0: none
  std::string artifact_prefix = "./";       // of the input that hangs
  int hang_exit_code = 70;

  // What the environment and libFuzzer's flags say.
  static FuzzSettings FromEnvironment();
};

// What libFuzzer's flags say of hangs: -timeout, -timeout_exitcode and -artifact_prefix.
FuzzSettings HangSettings(std::span<const std::string_view> arguments);

class FuzzEntry {
 public:
  // What libFuzzer wants to hear about an input.
  static constexpr int kKeepIfInteresting = 0;
  static constexpr int kReject = -1;
  // How a process ends that wants to be started anew, because failed subjects, which are never
  // destroyed, fill its memory.
  static constexpr int kRecycleExitCode = 86;

  FuzzEntry(const Target& target, FuzzSettings settings, Mutator::RawMutate raw_mutate = nullptr);

  int RunOne(std::span<const std::uint8_t> input);
  Mutator& mutator() { return mutator_; }
  const Runner& runner() const { return runner_; }

 private:
  Mutator::Reschedule NewReschedule();
  int OnFailure(const Verdict& verdict);
  [[noreturn]] void Crash(const Verdict& verdict) const;
  Expected<std::string> SaveFindingIn(const std::string& dir, const Verdict& verdict) const;
  void RecycleIfLarge() const;
  static void OnHang(void* entry);

  const Target* target_;
  FuzzSettings settings_;
  Codec codec_;
  Runner runner_;
  Mutator mutator_;
  std::unique_ptr<StatsFile> stats_;
  std::unordered_map<std::string, std::uint64_t> met_;  // by situation
  std::uint64_t failures_ = 0;
  Trace trace_;          // that ran last
  bool passed_ = false;  // it did
  std::span<const std::uint8_t> input_;
  StallWatch stall_watch_;
};

// The entry of this process, by the laws of its environment. It is never destroyed: libFuzzer runs
// inputs until the very end.
FuzzEntry& ProcessFuzzEntry(const Target& target);

// What a fuzzer that is asked with SLOTPROOF_WHICH_TARGET writes to its standard output before the
// target's name and the end of the line.
inline constexpr std::string_view kTargetAnswer = "slotproof fuzzes ";

// Answers and ends the process, if it is asked.
void SayWhichTarget(const Target& target);

// Puts the settings that suit traces before the user's own flags, which win, and takes note of
// those about hangs. Without libFuzzer it changes nothing.
void AddFuzzerDefaults(int* argc, char*** argv);

}  // namespace slotproof

#define SLOTPROOF_FUZZ_TARGET(target)                                                        \
  const slotproof::Target& SlotproofFuzzTarget();                                            \
  const slotproof::Target& SlotproofFuzzTarget() { return target; }                          \
  extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {                             \
    slotproof::SayWhichTarget(SlotproofFuzzTarget());                                        \
    slotproof::AddFuzzerDefaults(argc, argv);                                                \
    return 0;                                                                                \
  }                                                                                          \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {        \
    static slotproof::FuzzEntry& entry = slotproof::ProcessFuzzEntry(target);                \
    return entry.RunOne({data, size});                                                       \
  }                                                                                          \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,       \
                                                 std::size_t max_size, unsigned seed) {      \
    return slotproof::ProcessFuzzEntry(target).mutator().Mutate(data, size, max_size, seed); \
  }                                                                                          \
  extern "C" std::size_t LLVMFuzzerCustomCrossOver(                                          \
      const std::uint8_t* first, std::size_t first_size, const std::uint8_t* second,         \
      std::size_t second_size, std::uint8_t* out, std::size_t max_out_size, unsigned seed) { \
    return slotproof::ProcessFuzzEntry(target).mutator().CrossOver(                          \
        {first, first_size}, {second, second_size}, {out, max_out_size}, seed);              \
  }                                                                                          \
  static_assert(true, "a semicolon follows")

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_ENTRY_H_
