#ifndef SLOTPROOF_HARNESS_SUBJECT_TRACE_H_
#define SLOTPROOF_HARNESS_SUBJECT_TRACE_H_

#include <cstdint>
#include <vector>

#include "harness/subject/vocabulary.h"

namespace slotproof {

// What every engine generates, runs, shrinks, saves and replays: a header and operations. Its
// meaning comes from a Vocabulary, which travels beside it.
struct Trace {
  Header header;
  std::vector<Op> ops;

  friend bool operator==(const Trace&, const Trace&) = default;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_TRACE_H_
