#include "harness/sched/store_history.h"

#include <algorithm>
#include <cstring>

namespace slotproof::sched {

StoreHistory::Stored& StoreHistory::Word::Add() {
  const std::uint32_t place = made++ % kKept;
  if (place == stores.size()) stores.emplace_back();
  Stored& store = stores[place];
  store.seen.Clear();
  store.in_sc = kNever;
  return store;
}

void StoreHistory::Word::TakeValue(std::uintptr_t address) {
  std::memcpy(Back(0).value.data(), reinterpret_cast<const void*>(address),
              std::min(size, kMostBytes));
}

void StoreHistory::Begin() {
  words_.NextEpoch([](const Word&) { return false; });
  in_sc_ = 0;
  fences_.clear();
  before_fences_.Clear();
  forgotten_ = PastFence{};
  forgotten_.before.Clear();
}

void StoreHistory::Open(std::uintptr_t address, std::size_t size) {
  Word& word = words_.At(address);
  const bool known = word.made != 0 && word.size == size &&
                     std::memcmp(word.Back(0).value.data(), reinterpret_cast<const void*>(address),
                                 std::min(size, kMostBytes)) == 0;
  if (known) return;
  word.size = size;
  word.made = 0;
  word.stale.Clear();
  word.Add().released.Clear();
  word.TakeValue(address);
}

bool StoreHistory::SeenIn(const Stored& store, const VectorClock& past) {
  for (ThreadId thread = 0; thread < store.seen.size(); ++thread) {
    const std::uint32_t since = store.seen.Of(thread);
    if (since != 0 && since <= past.Of(thread)) return true;
  }
  return false;
}

const StoreHistory::PastFence* StoreHistory::LastFenceBefore(const VectorClock& clock) const {
  const auto last = std::find_if(fences_.rbegin(), fences_.rend(), [&](const PastFence& fence) {
    return fence.time <= clock.Of(fence.thread);
  });
  return last == fences_.rend() ? &forgotten_ : &*last;
}

std::uint32_t StoreHistory::Visible(ThreadId thread, const VectorClock& clock,
                                    std::uintptr_t address, bool seq_cst) {
  Word& word = words_.At(address);
  if (word.size > kMostBytes || word.stale.Of(thread) >= kMostStale) return 1;
  const PastFence& fence = *LastFenceBefore(clock);
  const VectorClock& fenced = seq_cst ? before_fences_ : fence.before;
  const std::uint32_t ordered = seq_cst ? kNever : fence.in_sc;
  std::uint32_t visible = 1;
  while (visible < word.kept()) {
    const Stored& newer = word.Back(visible - 1);
    if (SeenIn(newer, clock) || SeenIn(newer, fenced) || newer.in_sc < ordered) break;
    ++visible;
  }
  return visible;
}

VectorClock& StoreHistory::See(ThreadId thread, const VectorClock& clock, std::uintptr_t address,
                               bool seq_cst, std::uint32_t back) {
  Word& word = words_.At(address);
  Stored& store = word.Back(back);
  store.SeenBy(thread, clock);
  word.stale.Set(thread, back == 0 ? 0 : word.stale.Of(thread) + 1);
  if (seq_cst) store.in_sc = std::min(store.in_sc, ++in_sc_);
  return store.released;
}

void StoreHistory::CopyValue(std::uintptr_t address, std::uint32_t back, void* value) {
  Word& word = words_.At(address);
  std::memcpy(value, word.Back(back).value.data(), word.size);
}

VectorClock& StoreHistory::Store(ThreadId thread, const VectorClock& clock, std::uintptr_t address,
                                 bool seq_cst) {
  Word& word = words_.At(address);
  Stored& store = word.Add();
  store.released.Assign(word.Back(1).released);
  word.TakeValue(address);
  store.SeenBy(thread, clock);
  if (seq_cst) store.in_sc = ++in_sc_;
  return store.released;
}

void StoreHistory::Fence(ThreadId thread, const VectorClock& clock) {
  before_fences_.Join(clock);
  if (fences_.size() == kMostFences) {
    constexpr std::size_t kDropped = kMostFences / 2;
    forgotten_ = fences_[kDropped - 1];
    fences_.erase(fences_.begin(), fences_.begin() + kDropped);
  }
  fences_.push_back(
      {.thread = thread, .time = clock.Of(thread), .in_sc = ++in_sc_, .before = before_fences_});
}

}  // namespace slotproof::sched
