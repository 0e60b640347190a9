#include "harness/check/target_under_test.h"
#include "subjects/slice/targets.h"

namespace slotproof {

const Target& TargetUnderTest() { return SliceTarget(); }

}  // namespace slotproof
