#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_STATS_FILE_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_STATS_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "harness/check/goals.h"
#include "harness/check/runner.h"

// What one fuzzing process has done, in a file that it keeps mapped, so that another process can
// look on and nothing is lost when it is killed.
//
//   | magic, size, pid | executions, operations, checked, failures | goals | findings: count, name
//   |
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

  // Counts a failure; true when its signature is new in this file. Signatures past the table's end
  // are counted as failures only.
  bool CountFailure(std::string_view signature);

 private:
  explicit StatsFile(FuzzStats* mapped);

  FuzzStats* mapped_;
  FuzzStats before_;  // what the predecessors did
  std::uint64_t updates_ = 0;
};

// The reader's side: a copy of the file's numbers. Nothing for a file that is absent, cut short or
// of another version.
std::optional<FuzzStats> ReadStats(const std::string& path);

// Adds what one process did to a total; signatures are joined by name.
void AddStats(const FuzzStats& part, FuzzStats* total);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_STATS_FILE_H_
