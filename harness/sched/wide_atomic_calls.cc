// Atomics that the processor has no one instruction for, in the compiler's eyes: 16 bytes without
// -mcx16, and any other size. It calls the functions of libatomic, which ThreadSanitizer's pass
// does not see; here they are points like those of narrow ones.

#include <atomic>
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

// Outside of a schedule one lock keeps them apart, as libatomic's do.
constinit std::atomic_flag taken = ATOMIC_FLAG_INIT;

// One atomic operation of the size, while it lives.
class Operation {
 public:
  Operation(EventKind kind, const void* word, std::size_t size, int order, std::uintptr_t pc)
      : kind_(kind),
        address_(reinterpret_cast<std::uintptr_t>(word)),
        size_(size),
        order_(order),
        pc_(pc),
        active_(Runtime::Active()) {
    if (active_) {
      Runtime::Get().AtomicPoint(kind_, address_, size_, order_, pc_);
    } else {
      while (taken.test_and_set(std::memory_order_acquire)) {
      }
    }
  }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation() {
    if (!active_) taken.clear(std::memory_order_release);
  }

  void Done(int order, Runtime::AtomicEffect effect) {
    if (active_) Runtime::Get().AtomicDone(kind_, address_, size_, order, effect, pc_);
  }

 private:
  EventKind kind_;
  std::uintptr_t address_;
  std::size_t size_;
  int order_;
  std::uintptr_t pc_;
  bool active_;
};

void Load(std::size_t size, const void* word, void* result, int order, std::uintptr_t pc) {
  Operation operation(EventKind::kAtomicLoad, word, size, order, pc);
  std::memcpy(result, word, size);
  operation.Done(order, {.reads = true, .loaded = result});
}

void Store(std::size_t size, void* word, const void* value, int order, std::uintptr_t pc) {
  Operation operation(EventKind::kAtomicStore, word, size, order, pc);
  const bool changes = std::memcmp(word, value, size) != 0;
  std::memcpy(word, value, size);
  operation.Done(order, {.writes = true, .changes = changes});
}

void Exchange(std::size_t size, void* word, const void* value, void* result, int order,
              std::uintptr_t pc) {
  Operation operation(EventKind::kAtomicRmw, word, size, order, pc);
  const bool changes = std::memcmp(word, value, size) != 0;
  std::memmove(result, word, size);
  std::memcpy(word, value, size);
  operation.Done(order, {.reads = true, .writes = true, .changes = changes});
}

bool CompareExchange(std::size_t size, void* word, void* expected, const void* desired, int order,
                     int failure_order, std::uintptr_t pc) {
  Operation operation(EventKind::kAtomicRmw, word, size, order, pc);
  const bool equal = std::memcmp(word, expected, size) == 0;
  const bool changes = equal && std::memcmp(word, desired, size) != 0;
  std::memcpy(equal ? word : expected, equal ? desired : word, size);
  operation.Done(equal ? order : failure_order,
                 {.reads = true, .writes = equal, .changes = changes});
  return equal;
}

__extension__ using Uint128 = unsigned __int128;

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the compiler's names,
// which it does not let one define but by a label.
extern "C" {

void WideLoad(std::size_t size, const void* word, void* result, int order) __asm__("__atomic_load");
void WideLoad(std::size_t size, const void* word, void* result, int order) {
  Load(size, word, result, order, CALLER);
}
void WideStore(std::size_t size, void* word, const void* value,
               int order) __asm__("__atomic_store");
void WideStore(std::size_t size, void* word, const void* value, int order) {
  Store(size, word, value, order, CALLER);
}
void WideExchange(std::size_t size, void* word, const void* value, void* result,
                  int order) __asm__("__atomic_exchange");
void WideExchange(std::size_t size, void* word, const void* value, void* result, int order) {
  Exchange(size, word, value, result, order, CALLER);
}
bool WideCompareExchange(std::size_t size, void* word, void* expected, const void* desired,
                         int order, int failure_order) __asm__("__atomic_compare_exchange");
bool WideCompareExchange(std::size_t size, void* word, void* expected, const void* desired,
                         int order, int failure_order) {
  return CompareExchange(size, word, expected, desired, order, failure_order, CALLER);
}

Uint128 Load16(const void* word, int order) __asm__("__atomic_load_16");
Uint128 Load16(const void* word, int order) {
  Uint128 result = 0;
  Load(sizeof(result), word, &result, order, CALLER);
  return result;
}
void Store16(void* word, Uint128 value, int order) __asm__("__atomic_store_16");
void Store16(void* word, Uint128 value, int order) {
  Store(sizeof(value), word, &value, order, CALLER);
}
Uint128 Exchange16(void* word, Uint128 value, int order) __asm__("__atomic_exchange_16");
Uint128 Exchange16(void* word, Uint128 value, int order) {
  Uint128 result = 0;
  Exchange(sizeof(value), word, &value, &result, order, CALLER);
  return result;
}
bool CompareExchange16(void* word, void* expected, Uint128 desired, int order,
                       int failure_order) __asm__("__atomic_compare_exchange_16");
bool CompareExchange16(void* word, void* expected, Uint128 desired, int order, int failure_order) {
  return CompareExchange(sizeof(desired), word, expected, &desired, order, failure_order, CALLER);
}

// Nothing else is free of locks.
bool IsLockFree(std::size_t size, const void* word) __asm__("__atomic_is_lock_free");
bool IsLockFree(std::size_t size, const void* /*word*/) { return size <= 16; }

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
