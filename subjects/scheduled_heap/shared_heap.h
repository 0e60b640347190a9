#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SHARED_HEAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SHARED_HEAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/heap/heap_policy.h"

namespace slotproof {

// What a thread does. Registers are on its stack; an object has one pointer, next, and a number.
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
  kCollect,      // a whole cycle but for its sweep
  kSweep,
  kStay,      // parks until so many cycles, sweeps and scavenges have ended
  kScavenge,  // gives all idle pages back to the system
  // On the one map, in turns.
  kMapPut,     // map[a] = b
  kMapGet,     // a = map[b]
  kMapDelete,  // delete(map, a)
  kMapTake,    // a = the element of its first entry, which is deleted
  kMapFill,    // b new objects become keys, with new elements
  kMapClear,   // a = the element of its first entry; clear(map)
  kMapNext,    // a = the element that the thread's iteration yields next, nil behind the last
};

constexpr bool IsMapStep(HeapStepKind kind) { return kind >= HeapStepKind::kMapPut; }

struct HeapStep {
  HeapStepKind kind;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  // Of the object that kNew makes, or the first one that kMapFill does; of what kStay waits for.
  std::uint32_t number = 0;
};

inline constexpr std::uint32_t kHeapThreads = 4;
inline constexpr std::uint32_t kHeapRegisters = 2;
inline constexpr std::uint32_t kHeapGlobals = 2;

// In the order of the target's goals.
enum class HeapGoal : std::uint8_t {
  kShadedOld,
  kShadedNew,
  kShadedByGreyStack,
  kShadedByBlackStack,
  kBarrierFlushed,
  kSpanFreed,
  kSpanTaken,
  kSpanSwept,
  kExchangeLost,
  kSpanScavenged,
  kMapGrown,
  kMapEvacuated,
};

struct SharedHeapOptions {
  core::BarrierRules rules;
  std::uint32_t objects;          // at the start: g0 leads to the last one, each to the one before
  std::uint32_t arena_pages = 8;  // of eight objects
  void (*fail)(const char* message);  // an assertion of the heap's; does not return
};

// A small heap that threads share, as the scheduled session drives it, and a program with real
// threads.
//
//   globals    g0 --> n2 --> n1      at the start
//              g1
//              t0.r0, t0.r1, ...     what the registers of threads had when they ended
//              map                   empty; core's map, whose parts are objects of the heap
//
// A thread is a member of the heap's world from its first step on, with its register r0 = g0; but
// while it has only collected, swept and scavenged it is none.
class SharedHeap {
 public:
  virtual ~SharedHeap() = default;

  virtual void Do(std::uint32_t thread, const HeapStep& step) = 0;
  virtual void Leave(std::uint32_t thread) = 0;  // stores its registers into its globals
  // When no thread uses it: makes the map, if there is none. Without it, steps on it do nothing.
  virtual void MakeMap() = 0;
  // When no thread uses it: forgets the globals of threads, and what has ended.
  virtual void Forget() = 0;

  // When no thread uses it. Empty, or what is wrong:
  //
  //   lost   a global leads to what is not allocated
  //   kept   after one more cycle, in which nobody does anything, something is allocated that no
  //          global leads to
  //   dirty  a new object was not all zero
  //   contents, map   the map does not hold what it should, or breaks one of its own invariants
  virtual std::string BrokenLaw() = 0;

  // Whatever the threads are doing: the number of the object that the register has, 0 without one;
  // and who leads to what, as text.
  virtual std::uint32_t NumberIn(std::uint32_t thread, std::uint32_t reg) = 0;
  virtual std::string Draw() = 0;
};

std::unique_ptr<SharedHeap> NewSharedHeap(const SharedHeapOptions& options);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SHARED_HEAP_H_
