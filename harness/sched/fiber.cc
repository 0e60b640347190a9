#include "harness/sched/fiber.h"

#include <cxxabi.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

#include <boost/context/detail/fcontext.hpp>

namespace slotproof::sched {
namespace {

namespace context = boost::context::detail;

constexpr std::uintptr_t kStacksAt = 0x2000'0000'0000;
constexpr std::size_t kGuardBytes = std::size_t{4} << 10;
constexpr std::size_t kSlotBytes = kGuardBytes + Fibers::kStackBytes;

void StoreContext(context::transfer_t transfer) {
  *static_cast<void**>(transfer.data) = transfer.fctx;
}

}  // namespace

Fibers& Fibers::Get() {
  static Fibers fibers;
  return fibers;
}

Fibers::Fibers() {
  void* const stacks =
      mmap(reinterpret_cast<void*>(kStacksAt), kSlotBytes * kMaxThreads, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (stacks != reinterpret_cast<void*>(kStacksAt)) {
    std::fprintf(stderr, "sched: no room for stacks at %#zx: other memory is mapped there\n",
                 static_cast<std::size_t>(kStacksAt));
    std::abort();
  }
  stacks_ = kStacksAt;
  for (std::size_t i = 0; i < kMaxThreads; ++i) {
    mprotect(reinterpret_cast<void*>(stacks_ + i * kSlotBytes), kGuardBytes, PROT_NONE);
  }
}

void Fibers::Prepare(ThreadId thread, void (*body)()) {
  struct Entry {
    static void Run(context::transfer_t transfer) {
      StoreContext(transfer);
      Fibers& fibers = Get();
      fibers.body_();
    }
  };
  body_ = body;
  Fiber& fiber = fibers_[thread];
  const std::uintptr_t end = stacks_ + (thread + 1) * kSlotBytes;
  fiber.context = context::make_fcontext(reinterpret_cast<void*>(end), kStackBytes, &Entry::Run);
  fiber.exceptions = Exceptions{};
}

void Fibers::Jump(Fiber& from, Fiber& to) {
  auto* const globals = reinterpret_cast<Exceptions*>(abi::__cxa_get_globals());
  from.exceptions = *globals;
  *globals = to.exceptions;
  StoreContext(context::jump_fcontext(to.context, static_cast<void*>(&from.context)));
}

void Fibers::Switch(ThreadId from, ThreadId to) { Jump(fibers_[from], fibers_[to]); }

void Fibers::Enter(ThreadId thread) { Jump(outside_, fibers_[thread]); }

void Fibers::Leave() {
  Fiber dead;
  Jump(dead, outside_);
  std::abort();
}

bool Fibers::IsGuard(std::uintptr_t address) const {
  return address >= stacks_ && address < stacks_ + kSlotBytes * kMaxThreads &&
         (address - stacks_) % kSlotBytes < kGuardBytes;
}

}  // namespace slotproof::sched
