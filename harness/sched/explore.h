#ifndef SLOTPROOF_HARNESS_SCHED_EXPLORE_H_
#define SLOTPROOF_HARNESS_SCHED_EXPLORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "harness/sched/exhaustive.h"
#include "harness/sched/mix.h"
#include "harness/sched/replay.h"
#include "harness/sched/runtime.h"
#include "harness/sched/schedule.h"

namespace slotproof::sched {

// A program of threads: it makes them, joins them, and says what went wrong by Fail(). It is run
// again and again in one process and must start from the same state each time.
using Program = std::function<void()>;

// One schedule. The result holds until the next one.
const RunResult& RunOnce(const Program& program, Strategy& strategy, const RunOptions& options);

// A schedule that fails, and how many were run, with it.
struct Found {
  RunResult result;
  std::uint64_t schedules = 0;
};

// Random schedules until one fails; nothing if none of so many does. The same seed gives the same.
std::optional<Found> FindFailure(const Program& program, StrategyName strategy, std::uint64_t seed,
                                 std::uint64_t schedules, const RunOptions& options = {});

// All interleavings, and how they ended.
struct Explored {
  std::uint64_t completed = 0;  // with those that failed
  std::uint64_t given_up = 0;   // twins of completed ones
  std::uint64_t failed = 0;
  bool whole = true;                              // false: there are more than `most`
  std::map<std::string, std::uint64_t> outcomes;  // how often each; failures by their ending's name
  std::optional<RunResult> first_failure;
};

// `outcome` says what the program that has just ended without a failure observed.
Explored ExploreAll(const Program& program, Exhaustive::Reduction reduction,
                    const RunOptions& options = {}, std::uint64_t most = 10'000'000,
                    const std::function<std::string()>& outcome = {});

// The recorded schedule again. `moved` when it is not: then a switch had no place.
struct Replayed {
  RunResult result;
  bool moved = false;
};
Replayed ReplaySchedule(const Program& program, const Schedule& schedule,
                        const RunOptions& options = {});

// The failure with as few switches and stale loads as it takes: without any one of them the program
// does not fail in this way. Failures are alike that end alike, and where the program itself says
// what failed, with the same words.
Found MinimalFailure(const Program& program, const RunResult& failure,
                     const RunOptions& options = {});

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_EXPLORE_H_
