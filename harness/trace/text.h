#ifndef SLOTPROOF_HARNESS_TRACE_TEXT_H_
#define SLOTPROOF_HARNESS_TRACE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/error.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// Traces as people read, write and review them:
//
//   slotproof-trace 1                        the form's version, always first
//   target map                               names the target and with it the vocabulary
//   laws spec                                only when they are not the target's default
//   points 1                                 of a target with schedules: the version of what its
//                                            switches count; without it nothing is known
//   header key=uint64 universe=4096 seed=42  omitted fields are 0; may be split over lines
//
//   insert k7                                an operation a line, operands in the table's order
//   insert_fresh k3 x12                      # a comment
//   step i0 x3
//
//   operand   key   handle   thread   count             number   choice
//   written   k7    i0, s1   t0       x12 (at least 1)  12       its name: len-1
//
//   Numbers are decimal, or hexadecimal: k0x1f. The vocabulary says a handle's letter.
//
// Lossless: ParseTrace(PrintTrace(t)) == t for every trace within its limits, and what ParseTrace
// accepts is within its limits.

namespace slotproof {

struct TargetTrace {
  const Target* target = nullptr;
  Trace trace;
  std::uint16_t points = 0;  // as the text says; 0: it does not
};

// `comment` goes below the first line, each of its lines after a #.
std::string PrintTrace(const Target& target, const Trace& trace, std::string_view comment = {});

// "insert_fresh k3 x12"
std::string PrintOp(const Vocabulary& vocabulary, const Op& op);

// "k3", "x12", "len": one operand of that line.
std::string PrintOperand(const Operand& operand, std::uint32_t value);

// "a slice", "a place": what to call the operand.
std::string_view OperandNoun(const Operand& operand);

// "key=uint64 universe=4096 seed=42"
std::string PrintHeader(const Vocabulary& vocabulary, const Header& header);

// The target is looked up by name among `targets`, unless `instead` takes its place: the one that
// the text names need not be known then, and must have the same vocabulary if it is. It is judged
// by the laws that the text names; `instead` only if it knows them. An error begins
// "FILE:LINE:COLUMN: ".
Expected<TargetTrace> ParseTrace(std::string_view text, std::string_view file_name,
                                 std::span<const Target* const> targets,
                                 const Target* instead = nullptr);

// True when the first line that is neither blank nor a comment begins as a trace's must.
bool IsTextTrace(std::string_view bytes);

// The target of this name; else an error that names a near one. `where` opens the error.
Expected<const Target*> FindTarget(std::string_view name, std::span<const Target* const> targets,
                                   std::string_view where = {});

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_TRACE_TEXT_H_
