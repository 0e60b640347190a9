#include "harness/engine/fuzz/entry.h"
#include "subjects/map/targets.h"

SLOTPROOF_FUZZ_TARGET(slotproof::MapTarget());
