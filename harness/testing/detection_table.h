// How many traces planted bugs are found after, as a table of Markdown on standard output:
//
//   | bug | found | traces: mean (least–most) | as, times |
//
// or, for each way that an operation `explore` can draw a schedule, with the same traces but for
// that; the number of seeds only where it is not all of them:
//
//   | bug | as drawn | walk | pos | ... |
#ifndef SLOTPROOF_HARNESS_TESTING_DETECTION_TABLE_H_
#define SLOTPROOF_HARNESS_TESTING_DETECTION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/subject/target.h"

namespace slotproof::testing {

struct DetectionLimits {
  std::uint64_t seeds;  // from 1 on
  std::size_t traces;   // of each seed, at most
  std::size_t ops;      // of each trace, at most
  bool each_strategy = false;
};

// Of a program that prints such a table: [--each-strategy] [SEEDS [TRACES]], in place of what
// `limits` says. The flag is taken from the arguments.
DetectionLimits TakeLimits(int& argc, char**& argv, DetectionLimits limits);

// Of targets with this one's vocabulary.
void PrintDetectionHead(const Target& target, const DetectionLimits& limits);
// Of a target that has the bug now.
void PrintDetectionRow(std::string_view bug, const Target& target, const DetectionLimits& limits);

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TESTING_DETECTION_TABLE_H_
