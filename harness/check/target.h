#ifndef SLOTPROOF_HARNESS_CHECK_TARGET_H_
#define SLOTPROOF_HARNESS_CHECK_TARGET_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "harness/check/goals.h"
#include "harness/check/session.h"
#include "harness/trace/vocabulary.h"

namespace slotproof {

// How often the generator draws each operation, by its place in the vocabulary; 0 is never.
struct Profile {
  std::string_view name;
  std::uint32_t weight = 1;                  // of the profile itself
  std::span<const std::uint16_t> ops;        // one weight an operation
  std::span<const std::uint32_t> pins = {};  // header fields held: field, value, field, value, ...
};

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

#endif  // SLOTPROOF_HARNESS_CHECK_TARGET_H_
