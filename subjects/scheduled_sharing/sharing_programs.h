#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_SHARING_SHARING_PROGRAMS_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_SHARING_SHARING_PROGRAMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Small programs of threads that pass memory to each other.
//
//   free list   take a node, and write into it; give it back
//   pool        t0 and t1 put and get items, t2 collects
//   windows     t0, t1 and t2 begin with a window on a cell each of one array: write to it, copy
//               it, let it grow away, drop it
//
// At the end all nodes, items and arrays are accounted for:
//
//   twice     two threads have one, or it is dropped again
//   lost      nobody has it, and it was not dropped
//   dropped   by the first cycle, or while somebody has it

namespace slotproof {

enum class SharedThing : std::uint8_t { kFreeList, kPool, kWindows };
inline constexpr std::array kSharedThings = {SharedThing::kFreeList, SharedThing::kPool,
                                             SharedThing::kWindows};
std::string NameOfThing(SharedThing thing);

enum class SharingStepKind : std::uint8_t {
  kTake,    // a node or an item, if there is one
  kGive,    // the one that was taken first; without one, a new item
  kCycle,   // of the pool
  kCopy,    // a = b
  kAppend,  // a = append(a, ...)
  kWrite,   // a[0] = ..., if there is one
  kDrop,    // a = nil
};

struct SharingStep {
  SharingStepKind kind;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
};

inline constexpr std::size_t kSharingThreads = 3;
inline constexpr std::size_t kSharingRegisters = 2;
inline constexpr std::uint32_t kSharingRoom = 16;  // of a worker in a roomy pool, for items

struct SharingProgram {
  SharedThing thing = SharedThing::kFreeList;
  bool roomy = false;  // a pool that has room for all items
  std::array<std::vector<SharingStep>, kSharingThreads> threads;
};

SharingProgram DrawSharingProgram(SharedThing thing, std::uint64_t seed, std::size_t steps);
std::string DescribeSharingProgram(const SharingProgram& program);

// What a run needs of where it runs: under the scheduler, or with real threads.
struct SharingHooks {
  void (*fail)(const char* message);  // does not return
  void (*begin_operation)();
  void (*begin_thread)() = [] {};
};

// Runs it. What is wrong fails.
void RunSharingProgram(const SharingProgram& program, const SharingHooks& hooks);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_SHARING_SHARING_PROGRAMS_H_
