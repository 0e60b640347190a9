#include <atomic>
#include <cstring>
#include <optional>
#include <string>

#include "harness/sched/arena.h"
#include "harness/sched/runtime.h"

// Memory under the scheduler: plain accesses, atomic operations, fences, allocation.

namespace slotproof::sched {
namespace {

constexpr int kRelaxed = static_cast<int>(std::memory_order_relaxed);
constexpr int kSeqCst = static_cast<int>(std::memory_order_seq_cst);

bool Acquires(int order) {
  return order != kRelaxed && order != static_cast<int>(std::memory_order_release);
}
// Nothing of what is wider than a register.
std::optional<std::uint64_t> ValueAt(std::uintptr_t address, std::size_t size) {
  std::uint64_t value = 0;
  if (size > sizeof(value)) return std::nullopt;
  std::memcpy(&value, reinterpret_cast<const void*>(address), size);
  return value;
}

bool Releases(int order) { return order >= static_cast<int>(std::memory_order_release); }

}  // namespace

void Runtime::Plain(std::uintptr_t address, std::size_t size, bool writes, std::uintptr_t pc) {
  if (size == 0) return;
  const Inside inside;
  const Event event{.kind = writes ? EventKind::kWrite : EventKind::kRead,
                    .may_write = writes,
                    .size = static_cast<std::uint32_t>(size),
                    .address = address,
                    .pc = pc};
  const bool contended = detector_.IsContended(event);
  if (contended && !writes) NoteSpin(address, pc);
  Point(event, Matters(contended));
  CheckLive(address, size, writes);
  CheckRace(event);
  Keep({.kind = writes ? Deed::Kind::kWrite : Deed::Kind::kRead,
        .is_plain = true,
        .address = address});
  if (!writes || !contended) return;
  Current().spin_used = 0;
  Progress();
}

void Runtime::CheckLive(std::uintptr_t address, std::size_t size, bool writes) {
  const Arena& arena = Arena::Get();
  if (!Arena::Contains(address) || arena.StateOf(address) == Arena::State::kLive) return;
  const std::string deed =
      NameOf(current_thread) + (writes ? " writes " : " reads ") + std::to_string(size) + " bytes";
  const Arena::Head* const head = arena.FindHead(address);
  if (head == nullptr) End(Ending::kUseAfterFree, deed + " beyond any allocation");
  const auto* const block = reinterpret_cast<const char*>(head + 1);
  End(Ending::kUseAfterFree,
      deed + " at offset " + std::to_string(address - reinterpret_cast<std::uintptr_t>(block)) +
          " of " + std::to_string(head->size) + " that " + NameOf(head->allocated_by) +
          " allocated and " + NameOf(head->freed_by) + " freed");
}

std::string Runtime::Describe(const RacingAccess& access) const {
  return NameOf(access.thread) + " " + std::string(EventName(access.event.kind)) + " of " +
         std::to_string(access.event.size) + " bytes";
}

void Runtime::CheckRace(const Event& event) {
  std::optional<DataRace> race = detector_.Access(current_thread, Current().clock, event);
  if (!race || result_.race) return;
  result_.race = race;
  if (options_.races_fail) {
    End(Ending::kRace, Describe(race->later) + " races with " + Describe(race->earlier));
  }
}

// An operation that changes nothing says nothing new the second time. A thread that comes to it
// again and again, and changes nothing in between, waits for others.
void Runtime::NoteSpin(std::uintptr_t address, std::uintptr_t pc) {
  Thread& thread = Current();
  for (std::uint32_t i = 0; i < thread.spin_used; ++i) {
    Thread::SpinRead& read = thread.spin[i];
    if (read.pc != pc || read.address != address) continue;
    if (++read.times >= options_.spin_reads) {
      read.times = 0;
      YieldNow();
    }
    return;
  }
  const std::uint32_t place = thread.spin_used < thread.spin.size()
                                  ? thread.spin_used++
                                  : thread.spin_next++ % thread.spin.size();
  thread.spin[place] = {.pc = pc, .address = address, .times = 1};
}

void Runtime::AtomicPoint(EventKind kind, std::uintptr_t address, std::size_t size, int order,
                          std::uintptr_t pc) {
  const Inside inside;
  const bool stores = kind != EventKind::kAtomicLoad;
  // A seq_cst load narrows what those after it may see.
  const Event event{.kind = kind,
                    .may_write = stores || (Stale() && order == kSeqCst),
                    .size = static_cast<std::uint32_t>(size),
                    .address = address,
                    .pc = pc};
  Point(event, options_.volume != Volume::kContended || detector_.IsContended(event));
  CheckLive(address, size, stores);
  if (Stale()) stores_.Open(address, size);
}

void Runtime::AtomicDone(EventKind kind, std::uintptr_t address, std::size_t size, int order,
                         AtomicEffect effect, std::uintptr_t pc) {
  const Inside inside;
  // Before it learns anything. A compare-exchange that failed has only read.
  CheckRace({.kind = kind,
             .may_write = effect.writes,
             .size = static_cast<std::uint32_t>(size),
             .address = address,
             .pc = pc});
  Thread& thread = Current();
  VectorClock* released = Stale() ? nullptr : &atomics_.At(address).clock;
  std::uint32_t back = 0;
  if (effect.reads) {
    if (Stale()) released = &Seen(kind, address, order, effect.loaded, &back);
    (Acquires(order) ? thread.clock : thread.to_acquire).Join(*released);
  }
  Keep(
      {.kind = !effect.writes ? Deed::Kind::kRead
               : effect.reads ? Deed::Kind::kUpdate
                              : Deed::Kind::kWrite,
       .address = address,
       .value = options_.trail == nullptr
                    ? std::nullopt
                    : ValueAt(back == 0 ? address : reinterpret_cast<std::uintptr_t>(effect.loaded),
                              size),
       .back = back});
  if (effect.writes) {
    if (Stale()) {
      released = &stores_.Store(current_thread, thread.clock, address, order == kSeqCst);
    }
    if (!effect.reads) released->Clear();  // a store ends what was released before
    if (Releases(order)) {
      released->Join(thread.clock);
      thread.clock.Advance(current_thread);
    } else {
      released->Join(thread.at_release_fence);
    }
  }
  if (effect.changes) {
    thread.spin_used = 0;
    Progress();
  } else {
    NoteSpin(address, pc);
  }
}

VectorClock& Runtime::Seen(EventKind kind, std::uintptr_t address, int order, void* loaded,
                           std::uint32_t* back) {
  const VectorClock& clock = Current().clock;
  const bool seq_cst = order == kSeqCst;
  if (kind == EventKind::kAtomicLoad) {
    *back = PickStore(stores_.Visible(current_thread, clock, address, seq_cst));
    if (*back != 0) stores_.CopyValue(address, *back, loaded);
  }
  return stores_.See(current_thread, clock, address, seq_cst, *back);
}

void Runtime::Fence(int order, std::uintptr_t pc) {
  const Inside inside;
  Thread& thread = Current();
  const bool orders_loads = Stale() && order == kSeqCst;
  if (orders_loads) Point({.kind = EventKind::kFence, .pc = pc}, true);
  if (Acquires(order)) thread.clock.Join(thread.to_acquire);
  if (orders_loads) stores_.Fence(current_thread, thread.clock);
  if (Releases(order)) {
    thread.at_release_fence.Assign(thread.clock);
    thread.clock.Advance(current_thread);
  }
}

void* Runtime::Allocate(std::size_t size, std::size_t alignment, std::uintptr_t pc) {
  const Inside inside;
  return Arena::Get().Allocate(current_thread, size, alignment, pc);
}

void Runtime::Free(void* block, std::uintptr_t pc) {
  const Inside inside;
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  Arena& arena = Arena::Get();
  if (arena.FindHead(address) == &Arena::HeadOf(block) &&
      arena.StateOf(address) == Arena::State::kLive) {
    // Larger blocks are looked at in their first part only.
    constexpr std::size_t kLooked = std::size_t{4} << 10;
    const std::size_t size = std::min(Arena::HeadOf(block).size, kLooked);
    const Event event{.kind = EventKind::kFree,
                      .may_write = true,
                      .size = static_cast<std::uint32_t>(size),
                      .address = address,
                      .pc = pc};
    Point(event, Matters(detector_.IsContended(event)));
    CheckRace(event);
  }
  const std::string_view error = arena.Free(current_thread, block, pc);
  if (!error.empty()) {
    End(Ending::kUseAfterFree, NameOf(current_thread) + ": " + std::string(error));
  }
}

}  // namespace slotproof::sched
