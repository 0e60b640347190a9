#ifndef SLOTPROOF_HARNESS_SCHED_LITMUS_LITMUS_H_
#define SLOTPROOF_HARNESS_SCHED_LITMUS_LITMUS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace slotproof::sched {

// Small programs of which everything is known: how many interleavings there are that differ, and
// how each ends. They are what the scheduler is held to.
//
// `classes` counts interleavings up to the order of steps that do not conflict (Mazurkiewicz
// traces) and, where loads may see older stores, by which one each sees. Each count has its reason
// beside the program, a closed form where there is one; 0 means that there is none, and that the
// count is compared with an independent one only.
struct Litmus {
  std::string_view name;
  void (*run)();
  std::uint64_t classes = 0;
  // All of them: what Outcome() says, or the name of the ending where it failed. Sorted, with
  // blanks in between, and "_" for those within.
  std::string_view outcomes;
  bool races_fail = true;
  // Threads wait by asking again and again: who yields depends on the order of all steps, so that
  // there are more classes than are explored.
  bool spins = false;
  // Loads may see older stores (Memory::kStale).
  bool stale = false;
};

std::span<const Litmus> MemoryLitmus();
std::span<const Litmus> StaleLitmus();
std::span<const Litmus> SyncLitmus();

// What the program that ran last observed: its registers, "0,1".
std::string Outcome();

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_LITMUS_LITMUS_H_
