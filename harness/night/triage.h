#ifndef SLOTPROOF_HARNESS_NIGHT_TRIAGE_H_
#define SLOTPROOF_HARNESS_NIGHT_TRIAGE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"

// What a fuzzer left behind, looked at: replayed in a child process, named by its signature, and,
// when that is new, shrunk and saved.
//
//   input -> replay isolated -> passes: not reproduced here
//                            -> a situation that was looked at often enough: counted
//                            -> else shrink -> a shape that is known: counted
//                                           -> else DIR/TARGET-SIGNATURE-HASH.trace
//
// Several bugs may share a signature. So of each a few examples are kept that shrink to different
// operations; what tells them apart is in harness/report/situation.h.
//
// The supervisor runs this in a process of its own, `slotproof fuzz TARGET --triage FILE`, built
// with or without sanitizers, and reads the result from its standard output.

namespace slotproof {

// What is known of one signature.
struct KnownFailure {
  std::string signature;
  std::map<std::string, std::uint64_t> looks;  // how many of each situation were shrunk
  std::vector<std::string> shapes;             // of the examples that are kept

  // Whether nothing of this signature needs to be shrunk any more.
  bool Exhausted() const;
  // Whether another failure in this situation is worth shrinking.
  bool WorthALook(const std::string& situation, Outcome outcome) const;
};

struct TriageOptions {
  std::vector<KnownFailure> known;
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
  std::string situation;  // empty, as the next one, if it was not shrunk
  std::string shape;
  std::size_t operations = 0;
  bool one_minimal = false;
  std::string file;    // where it was saved; empty for what is known
  std::string replay;  // the command line that replays it

  friend bool operator==(const TriageResult&, const TriageResult&) = default;
};

// An error when the finding cannot be saved.
Expected<TriageResult> Triage(const Target& target, const Trace& trace,
                              const TriageOptions& options);

// The command that triages an input of the run in `dir`, in a process of its own: it prints
// TriageToJson().
std::vector<std::string> TriageCommand(const std::string& slotproof, const Target& target,
                                       const std::string& input, const std::string& dir);

// For the way from one process to the other.
std::string TriageToJson(const TriageResult& result);
std::optional<TriageResult> TriageFromJson(std::string_view json);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_TRIAGE_H_
