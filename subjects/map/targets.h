#ifndef SLOTPROOF_SUBJECTS_MAP_TARGETS_H_
#define SLOTPROOF_SUBJECTS_MAP_TARGETS_H_

#include <memory>

#include "harness/subject/session.h"
#include "harness/subject/target.h"
#include "models/map_gaps.h"

namespace slotproof {

// The reference map (core/map) against the map model. By its laws "go1.19" the model lets each gap
// of the runtime pass, and by "spec" none (models/map_gaps.h).
const Target& MapTarget();
// A session of it that lets just these gaps pass.
std::unique_ptr<Session> NewMapSession(MapGaps gaps);

// std::unordered_map under the same vocabulary, model and engines. A write ends its iterators, so
// that there is no gap to let pass.
const Target& UnorderedMapTarget();
const Target& ChainedMapTarget();

// A flat map that mutants are planted in.
const Target& DenseMapTarget();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_TARGETS_H_
