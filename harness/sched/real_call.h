#ifndef SLOTPROOF_HARNESS_SCHED_REAL_CALL_H_
#define SLOTPROOF_HARNESS_SCHED_REAL_CALL_H_

#include <dlfcn.h>

#include <cstdint>

namespace slotproof::sched {

// The library's own function behind one that this program defines in its place.
template <class Function>
Function* RealCall(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace slotproof::sched

// Within a definition of `name`.
#define SLOTPROOF_REAL(name)                                                      \
  ([] {                                                                           \
    static const auto real = ::slotproof::sched::RealCall<decltype(name)>(#name); \
    return real;                                                                  \
  }())
#define SLOTPROOF_CALLER reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

#endif  // SLOTPROOF_HARNESS_SCHED_REAL_CALL_H_
