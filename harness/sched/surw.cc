#include "harness/sched/surw.h"

#include <algorithm>
#include <utility>

namespace slotproof::sched {
namespace {

constexpr std::size_t kMostSeen = 20'000;
constexpr std::size_t kAhead = 256;  // turns among which a thread's next one is looked for
constexpr std::size_t kLong = 24;    // accesses

}  // namespace

std::uintptr_t Surw::ObjectOf(const Event& event) {
  if (event.kind == EventKind::kStart || event.kind == EventKind::kYield ||
      event.kind == EventKind::kJoin) {
    return 0;
  }
  return event.address;
}

std::uint64_t Surw::Hash(std::uintptr_t object, const std::vector<ThreadId>& order) {
  if (order.size() > kLong) return 0;
  std::uint64_t hash = object;
  for (const ThreadId thread : order) {
    hash = (hash ^ thread) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

void Surw::Forget() {
  objects_.clear();
  index_.Clear();
  touched_.clear();
  seen_.clear();
  draws_ = kDraws;
}

// One that threads share, or nullptr.
const Surw::Object* Surw::Select() {
  std::uint64_t total = 0;
  for (const Object& object : objects_) {
    if (object.sharers > 1) total += object.total;
  }
  if (total == 0) return nullptr;
  std::uint64_t at = choices_.Priority() % total;
  for (const Object& object : objects_) {
    if (object.sharers <= 1) continue;
    if (at < object.total) return &object;
    at -= object.total;
  }
  return nullptr;
}

void Surw::DrawOrder(const Object& object) {
  turns_.clear();
  const bool many = choices_.OneIn(2);
  for (ThreadId i = 0; i < threads_; ++i) {
    const std::uint32_t schedules = object.schedules[i];
    if (schedules == 0) continue;
    const std::uint32_t mean = (object.of[i] + schedules / 2) / schedules;
    turns_.resize(turns_.size() + (many ? std::min(object.most[i], 2 * mean) : mean), i);
  }
  for (std::size_t i = turns_.size(); i > 1; --i) {
    std::swap(turns_[i - 1], turns_[choices_.Below(static_cast<std::uint32_t>(i))]);
  }
}

// Whether the drawn order was neither seen nor drawn before. One that cannot be is drawn once.
bool Surw::IsNew(const Object& object) {
  const std::uint64_t hash = Hash(object.address, turns_);
  return hash == 0 || (seen_.size() < kMostSeen && seen_.insert(hash).second);
}

void Surw::Begin() {
  index_.NextEpoch();
  touched_.clear();
  created_ = 0;
  selected_ = 0;
  turns_.clear();
  next_turn_ = 0;
  if (!steer_) return;
  by_priority_ = choices_.OneIn(2);
  for (std::uint32_t draw = 0; draw < draws_; ++draw) {
    const Object* const object = Select();
    if (object == nullptr) return;
    selected_ = object->address;
    DrawOrder(*object);
    if (IsNew(*object)) {
      draws_ = kDraws;
      return;
    }
  }
  draws_ = std::max(draws_ / 2, 1U);
}

void Surw::Created(ThreadId, ThreadId child) {
  created_ = child + 1;
  threads_ = std::max(threads_, created_);
  if (steer_) priority_[child] = choices_.Priority();
}

// Whose access is next. Those that have ended had fewer of them than before.
ThreadId Surw::Turn(const View& view) {
  while (next_turn_ < turns_.size()) {
    const ThreadId thread = turns_[next_turn_];
    if (thread >= created_ || view.alive.Has(thread)) return thread;
    ++next_turn_;
  }
  return kNoThread;
}

ThreadId Surw::Pick(const View& view) {
  const ThreadId turn = Turn(view);
  ThreadSet free = view.enabled;
  if (turn != kNoThread) {
    view.enabled.ForEach([&](ThreadId thread) {
      if (thread != turn && ObjectOf(view.pending[thread]) == selected_) free.Remove(thread);
    });
    if (free.empty()) free = view.enabled;
  }
  if (!by_priority_) return free.Nth(choices_.Below(free.size()));
  return HighestOf(free, priority_);
}

void Surw::Executes(ThreadId thread, const View& view) {
  const std::uintptr_t object = ObjectOf(view.pending[thread]);
  if (object == 0 || view.alive.size() == 1) return;
  Index& index = index_.At(object);
  if (index.object == 0) {
    objects_.push_back({.address = object, .order = {}});
    index.object = static_cast<std::uint32_t>(objects_.size());
  }
  if (!index.touched) {
    index.touched = true;
    touched_.push_back(index.object - 1);
  }
  objects_[index.object - 1].order.push_back(thread);
  if (object != selected_) return;
  // Its next turn is used up, be it the first one or not.
  const std::size_t end = std::min(turns_.size(), next_turn_ + kAhead);
  for (std::size_t i = next_turn_; i < end; ++i) {
    if (turns_[i] != thread) continue;
    std::rotate(turns_.begin() + static_cast<std::ptrdiff_t>(next_turn_),
                turns_.begin() + static_cast<std::ptrdiff_t>(i),
                turns_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    ++next_turn_;
    break;
  }
}

void Surw::End() {
  for (const std::uint32_t i : touched_) {
    Object& object = objects_[i];
    const std::uint64_t hash = Hash(object.address, object.order);
    if (hash != 0 && seen_.size() < kMostSeen) seen_.insert(hash);
    ThreadSet had;
    for (const ThreadId thread : object.order) {
      had.Add(thread);
      ++object.now[thread];
    }
    had.ForEach([&](ThreadId thread) {
      const std::uint32_t now = std::exchange(object.now[thread], 0);
      if (object.of[thread] == 0) ++object.sharers;
      object.of[thread] += now;
      object.most[thread] = std::max(object.most[thread], now);
      ++object.schedules[thread];
    });
    object.total += object.order.size();
    object.order.clear();
  }
}

}  // namespace slotproof::sched
