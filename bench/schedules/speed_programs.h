#ifndef SLOTPROOF_BENCH_SCHEDULES_SPEED_PROGRAMS_H_
#define SLOTPROOF_BENCH_SCHEDULES_SPEED_PROGRAMS_H_

#include <span>
#include <string_view>

// Programs without a bug, by whose schedules a second the scheduler is measured.

namespace slotproof::bench {

struct SpeedProgram {
  std::string_view name;
  void (*run)();
};

std::span<const SpeedProgram> SpeedPrograms();

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_SCHEDULES_SPEED_PROGRAMS_H_
