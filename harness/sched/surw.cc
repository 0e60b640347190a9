#include "harness/sched/surw.h"

#include <algorithm>

namespace slotproof::sched {

std::uint32_t Surw::Counts::threads() const {
  return static_cast<std::uint32_t>(
      std::count_if(of.begin(), of.end(), [](std::uint32_t count) { return count != 0; }));
}

Surw::Object Surw::ObjectOf(const Event& event) {
  if (event.kind == EventKind::kStart || event.kind == EventKind::kYield) return 0;
  return IsMemory(event.kind) ? event.address & ~std::uintptr_t{7} : event.address;
}

void Surw::Forget() {
  counts_.clear();
  objects_.clear();
  threads_ = 0;
}

void Surw::Select() {
  selected_ = 0;
  std::uint64_t total = 0;
  for (const Object object : objects_) {
    const Counts& counts = counts_.at(object);
    if (counts.threads() > 1) total += counts.total;
  }
  if (total == 0) return;
  std::uint64_t at = choices_.Priority() % total;
  for (const Object object : objects_) {
    const Counts& counts = counts_.at(object);
    if (counts.threads() <= 1) continue;
    if (at < counts.total) {
      selected_ = object;
      break;
    }
    at -= counts.total;
  }
  const Counts& counts = counts_.at(selected_);
  for (ThreadId i = 0; i < threads_; ++i) {
    left_[i] = counts.schedules[i] == 0
                   ? 0
                   : (counts.of[i] + counts.schedules[i] / 2) / counts.schedules[i];
  }
  // Those that are not there yet count with their parents, who come before them.
  for (ThreadId i = threads_; i-- > 1;) left_[parent_[i]] += left_[i];
}

void Surw::Begin() {
  left_.fill(0);
  Select();
  intended_ = 0;
  by_priority_ = choices_.OneIn(2);
}

void Surw::Created(ThreadId parent, ThreadId child) {
  priority_[child] = choices_.Priority();
  if (child == 0) return;
  if (child < threads_ && parent_[child] == parent) {
    left_[parent] -= std::min(left_[parent], left_[child]);
    // Where the parent was meant, that may have meant the child.
    if (intended_ == parent) {
      ThreadSet family = ThreadSet::Of(parent);
      family.Add(child);
      Draw(family);
    }
  }
  parent_[child] = parent;
  threads_ = std::max(threads_, child + 1);
}

void Surw::Draw(const ThreadSet& among) {
  std::uint32_t total = 0;
  among.ForEach([&](ThreadId thread) { total += left_[thread]; });
  if (total == 0) {
    intended_ = among.empty() ? kNoThread : among.Nth(choices_.Below(among.size()));
    return;
  }
  std::uint32_t at = choices_.Below(total);
  bool found = false;
  among.ForEach([&](ThreadId thread) {
    if (found) return;
    if (at < left_[thread]) {
      intended_ = thread;
      found = true;
    } else {
      at -= left_[thread];
    }
  });
}

ThreadId Surw::Pick(const View& view) {
  ThreadSet waiting;  // before an access of the object
  if (selected_ != 0) {
    view.enabled.ForEach([&](ThreadId thread) {
      if (ObjectOf(view.pending[thread]) == selected_) waiting.Add(thread);
    });
  }
  ThreadSet free = view.enabled.Without(waiting);
  if (waiting.Has(intended_)) free.Add(intended_);
  if (free.empty()) {
    Draw(waiting);
    return intended_;
  }
  if (!by_priority_) return free.Nth(choices_.Below(free.size()));
  ThreadId best = kNoThread;
  free.ForEach([&](ThreadId thread) {
    if (best == kNoThread || priority_[thread] > priority_[best]) best = thread;
  });
  return best;
}

void Surw::Executes(ThreadId thread, const View& view) {
  const Object object = ObjectOf(view.pending[thread]);
  if (object == 0) return;
  const auto [found, fresh] = counts_.try_emplace(object);
  if (fresh) objects_.push_back(object);
  ++found->second.now[thread];
  if (object != selected_) return;
  if (left_[thread] > 0) --left_[thread];
  Draw(view.alive);
}

void Surw::End() {
  for (auto& [object, counts] : counts_) {
    for (ThreadId i = 0; i < threads_; ++i) {
      if (counts.now[i] == 0) continue;
      counts.total += counts.now[i];
      counts.of[i] += counts.now[i];
      ++counts.schedules[i];
      counts.now[i] = 0;
    }
  }
}

}  // namespace slotproof::sched
