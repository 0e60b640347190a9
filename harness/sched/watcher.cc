#include "harness/sched/watcher.h"

#include <array>

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names, and
// libFuzzer's.
extern "C" const char __ehdr_start;
extern "C" const char etext;
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                                              std::size_t max_size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace slotproof::sched {
namespace {

__attribute__((used,
               section("__libfuzzer_extra_counters"))) std::array<std::uint8_t, kWatchCounters>
    fuzzer_counters;

constexpr std::size_t kFirstHandOff = kSeenWriteCounters;
constexpr std::size_t kFirstBlocked = kSeenWriteCounters + kHandOffCounters;

constexpr std::uint64_t Scrambled(std::uint64_t value) {
  value = (value ^ value >> 32) * 0xff51afd7ed558ccd;
  return value ^ value >> 32;
}

// Other libraries lie elsewhere in each process: all of one is one place.
std::uint64_t PlaceOf(const Event& event) {
  const auto begin = reinterpret_cast<std::uintptr_t>(&__ehdr_start);
  const auto end = reinterpret_cast<std::uintptr_t>(&etext);
  const std::uint64_t place = event.pc < begin || event.pc >= end ? 0 : event.pc - begin;
  return place << 8 | static_cast<std::uint64_t>(event.kind) | std::uint64_t{1} << 56;
}

bool Takes(EventKind kind) {
  return kind == EventKind::kLock || kind == EventKind::kLockShared ||
         kind == EventKind::kTryLock || kind == EventKind::kSemaphore || IsAtomic(kind);
}

bool Reads(EventKind kind) {
  return kind == EventKind::kRead || kind == EventKind::kAtomicLoad ||
         kind == EventKind::kAtomicRmw;
}

}  // namespace

WatchCounters FuzzerCounters() { return fuzzer_counters; }
bool IsFuzzed() { return LLVMFuzzerMutate != nullptr; }

void Watcher::Begin() {
  objects_.NextEpoch();
  watched_->Begin();
}

ThreadId Watcher::Pick(const View& view) {
  std::uint64_t waiting = 0;
  view.alive.Without(view.enabled).ForEach([&](ThreadId thread) {
    waiting += Scrambled(PlaceOf(view.pending[thread]));
  });
  if (waiting != 0) counters_[kFirstBlocked + Scrambled(waiting) % kBlockedCounters] = 1;
  return watched_->Pick(view);
}

void Watcher::NotePair(std::size_t first, std::size_t count, const Deed& before, const Deed& now) {
  const std::uint64_t own = before.thread == now.thread ? 1 : 0;
  counters_[first + Scrambled(Scrambled(before.place) * 3 + Scrambled(now.place) + own) % count] =
      1;
}

void Watcher::Executes(ThreadId thread, const View& view) {
  const Event& event = view.pending[thread];
  if (event.address != 0) {
    Object& object = objects_.At(event.address);
    const Deed now = {.place = PlaceOf(event), .thread = thread};
    if (Reads(event.kind)) NotePair(0, kSeenWriteCounters, object.write, now);
    if (Takes(event.kind)) {
      NotePair(kFirstHandOff, kHandOffCounters, object.use, now);
      object.use = now;
    }
    if (event.may_write) object.write = now;
  }
  watched_->Executes(thread, view);
}

}  // namespace slotproof::sched
