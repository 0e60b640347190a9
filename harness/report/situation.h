#ifndef SLOTPROOF_HARNESS_REPORT_SITUATION_H_
#define SLOTPROOF_HARNESS_REPORT_SITUATION_H_

#include <string>

#include "harness/subject/trace.h"
#include "harness/subject/verdict.h"
#include "harness/subject/vocabulary.h"

// What tells failures of one signature apart without guessing. A signature names the law that was
// broken, and several bugs may break one law.
//
//   situation  the signature and the operation that failed: known before the trace is shrunk
//   shape      the operations of the shrunk trace, in order: "insert_fresh delete_run find"

namespace slotproof {

// "mismatch/find.value at find", "... at the final check".
std::string SituationOf(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict);

// The names of the operations; of equal ones in a row the first.
std::string ShapeOf(const Vocabulary& vocabulary, const Trace& trace);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_REPORT_SITUATION_H_
