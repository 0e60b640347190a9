#ifndef SLOTPROOF_SUBJECTS_MAP_TARGETS_H_
#define SLOTPROOF_SUBJECTS_MAP_TARGETS_H_

#include "harness/subject/target.h"

namespace slotproof {

// The reference map (core/map) against the map model.
const Target& MapTarget();

// std::unordered_map under the same vocabulary, model and engines.
const Target& UnorderedMapTarget();

// A flat map that mutants are planted in.
const Target& DenseMapTarget();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_TARGETS_H_
