// Makes a target's fuzzer (//fuzz:TARGET_fuzz) say how many operations it checked.

#include "bench/fuzz_report.h"
#include "harness/check/target_under_test.h"
#include "harness/engine/fuzz/entry.h"

namespace slotproof {
namespace {

const RunStats& Stats() { return ProcessFuzzEntry(TargetUnderTest()).runner().stats(); }

const FuzzReport kReport([] { return Stats().operations; },
                         [] { return Stats().checked_operations; });

}  // namespace
}  // namespace slotproof
