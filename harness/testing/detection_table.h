#ifndef SLOTPROOF_HARNESS_TESTING_DETECTION_TABLE_H_
#define SLOTPROOF_HARNESS_TESTING_DETECTION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/subject/target.h"

// How many traces planted bugs are found after, as a table of Markdown on standard output.

namespace slotproof::testing {

struct DetectionLimits {
  std::uint64_t seeds;  // from 1 on
  std::size_t traces;   // of each seed, at most
  std::size_t ops;      // of each trace, at most
};

void PrintDetectionHead();
// Of a target that has the bug now.
void PrintDetectionRow(std::string_view bug, const Target& target, const DetectionLimits& limits);

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TESTING_DETECTION_TABLE_H_
