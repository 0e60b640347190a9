#ifndef SLOTPROOF_SUBJECTS_HEAP_REFERENCE_CONTAINERS_H_
#define SLOTPROOF_SUBJECTS_HEAP_REFERENCE_CONTAINERS_H_

#include <memory>
#include <span>

#include "subjects/heap/checked_heap.h"
#include "subjects/heap/container_subject.h"

// The reference map and slice (core/map, core/slice) on the reference heap.

namespace slotproof {

// All of these must outlive it.
std::unique_ptr<ContainerSubject> MakeReferenceContainers(core::Heap<CheckedHeapPolicy>& heap,
                                                          std::span<core::Mutator* const> mutators,
                                                          const Listening& listening);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_REFERENCE_CONTAINERS_H_
