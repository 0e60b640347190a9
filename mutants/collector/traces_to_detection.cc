// traces_to_detection [--each-strategy] [SEEDS [TRACES [BUG [PROFILE OPS]]]]: how many traces each
// planted bug, or this one, is found after, as a table; by each way to draw schedules; of traces
// as the test draws them, or that this profile draws, of so many operations at most.

#include <cstdlib>
#include <string_view>

#include "harness/testing/detection_table.h"
#include "mutants/collector/mutated_heap.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

int main(int argc, char** argv) {
  using namespace slotproof;
  slotproof::testing::DetectionLimits limits = slotproof::testing::TakeLimits(
      argc, argv, {.seeds = 5, .traces = kTracesToFind, .ops = kOpsOfTrace});
  const std::string_view only = argc > 3 ? argv[3] : "";
  slotproof::testing::PrintDetectionHead(MutatedHeap(), limits);
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    if (!only.empty() && only != flag.mutant) continue;
    const mutants::ChosenMutant chosen(flag);
    Drawing drawing = DrawingFor(flag.mutant);
    if (argc > 4) drawing.profile = argv[4];
    if (argc > 5) drawing.ops = std::strtoull(argv[5], nullptr, 10);
    limits.ops = drawing.ops;
    slotproof::testing::PrintDetectionRow(flag.mutant, MutatedHeap(drawing.profile), limits);
  }
  return 0;
}
