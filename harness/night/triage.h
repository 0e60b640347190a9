#ifndef SLOTPROOF_HARNESS_NIGHT_TRIAGE_H_
#define SLOTPROOF_HARNESS_NIGHT_TRIAGE_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// What a fuzzer left behind, looked at: replayed in a child process, named by its signature, and,
// when that is new, shrunk and saved.
//
//   input -> replay isolated -> passes: not reproduced here
//                            -> a known signature: counted
//                            -> a new one: shrink -> DIR/TARGET-SIGNATURE-HASH.trace
//
// The supervisor runs this in a process of its own, `slotproof fuzz TARGET --triage FILE`, built
// with or without sanitizers, and reads the result from its standard output.

namespace slotproof {

struct TriageOptions {
  std::vector<std::string> known;  // signatures that need no file any more
  std::string findings_dir;
  std::string found_by = "fuzz";
  std::size_t max_shrink_runs = 20'000;          // in one process
  std::size_t max_isolated_shrink_runs = 1'500;  // a process each
  std::chrono::milliseconds time_limit{10'000};  // of an operation
  std::chrono::milliseconds hang_limit{2'000};   // of one, once the failure is known to be one
  std::chrono::milliseconds shrink_limit{60'000};
};

struct TriageResult {
  std::string signature;  // empty: the input passes here
  std::string summary;
  std::size_t operations = 0;
  bool one_minimal = false;
  std::string file;    // where it was saved; empty for a known signature
  std::string replay;  // the command line that replays it

  friend bool operator==(const TriageResult&, const TriageResult&) = default;
};

// An error when the finding cannot be saved.
Expected<TriageResult> Triage(const Target& target, const Trace& trace,
                              const TriageOptions& options);

// For the way from one process to the other.
std::string TriageToJson(const TriageResult& result);
std::optional<TriageResult> TriageFromJson(std::string_view json);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_TRIAGE_H_
