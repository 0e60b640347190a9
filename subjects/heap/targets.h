#ifndef SLOTPROOF_SUBJECTS_HEAP_TARGETS_H_
#define SLOTPROOF_SUBJECTS_HEAP_TARGETS_H_

#include "harness/subject/target.h"

namespace slotproof {

// The reference heap against the model of what a collector may and must do.
const Target& HeapTarget();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_TARGETS_H_
