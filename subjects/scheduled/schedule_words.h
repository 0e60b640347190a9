#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_SCHEDULE_WORDS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_SCHEDULE_WORDS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "harness/sched/runtime.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// What each vocabulary of scheduled threads has: its threads, and how they take turns.
//
//   switch t0 t1 7          at the 7th point of t0's operation before this, t1 goes on in its stead
//   run                     the threads do what they were given, by the rule and these switches
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

inline constexpr std::uint32_t kScheduledThreads = 4;
inline constexpr std::uint32_t kStartingThread = 3;  // starts the others
inline constexpr std::uint32_t kMostPoints = std::uint32_t{1} << 16;

// How an `explore` draws its schedule.
enum class Exploring : std::uint8_t { kWalk, kPos, kPct2, kPct3 };

// Which operations of a vocabulary these are.
struct ScheduleCodes {
  std::uint8_t to_switch;
  std::uint8_t run;
  std::uint8_t explore;
  std::uint8_t stale;
};

namespace schedule_words {

inline constexpr std::array<std::string_view, 2> kPointsNames = {"synchronisation", "all"};
inline constexpr std::array<std::string_view, 2> kMemoryNames = {"sequential", "stale"};
inline constexpr std::array<std::string_view, 4> kExploringNames = {"walk", "pos", "pct2", "pct3"};

inline constexpr FieldSpec kPoints = {
    .name = "points",
    .width = 1,
    .choices = kPointsNames,
    .help = "where threads may switch: at locks and atomics, or at each access to memory"};
inline constexpr FieldSpec kMemory = {
    .name = "memory",
    .width = 1,
    .choices = kMemoryNames,
    .help = "what a load of an atomic sees: the last store, or also older ones that C++ allows"};

inline constexpr Operand kThread = {.kind = OperandKind::kThread, .limit = kScheduledThreads};
inline constexpr Operand kTo = At(2, kThread);
inline constexpr Operand kPoint = {.kind = OperandKind::kNumber, .shift = 8, .limit = kMostPoints};
inline constexpr Operand kBack = {.kind = OperandKind::kNumber, .shift = 2, .limit = 8};
inline constexpr Operand kHow = ChoiceOf("a way to draw schedules", kExploringNames);
inline constexpr Operand kScheduleSeed = {
    .kind = OperandKind::kNumber, .shift = 8, .limit = 1U << 16};

inline constexpr OpSpec kSwitch = {
    "switch",
    {kThread, kTo, kPoint},
    "at this point of its operation before this, the first thread stops and the second goes on"};
inline constexpr OpSpec kRun = {
    "run", {}, "the threads do what they were given, by the switches that are written"};
inline constexpr OpSpec kExplore = {
    "explore",
    {kHow, kScheduleSeed},
    "the threads do what they were given, by switches drawn in this way from this seed",
    kBurst};
inline constexpr OpSpec kStale = {
    "stale",
    {kThread, kPoint, kBack},
    "at this point of its operation before this, the thread loads an older store: so many back"};

}  // namespace schedule_words

// What the operations stand for.
inline std::uint32_t ThreadOf(const Op& op) {  // of a switch: the first
  return OperandValue(op, schedule_words::kThread);
}
inline std::uint32_t ToThreadOf(const Op& op) { return OperandValue(op, schedule_words::kTo); }
inline std::uint32_t PointOf(const Op& op) { return OperandValue(op, schedule_words::kPoint); }
inline std::uint32_t BackOf(const Op& op) {  // of a stale load: stores before the last
  return OperandValue(op, schedule_words::kBack);
}
inline Exploring ExploringOf(const Op& op) {
  return static_cast<Exploring>(OperandValue(op, schedule_words::kHow));
}
inline std::uint32_t ScheduleSeedOf(const Op& op) {
  return OperandValue(op, schedule_words::kScheduleSeed);
}

inline sched::Volume VolumeOf(std::uint32_t points) {
  return points == 0 ? sched::Volume::kSync : sched::Volume::kAll;
}
inline sched::Memory MemoryOf(std::uint32_t memory) {
  return memory == 0 ? sched::Memory::kSequential : sched::Memory::kStale;
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_SCHEDULE_WORDS_H_
