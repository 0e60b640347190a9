// A mutation of schedules: of the last run, some read is made to see a write that came after it.
//
//   it was   t0  ... point 4: reads A ...
//            t1                           ... point 9: writes A ...
//   now      t0  ... point 4: to t1                                    reads A ...
//            t1                   ... point 9: writes A, point 10: to t0
//
// Taking a lock reads who had it before and writes who has it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "subjects/scheduled/scheduled_session.h"

namespace slotproof {
namespace {

using sched::Deed;

bool Reads(const Deed& deed) {
  return deed.kind == Deed::Kind::kRead || deed.kind == Deed::Kind::kUpdate ||
         deed.kind == Deed::Kind::kTake;
}

bool Writes(const Deed& deed) {
  return deed.kind == Deed::Kind::kWrite || deed.kind == Deed::Kind::kUpdate ||
         deed.kind == Deed::Kind::kTake;
}

// An operation, and where it goes: in front of the one that stands there in the trace.
struct Insertion {
  std::size_t at;
  Op op;
};

void Insert(const std::vector<Insertion>& insertions, std::vector<Op>* ops) {
  std::vector<Op> result;
  result.reserve(ops->size() + insertions.size());
  for (std::size_t at = 0; at <= ops->size(); ++at) {
    for (const Insertion& insertion : insertions) {
      if (insertion.at == at) result.push_back(insertion.op);
    }
    if (at < ops->size()) result.push_back((*ops)[at]);
  }
  *ops = std::move(result);
}

}  // namespace

std::optional<std::size_t> ScheduledSession::BehindTask(const Deed& deed) const {
  if (deed.thread == sched::kNoThread) return std::nullopt;
  const std::vector<std::uint32_t>& ran = ran_[thread_of_[deed.thread]];
  if (deed.operation == 0 || deed.operation > ran.size()) return std::nullopt;
  return ran[deed.operation - 1] + 1;
}

std::vector<const Deed*> ScheduledSession::LaterWritesOf(const Deed& read) const {
  std::vector<const Deed*> writes;
  if (!Reads(read) || !BehindTask(read)) return writes;
  const std::span<const Deed> deeds = trail_.deeds();
  for (const Deed* deed = &read + 1; deed != deeds.data() + deeds.size(); ++deed) {
    if (Writes(*deed) && deed->address == read.address && deed->thread != read.thread &&
        BehindTask(*deed)) {
      writes.push_back(deed);
    }
  }
  return writes;
}

bool ScheduledSession::LetReadSeeWrite(std::uint64_t choice, Trace* trace) const {
  const std::span<const Deed> deeds = trail_.deeds();
  for (std::size_t i = 0; i < deeds.size(); ++i) {
    const Deed& read = deeds[(static_cast<std::uint32_t>(choice) + i) % deeds.size()];
    const std::vector<const Deed*> writes = LaterWritesOf(read);
    if (writes.empty()) continue;
    Reorder(read, *writes[(choice >> 32) % writes.size()], trace);
    return true;
  }
  return false;
}

void ScheduledSession::Reorder(const Deed& read, const Deed& write, Trace* trace) const {
  std::vector<Insertion> insertions;
  if (explored_) {
    // What was drawn is written down, as far as the read.
    trace->ops[*explored_] = {.code = codes_.run};
    for (const Deed* deed = trail_.deeds().data(); deed != &read; ++deed) {
      const std::size_t at = BehindTask(*deed).value_or(*explored_);
      if (deed->kind == Deed::Kind::kSwitch && deed->is_chosen && deed->to != sched::kNoThread) {
        insertions.push_back(
            {at, SwitchOf(thread_of_[deed->thread], thread_of_[deed->to], deed->point)});
      } else if (deed->back != 0) {
        insertions.push_back({at, StaleLoadOf(thread_of_[deed->thread], deed->point, deed->back)});
      }
    }
  }
  const std::uint32_t reader = thread_of_[read.thread];
  const std::uint32_t writer = thread_of_[write.thread];
  insertions.push_back({BehindTask(read).value(), SwitchOf(reader, writer, read.point)});
  // Who waits for a lock goes on by itself when it is given back.
  if (write.kind != Deed::Kind::kTake) {
    insertions.push_back({BehindTask(write).value(), SwitchOf(writer, reader, write.point + 1)});
  }
  Insert(insertions, &trace->ops);
}

}  // namespace slotproof
