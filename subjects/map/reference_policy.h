#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_POLICY_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/map/hash_map.h"
#include "harness/subject/fuse.h"
#include "harness/subject/goals.h"
#include "harness/subject/session.h"
#include "subjects/map/bad_hash.h"
#include "subjects/map/map_subject.h"
#include "subjects/map/reference_goals.h"

// The reference map's policy under test: a hash that a trace's header spoils and a fuse may burn
// in, a probe that counts events as goals, and fatal errors that are thrown.

namespace slotproof {

// What the map's probe and its subject share.
struct ProbeState {
  GoalCounts* goals = nullptr;
  MapStatus* status = nullptr;
  std::uint32_t iterators = 0;
  bool argument_within = false;  // the write under way has arguments that refer into the map
};

// While it lives, a growth meets such arguments.
class ArgumentWithin {
 public:
  explicit ArgumentWithin(ProbeState* state) : state_(state) { state_->argument_within = true; }
  ~ArgumentWithin() { state_->argument_within = false; }
  ArgumentWithin(const ArgumentWithin&) = delete;
  ArgumentWithin& operator=(const ArgumentWithin&) = delete;

 private:
  ProbeState* state_;
};

class GoalProbe {
 public:
  explicit GoalProbe(ProbeState* state = nullptr) : state_(state) {}

  void operator()(core::MapEvent event) const {
    const int goal = ReferenceGoalOf(event);
    if (goal >= 0) state_->goals->Hit(static_cast<std::size_t>(goal));
    switch (event) {
      case core::MapEvent::kSameSizeGrowthBegun:
        ++state_->status->same_size_growths;
        if (state_->iterators != 0) state_->goals->Hit(kSameSizeGrowthUnderIteratorGoal);
        [[fallthrough]];
      case core::MapEvent::kDoublingBegun:
        ++state_->status->growths;
        if (state_->argument_within) state_->goals->Hit(kGrowthUnderArgumentGoal);
        [[fallthrough]];
      case core::MapEvent::kGrowthFinished:
        ++state_->status->epoch;
        break;
      default:
        break;
    }
  }

 private:
  ProbeState* state_;
};

template <class Key>
struct SpoiltRuntimeHash {
  HashKind kind = HashKind::kGood;

  std::uint64_t operator()(const Key& key, std::uint32_t hash0, core::WyRand& random) const {
    Fuse::Step(FuseKind::kHash);
    return SpoilHash(kind, core::RuntimeHash<Key>()(key, hash0, random));
  }
};

template <class Key>
struct ReferencePolicy : core::DefaultMapPolicy<Key> {
  using Hash = SpoiltRuntimeHash<Key>;
  using Probe = GoalProbe;
  static constexpr bool kAssertions = true;

  [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message) {
    const bool assertion = kind == core::FailureKind::kAssertion;
    throw SubjectFatal(assertion ? Outcome::kInvariant : Outcome::kFatal, message);
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_REFERENCE_POLICY_H_
