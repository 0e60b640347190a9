// What code compiled with -fsanitize=thread calls, in place of ThreadSanitizer's runtime. The names
// and signatures are the compiler's (llvm, lib/Transforms/Instrumentation/ThreadSanitizer.cpp).

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "harness/sched/event.h"
#include "harness/sched/real_call.h"
#include "harness/sched/runtime.h"

using slotproof::sched::EventKind;
using slotproof::sched::Runtime;

namespace {

#define CALLER SLOTPROOF_CALLER

void Plain(const volatile void* address, std::size_t size, bool writes, std::uintptr_t pc) {
  if (!Runtime::Active()) return;
  Runtime::Get().Plain(reinterpret_cast<std::uintptr_t>(address), size, writes, pc);
}

// An atomic operation: body(was) is what the word becomes.
template <class T, class Body>
T Modify(volatile T* word, int order, std::uintptr_t pc, Body body) {
  const auto address = reinterpret_cast<std::uintptr_t>(word);
  const bool active = Runtime::Active();
  if (active) Runtime::Get().AtomicPoint(EventKind::kAtomicRmw, address, sizeof(T), order, pc);
  const T was = *word;
  const T now = body(was);
  *word = now;
  if (active) {
    Runtime::Get().AtomicDone(EventKind::kAtomicRmw, address, sizeof(T), order,
                              {.reads = true, .writes = true, .changes = now != was}, pc);
  }
  return was;
}

template <class T>
T Load(const volatile T* word, int order, std::uintptr_t pc) {
  const auto address = reinterpret_cast<std::uintptr_t>(word);
  const bool active = Runtime::Active();
  if (active) Runtime::Get().AtomicPoint(EventKind::kAtomicLoad, address, sizeof(T), order, pc);
  T value = *word;
  if (active) {
    Runtime::Get().AtomicDone(EventKind::kAtomicLoad, address, sizeof(T), order,
                              {.reads = true, .loaded = &value}, pc);
  }
  return value;
}

template <class T>
void Store(volatile T* word, T value, int order, std::uintptr_t pc) {
  const auto address = reinterpret_cast<std::uintptr_t>(word);
  const bool active = Runtime::Active();
  if (active) Runtime::Get().AtomicPoint(EventKind::kAtomicStore, address, sizeof(T), order, pc);
  const bool changes = *word != value;
  *word = value;
  if (active) {
    Runtime::Get().AtomicDone(EventKind::kAtomicStore, address, sizeof(T), order,
                              {.writes = true, .changes = changes}, pc);
  }
}

template <class T>
bool CompareExchange(volatile T* word, T* expected, T desired, int order, int failure_order,
                     std::uintptr_t pc) {
  const auto address = reinterpret_cast<std::uintptr_t>(word);
  const bool active = Runtime::Active();
  if (active) Runtime::Get().AtomicPoint(EventKind::kAtomicRmw, address, sizeof(T), order, pc);
  const T was = *word;
  const bool equal = was == *expected;
  if (equal) {
    *word = desired;
  } else {
    *expected = was;
  }
  if (active) {
    Runtime::Get().AtomicDone(
        EventKind::kAtomicRmw, address, sizeof(T), equal ? order : failure_order,
        {.reads = true, .writes = equal, .changes = equal && desired != was}, pc);
  }
  return equal;
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses,bugprone-reserved-identifier,readability-identifier-naming):
// types, and the compiler's names.
extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}

#define ACCESSES(size)                                                                    \
  void __tsan_read##size(void* at) { Plain(at, size, false, CALLER); }                    \
  void __tsan_write##size(void* at) { Plain(at, size, true, CALLER); }                    \
  void __tsan_unaligned_read##size(void* at) { Plain(at, size, false, CALLER); }          \
  void __tsan_unaligned_write##size(void* at) { Plain(at, size, true, CALLER); }          \
  void __tsan_volatile_read##size(void* at) { Plain(at, size, false, CALLER); }           \
  void __tsan_volatile_write##size(void* at) { Plain(at, size, true, CALLER); }           \
  void __tsan_unaligned_volatile_read##size(void* at) { Plain(at, size, false, CALLER); } \
  void __tsan_unaligned_volatile_write##size(void* at) { Plain(at, size, true, CALLER); } \
  void __tsan_read_write##size(void* at) {                                                \
    Plain(at, size, false, CALLER);                                                       \
    Plain(at, size, true, CALLER);                                                        \
  }                                                                                       \
  void __tsan_unaligned_read_write##size(void* at) {                                      \
    Plain(at, size, false, CALLER);                                                       \
    Plain(at, size, true, CALLER);                                                        \
  }

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
#undef ACCESSES

void __tsan_vptr_update(void** at, void*) {
  Plain(static_cast<void*>(at), sizeof(void*), true, CALLER);
}
void __tsan_vptr_read(void** at) { Plain(static_cast<void*>(at), sizeof(void*), false, CALLER); }
void __tsan_read_range(void* at, std::size_t size) { Plain(at, size, false, CALLER); }
void __tsan_write_range(void* at, std::size_t size) { Plain(at, size, true, CALLER); }

void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  Plain(from, size, false, CALLER);
  Plain(to, size, true, CALLER);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  Plain(from, size, false, CALLER);
  Plain(to, size, true, CALLER);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int byte, std::size_t size) {
  Plain(to, size, true, CALLER);
  return std::memset(to, byte, size);
}

#define ATOMICS(bits, T)                                                                         \
  T __tsan_atomic##bits##_load(const volatile T* at, int order) {                                \
    return Load(at, order, CALLER);                                                              \
  }                                                                                              \
  void __tsan_atomic##bits##_store(volatile T* at, T value, int order) {                         \
    Store(at, value, order, CALLER);                                                             \
  }                                                                                              \
  T __tsan_atomic##bits##_exchange(volatile T* at, T value, int order) {                         \
    return Modify(at, order, CALLER, [value](T) { return value; });                              \
  }                                                                                              \
  T __tsan_atomic##bits##_fetch_add(volatile T* at, T value, int order) {                        \
    return Modify(at, order, CALLER, [value](T was) { return static_cast<T>(was + value); });    \
  }                                                                                              \
  T __tsan_atomic##bits##_fetch_sub(volatile T* at, T value, int order) {                        \
    return Modify(at, order, CALLER, [value](T was) { return static_cast<T>(was - value); });    \
  }                                                                                              \
  T __tsan_atomic##bits##_fetch_and(volatile T* at, T value, int order) {                        \
    return Modify(at, order, CALLER, [value](T was) { return static_cast<T>(was & value); });    \
  }                                                                                              \
  T __tsan_atomic##bits##_fetch_or(volatile T* at, T value, int order) {                         \
    return Modify(at, order, CALLER, [value](T was) { return static_cast<T>(was | value); });    \
  }                                                                                              \
  T __tsan_atomic##bits##_fetch_xor(volatile T* at, T value, int order) {                        \
    return Modify(at, order, CALLER, [value](T was) { return static_cast<T>(was ^ value); });    \
  }                                                                                              \
  T __tsan_atomic##bits##_fetch_nand(volatile T* at, T value, int order) {                       \
    return Modify(at, order, CALLER, [value](T was) { return static_cast<T>(~(was & value)); }); \
  }                                                                                              \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* at, T* expected, T desired,      \
                                                    int order, int failure_order) {              \
    return CompareExchange(at, expected, desired, order, failure_order, CALLER) ? 1 : 0;         \
  }                                                                                              \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* at, T* expected, T desired,        \
                                                  int order, int failure_order) {                \
    return CompareExchange(at, expected, desired, order, failure_order, CALLER) ? 1 : 0;         \
  }                                                                                              \
  T __tsan_atomic##bits##_compare_exchange_val(volatile T* at, T expected, T desired, int order, \
                                               int failure_order) {                              \
    CompareExchange(at, &expected, desired, order, failure_order, CALLER);                       \
    return expected;                                                                             \
  }

ATOMICS(8, std::uint8_t)
ATOMICS(16, std::uint16_t)
ATOMICS(32, std::uint32_t)
ATOMICS(64, std::uint64_t)
__extension__ using Uint128 = unsigned __int128;
ATOMICS(128, Uint128)
#undef ATOMICS

void __tsan_atomic_thread_fence(int order) {
  if (Runtime::Active()) Runtime::Get().Fence(order, CALLER);
}
void __tsan_atomic_signal_fence(int) {}

}  // extern "C"
// NOLINTEND(bugprone-macro-parentheses,bugprone-reserved-identifier,readability-identifier-naming)
