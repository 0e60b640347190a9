// Thread-local variables in a schedule: each fiber has its own.
//
// Code under test is compiled with -femulated-tls: each use of a thread_local asks this function
// where it is. Keys of pthread are places beside them.

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "harness/sched/real_call.h"
#include "harness/sched/runtime.h"

using slotproof::sched::Runtime;

namespace {

// The compiler's description of a thread_local variable.
struct Control {
  std::size_t size;
  std::size_t alignment;
  std::uintptr_t index;  // ours, from 1; 0 until it is first asked for
  const void* initial;   // its bytes, or null for zeroes
};

std::uintptr_t IndexOf(Control* control) {
  if (control->index == 0) control->index = Runtime::Get().NewLocal();
  return control->index;
}

// Of a real thread.
void*& OutsideLocal(std::size_t index) {
  thread_local std::vector<void*> locals;
  if (locals.size() <= index) locals.resize(index + 1, nullptr);
  return locals[index];
}

void* NewVariable(const Control& control) {
  void* const memory = std::aligned_alloc(
      control.alignment, (control.size + control.alignment - 1) & ~(control.alignment - 1));
  if (memory == nullptr) std::abort();
  if (control.initial != nullptr) {
    std::memcpy(memory, control.initial, control.size);
  } else {
    std::memset(memory, 0, control.size);
  }
  return memory;
}

constexpr pthread_key_t kFirstKey = 100'000;  // the library's are below

void RunKeyDestructor(void* key) {
  const Runtime::Key of = Runtime::Get().KeyAt(reinterpret_cast<std::uintptr_t>(key));
  void*& place = Runtime::Get().Local(of.index);
  void* const value = place;
  place = nullptr;
  if (value != nullptr && of.destroy != nullptr) of.destroy(value);
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the compiler's and the
// library's names.
extern "C" {

void* __emutls_get_address(Control* control) {
  const std::uintptr_t index = IndexOf(control);
  void** place = Runtime::Active() ? &Runtime::Get().Local(index) : &OutsideLocal(index);
  if (*place != nullptr) return *place;
  void* const variable = NewVariable(*control);
  place = Runtime::Active() ? &Runtime::Get().Local(index) : &OutsideLocal(index);
  *place = variable;
  return variable;
}

int __cxa_thread_atexit_impl(void (*)(void*), void*, void*);

int __cxa_thread_atexit(void (*destroy)(void*), void* object, void* library) {
  if (!Runtime::Active()) return __cxa_thread_atexit_impl(destroy, object, library);
  Runtime::Get().AtThreadExit(destroy, object);
  return 0;
}

int pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) noexcept {
  if (!Runtime::Active()) return SLOTPROOF_REAL(pthread_key_create)(key, destroy);
  *key = kFirstKey + static_cast<pthread_key_t>(Runtime::Get().NewKey(destroy));
  return 0;
}
int pthread_key_delete(pthread_key_t key) noexcept {
  return key < kFirstKey ? SLOTPROOF_REAL(pthread_key_delete)(key) : 0;
}
void* pthread_getspecific(pthread_key_t key) noexcept {
  if (key < kFirstKey) return SLOTPROOF_REAL(pthread_getspecific)(key);
  const std::uintptr_t index = Runtime::Get().KeyAt(key - kFirstKey).index;
  return Runtime::Active() ? Runtime::Get().Local(index) : OutsideLocal(index);
}
int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  if (key < kFirstKey) return SLOTPROOF_REAL(pthread_setspecific)(key, value);
  const std::uintptr_t number = key - kFirstKey;
  const std::uintptr_t index = Runtime::Get().KeyAt(number).index;
  void*& place = Runtime::Active() ? Runtime::Get().Local(index) : OutsideLocal(index);
  if (place == nullptr && value != nullptr && Runtime::Active()) {
    Runtime::Get().AtThreadExit(&RunKeyDestructor, reinterpret_cast<void*>(number));
  }
  place = const_cast<void*>(value);
  return 0;
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
