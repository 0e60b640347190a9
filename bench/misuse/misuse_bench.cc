// How the programs of programs.h end.
//
//   misuse_bench MOST_CLASSES SCHEDULES [NAME]
//
// For measure.py it prints, with tabs in between:
//
//   PROGRAM  <name> <entries at first> <thread 0> <thread 1>
//   CLASSES  <name> <ending> <classes of interleavings> <whole or part>
//   WALK     <name> <ending> <schedules of a uniform walk>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "bench/misuse/explore.h"
#include "harness/sched/crash.h"

namespace slotproof::bench {
namespace {

void Measure(const MisuseProgram& program, std::uint64_t most, std::uint64_t schedules) {
  const char* const name = program.name.data();
  std::printf("PROGRAM\t%s\t%u\t%s\t%s\n", name, program.entries, program.threads[0].data(),
              program.threads[1].data());
  const sched::Explored all = ExploreMisuse(program, most);
  for (const auto& [ending, count] : all.outcomes) {
    std::printf("CLASSES\t%s\t%s\t%lu\t%s\n", name, ending.c_str(), count,
                all.whole ? "whole" : "part");
  }
  for (const auto& [ending, count] : WalkMisuse(program, schedules)) {
    std::printf("WALK\t%s\t%s\t%lu\n", name, ending.c_str(), count);
  }
  std::fflush(stdout);
}

}  // namespace
}  // namespace slotproof::bench

int main(int count, char** arguments) {
  if (count < 3) return 2;
  const std::uint64_t most = std::strtoull(arguments[1], nullptr, 10);
  const std::uint64_t schedules = std::strtoull(arguments[2], nullptr, 10);
  slotproof::sched::CatchCrashes();
  for (const slotproof::bench::MisuseProgram& program : slotproof::bench::MisusePrograms()) {
    if (count > 3 && program.name != arguments[3]) continue;
    slotproof::bench::Measure(program, most, schedules);
  }
  return 0;
}
