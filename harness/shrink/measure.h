#ifndef SLOTPROOF_HARNESS_SHRINK_MEASURE_H_
#define SLOTPROOF_HARNESS_SHRINK_MEASURE_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/check/steps.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

namespace slotproof {

// What somebody has to follow who reads a failing trace. Of two traces that fail alike, the one
// with the smaller measure is the better counterexample. Compared in this order, so that nothing
// further down outweighs what is above it:
//
//   1. steps   single operations that run, up to the failure; of a burst, those that it performs
//   2. names   different keys, handles and threads in them
//   3. header  how many fields are not 0, then the fields' values, the first first
//   4. lines   operations as written
//   5. text    the operations, the first first: opcode, then operands; an earlier one is plainer
//
// So a burst is better than what it stands for (fewer lines), but never than anything shorter.
struct Measure {
  std::uint64_t steps = 0;
  std::size_t names = 0;
  std::size_t fields_set = 0;
  std::array<std::uint32_t, kMaxFields> fields{};
  std::size_t lines = 0;
  std::vector<std::uint32_t> text;

  friend auto operator<=>(const Measure&, const Measure&) = default;
};

// An operand that names something: a key, a handle, a thread.
bool IsName(const Operand& operand);

// Of a trace that failed at this operation. `steps` is what it came to; when null, each operation
// counts as one.
Measure MeasureOf(const Vocabulary& vocabulary, const Trace& trace, std::size_t failed_at,
                  const TraceSteps* steps);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SHRINK_MEASURE_H_
