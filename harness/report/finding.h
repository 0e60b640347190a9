#ifndef SLOTPROOF_HARNESS_REPORT_FINDING_H_
#define SLOTPROOF_HARNESS_REPORT_FINDING_H_

#include <string>
#include <string_view>

#include "harness/check/target.h"
#include "harness/check/verdict.h"
#include "harness/trace/error.h"
#include "harness/trace/trace.h"

namespace slotproof {

// Where findings go when nobody says: $TEST_UNDECLARED_OUTPUTS_DIR in a Bazel test, else
// $SLOTPROOF_FINDINGS, else the folder that the user stands in.
std::string FindingsDirectory();

// The signature as part of a file's name: "mismatch-pop.key".
std::string SignatureSlug(std::string_view signature);

// Saves the failing trace as DIRECTORY/TARGET-SIGNATURE-HASH.trace and returns that path, absolute.
// HASH is of the trace, so that the same finding is saved once. A missing directory is made.
Expected<std::string> SaveFinding(const Target& target, const Trace& trace, const Verdict& verdict,
                                  std::string_view found_by,
                                  const std::string& directory = FindingsDirectory());

// The last resort when a trace could not be saved: the error and the trace as text on standard
// error, so that nothing is lost.
void PrintUnsaved(const Target& target, const Trace& trace, const Error& error);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_REPORT_FINDING_H_
