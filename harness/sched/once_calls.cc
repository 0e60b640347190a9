// What a program does once, in a schedule: std::call_once and the initialisation of static
// variables of functions. Both are done anew in each schedule, so that each is like the first.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "harness/sched/event.h"
#include "harness/sched/real_call.h"
#include "harness/sched/runtime.h"

using slotproof::sched::EventKind;
using slotproof::sched::OnceFlag;
using slotproof::sched::Runtime;

namespace {

// As the compiler describes a thread_local variable (thread_local_calls.cc).
struct Control {
  std::size_t size;
  std::size_t alignment;
  std::uintptr_t index;
  const void* initial;
};

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the compiler's and the
// library's names.
extern "C" {

// The thread-local variables in which std::call_once hands its function to __once_proxy. Scheduled
// code has emulated ones, which the library does not define.
Control once_callable __asm__("__emutls_v._ZSt15__once_callable") = {
    .size = sizeof(void*), .alignment = alignof(void*), .index = 0, .initial = nullptr};
Control once_call __asm__("__emutls_v._ZSt11__once_call") = {
    .size = sizeof(void*), .alignment = alignof(void*), .index = 0, .initial = nullptr};

void* __emutls_get_address(Control* control);

void __once_proxy() {
  void (*&call)() = *static_cast<void (**)()>(__emutls_get_address(&once_call));
  if (call == nullptr) return SLOTPROOF_REAL(__once_proxy)();
  // Taken, or code within it that is not scheduled would seem to be called by scheduled code.
  void (*const now)() = call;
  call = nullptr;
  now();
}

int __cxa_guard_acquire(std::uint64_t* guard) {
  if (!Runtime::Active()) return SLOTPROOF_REAL(__cxa_guard_acquire)(guard);
  return Runtime::Get().BeginOnce(reinterpret_cast<OnceFlag*>(guard), SLOTPROOF_CALLER) ? 1 : 0;
}
void __cxa_guard_release(std::uint64_t* guard) {
  if (!Runtime::Active()) return SLOTPROOF_REAL(__cxa_guard_release)(guard);
  Runtime& runtime = Runtime::Get();
  const std::uintptr_t pc = SLOTPROOF_CALLER;
  // The compiler lets each use of the variable read the flag first.
  const auto flag = reinterpret_cast<std::uintptr_t>(guard);
  constexpr int kRelease = static_cast<int>(std::memory_order_release);
  runtime.AtomicPoint(EventKind::kAtomicStore, flag, 1, kRelease, pc);
  runtime.AtomicDone(EventKind::kAtomicStore, flag, 1, kRelease, {.writes = true, .changes = true},
                     pc);
  runtime.EndOnce(reinterpret_cast<OnceFlag*>(guard), true, pc);
}
void __cxa_guard_abort(std::uint64_t* guard) {
  if (!Runtime::Active()) return SLOTPROOF_REAL(__cxa_guard_abort)(guard);
  Runtime::Get().EndOnce(reinterpret_cast<OnceFlag*>(guard), false, SLOTPROOF_CALLER);
}

// What a schedule made ends with it, without a destructor.
int __cxa_atexit(void (*destroy)(void*), void* object, void* library) noexcept {
  if (Runtime::Active()) return 0;
  return SLOTPROOF_REAL(__cxa_atexit)(destroy, object, library);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
