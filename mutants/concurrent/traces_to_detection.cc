// traces_to_detection [--each-strategy] [SEEDS [TRACES [BUG]]]: how many traces each planted bug,
// or this one, is found after, as a table; by each way to draw schedules.

#include <cstdlib>
#include <string_view>

#include "harness/testing/detection_table.h"
#include "mutants/concurrent/mutated_maps.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

int main(int argc, char** argv) {
  using namespace slotproof;
  const slotproof::testing::DetectionLimits limits = slotproof::testing::TakeLimits(
      argc, argv, {.seeds = 10, .traces = kTracesToFind, .ops = kOpsOfTrace});
  const std::string_view only = argc > 3 ? argv[3] : "";
  slotproof::testing::PrintDetectionHead(SyncMapTarget(), limits);
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    if (IsForRealThreads(flag) || (!only.empty() && only != flag.mutant)) continue;
    const mutants::ChosenMutant chosen(flag);
    slotproof::testing::PrintDetectionRow(flag.mutant, TargetOf(flag), limits);
  }
  return 0;
}
