#include "harness/check/target_under_test.h"
#include "harness/engine/fuzz/entry.h"

SLOTPROOF_FUZZ_TARGET(slotproof::TargetUnderTest());
