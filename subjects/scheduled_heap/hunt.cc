#include "subjects/scheduled_heap/hunt.h"

#include "harness/sched/fail.h"
#include "harness/sched/schedule.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kSchedulesOfProgram = 50;
constexpr std::size_t kSteps = 5;
constexpr std::uint64_t kProgramsOfSeed = 1'000'003;

}  // namespace

sched::Program ScheduledHeapProgram(const HeapProgram& program, const core::BarrierRules& rules) {
  return [&program, &rules] {
    RunHeapProgram(program, rules,
                   {.fail = &sched::Fail, .begin_operation = &sched::BeginOperation});
  };
}

HeapHunt HuntInHeap(const core::BarrierRules& rules, std::uint64_t seed, std::uint64_t programs,
                    sched::StrategyName strategy) {
  HeapHunt hunt;
  for (std::uint64_t i = 0; i < programs && !hunt.found.has_value(); ++i) {
    hunt.program = DrawHeapProgram(seed * kProgramsOfSeed + i, kSteps);
    hunt.found = sched::FindFailure(ScheduledHeapProgram(hunt.program, rules), strategy, seed + i,
                                    kSchedulesOfProgram, kHeapRunOptions);
    hunt.schedules += hunt.found.has_value() ? hunt.found->schedules : kSchedulesOfProgram;
  }
  return hunt;
}

std::string DescribeHunt(const HeapHunt& hunt, const sched::RunResult& result) {
  return result.message + "\n" + DescribeHeapProgram(hunt.program) +
         sched::FormatSchedule(result.schedule);
}

}  // namespace slotproof
