// Makes a target's fuzzer (//fuzz:TARGET_fuzz) say how many operations it checked.

#include "bench/fuzz_report.h"
#include "harness/engine/fuzz/entry.h"
#include "harness/subject/target_under_test.h"

namespace slotproof {
namespace {

const RunStats& Stats() { return ProcessFuzzEntry(TargetUnderTest()).runner().stats(); }

const FuzzReport kReport([] { return Stats().operations; },
                         [] { return Stats().checked_operations; });

}  // namespace
}  // namespace slotproof
