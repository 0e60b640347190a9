#ifndef SLOTPROOF_HARNESS_SCHED_RACE_DETECTOR_H_
#define SLOTPROOF_HARNESS_SCHED_RACE_DETECTOR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/sched/epoch_map.h"
#include "harness/sched/event.h"
#include "harness/sched/thread_set.h"
#include "harness/sched/vector_clock.h"

namespace slotproof::sched {

// One of the two accesses of a data race.
struct RacingAccess {
  ThreadId thread = kNoThread;
  Event event;
};

struct DataRace {
  RacingAccess earlier;
  RacingAccess later;
};

// Finds data races by happens-before, exactly: of each granule of memory it keeps all accesses that
// a later one could still race with, however many threads there are.
//
//   granule of 8 bytes | record | record | ...      record: thread, its clock, bytes, kind, pc
//
//   - two accesses race when they share a byte, one of them writes, not both are atomic, and
//     neither happened before the other;
//   - a record goes away when a later access stands for it: one that it happened before, of the
//     same bytes, that conflicts with all that the record conflicts with. Each race with the record
//     is then one with its successor.
//
// A granule that was ever in a race, or that two threads use as an atomic, stays known as contended
// until Forget(): its accesses are points of decision from then on. Plain accesses that never race
// need none: their order is that of the synchronisation around them.
class RaceDetector {
 public:
  // A new schedule.
  void Begin() {
    cells_.NextEpoch([this](const Cell& cell) { return cell.contended_in == program_; });
  }
  // A new program: nothing is contended.
  void Forget();

  // The thread, whose clock is given, does this. Returns the first race that it is in.
  std::optional<DataRace> Access(ThreadId thread, const VectorClock& clock, const Event& event);

  // Whether a granule of the event's is known as contended.
  bool IsContended(const Event& event);
  // Granules that are.
  std::uint64_t contended_count() const { return contended_count_; }

 private:
  struct Record {
    std::uint32_t clock = 0;
    std::uint8_t thread = 0;
    std::uint8_t bytes = 0;  // bit i: byte i of the granule
    bool writes = false;
    bool atomic = false;
    std::uintptr_t pc = 0;
  };
  struct Cell {
    static constexpr std::uint32_t kInline = 3;

    std::uint32_t count = 0;
    std::uint64_t contended_in = 0;  // which program
    std::array<Record, kInline> first{};
    std::vector<Record> rest;  // seldom: many threads that read one word

    void Reset() {
      count = 0;
      rest.clear();
    }
    Record& operator[](std::uint32_t i) { return i < kInline ? first[i] : rest[i - kInline]; }
    void Add(const Record& record);
    void Remove(std::uint32_t i);
  };

  static Event EventOf(const Record& record, std::uintptr_t granule);
  std::optional<DataRace> AccessCell(std::uintptr_t granule, Cell& cell, const Record& now,
                                     const VectorClock& clock, const Event& event);

  EpochMap<Cell> cells_;
  std::uint64_t program_ = 1;
  std::uint64_t contended_count_ = 0;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_RACE_DETECTOR_H_
