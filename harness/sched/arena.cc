#include "harness/sched/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace slotproof::sched {
namespace {

void* MapAt(std::uintptr_t at, std::size_t bytes) {
  void* const mapped =
      mmap(reinterpret_cast<void*>(at), bytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (mapped != reinterpret_cast<void*>(at)) {
    std::fprintf(stderr, "sched: no room for %zu bytes at %#zx: other memory is mapped there\n",
                 bytes, static_cast<std::size_t>(at));
    std::abort();
  }
  return mapped;
}

}  // namespace

Arena& Arena::Get() {
  static Arena arena;
  return arena;
}

Arena::Arena() {
  MapAt(kAt, kRegionBytes * kMaxThreads);
  states_ = static_cast<State*>(MapAt(kStatesAt, kRegionBytes * kMaxThreads / kGrain));
}

void Arena::Reset() {
  for (ThreadId thread = 0; thread < kMaxThreads; ++thread) {
    if (used_[thread] == 0) continue;
    std::memset(states_ + thread * kRegionBytes / kGrain, 0, used_[thread] / kGrain + 1);
    used_[thread] = 0;
  }
}

void* Arena::Allocate(ThreadId thread, std::size_t size, std::size_t alignment, std::uintptr_t pc) {
  alignment = std::max(alignment, kGrain);
  const std::uintptr_t region = kAt + thread * kRegionBytes;
  if (size > kRegionBytes || alignment > kRegionBytes / 2) return nullptr;
  const std::uintptr_t block =
      (region + used_[thread] + sizeof(Head) + alignment - 1) & ~(alignment - 1);
  const std::size_t rounded = std::max<std::size_t>((size + kGrain - 1) & ~(kGrain - 1), kGrain);
  if (block + rounded > region + kRegionBytes - kGrain) return nullptr;
  used_[thread] = block + rounded - region;
  void* const memory = reinterpret_cast<void*>(block);
  HeadOf(memory) = {.size = size,
                    .allocated_by = thread,
                    .freed_by = kNoThread,
                    .allocated_at = pc,
                    .freed_at = 0};
  std::memset(states_ + (block - kAt) / kGrain, static_cast<int>(State::kLive), rounded / kGrain);
  std::memset(memory, kFill, size);
  return memory;
}

std::string_view Arena::Free(ThreadId thread, void* block, std::uintptr_t pc) {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const State state = StateOf(address);
  if (state == State::kFreed) return "double free";
  const Head* const found = state == State::kLive ? FindHead(address) : nullptr;
  if (found != &HeadOf(block)) return "free of an address that no allocation returned";
  Head& head = HeadOf(block);
  head.freed_by = thread;
  head.freed_at = pc;
  const std::size_t grains = std::max<std::size_t>((head.size + kGrain - 1) / kGrain, 1);
  std::memset(states_ + (address - kAt) / kGrain, static_cast<int>(State::kFreed), grains);
  return {};
}

const Arena::Head* Arena::FindHead(std::uintptr_t address) const {
  std::size_t grain = (address - kAt) / kGrain;
  const State state = states_[grain];
  if (state == State::kNever) return nullptr;
  const std::size_t first = (address - kAt) / kRegionBytes * kRegionBytes / kGrain;
  // Heads are never live, so the block begins where the run of its state does.
  while (grain > first && states_[grain - 1] == state) --grain;
  return reinterpret_cast<const Head*>(kAt + grain * kGrain) - 1;
}

}  // namespace slotproof::sched
