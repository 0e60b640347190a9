#ifndef SLOTPROOF_HARNESS_SCHED_REAL_CALL_H_
#define SLOTPROOF_HARNESS_SCHED_REAL_CALL_H_

#include <dlfcn.h>

#include <atomic>
#include <cstdint>

namespace slotproof::sched {

// The library's own function behind one that this program defines in its place.
template <class Function>
Function* RealCall(std::atomic<Function*>& kept, const char* name) {
  Function* real = kept.load(std::memory_order_relaxed);
  if (real == nullptr) {
    real = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    kept.store(real, std::memory_order_relaxed);
  }
  return real;
}

}  // namespace slotproof::sched

// Within a definition of `name`. Its static variable has no guard, which would be one of the calls.
#define SLOTPROOF_REAL(name)                                          \
  ([] {                                                               \
    static constinit std::atomic<decltype(name)*> kept = nullptr;     \
    return ::slotproof::sched::RealCall<decltype(name)>(kept, #name); \
  }())
#define SLOTPROOF_CALLER reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

#endif  // SLOTPROOF_HARNESS_SCHED_REAL_CALL_H_
