// schedules_to_detection [SEEDS [PROGRAMS]]: how many schedules each bug of the collector is found
// after, by strategy, as a table. At most so many programs for each seed.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/heap/heap_policy.h"
#include "harness/sched/mix.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"
#include "subjects/scheduled_heap/hunt.h"

namespace slotproof {
namespace {

constexpr std::array kColumns = {sched::StrategyName::kMix, sched::StrategyName::kRandomWalk,
                                 sched::StrategyName::kPos, sched::StrategyName::kPct3};

struct Limits {
  std::uint64_t seeds;
  std::uint64_t programs;
};

void PrintCell(const core::BarrierRules& rules, sched::StrategyName strategy, Limits limits) {
  std::uint64_t found = 0;
  std::uint64_t schedules = 0;
  for (std::uint64_t seed = 1; seed <= limits.seeds; ++seed) {
    const HeapHunt hunt = HuntInHeap(rules, seed, limits.programs, strategy);
    if (!hunt.found.has_value()) continue;
    ++found;
    schedules += hunt.schedules;
  }
  if (found == 0) {
    std::printf(" none |");
  } else {
    std::printf(" %.0f", static_cast<double>(schedules) / static_cast<double>(found));
    if (found == limits.seeds) {
      std::printf(" |");
    } else {
      std::printf(" in %llu |", static_cast<unsigned long long>(found));
    }
  }
  std::fflush(stdout);
}

void PrintRow(const char* name, const core::BarrierRules& rules, Limits limits) {
  std::printf("| `%s` |", name);
  for (const sched::StrategyName strategy : kColumns) PrintCell(rules, strategy, limits);
  std::printf("\n");
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  using namespace slotproof;
  using Insertion = core::BarrierRules::Insertion;
  const Limits limits = {.seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10,
                         .programs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 400};
  std::printf("| bug |");
  for (const sched::StrategyName strategy : kColumns) {
    std::printf(" %s |", std::string(sched::NameOf(strategy)).c_str());
  }
  std::printf("\n|---|---:|---:|---:|---:|\n");
  PrintRow("no shade of the old value", {.shades_old = false}, limits);
  PrintRow("no shade of the new value", {.shades_new = Insertion::kNever}, limits);
  PrintRow("new objects white", {.allocates_black = false}, limits);
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    const mutants::ChosenMutant chosen(flag);
    PrintRow(flag.mutant, {}, limits);
  }
  return 0;
}
