#ifndef SLOTPROOF_HARNESS_SUBJECT_TARGET_UNDER_TEST_H_
#define SLOTPROOF_HARNESS_SUBJECT_TARGET_UNDER_TEST_H_

#include "harness/subject/target.h"

namespace slotproof {

// The one target of a program that is built once for each target: a fuzzer, a mutant's programs.
// Which one it is decides the library that the program is linked with: X_under_test of a subject's
// folder (subjects/subject.bzl).
const Target& TargetUnderTest();

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_TARGET_UNDER_TEST_H_
