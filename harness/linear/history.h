#ifndef SLOTPROOF_HARNESS_LINEAR_HISTORY_H_
#define SLOTPROOF_HARNESS_LINEAR_HISTORY_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

// What processes asked of a shared object and what they were answered, as it was seen from outside.
//
//   event       0     1     2     3     4     5     6
//   process 0   [---- write 1 ----]
//   process 1         [--- read: 1 ----]
//   process 2                           [---- write 2 ...     never answered: pending
//
// Events have one order; a call lies between two of them. A call that was never answered may have
// taken effect at any time after it began, or not at all.
//
// The order of the calls is that of their invocations. Nothing is allocated once a history that is
// cleared and filled again has been as long before.

namespace slotproof::linear {

// Where a response would be that never came.
inline constexpr std::uint32_t kPending = std::numeric_limits<std::uint32_t>::max();

template <class Op, class Result>
struct Call {
  std::uint32_t process = 0;
  std::uint32_t invoked = 0;  // the event
  std::uint32_t responded = kPending;
  // Its result is forgotten, and whether it took effect at all; between its events if it did.
  bool forgotten = false;
  Op op{};
  Result result{};

  bool pending() const { return responded == kPending; }
  // It may be left out of an explanation, and no result of it is known.
  bool may_be_left_out() const { return forgotten || pending(); }
};

template <class Op, class Result>
class History {
 public:
  using Call = linear::Call<Op, Result>;

  void Clear() {
    calls_.clear();
    open_.clear();
    events_ = 0;
  }

  // Processes are small numbers. Each waits for an answer before it asks again.
  void Begin(std::uint32_t process, const Op& op) {
    if (process >= open_.size()) open_.resize(process + 1, kNone);
    assert(open_[process] == kNone);
    open_[process] = static_cast<std::uint32_t>(calls_.size());
    calls_.push_back({.process = process, .invoked = events_++, .op = op, .result = {}});
  }
  void End(std::uint32_t process, const Result& result) {
    assert(IsWaiting(process));
    Call& call = calls_[open_[process]];
    call.responded = events_++;
    call.result = result;
    open_[process] = kNone;
  }
  // Its call stays pending, and it may begin another.
  void GiveUp(std::uint32_t process) { open_[process] = kNone; }
  bool IsWaiting(std::uint32_t process) const {
    return process < open_.size() && open_[process] != kNone;
  }

  std::span<const Call> calls() const { return calls_; }
  std::uint32_t processes() const { return static_cast<std::uint32_t>(open_.size()); }

 private:
  static constexpr std::uint32_t kNone = kPending;

  std::vector<Call> calls_;
  std::vector<std::uint32_t> open_;  // the call that each process waits for
  std::uint32_t events_ = 0;
};

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_HISTORY_H_
