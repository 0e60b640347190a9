#include "bench/schedules/speed_programs.h"

#include <atomic>

#include "bench/schedules/thread.h"

namespace slotproof::bench {
namespace {

struct Counter {
  std::atomic<int> value{0};
};

template <int kTimes>
void Add(Counter& counter) {
  for (int i = 0; i < kTimes; ++i) counter.value.fetch_add(1);
}

// Two threads with so many operations each on one word.
template <int kTimes>
void Two() {
  Counter counter;
  const Thread one = Start<Add<kTimes>>(counter);
  const Thread other = Start<Add<kTimes>>(counter);
  one.Join();
  other.Join();
}

}  // namespace

std::span<const SpeedProgram> SpeedPrograms() {
  static constexpr SpeedProgram kAll[] = {{"2x3", Two<3>}, {"2x25", Two<25>}};
  return kAll;
}

}  // namespace slotproof::bench
