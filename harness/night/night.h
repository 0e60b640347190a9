#ifndef SLOTPROOF_HARNESS_NIGHT_NIGHT_H_
#define SLOTPROOF_HARNESS_NIGHT_NIGHT_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/engine/fuzz/stats_file.h"
#include "harness/night/report.h"
#include "harness/night/supervisor.h"
#include "harness/subject/target.h"

// Several targets in turns, each in a folder of its own, which its next turn goes on from:
//
//   DIR/map/   DIR/slice/   ...        as supervisor.h has them
//   DIR/report.md .json                all of them, written anew after each turn
//
//   map   slice   unordered_map   map   slice   unordered_map      at least two rounds, if the time
//   |-----|-------|---------------|-----|-------|-----------|      is not too short for them
//
// Whenever it is ended, each target has had its share of the time, or is about to have its first.

namespace slotproof {

struct NightOptions {
  std::string dir;
  double seconds = 0;          // 0: no limit
  std::size_t stop_after = 0;  // findings; 0: no limit
  bool one_round = false;
};

// A target and what it has done in all of its turns.
struct NightTarget {
  const Target* target;
  SupervisorOptions options;
  double seconds = 0;
  FuzzStats stats;               // without signatures, which are counted in the folder
  FuzzReport last;               // of its last turn
  std::vector<std::string> met;  // signatures
  std::string error;             // why it has no more turns
};

// Rounds in which each target has a turn; 0: without end.
std::size_t Rounds(double seconds, std::size_t targets);

// True when something was found. A target that cannot be fuzzed is an error at the end, of which
// the others have had their time.
Expected<bool> RunNight(std::vector<NightTarget> targets, const NightOptions& options,
                        std::ostream& out);

// The page on all of them, findings last.
std::string NightMarkdown(const std::vector<NightTarget>& targets, const std::string& ended_by);
std::string NightJson(const std::vector<NightTarget>& targets, const std::string& ended_by);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_NIGHT_H_
