#ifndef SLOTPROOF_HARNESS_SCHED_ARENA_H_
#define SLOTPROOF_HARNESS_SCHED_ARENA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/sched/thread_set.h"

namespace slotproof::sched {

// The memory that a program allocates while it is scheduled.
//
//   region of thread t   | head, block | head, block | ... unused |      at fixed addresses
//   state                one byte for each 16 of memory: never, live, freed
//
//   - A block's address depends only on what its thread has allocated before it: not on the
//     schedule, nor on the process. What a program does with addresses can so be replayed.
//   - Freed memory is not used again in the same schedule, and each access asks for its state: a
//   use
//     after free is seen where it happens.
//   - A block starts filled with one byte, so that what was never written is the same each time.
//   - Reset() takes everything back, also what a failed program could not free.
class Arena {
 public:
  enum class State : std::uint8_t { kNever, kLive, kFreed };

  static constexpr std::size_t kRegionBytes = std::size_t{64} << 20;

  // Before each block.
  struct Head {
    std::size_t size;
    ThreadId allocated_by;
    ThreadId freed_by;
    std::uintptr_t allocated_at;  // where in the code
    std::uintptr_t freed_at;
  };

  static Arena& Get();

  void Reset();

  // Null when the thread's region is full. The alignment is a power of two.
  void* Allocate(ThreadId thread, std::size_t size, std::size_t alignment, std::uintptr_t pc);

  // Why the block cannot be freed; empty when it was.
  std::string_view Free(ThreadId thread, void* block, std::uintptr_t pc);

  static bool Contains(std::uintptr_t address) {
    return address - kAt < kRegionBytes * kMaxThreads;
  }
  // Of an address that it contains.
  State StateOf(std::uintptr_t address) const { return states_[(address - kAt) / kGrain]; }
  // Of the block at this address, which Allocate() returned.
  static Head& HeadOf(void* block) { return static_cast<Head*>(block)[-1]; }
  // Of the block that the address lies in, live or freed.
  const Head* FindHead(std::uintptr_t address) const;

 private:
  static constexpr std::uintptr_t kAt = 0x3000'0000'0000;
  static constexpr std::uintptr_t kStatesAt = 0x3100'0000'0000;
  static constexpr std::size_t kGrain = 16;
  static constexpr int kFill = 0xcb;

  Arena();

  State* states_ = nullptr;
  std::array<std::size_t, kMaxThreads> used_{};
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_ARENA_H_
