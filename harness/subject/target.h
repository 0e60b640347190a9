#ifndef SLOTPROOF_HARNESS_SUBJECT_TARGET_H_
#define SLOTPROOF_HARNESS_SUBJECT_TARGET_H_

#include <memory>
#include <span>
#include <string_view>

#include "harness/subject/goals.h"
#include "harness/subject/profile.h"
#include "harness/subject/session.h"
#include "harness/subject/vocabulary.h"

namespace slotproof {

// What an engine needs to know to run one subject: everything else it learns from the vocabulary.
struct Target {
  std::string_view name;
  std::string_view help;
  const Vocabulary* vocabulary = nullptr;
  std::span<const GoalSpec> goals;
  std::span<const Profile> profiles;
  std::unique_ptr<Session> (*new_session)() = nullptr;
  // True when a trace may end the process (real threads that race): engines then run it in a child.
  bool isolate = false;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_TARGET_H_
