#ifndef SLOTPROOF_SUBJECTS_ALL_TARGETS_H_
#define SLOTPROOF_SUBJECTS_ALL_TARGETS_H_

#include <span>
#include <vector>

#include "harness/subject/target.h"

namespace slotproof {

// Every target of subjects/targets.bzl, for programs that let the user choose one by name.
std::span<const Target* const> AllTargets();

// Its parts. A sanitized program has no scheduled targets.
std::vector<const Target*> UnscheduledTargets();
std::vector<const Target*> ScheduledTargets();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_ALL_TARGETS_H_
