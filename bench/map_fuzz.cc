// The map's fuzz target (//fuzz:map_fuzz) that says how many operations it checked.

#include "bench/fuzz_report.h"
#include "harness/engine/fuzz/entry.h"
#include "subjects/map/targets.h"

SLOTPROOF_FUZZ_TARGET(slotproof::MapTarget());

namespace {

const slotproof::FuzzReport kReport([] {
  return slotproof::ProcessFuzzEntry(slotproof::MapTarget()).runner().stats().checked_operations;
});

}  // namespace
