// malloc and its relatives: in a schedule the memory is the arena's, elsewhere the library's.

#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "harness/sched/arena.h"
#include "harness/sched/real_call.h"
#include "harness/sched/runtime.h"

using slotproof::sched::Arena;
using slotproof::sched::Runtime;

namespace {

bool InArena(const void* block) { return Arena::Contains(reinterpret_cast<std::uintptr_t>(block)); }

void* Allocate(std::size_t size, std::size_t alignment, std::uintptr_t pc) {
  void* const block = Runtime::Get().Allocate(size, alignment, pc);
  if (block == nullptr) errno = ENOMEM;
  return block;
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the library's names.
extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  if (!Runtime::Active()) return __libc_malloc(size);
  return Allocate(size, 1, SLOTPROOF_CALLER);
}

void free(void* block) {
  if (block == nullptr) return;
  if (!InArena(block)) return __libc_free(block);
  // What outlives its schedule is gone already.
  if (Runtime::Active()) Runtime::Get().Free(block, SLOTPROOF_CALLER);
}

void* calloc(std::size_t count, std::size_t size) {
  if (!Runtime::Active()) return __libc_calloc(count, size);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = Allocate(bytes, 1, SLOTPROOF_CALLER);
  return block == nullptr ? nullptr : std::memset(block, 0, bytes);
}

void* realloc(void* block, std::size_t size) {
  const bool in_arena = block != nullptr && InArena(block);
  if (!in_arena && (block != nullptr || !Runtime::Active())) {
    return __libc_realloc(block, size);
  }
  void* const moved = Runtime::Active() ? Allocate(size, 1, SLOTPROOF_CALLER) : __libc_malloc(size);
  if (moved == nullptr || block == nullptr) return moved;
  std::memcpy(moved, block, std::min(size, Arena::HeadOf(block).size));
  free(block);
  return moved;
}

void* memalign(std::size_t alignment, std::size_t size) {
  if (!Runtime::Active()) return __libc_memalign(alignment, size);
  return Allocate(size, alignment, SLOTPROOF_CALLER);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  if (!Runtime::Active()) return __libc_memalign(alignment, size);
  return Allocate(size, alignment, SLOTPROOF_CALLER);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

std::size_t malloc_usable_size(void* block) {
  if (block == nullptr) return 0;
  if (InArena(block)) return Arena::HeadOf(block).size;
  return SLOTPROOF_REAL(malloc_usable_size)(block);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
