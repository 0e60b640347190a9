#ifndef SLOTPROOF_SUBJECTS_SLICE_TARGETS_H_
#define SLOTPROOF_SUBJECTS_SLICE_TARGETS_H_

#include "harness/subject/target.h"

namespace slotproof {

// The reference slice (core/slice) against the slice model.
const Target& SliceTarget();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_TARGETS_H_
