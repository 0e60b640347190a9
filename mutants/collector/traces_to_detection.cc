// traces_to_detection [SEEDS [TRACES [BUG [PROFILE OPS]]]]: how many traces each planted bug, or
// this one, is found after, as a table; of traces that this profile draws, of so many operations at
// most.

#include <cstdlib>
#include <string_view>

#include "harness/testing/detection_table.h"
#include "mutants/collector/mutated_heap.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

int main(int argc, char** argv) {
  using namespace slotproof;
  const slotproof::testing::DetectionLimits limits = {
      .seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5,
      .traces = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : kTracesToFind,
      .ops = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : kOpsOfTrace};
  const std::string_view only = argc > 3 ? argv[3] : "";
  const Target target = MutatedHeap(argc > 4 ? argv[4] : "");
  slotproof::testing::PrintDetectionHead();
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    if (!only.empty() && only != flag.mutant) continue;
    const mutants::ChosenMutant chosen(flag);
    slotproof::testing::PrintDetectionRow(flag.mutant, target, limits);
  }
  return 0;
}
