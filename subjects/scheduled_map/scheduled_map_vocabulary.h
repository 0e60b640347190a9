#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_VOCABULARY_H_

#include <cstdint>
#include <span>

#include "harness/sched/runtime.h"
#include "harness/subject/profile.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"
#include "subjects/scheduled/schedule_words.h"

// Operations of several threads on one map, and the schedule in which they run
// (subjects/scheduled/schedule_words.h).
//
//   insert k1 t0            t0 is to insert
//   switch t0 t1 7          at the 7th point of that operation t1 goes on in its stead
//   delete k1 t1            t1 is to delete
//   run                     now they run, by the rule and the switches that are written
//   find k1 t3              and another phase
//   explore pos 17          by partial-order sampling with seed 17: a burst of switches

namespace slotproof {

enum class ScheduledMapOp : std::uint8_t {
  kInsert,
  kFind,
  kDelete,
  kLoadOrStore,
  kGetAndDelete,
  kCompareAndSwap,
  kSwitch,
  kRun,
  kExplore,
  kSwap,
  kCompareAndDelete,
  kRange,
  kStale,
};
inline constexpr std::size_t kScheduledMapOpCount = 13;

inline constexpr std::uint32_t kScheduledMapKeys = 16;

struct ScheduledMapHeader {
  std::uint32_t seed;  // of the map's random source
  std::uint32_t universe;
  sched::Volume volume;
  sched::Memory memory;

  static ScheduledMapHeader From(const Header& header);
};

inline constexpr ScheduleCodes kScheduledMapSchedule = {
    .to_switch = static_cast<std::uint8_t>(ScheduledMapOp::kSwitch),
    .run = static_cast<std::uint8_t>(ScheduledMapOp::kRun),
    .explore = static_cast<std::uint8_t>(ScheduledMapOp::kExplore),
    .stale = static_cast<std::uint8_t>(ScheduledMapOp::kStale),
};

std::uint32_t KeyOf(const Op& op);

const Vocabulary& ScheduledMapVocabulary();
std::span<const Profile> ScheduledMapProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_VOCABULARY_H_
