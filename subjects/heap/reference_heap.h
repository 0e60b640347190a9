#ifndef SLOTPROOF_SUBJECTS_HEAP_REFERENCE_HEAP_H_
#define SLOTPROOF_SUBJECTS_HEAP_REFERENCE_HEAP_H_

#include <memory>

#include "harness/subject/goals.h"
#include "subjects/heap/heap_subject.h"

// The reference heap of core/heap as a subject.

namespace slotproof {

std::unique_ptr<HeapSubject> MakeReferenceHeap(const HeapHeader& header, HeapListener* listener,
                                               GoalCounts* goals);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_REFERENCE_HEAP_H_
