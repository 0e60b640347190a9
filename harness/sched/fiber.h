#ifndef SLOTPROOF_HARNESS_SCHED_FIBER_H_
#define SLOTPROOF_HARNESS_SCHED_FIBER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "harness/sched/thread_set.h"

namespace slotproof::sched {

// Control flows with stacks of their own on one OS thread, and switches between them.
//
//   slot of thread i   | guard page | stack, kStackBytes, used from its end |
//
// Stacks lie at the same addresses in every process, so that what a program does with the addresses
// of its locals can be replayed. A fiber that is not to go on is let go of, without unwinding: its
// stack is used again by the next schedule. That is why the switch of Boost.Context is used without
// its classes, which unwind.
//
// Each fiber has exceptions in flight of its own.
class Fibers {
 public:
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10;

  static Fibers& Get();

  // Makes fiber `thread` ready to run `body`, which must not return, at the next switch to it.
  void Prepare(ThreadId thread, void (*body)());

  // From fiber `from` to fiber `to`; returns when somebody switches back to `from`.
  void Switch(ThreadId from, ThreadId to);

  // Runs fiber `thread` until a fiber calls Leave().
  void Enter(ThreadId thread);
  // Back to who called Enter(), for ever.
  [[noreturn]] void Leave();

  // Whether the address lies in a guard page, which the stack of a fiber has run into.
  bool IsGuard(std::uintptr_t address) const;

 private:
  // Of __cxa_eh_globals: exceptions that are being handled, and how many are being thrown.
  struct Exceptions {
    void* caught = nullptr;
    std::uintptr_t uncaught = 0;
  };
  struct Fiber {
    void* context = nullptr;
    Exceptions exceptions;
  };

  Fibers();
  void Jump(Fiber& from, Fiber& to);

  Fiber outside_;
  std::array<Fiber, kMaxThreads> fibers_;
  void (*body_)() = nullptr;
  std::uintptr_t stacks_ = 0;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_FIBER_H_
