#ifndef SLOTPROOF_BENCH_SCHEDULES_SETS_H_
#define SLOTPROOF_BENCH_SCHEDULES_SETS_H_

#include <span>

#include "bench/schedules/program.h"

// The benchmark sets that Programs() puts together, one a source file.

namespace slotproof::bench {

std::span<const Program> CbPrograms();
std::span<const Program> ChessPrograms();
std::span<const Program> ConvulPrograms();
std::span<const Program> CsPrograms();
std::span<const Program> InspectPrograms();
std::span<const Program> RadbenchPrograms();
std::span<const Program> SafeStackPrograms();
std::span<const Program> Splash2Programs();
std::span<const Program> WidePrograms();

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_SCHEDULES_SETS_H_
