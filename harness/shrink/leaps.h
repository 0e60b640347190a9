#ifndef SLOTPROOF_HARNESS_SHRINK_LEAPS_H_
#define SLOTPROOF_HARNESS_SHRINK_LEAPS_H_

#include <functional>

#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// Two changes at once, where neither alone fails alike or makes anything smaller. Each function
// hands its candidates to `take`, until that takes one; false when it took none.

namespace slotproof {

using Take = std::function<bool(const Trace&)>;

// All operations of a kind that have a choice get another one, which may also be a later one: with
// a tighter limit, or larger objects, far fewer of them may do.
//
//   limit 64pages, alloc small x200     ──►   limit 4pages, alloc small x200, and its tail goes
bool TryOtherChoices(const Vocabulary& vocabulary, const Trace& trace, const Take& take);

// What moves one name's thing to another goes, and from there on the names are exchanged.
//
//   move r2 r1, use r2                  ──►   use r1
bool TryWithoutMoves(const Vocabulary& vocabulary, const Trace& trace, const Take& take);

// An operation goes, and another one becomes of another kind: one that does the work of both.
bool TryOneForTwo(const Vocabulary& vocabulary, const Trace& trace, const Take& take);

// Another choice in the header, and another count: a fuse burns elsewhere in objects that are
// copied otherwise.
bool TryHeadersWithCounts(const Vocabulary& vocabulary, const Trace& trace, const Take& take);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SHRINK_LEAPS_H_
