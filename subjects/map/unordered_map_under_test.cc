#include "harness/check/target_under_test.h"
#include "subjects/map/targets.h"

namespace slotproof {

const Target& TargetUnderTest() { return UnorderedMapTarget(); }

}  // namespace slotproof
