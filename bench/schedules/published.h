#ifndef SLOTPROOF_BENCH_SCHEDULES_PUBLISHED_H_
#define SLOTPROOF_BENCH_SCHEDULES_PUBLISHED_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

// How many schedules others need until a program of program.h fails for the first time.
//
// The figures are computed from the raw data that the authors of two papers published:
//
//   RFF   "Greybox Fuzzing for Concurrency Testing", ASPLOS 2024: its own columns (kRff to kGenMc)
//   SURW  "Selectively Uniform Concurrency Testing", ASPLOS 2025: kSurw and kRandomWalk, and all
//         of RADBench's rows
//
// Scheduling points differ between them and from ours: every access for RFF, racy accesses and
// synchronization for SCTBench, from which the numbers of threads and steps are. Their programs are
// the originals. A 1 may stand for a program that fails or hangs in any schedule under that tool.

namespace slotproof::bench {

enum Technique : std::size_t {
  kRff,         // reads-from-guided greybox fuzzing
  kPos,         // partial-order sampling
  kPct3,        // probabilistic concurrency testing, depth 3
  kQLearning,   // rewards for new states
  kPeriod,      // systematic periods
  kMaple,       // coverage-driven active testing
  kGenMc,       // stateless model checking
  kSurw,        // selectively uniform random walk
  kRandomWalk,  // plain random walk
  kTechniques,
};

inline constexpr std::array<std::string_view, kTechniques> kTechniqueNames = {
    "RFF", "POS", "PCT3", "QL", "PERIOD", "Maple", "GenMC", "SURW", "RW"};

// Schedules until the first failure, over the trials that found it.
struct Published {
  bool ran = false;  // the other fields say nothing if not
  int found = 0;     // trials that found it
  int trials = 0;
  double mean = 0;
  double least = 0;
  double greatest = 0;
  double in_vain =
      0;  // if none found it: the median of the schedules that a trial tried; 0: not said

  bool FoundInAll() const { return ran && found == trials; }
};

struct PublishedRow {
  std::string_view program;  // Program::name
  int threads;               // of the original; 0: not said
  int steps;                 // likewise
  std::array<Published, kTechniques> figures;
};

// In the order of Programs().
std::span<const PublishedRow> PublishedRows();

// Nullptr if there is none.
const PublishedRow* FindPublished(std::string_view program);

// What to beat: the least mean of any technique that found the bug in all its trials. Nothing if no
// technique did (SafeStack).
std::optional<double> Goal(const PublishedRow& row);

// The technique whose mean that is; the first one in the order above if several have it.
std::optional<Technique> Leader(const PublishedRow& row);

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_SCHEDULES_PUBLISHED_H_
