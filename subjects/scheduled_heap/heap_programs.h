#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_PROGRAMS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_PROGRAMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/heap/heap_policy.h"

// Small programs of threads that share a heap, while another thread collects it.
//
//   globals    g0 --> A --> B --> ...      at the start
//   threads    two registers each, on the stack, r0 = g0 at the start; what they do is drawn
//   collector  so many cycles, and a sweep after the last
//
// When it has done its steps, a thread that stays parks until the cycles have ended. Then each
// stores its registers into globals of its own, and
//
//   lost   a global leads to what is not allocated
//   kept   after one more cycle, in which nobody does anything, something is allocated that no
//          global leads to

namespace slotproof {

enum class HeapStepKind : std::uint8_t {
  kLoadGlobal,   // a = g[b]
  kStoreGlobal,  // g[b] = a
  kLoad,         // a = b.next
  kStore,        // a.next = b
  kExchange,     // a.next = b if it is what a.next was read as before
  kDetach,       // a = b.next; b.next = a.next
  kDrop,         // a = nil
  kNew,          // a = new
  kWait,         // parks, and comes back at once
  kMark,         // one grey object, or what is in the buffer
};

struct HeapStep {
  HeapStepKind kind;
  std::uint8_t a;
  std::uint8_t b;
};

inline constexpr std::size_t kHeapThreads = 2;
inline constexpr std::size_t kHeapRegisters = 2;
inline constexpr std::size_t kHeapGlobals = 2;

struct HeapProgram {
  std::array<std::vector<HeapStep>, kHeapThreads> threads;
  std::array<bool, kHeapThreads> stays{true, true};
  std::uint32_t objects = 5;  // at the start
  std::uint32_t arena_pages = 8;
  std::uint32_t cycles = 1;
};

HeapProgram DrawHeapProgram(std::uint64_t seed, std::size_t steps);
std::string DescribeHeapProgram(const HeapProgram& program);

// What a run needs of where it runs: under the scheduler, or with real threads.
struct HeapProgramHooks {
  void (*fail)(const char* message);  // does not return
  void (*begin_operation)();
};

// Runs it under the barrier with these rules. What is wrong fails.
void RunHeapProgram(const HeapProgram& program, const core::BarrierRules& rules,
                    const HeapProgramHooks& hooks);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_PROGRAMS_H_
