#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_STATS_FILE_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_STATS_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "harness/check/runner.h"
#include "harness/subject/goals.h"

// What one fuzzing process has done, in a file that it keeps mapped, so that another process can
// look on and nothing is lost when it is killed.
//
//   | magic, size, pid | executions, operations, checked, failures | goals | findings: count, name
//   | the last inputs
//
// One process writes, any number read. Each number is read and written whole; numbers beside each
// other may be of neighbouring executions. A process that opens the file of its predecessor goes on
// counting where that one stopped.

namespace slotproof {

inline constexpr std::size_t kMaxSignatures = 64;
inline constexpr std::size_t kSignatureBytes = 120;

// A failure's signature and how often it was met.
struct SignatureCount {
  std::uint64_t count = 0;
  std::array<char, kSignatureBytes> signature{};  // cut to fit, zero-terminated

  std::string_view name() const { return signature.data(); }
};

// As it lies in the file.
struct FuzzStats {
  std::uint64_t magic = 0;
  std::uint64_t bytes = 0;
  std::uint64_t pid = 0;
  std::uint64_t executions = 0;
  std::uint64_t operations = 0;
  std::uint64_t checked_operations = 0;
  std::uint64_t failures = 0;
  std::uint64_t signature_count = 0;
  std::array<std::uint64_t, kMaxGoals> goals{};
  std::array<SignatureCount, kMaxSignatures> signatures{};
};
static_assert(std::is_trivially_copyable_v<FuzzStats>);

// An input as it lies in the file.
struct StoredInput {
  std::uint64_t size = 0;
  std::array<std::uint8_t, std::size_t{1} << 15> bytes{};  // longer inputs are cut
};

inline constexpr std::size_t kLastInputs = 16;

// Lies in the file after the numbers: what a process was at when it ended without a word, and what
// it ran before. It belongs to one process; a successor begins with none.
struct LastInputs {
  std::uint64_t entered = 0;    // the n-th input lies at place n % kLastInputs
  std::uint64_t in_flight = 0;  // 1 while the last one runs
  std::array<StoredInput, kLastInputs> inputs{};
};

// The writer's side.
class StatsFile {
 public:
  // Opens or makes the file. Nothing, and the reason in *error, when that is not possible.
  static std::unique_ptr<StatsFile> Open(const std::string& path, std::string* error);
  ~StatsFile();
  StatsFile(const StatsFile&) = delete;
  StatsFile& operator=(const StatsFile&) = delete;

  // Records the runner's totals since this process began. The goals, which are many, are copied
  // now and then only, and by Flush().
  void Update(const RunStats& totals);
  void Flush(const RunStats& totals);

  // Notes the input that is about to run.
  void Enter(std::span<const std::uint8_t> input);
  void Leave();

  // Counts a failure; true when its signature is new in this file. Signatures past the table's end
  // are counted as failures only.
  bool CountFailure(std::string_view signature);

 private:
  struct Layout {
    FuzzStats stats;
    LastInputs last;
  };

  explicit StatsFile(Layout* layout);

  Layout* layout_;
  FuzzStats* mapped_;
  FuzzStats before_;  // what the predecessors did
  std::uint64_t updates_ = 0;
};

// The reader's side: a copy of the file's numbers. Nothing for a file that is absent, cut short or
// of another version.
std::optional<FuzzStats> ReadStats(const std::string& path);

// The input at which the file's last writer ended; empty when it was at none.
std::vector<std::uint8_t> ReadInputInFlight(const std::string& path);

// The last inputs of the file's last writer, the latest last.
std::vector<std::vector<std::uint8_t>> ReadLastInputs(const std::string& path);

// Adds what one process did to a total; signatures are joined by name.
void AddStats(const FuzzStats& part, FuzzStats* total);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_STATS_FILE_H_
