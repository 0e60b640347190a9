#ifndef SLOTPROOF_BENCH_MISUSE_EXPLORE_H_
#define SLOTPROOF_BENCH_MISUSE_EXPLORE_H_

#include <cstdint>
#include <map>
#include <string>

#include "bench/misuse/programs.h"
#include "harness/sched/explore.h"

namespace slotproof::bench {

// How often each ending was met: those of MisuseJudge, and those with which a schedule ends itself.
using MisuseEndings = std::map<std::string, std::uint64_t>;

// All interleavings, one of each class; at most `most`.
sched::Explored ExploreMisuse(const MisuseProgram& program, sched::Exhaustive::Reduction reduction,
                              std::uint64_t most);
// The same by the cheapest reduction that leaves none out. Where schedules end early, by a use
// after free say, kDynamic does not see what the threads would have done next, and so not all
// orders of it; those classes that end early are then met more than once.
sched::Explored ExploreMisuse(const MisuseProgram& program, std::uint64_t most);
// So many random schedules in which every thread is as likely at each point, always. What is
// contended is known from the exploration that went before.
MisuseEndings WalkMisuse(const MisuseProgram& program, std::uint64_t schedules);

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_MISUSE_EXPLORE_H_
