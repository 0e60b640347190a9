// Makes allocations burn Fuse::kAlloc: operator new, for the whole program and the libraries that
// it loads; calloc and aligned_alloc where the program itself calls them (--wrap of the linker, in
// BUILD).
//
// operator new and delete are replaced together: a sanitizer would call memory of malloc that
// goes to its own operator delete a mismatch.

#include <cstddef>
#include <cstdlib>
#include <new>

#include "harness/subject/fuse.h"

namespace {

using slotproof::Fuse;
using slotproof::FuseKind;

void* Allocate(std::size_t bytes) {
  Fuse::Step(FuseKind::kAlloc);
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

void* AllocateAligned(std::size_t bytes, std::align_val_t alignment) {
  Fuse::Step(FuseKind::kAlloc);
  const auto align = static_cast<std::size_t>(alignment);
  void* memory = nullptr;
  if (posix_memalign(&memory, align < sizeof(void*) ? sizeof(void*) : align,
                     bytes == 0 ? 1 : bytes) == 0) {
    return memory;
  }
  throw std::bad_alloc();
}

bool Fails() noexcept { return Fuse::Burns(FuseKind::kAlloc); }

}  // namespace

void* operator new(std::size_t bytes) { return Allocate(bytes); }
void* operator new[](std::size_t bytes) { return Allocate(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return AllocateAligned(bytes, alignment);
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return AllocateAligned(bytes, alignment);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return Fails() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return Fails() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

// NOLINTBEGIN(readability-identifier-naming): the linker's names
extern "C" {
void* __real_calloc(std::size_t count, std::size_t bytes);
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);

void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  return Fails() ? nullptr : __real_calloc(count, bytes);
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return Fails() ? nullptr : __real_aligned_alloc(alignment, bytes);
}
}
// NOLINTEND(readability-identifier-naming)
