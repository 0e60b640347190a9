#include "harness/engine/fuzz/entry.h"
#include "harness/subject/target_under_test.h"

SLOTPROOF_FUZZ_TARGET(slotproof::TargetUnderTest());
