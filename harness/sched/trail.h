#ifndef SLOTPROOF_HARNESS_SCHED_TRAIL_H_
#define SLOTPROOF_HARNESS_SCHED_TRAIL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/sched/event.h"
#include "harness/sched/thread_set.h"

namespace slotproof::sched {

// Why a thread gives way.
enum class Why : std::uint8_t {
  kCould,   // it could go on
  kWaits,   // for what Deed::waits says
  kYields,  // it yields, or spins
  kEnded,
};

// A step of a schedule that a person may want to know of (story.h).
struct Deed {
  enum class Kind : std::uint8_t {
    kBegin,   // an operation begins
    kAnswer,  // and ends
    kRead,
    kWrite,
    kUpdate,  // reads and writes as one step
    kTake,    // a lock
    kGive,    // a lock, back
    kSignal,  // `other` is who woke up first, if anybody
    kSwitch,  // `to` goes on; kNoThread: nobody ever does
    kRace,    // with an access of `other` to that address
    kFailure,
  };

  Kind kind = Kind::kBegin;
  bool is_plain = false;   // an access that is not atomic
  bool is_chosen = false;  // of a switch: one of the schedule's
  Why why = Why::kCould;
  EventKind waits = EventKind::kStart;
  ThreadId thread = kNoThread;
  ThreadId to = kNoThread;
  ThreadId other = kNoThread;  // who has what it waits for
  std::uint32_t operation = 0;
  std::uint64_t point = 0;  // of the operation
  std::uint64_t time = 0;   // points of all threads
  std::uintptr_t address = 0;
  std::optional<std::uint64_t> value =
      std::nullopt;        // of an atomic, after it; of a read, what it saw
  std::uint32_t back = 0;  // of a read: how many stores there were since the one that it saw
};

// The deeds of one schedule in their order; of a long one the first.
class Trail {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 14;

  void Clear() { deeds_.clear(); }
  void Add(const Deed& deed) {
    if (deeds_.size() < kMost) deeds_.push_back(deed);
  }
  std::span<const Deed> deeds() const { return deeds_; }
  bool is_full() const { return deeds_.size() == kMost; }

 private:
  std::vector<Deed> deeds_;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_TRAIL_H_
