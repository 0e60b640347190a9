#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_VOCABULARY_H_

#include <cstdint>
#include <span>

#include "harness/sched/runtime.h"
#include "harness/subject/profile.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// Operations of several threads on one map, and the schedule in which they run.
//
//   insert k1 t0            t0 is to insert
//   switch t0 t1 7          at the 7th point of that operation t1 goes on in its stead
//   delete k1 t1            t1 is to delete
//   run                     now they run, by the rule and the switches that are written
//   find k1 t3              and another phase
//   explore pos 17          by partial-order sampling with seed 17: a burst of switches
//   stale t3 4 1            with memory=stale: the load at the 4th point of t3's operation sees the
//                           store before the last
//
// Operations are collected until a `run`, an `explore`, or the end of the trace, which is a run.
// Each phase starts its threads and ends when all of them have ended; t3 is the one that starts the
// others and waits for them.
//
// A switch, or a stale load, belongs to the operation of its first thread that stands before it in
// the trace, and counts that operation's points (harness/sched/schedule.h). So it stays where it is
// when other operations come and go; one whose point does not come, or whose second thread cannot
// go on, does nothing.

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
inline constexpr std::uint32_t kScheduledThreads = 4;
inline constexpr std::uint32_t kStartingThread = 3;  // starts the others

// How an `explore` draws its schedule.
enum class Exploring : std::uint8_t { kWalk, kPos, kPct2, kPct3 };

struct ScheduledMapHeader {
  std::uint32_t seed;  // of the map's random source
  std::uint32_t universe;
  sched::Volume volume;
  sched::Memory memory;

  static ScheduledMapHeader From(const Header& header);
};

// What the operations stand for.
std::uint32_t KeyOf(const Op& op);
std::uint32_t ThreadOf(const Op& op);  // of a switch: the first
std::uint32_t ToThreadOf(const Op& op);
std::uint32_t PointOf(const Op& op);
std::uint32_t BackOf(const Op& op);  // of a stale load: stores before the last
Exploring ExploringOf(const Op& op);
std::uint32_t ScheduleSeedOf(const Op& op);

inline constexpr std::uint32_t kMostPoints = std::uint32_t{1} << 16;
Op SwitchOp(std::uint32_t from, std::uint32_t to, std::uint32_t point);
Op StaleOp(std::uint32_t thread, std::uint32_t point, std::uint32_t back);
Op RunOp();

const Vocabulary& ScheduledMapVocabulary();
std::span<const Profile> ScheduledMapProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_VOCABULARY_H_
