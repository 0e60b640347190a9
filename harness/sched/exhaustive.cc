#include "harness/sched/exhaustive.h"

#include <algorithm>

namespace slotproof::sched {

void Exhaustive::Restart() {
  nodes_.clear();
  fresh_ = true;
  completed_ = 0;
  given_up_ = 0;
}

bool Exhaustive::Next() {
  if (fresh_) {
    fresh_ = false;
    return true;
  }
  while (!nodes_.empty()) {
    Node& node = nodes_.back();
    if (node.stores != 0) {
      if (++node.back < node.stores) return true;
      nodes_.pop_back();
      continue;
    }
    node.done.Add(node.chosen);
    const ThreadSet left =
        node.backtrack.And(node.enabled).Without(node.done).Without(node.sleeping);
    if (!left.empty()) {
      node.chosen = left.First();
      return true;
    }
    nodes_.pop_back();
  }
  return false;
}

void Exhaustive::Begin() {
  depth_ = 0;
  gave_up_ = false;
  sleeping_ = ThreadSet{};
  steps_.clear();
  view_ = nullptr;
}

void Exhaustive::Created(ThreadId parent, ThreadId child) {
  if (child == 0) {
    clocks_[child].Clear();
  } else {
    clocks_[child].Assign(clocks_[parent]);
  }
}

ThreadId Exhaustive::Pick(const View& view) {
  view_ = &view;
  if (depth_ == nodes_.size()) {
    const ThreadSet awake = view.enabled.Without(sleeping_);
    if (awake.empty()) {
      gave_up_ = true;
      return kNoThread;
    }
    const ThreadId chosen = awake.Has(view.current) ? view.current : awake.First();
    nodes_.push_back(
        {.enabled = view.enabled,
         .sleeping = sleeping_,
         .done = {},
         .backtrack = reduction_ == Reduction::kDynamic ? ThreadSet::Of(chosen) : view.enabled,
         .chosen = chosen,
         .stores = 0,
         .back = 0});
  }
  const Node& node = nodes_[depth_++];
  if (reduction_ != Reduction::kNone) {
    sleeping_ = node.sleeping;
    node.done.ForEach([this](ThreadId thread) { sleeping_.Add(thread); });
  }
  return node.chosen;
}

std::uint32_t Exhaustive::PickStore(const View&, std::uint32_t stores) {
  if (depth_ == nodes_.size()) {
    nodes_.emplace_back();
    nodes_.back().stores = stores;
  }
  return nodes_[depth_++].back;
}

VectorClock Exhaustive::ClockOf(ThreadId thread, const Event& event) const {
  VectorClock clock;
  clock.Assign(clocks_[thread]);
  for (const Step& step : steps_) {
    if (step.thread != thread && Conflict(step.event, event)) clock.Join(step.clock);
  }
  if (event.kind == EventKind::kJoin) {
    clock.Join(clocks_[static_cast<ThreadId>(event.address - 1)]);
  }
  return clock;
}

// Who could come first where step `before` was, for the event to come ahead of it: of the steps
// since that do not depend on it, and the event, the threads of those that depend on none of the
// others.
ThreadSet Exhaustive::Initials(std::size_t before, ThreadId thread,
                               const VectorClock& clock) const {
  ThreadSet initials;
  ThreadSet come;  // have a step that was looked at
  std::vector<std::size_t> since;
  const auto depends_on_none = [&](const VectorClock& of) {
    return std::none_of(since.begin(), since.end(),
                        [&](std::size_t i) { return i < of.Of(steps_[i].thread); });
  };
  for (std::size_t i = before + 1; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (before < step.clock.Of(steps_[before].thread)) continue;
    if (!come.Has(step.thread) && depends_on_none(step.clock)) initials.Add(step.thread);
    come.Add(step.thread);
    since.push_back(i);
  }
  if (!come.Has(thread) && depends_on_none(clock)) initials.Add(thread);
  return initials;
}

void Exhaustive::PlanReversals(ThreadId thread, const Event& event) {
  const VectorClock whole = ClockOf(thread, event);
  VectorClock past;
  past.Assign(clocks_[thread]);
  for (std::size_t i = steps_.size(); i-- > 0;) {
    const Step& step = steps_[i];
    if (step.thread == thread || !Conflict(step.event, event)) continue;
    const bool had_to = i < past.Of(step.thread);
    past.Join(step.clock);
    if (had_to) continue;
    Node& node = nodes_[step.node];
    const ThreadSet initials = Initials(i, thread, whole);
    if (!initials.And(node.backtrack).empty()) continue;
    const ThreadSet able = initials.And(node.enabled);
    if (able.empty()) {
      node.backtrack = node.enabled;
    } else {
      node.backtrack.Add(able.First());
    }
  }
}

void Exhaustive::Executes(ThreadId thread, const View& view) {
  const Event& event = view.pending[thread];
  sleeping_.Remove(thread);
  const ThreadSet asleep = sleeping_;
  asleep.ForEach([&](ThreadId other) {
    if (Conflict(event, view.pending[other])) sleeping_.Remove(other);
  });
  if (reduction_ != Reduction::kDynamic || depth_ == 0) return;
  PlanReversals(thread, event);
  VectorClock& clock = clocks_[thread];
  clock = ClockOf(thread, event);
  clock.Set(thread, static_cast<std::uint32_t>(steps_.size() + 1));
  steps_.push_back({.thread = thread, .event = event, .node = depth_ - 1, .clock = {}});
  steps_.back().clock.Assign(clock);
}

void Exhaustive::End() {
  ++(gave_up_ ? given_up_ : completed_);
  if (reduction_ != Reduction::kDynamic || view_ == nullptr) return;
  // Steps that never came, those of a deadlock say, could have come earlier too.
  view_->alive.ForEach([this](ThreadId thread) { PlanReversals(thread, view_->pending[thread]); });
}

}  // namespace slotproof::sched
