#include "bench/misuse/explore.h"

#include "bench/misuse/judge.h"
#include "bench/misuse/run.h"
#include "harness/sched/choices.h"
#include "harness/sched/mix.h"

namespace slotproof::bench {
namespace {

// Nothing orders the two threads: each run is a race, and what comes of it is asked for.
constexpr sched::RunOptions kOptions = {.races_fail = false, .max_points = 20'000};

}  // namespace

sched::Explored ExploreMisuse(const MisuseProgram& program, sched::Exhaustive::Reduction reduction,
                              std::uint64_t most) {
  const MisuseJudge judge(program);
  const MisuseSeen* seen = nullptr;
  return sched::ExploreAll([&] { seen = &RunMisuse(program, nullptr); }, reduction, kOptions, most,
                           [&] { return judge.Judge(*seen); });
}

sched::Explored ExploreMisuse(const MisuseProgram& program, std::uint64_t most) {
  using enum sched::Exhaustive::Reduction;
  sched::Explored all = ExploreMisuse(program, kDynamic, most);
  return all.failed == 0 ? all : ExploreMisuse(program, kSleepSets, most);
}

MisuseEndings WalkMisuse(const MisuseProgram& program, std::uint64_t schedules) {
  const MisuseJudge judge(program);
  const MisuseSeen* seen = nullptr;
  const sched::Program body = [&] { seen = &RunMisuse(program, nullptr); };
  sched::Choices choices(1);
  sched::Mix uniform(sched::StrategyName::kUniform, choices);
  MisuseEndings endings;
  for (std::uint64_t i = 0; i < schedules; ++i) {
    const sched::RunResult& result = sched::RunOnce(body, uniform, kOptions);
    ++endings[result.failed() ? std::string(sched::EndingName(result.ending)) : judge.Judge(*seen)];
  }
  return endings;
}

}  // namespace slotproof::bench
