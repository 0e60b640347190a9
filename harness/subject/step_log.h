#ifndef SLOTPROOF_HARNESS_SUBJECT_STEP_LOG_H_
#define SLOTPROOF_HARNESS_SUBJECT_STEP_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "harness/subject/vocabulary.h"

namespace slotproof {

// The single operations that ran, in their order, each with the place in its trace of the operation
// that it is part of. A burst ("insert_fresh k3 x12") is known as single operations only while it
// runs, so its session writes them here, each before it runs: what ends the process is in the log,
// too, when the log is in memory that outlives it.
//
// All steps are counted, and the first kMost are kept.
struct StepLog {
  static constexpr std::size_t kMost = 8192;

  struct Step {
    std::uint32_t op_index;
    Op op;
  };

  std::uint32_t op_index = 0;  // of the operation that runs
  std::uint64_t count = 0;
  std::array<Step, kMost> steps;

  void Add(const Op& op) { AddTo(op_index, op); }

  // A step that became known later, part of an earlier operation.
  void AddTo(std::uint32_t earlier, const Op& op) {
    if (count < kMost) steps[count] = {.op_index = earlier, .op = op};
    ++count;
  }
};
static_assert(std::is_trivially_destructible_v<StepLog>);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_STEP_LOG_H_
