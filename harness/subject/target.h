#ifndef SLOTPROOF_HARNESS_SUBJECT_TARGET_H_
#define SLOTPROOF_HARNESS_SUBJECT_TARGET_H_

#include <cstdint>
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
  // Where traces have a schedule: the version of the points that its switches count. 0: none has.
  std::uint16_t points = 0;
  // Where there are laws to choose from: the name of those that judge this target, and the targets
  // to choose among, which differ in their laws alone. The first of them has the default.
  std::string_view laws = {};
  std::string_view laws_help = {};
  std::span<const Target* const> by_laws = {};
};

// The laws to say when this target is named; empty when its name alone means them.
inline std::string_view LawsToSay(const Target& target) {
  const bool is_default = target.by_laws.empty() || target.by_laws.front()->laws == target.laws;
  return is_default ? std::string_view() : target.laws;
}

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_TARGET_H_
