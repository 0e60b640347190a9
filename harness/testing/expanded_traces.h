#ifndef SLOTPROOF_HARNESS_TESTING_EXPANDED_TRACES_H_
#define SLOTPROOF_HARNESS_TESTING_EXPANDED_TRACES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/subject/target.h"

namespace slotproof::testing {

struct ExpandedTraces {
  std::size_t bursts = 0;  // that performed something else than themselves
  std::string difference;  // the first one, with its trace; empty when there is none
};

// What a session records of its bursts (Session::RecordStep) is what they do: draws so many traces
// that pass, and runs each as it is and as single operations. Both must pass, leave the same
// structure, and the second must stand for itself.
ExpandedTraces CompareExpandedTraces(const Target& target, std::uint64_t seed, std::size_t traces,
                                     std::size_t max_ops);

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TESTING_EXPANDED_TRACES_H_
