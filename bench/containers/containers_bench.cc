// How fast the programs of subjects/public_containers are run, and after how many schedules what
// there is to be found is.
//
//   containers_bench [SCHEDULES]
//
// For measure.py it prints a line a program:
//
//   CONTAINER <set> <program> <points> <schedules a second> <found after, or 0> <ending> <switches>
//     <the same three where loads see older stores>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "bench/result.h"
#include "harness/sched/crash.h"
#include "harness/sched/explore.h"
#include "subjects/public_containers/judge.h"
#include "subjects/public_containers/programs.h"

namespace slotproof::bench {
namespace {

using sched::Memory;

sched::RunOptions Options(const public_containers::ContainerProgram& program, Memory memory) {
  public_containers::ForgiveEmpty(memory == Memory::kStale);
  return {.memory = memory,
          .races_fail = program.races_fail,
          .max_points = public_containers::kMostPoints};
}

void PrintFound(const public_containers::ContainerProgram& program, Memory memory,
                std::uint64_t schedules) {
  const sched::RunOptions options = Options(program, memory);
  const std::optional<sched::Found> found =
      FindFailure(program.run, sched::StrategyName::kMix, 1, schedules, options);
  if (!found) {
    std::printf(" 0 - 0");
    return;
  }
  std::string ending(EndingName(found->result.ending));
  for (char& c : ending) c = c == ' ' ? '_' : c;
  const sched::Found minimal = MinimalFailure(program.run, found->result, options);
  std::printf(" %lu %s %zu", found->schedules, ending.c_str(), minimal.result.schedule.size());
}

// Also of programs that fail: each schedule up to there.
void Measure(std::string_view set, const public_containers::ContainerProgram& program,
             std::uint64_t schedules) {
  const sched::RunOptions options = Options(program, Memory::kSequential);
  sched::Runtime::Get().Forget();
  sched::Choices choices(1);
  sched::Mix mix(sched::StrategyName::kMix, choices);
  std::uint64_t points = 0;
  const Stopwatch watch;
  for (std::uint64_t i = 0; i < schedules; ++i) {
    points += sched::RunOnce(program.run, mix, options).points;
  }
  const double seconds = watch.Seconds();
  const auto all = static_cast<double>(schedules);
  std::printf("CONTAINER %s %s %.0f %.0f", set.data(), program.name.data(),
              static_cast<double>(points) / all, all / seconds);
  PrintFound(program, Memory::kSequential, schedules);
  PrintFound(program, Memory::kStale, schedules);
  std::printf("\n");
}

}  // namespace
}  // namespace slotproof::bench

int main(int count, char** arguments) {
  const std::uint64_t schedules = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 10'000;
  slotproof::sched::CatchCrashes();
  for (const auto& set : slotproof::public_containers::ContainerSets()) {
    for (const auto& program : set.programs) {
      slotproof::bench::Measure(set.name, program, schedules);
    }
  }
}
