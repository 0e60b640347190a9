#include "subjects/scheduled_sharing/hunt.h"

#include "harness/sched/fail.h"
#include "harness/sched/mix.h"
#include "harness/sched/schedule.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kSchedulesOfProgram = 50;
constexpr std::size_t kSteps = 5;
constexpr std::uint64_t kProgramsOfSeed = 1'000'003;

}  // namespace

sched::Program ScheduledSharingProgram(const SharingProgram& program) {
  return [&program] {
    RunSharingProgram(program, {.fail = &sched::Fail, .begin_operation = &sched::BeginOperation});
  };
}

SharingHunt HuntInSharing(SharedThing thing, std::uint64_t seed, std::uint64_t programs) {
  SharingHunt hunt;
  for (std::uint64_t i = 0; i < programs && !hunt.found.has_value(); ++i) {
    hunt.program = DrawSharingProgram(thing, seed * kProgramsOfSeed + i, kSteps);
    hunt.options.memory = i % 2 == 0 ? sched::Memory::kSequential : sched::Memory::kStale;
    hunt.found =
        sched::FindFailure(ScheduledSharingProgram(hunt.program), sched::StrategyName::kMix,
                           seed + i, kSchedulesOfProgram, hunt.options);
    hunt.schedules += hunt.found.has_value() ? hunt.found->schedules : kSchedulesOfProgram;
  }
  return hunt;
}

std::string DescribeSharingHunt(const SharingHunt& hunt, const sched::RunResult& result) {
  return result.message + "\n" + DescribeSharingProgram(hunt.program) +
         sched::FormatSchedule(result.schedule);
}

}  // namespace slotproof
