#include "harness/sched/race_detector.h"

#include <algorithm>
#include <bit>

namespace slotproof::sched {
namespace {

constexpr std::uintptr_t kGranuleBytes = 8;

// Calls body(granule, bytes of it) for each granule of the event's until it returns true.
template <class Body>
bool AnyGranule(const Event& event, Body body) {
  const std::uintptr_t end = event.address + event.size;
  for (std::uintptr_t at = event.address; at < end;) {
    const std::uintptr_t granule = at / kGranuleBytes;
    const std::uintptr_t stop = std::min(end, (granule + 1) * kGranuleBytes);
    const auto bytes = static_cast<std::uint8_t>(((1U << (stop - at)) - 1) << (at % kGranuleBytes));
    if (body(granule, bytes)) return true;
    at = stop;
  }
  return false;
}

}  // namespace

void RaceDetector::Cell::Add(const Record& record) {
  if (count < kInline) {
    first[count] = record;
  } else {
    rest.push_back(record);
  }
  ++count;
}

void RaceDetector::Cell::Remove(std::uint32_t i) {
  (*this)[i] = (*this)[--count];
  if (count >= kInline) rest.pop_back();
}

void RaceDetector::Forget() {
  ++program_;
  cells_.NextEpoch();
  contended_count_ = 0;
}

Event RaceDetector::EventOf(const Record& record, std::uintptr_t granule) {
  const auto first = static_cast<std::uintptr_t>(std::countr_zero(record.bytes));
  EventKind kind = record.writes ? EventKind::kWrite : EventKind::kRead;
  if (record.atomic) kind = record.writes ? EventKind::kAtomicStore : EventKind::kAtomicLoad;
  return {.kind = kind,
          .may_write = record.writes,
          .size = static_cast<std::uint32_t>(std::popcount(record.bytes)),
          .address = granule * kGranuleBytes + first,
          .pc = record.pc};
}

std::optional<DataRace> RaceDetector::AccessCell(std::uintptr_t granule, Cell& cell,
                                                 const Record& now, const VectorClock& clock,
                                                 const Event& event) {
  std::optional<DataRace> race;
  bool contended = false;
  for (std::uint32_t i = 0; i < cell.count;) {
    const Record& record = cell[i];
    if ((record.bytes & now.bytes) == 0) {
      ++i;
      continue;
    }
    const bool ordered = record.thread == now.thread || record.clock <= clock.Of(record.thread);
    const bool one_writes = record.writes || now.writes;
    const bool atomics = record.atomic && now.atomic;
    contended |= one_writes && record.thread != now.thread && (atomics || !ordered);
    if (!ordered && one_writes && !atomics && !race) {
      race = DataRace{.earlier = {.thread = record.thread, .event = EventOf(record, granule)},
                      .later = {.thread = now.thread, .event = event}};
    }
    const bool covered = (record.bytes & ~now.bytes) == 0 && (now.writes || !record.writes) &&
                         (!now.atomic || record.atomic);
    if (ordered && covered) {
      cell.Remove(i);
    } else {
      ++i;
    }
  }
  cell.Add(now);
  if (contended && cell.contended_in != program_) {
    cell.contended_in = program_;
    ++contended_count_;
  }
  return race;
}

std::optional<DataRace> RaceDetector::Access(ThreadId thread, const VectorClock& clock,
                                             const Event& event) {
  std::optional<DataRace> race;
  Record now{.clock = clock.Of(thread),
             .thread = static_cast<std::uint8_t>(thread),
             .writes = event.may_write,
             .atomic = IsAtomic(event.kind),
             .pc = event.pc};
  AnyGranule(event, [&](std::uintptr_t granule, std::uint8_t bytes) {
    Cell& cell = cells_.At(granule);
    now.bytes = bytes;
    // The same thread again, with nothing released in between: no news.
    if (cell.count == 1 && cell.first[0].thread == now.thread && cell.first[0].clock == now.clock &&
        cell.first[0].bytes == bytes && cell.first[0].writes == now.writes &&
        cell.first[0].atomic == now.atomic) {
      cell.first[0].pc = now.pc;
      return false;
    }
    std::optional<DataRace> found = AccessCell(granule, cell, now, clock, event);
    if (found && !race) race = found;
    return false;
  });
  return race;
}

bool RaceDetector::IsContended(const Event& event) {
  return contended_count_ != 0 && AnyGranule(event, [this](std::uintptr_t granule, std::uint8_t) {
           return cells_.At(granule).contended_in == program_;
         });
}

}  // namespace slotproof::sched
