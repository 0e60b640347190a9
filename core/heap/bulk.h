// Copies and clears of many words at once (mbarrier.go).
//
// While somebody marks, the barrier comes first: for each pointer among the words, before any of
// them is written (bulkBarrierPreWrite). On a heap that threads share a pointer is read and written
// in one step (slot.h), for who marks may read it meanwhile; what lies between pointers is written
// plainly.
#ifndef SLOTPROOF_CORE_HEAP_BULK_H_
#define SLOTPROOF_CORE_HEAP_BULK_H_

#include <cstddef>
#include <cstring>
#include <functional>

#include "core/heap/allocator.h"
#include "core/heap/object_type.h"
#include "core/heap/slot.h"

namespace slotproof::core {

// Calls f for each pointer among whole words of one object, in their order; of a global, each word
// is one.
template <class Policy, class F>
void ForEachSlot(const Allocator<Policy>& allocator, void* target, std::size_t bytes, const F& f) {
  auto* const begin = static_cast<std::byte*>(target);
  const ObjectPlace place = allocator.Find(target);
  if (place) {
    if (place.span->HasPointers()) place.span->ForEachPointer(begin, begin + bytes, f);
    return;
  }
  auto* const slots = static_cast<void**>(target);
  for (std::size_t i = 0; i < bytes / kWordBytes; ++i) f(slots + i);
}

// Calls before(old, value) for each pointer that is about to be written; without a source the
// target is cleared.
template <class Policy, class F>
void BulkBarrier(const Allocator<Policy>& allocator, void* target, const void* source,
                 std::size_t bytes, const F& before) {
  const auto* const begin = static_cast<std::byte*>(target);
  ForEachSlot(allocator, target, bytes, [&](void** slot) {
    const std::ptrdiff_t offset = reinterpret_cast<std::byte*>(slot) - begin;
    void* value = nullptr;
    if (source != nullptr) {
      value = LoadSlot<Policy>(
          reinterpret_cast<void* const*>(static_cast<const std::byte*>(source) + offset));
    }
    before(LoadSlot<Policy>(slot), value);
  });
}

// memset to zero, with each pointer in one step.
template <class Policy>
void ClearShared(const Allocator<Policy>& allocator, void* target, std::size_t bytes) {
  auto* at = static_cast<std::byte*>(target);
  std::byte* const end = at + bytes;
  const auto clear_up_to = [&at](std::byte* to) {
    std::memset(at, 0, static_cast<std::size_t>(to - at));
  };
  ForEachSlot(allocator, target, bytes, [&](void** slot) {
    auto* const here = reinterpret_cast<std::byte*>(slot);
    clear_up_to(here);
    StoreSlot<Policy>(slot, nullptr);
    at = here + kWordBytes;
  });
  clear_up_to(end);
}

// memmove, with each pointer in one step.
template <class Policy>
void CopyShared(const Allocator<Policy>& allocator, void* target, const void* source,
                std::size_t bytes) {
  const ObjectPlace place = allocator.Find(target);
  const auto copy = [&](std::size_t at) {
    auto* const to = static_cast<std::byte*>(target) + at;
    const auto* const from = static_cast<const std::byte*>(source) + at;
    if (!place || (place.span->HasPointers() && place.span->IsPointer(to))) {
      StoreSlot<Policy>(reinterpret_cast<void**>(to),
                        LoadSlot<Policy>(reinterpret_cast<void* const*>(from)));
    } else {
      std::memcpy(to, from, kWordBytes);
    }
  };
  // Where they overlap, a word is read before it is written.
  if (std::less<const void*>{}(source, target)) {
    for (std::size_t at = bytes; at != 0; at -= kWordBytes) copy(at - kWordBytes);
  } else {
    for (std::size_t at = 0; at != bytes; at += kWordBytes) copy(at);
  }
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_BULK_H_
