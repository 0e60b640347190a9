#include "harness/sched/hold_back.h"

#include <algorithm>
#include <utility>

namespace slotproof::sched {

void HoldBack::Forget() {
  places_.clear();
  counts_.Clear();
  opening_ = 0;
  knows_memory_ = false;
  first_start_ = 0;
}

// Of one schedule: threads that go on in turn may try and give way to each other for ever.
constexpr std::uint32_t kPatience = 1000;

void HoldBack::Begin() {
  counts_.NextEpoch();
  holds_.clear();
  held_ = ThreadSet{};
  in_vain_ = ThreadSet{};
  locked_ = ThreadSet{};
  halfway_ = ThreadSet{};
  picks_in_turn_ = 0;
  how_ = Opening{};
  if (steer_) Plan();
}

constexpr std::array<HoldBack::Opening, HoldBack::kOpenings> HoldBack::kOpening = {{
    {.order = Order::kInTurn},
    {.at = Held::kFirstStart, .after_write = true},
    {.order = Order::kInTurn, .of_memory = true},
    {.after_read = true, .of_memory = true},
    {.at = Held::kLastWrite, .of_memory = true},
    {.after_write = true},
    {.order = Order::kOldestFirst, .after_write = true, .again = true},
    {.order = Order::kOldestFirst, .after_read = true, .of_memory = true},
}};

bool HoldBack::SkipsOpening() {
  if (opening_ >= kOpenings || !kOpening[opening_].of_memory || knows_memory_) return false;
  ++opening_;
  return true;
}

void HoldBack::Open(const Opening& opening) {
  order_ = opening.order;
  how_ = opening;
  if (opening.at == Held::kLastWrite) HoldNext();
  if (opening.at == Held::kFirstStart && first_start_ != 0) holds_.push_back({.pc = first_start_});
}

// The last one of the places that write, or else of all, that was not held in both orders yet.
bool HoldBack::HoldNext() {
  Place* best = nullptr;
  for (Place& place : places_) {
    if (place.tried == 2) continue;
    if (best == nullptr || place.writes > best->writes ||
        (place.writes == best->writes && place.tried <= best->tried)) {
      best = &place;
    }
  }
  if (best == nullptr) return false;
  order_ = best->tried == 0 ? Order::kOldestFirst : Order::kNewestFirst;
  ++best->tried;
  holds_.push_back({.pc = best->pc});
  return true;
}

void HoldBack::HoldSome() {
  order_ = static_cast<Order>(choices_.Below(3));
  if (places_.empty()) return;
  do {
    const Place& at = places_[choices_.Below(static_cast<std::uint32_t>(places_.size()))];
    const std::uint32_t from = choices_.OneIn(2) ? 1 : 1 + choices_.Below(at.most);
    holds_.push_back({.pc = at.pc, .from = from});
  } while (choices_.OneIn(2));
}

void HoldBack::Plan() {
  order_ = Order::kNewestFirst;
  if (opening_ < kOpenings) {
    Open(kOpening[opening_++]);
  } else if (!HoldNext()) {
    HoldSome();
  }
}

void HoldBack::Created(ThreadId, ThreadId child) {
  if (!steer_) return;
  switch (order_) {
    case Order::kNewestFirst:
    case Order::kInTurn:
      priority_[child] = child;
      break;
    case Order::kOldestFirst:
      priority_[child] = kMaxThreads - child;
      break;
    case Order::kRandom:
      priority_[child] = choices_.Priority();
      break;
  }
}

void HoldBack::HoldHere(ThreadId thread) {
  held_.Add(thread);
  in_vain_.Add(thread);
}

void HoldBack::HoldHalfway(ThreadId thread) {
  if (halfway_.Has(thread)) return;
  halfway_.Add(thread);
  HoldHere(thread);
}

// Nobody did anything while the thread was held: it had what they need. It is held again.
void HoldBack::LetGo(ThreadId thread) {
  if (how_.again && held_.Has(thread) && in_vain_.Has(thread)) halfway_.Remove(thread);
  held_.Remove(thread);
}

void HoldBack::Arrived(ThreadId thread, const View& view) {
  if (how_.after_write && locked_.Has(thread) &&
      (how_.again || !IsMemory(view.pending[thread].kind))) {
    HoldHalfway(thread);
  }
  for (Hold& hold : holds_) {
    if (hold.pc != view.pending[thread].pc || hold.once.Has(thread)) continue;
    if (++hold.arrivals < hold.from) continue;
    hold.once.Add(thread);
    HoldHere(thread);
  }
}

// Downwards, and from the earliest to the latest again.
ThreadId HoldBack::Next(const View& view) {
  ThreadId below = kNoThread;
  ThreadId last = kNoThread;
  view.enabled.ForEach([&](ThreadId thread) {
    if (thread < view.current) below = thread;
    last = thread;
  });
  return below != kNoThread ? below : last;
}

ThreadId HoldBack::Pick(const View& view) {
  if (order_ == Order::kInTurn && ++picks_in_turn_ < kPatience) return Next(view);
  const ThreadSet free = view.enabled.Without(held_);
  if (free.empty()) {
    // Who has looked at something waits on for those that have not done anything since.
    const ThreadSet in_vain = view.enabled.And(in_vain_);
    return HighestOf(in_vain.empty() || !how_.after_read ? view.enabled : in_vain, priority_);
  }
  return free.Has(view.current) ? view.current : HighestOf(free, priority_);
}

void HoldBack::Executes(ThreadId thread, const View& view) {
  LetGo(thread);
  if (view.pending[thread].kind != EventKind::kStart) in_vain_ = ThreadSet{};
  const auto [kind, pc] = std::pair(view.pending[thread].kind, view.pending[thread].pc);
  if (how_.after_write && view.pending[thread].may_write) HoldHalfway(thread);
  if (IsMemory(kind)) knows_memory_ = true;
  if (how_.after_read && IsMemory(kind) && !view.pending[thread].may_write) HoldHalfway(thread);
  if (kind == EventKind::kLock) locked_.Add(thread);
  if (kind == EventKind::kStart && first_start_ == 0) first_start_ = pc;
  if (pc == 0 || kind == EventKind::kStart || kind == EventKind::kJoin) return;
  Count& count = counts_.At(pc);
  if (count.place == 0) {
    const bool writes = view.pending[thread].may_write && kind != EventKind::kFree;
    places_.push_back({.pc = pc, .writes = writes});
    count.place = static_cast<std::uint32_t>(places_.size());
  }
  Place& place = places_[count.place - 1];
  place.most = std::max(place.most, ++count.arrivals);
}

}  // namespace slotproof::sched
