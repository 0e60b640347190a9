#ifndef SLOTPROOF_HARNESS_SCHED_SCHEDULE_H_
#define SLOTPROOF_HARNESS_SCHED_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sched/thread_set.h"

namespace slotproof::sched {

// "When thread `from`, in its operation number `operation`, has come to its point number `at`, `to`
// goes on in its stead."
//
// A thread says where an operation of its begins (BeginOperation(), fail.h); before the first it is
// in number 0. Points are counted in each operation from 1, and all of them count: each access,
// each atomic operation, each call. So a switch means the same whatever was a point of decision for
// the strategy that made it, and whatever other operations there are.
//
// Or, where `back` is not 0: "... the load that it makes there sees the store so many before the
// last"; then `to` is `from`, which goes on.
struct Switch {
  ThreadId from = 0;
  std::uint32_t operation = 0;
  std::uint64_t at = 0;
  ThreadId to = 0;
  std::uint32_t back = 0;

  friend bool operator==(const Switch&, const Switch&) = default;
};

// A whole interleaving: the switches that differ from the rule
//
//   the thread that runs goes on until it cannot; then the lowest one that can does; each load
//   sees the last store.
//
// Their order does not matter: a thread comes to each of its points once. Each switch taken out
// leaves a schedule too, with one thing less to explain.
using Schedule = std::vector<Switch>;

// Which calls are points, and how many of them: another number where a build counts otherwise, so
// that switches that were written stand elsewhere in it.
inline constexpr std::uint16_t kPointsVersion = 1;

// As text: "t0@5>t1 t1.2@3>t2 t1.2@7=1", the second and third in operation 2, the third a load that
// sees the store before the last; the empty schedule is "-".
std::string FormatSchedule(const Schedule& schedule);
std::optional<Schedule> ParseSchedule(std::string_view text);

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_SCHEDULE_H_
