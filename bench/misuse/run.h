#ifndef SLOTPROOF_BENCH_MISUSE_RUN_H_
#define SLOTPROOF_BENCH_MISUSE_RUN_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "bench/misuse/programs.h"

namespace slotproof::bench {

// What a run of a program has shown. 0 stands for an absent key.
struct MisuseSeen {
  struct Thread {
    std::string_view thrown;                          // the map's message; empty when it had none
    std::array<std::uint32_t, kMisuseOps> answers{};  // of look-ups
    std::array<std::uint32_t, kMisuseKeys> iterated{};
    bool iterated_badly = false;  // a key twice, or one that nobody inserted
  };
  std::array<Thread, 2> threads;
  // When nothing was thrown:
  std::string_view broken_law;  // of core/map/invariants.h
  std::array<std::uint32_t, kMisuseKeys> contents{};
};

// Runs the program on a new core::HashMap, each thread after a call of wait(). A thread whose use
// of the map is fatal stops there; the other one goes on to its end, so that what the map says
// depends on nothing that comes later. This is compiled as scheduled code, and as code of real
// threads.
const MisuseSeen& RunMisuse(const MisuseProgram& program, void (*wait)());

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_MISUSE_RUN_H_
