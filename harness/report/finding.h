#ifndef SLOTPROOF_HARNESS_REPORT_FINDING_H_
#define SLOTPROOF_HARNESS_REPORT_FINDING_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/error.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"
#include "harness/trace/trace_file.h"

namespace slotproof {

// Where findings go when nobody says: $TEST_UNDECLARED_OUTPUTS_DIR in a Bazel test, else
// $SLOTPROOF_FINDINGS, else the folder that the user stands in.
std::string FindingsDirectory();

// The signature as part of a file's name: "mismatch-pop.key".
std::string SignatureSlug(std::string_view signature);

// TARGET-SIGNATURE-HASH.trace, where HASH is of the raw input, so that the same finding is saved
// once. Made in `text`, so that a signal handler can make it.
using FindingNameText = std::array<char, 256>;
std::string_view FindingName(const Target& target, std::string_view signature,
                             std::span<const std::uint8_t> raw, FindingNameText* text);

// What a finding's file says, but for signature and summary.
TraceInfo FindingInfo(const Target& target, std::string_view found_by);

// Saves the failing trace in the directory, which is made if there is none, and returns its path,
// absolute.
Expected<std::string> SaveFinding(const Target& target, const Trace& trace, const Verdict& verdict,
                                  std::string_view found_by,
                                  const std::string& directory = FindingsDirectory());

// The last resort when a trace could not be saved: the error and the trace as text on standard
// error, so that nothing is lost.
void PrintUnsaved(const Target& target, const Trace& trace, const Error& error);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_REPORT_FINDING_H_
