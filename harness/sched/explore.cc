#include "harness/sched/explore.h"

#include <algorithm>
#include <cstddef>

#include "harness/sched/stale_reads.h"

namespace slotproof::sched {

const RunResult& RunOnce(const Program& program, Strategy& strategy, const RunOptions& options) {
  return Runtime::Get().Run([](void* argument) { (*static_cast<const Program*>(argument))(); },
                            const_cast<Program*>(&program), strategy, options);
}

std::optional<Found> FindFailure(const Program& program, StrategyName strategy, std::uint64_t seed,
                                 std::uint64_t schedules, const RunOptions& options) {
  Runtime::Get().Forget();
  Choices choices(seed);
  Mix mix(strategy, choices);
  StaleReads stale(mix, choices);
  Strategy& drawn = options.memory == Memory::kStale ? static_cast<Strategy&>(stale) : mix;
  for (std::uint64_t i = 1; i <= schedules; ++i) {
    const RunResult& result = RunOnce(program, drawn, options);
    if (result.failed()) return Found{.result = result, .schedules = i};
  }
  return std::nullopt;
}

Explored ExploreAll(const Program& program, Exhaustive::Reduction reduction,
                    const RunOptions& options, std::uint64_t most,
                    const std::function<std::string()>& outcome) {
  Runtime& runtime = Runtime::Get();
  runtime.Forget();
  Exhaustive all(reduction);
  Explored explored;
  std::uint64_t contended = runtime.contended_count();
  do {
    const RunResult& result = RunOnce(program, all, options);
    if (runtime.contended_count() != contended) {
      // Points of decision have come up: what was explored without them does not count.
      contended = runtime.contended_count();
      all.Restart();
      explored = Explored{};
      continue;
    }
    if (result.ending == Ending::kGivenUp) continue;
    if (result.failed()) {
      ++explored.outcomes[std::string(EndingName(result.ending))];
      ++explored.failed;
      if (!explored.first_failure) explored.first_failure = result;
    } else if (outcome) {
      ++explored.outcomes[outcome()];
    }
    explored.whole = all.completed() < most;
  } while (explored.whole && all.Next());
  explored.completed = all.completed();
  explored.given_up = all.given_up();
  return explored;
}

namespace {

bool Alike(const RunResult& one, const RunResult& other) {
  return one.ending == other.ending &&
         (one.ending != Ending::kFailed || one.message == other.message);
}

}  // namespace

Found MinimalFailure(const Program& program, const RunResult& failure, const RunOptions& options) {
  Found best = {.result = failure, .schedules = 0};
  // Runs of half of the switches, of a quarter ..., of one, until no run of one can go.
  std::size_t width = std::max<std::size_t>(failure.schedule.size() / 2, 1);
  for (bool dropped = true; dropped || width > 1;) {
    if (!dropped) width = std::max<std::size_t>(width / 2, 1);
    dropped = false;
    for (std::size_t at = 0; at < best.result.schedule.size();) {
      Schedule fewer = best.result.schedule;
      const std::size_t end = std::min(at + width, fewer.size());
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at),
                  fewer.begin() + static_cast<std::ptrdiff_t>(end));
      const Replayed replayed = ReplaySchedule(program, fewer, options);
      ++best.schedules;
      if (Alike(replayed.result, failure) && replayed.result.schedule.size() <= fewer.size()) {
        best.result = replayed.result;
        dropped = true;
      } else {
        at = end;
      }
    }
  }
  return best;
}

Replayed ReplaySchedule(const Program& program, const Schedule& schedule,
                        const RunOptions& options) {
  Replay replay(schedule);
  Replayed replayed;
  replayed.result = RunOnce(program, replay, options);
  replayed.moved = replay.moved();
  return replayed;
}

}  // namespace slotproof::sched
