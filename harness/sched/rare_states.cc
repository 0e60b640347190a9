#include "harness/sched/rare_states.h"

#include <utility>

namespace slotproof::sched {
namespace {

// What is kept; when there is more, all begins anew.
constexpr std::size_t kMostStates = std::size_t{1} << 19;
constexpr std::size_t kMostBytes = std::size_t{32} << 20;  // of ways
constexpr std::size_t kLongestWay = 4096;

// States among which the one to return to is the rarest.
constexpr int kCandidates = 8;

constexpr std::uint64_t Mixed(std::uint64_t one, std::uint64_t other) {
  const std::uint64_t hash = (one ^ other * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
  return hash ^ hash >> 29;
}

// The aligned word, of which perhaps only a part was accessed: the rest may be another object's, or
// nobody's.
__attribute__((no_sanitize("address", "memory", "thread"))) std::uint64_t WordAt(
    std::uintptr_t address) {
  using Word [[gnu::may_alias]] = volatile std::uint64_t;
  return *reinterpret_cast<const Word*>(address);
}

}  // namespace

void RareStates::Forget() {
  states_.clear();
  groups_.clear();
  ways_.clear();
  way_bytes_ = 0;
  state_of_.Clear();
  group_of_.Clear();
}

void RareStates::ChooseWay() {
  way_ = nullptr;
  way_steps_ = 0;
  if (states_.empty()) return;
  Group* group = nullptr;
  for (int i = 0; i < kCandidates; ++i) {
    Group& candidate = groups_[choices_.Below(static_cast<std::uint32_t>(groups_.size()))];
    if (group == nullptr || candidate.chosen < group->chosen) group = &candidate;
  }
  ++group->chosen;
  State* rarest = nullptr;
  for (int i = 0; i < kCandidates; ++i) {
    const auto members = static_cast<std::uint32_t>(group->states.size());
    State& state = states_[group->states[choices_.Below(members)]];
    if (rarest == nullptr || state.chosen < rarest->chosen) rarest = &state;
  }
  ++rarest->chosen;
  way_ = &ways_[rarest->way];
  way_steps_ = rarest->steps;
}

void RareStates::Begin() {
  if (states_.size() >= kMostStates || way_bytes_ >= kMostBytes) Forget();
  values_.NextEpoch();
  values_hash_ = 0;
  standing_hash_ = 0;
  stepped_ = kNoThread;
  picked_.clear();
  found_new_ = false;
  one_in_ = choices_.Below(3);
  ChooseWay();
}

RareStates::Group& RareStates::GroupOf(std::uint64_t values) {
  Index& index = group_of_.At(values | 1);
  if (index.place == 0) {
    groups_.emplace_back();
    index.place = static_cast<std::uint32_t>(groups_.size());
  }
  return groups_[index.place - 1];
}

void RareStates::Created(ThreadId, ThreadId child) { standing_[child] = Standing{}; }

void RareStates::Place(ThreadId thread) {
  Standing& at = standing_[thread];
  standing_hash_ ^= at.hash;
  at.hash = Mixed(Mixed(at.pc, at.address), thread + 1);
  standing_hash_ ^= at.hash;
}

// The step that went before is over: what is in its memory now?
void RareStates::FinishStep() {
  const ThreadId thread = std::exchange(stepped_, kNoThread);
  if (thread == kNoThread || object_ == 0) return;
  Value& value = values_.At(object_);
  values_hash_ ^= value.hash;
  value.hash = Mixed(object_, WordAt(object_));
  values_hash_ ^= value.hash;
}

void RareStates::Arrived(ThreadId thread, const View& view) {
  order_.Arrived(thread, view);
  FinishStep();
  Standing& at = standing_[thread];
  at.pc = view.pending[thread].pc;
  at.address = view.pending[thread].address;
  Place(thread);
}

// The state in which a pick is to be made.
void RareStates::Note() {
  FinishStep();
  if (picked_.size() >= kLongestWay || states_.size() >= kMostStates) return;
  Index& index = state_of_.At(Mixed(values_hash_, standing_hash_) | 1);
  if (index.place != 0) return;
  GroupOf(values_hash_).states.push_back(static_cast<std::uint32_t>(states_.size()));
  states_.push_back({.way = static_cast<std::uint32_t>(ways_.size()),
                     .steps = static_cast<std::uint32_t>(picked_.size())});
  index.place = static_cast<std::uint32_t>(states_.size());
  new_at_ = static_cast<std::uint32_t>(picked_.size());
  found_new_ = true;
}

ThreadId RareStates::Walk(const View& view) {
  if (one_in_ == 0) return order_.Highest(view.enabled);
  if (view.enabled.Has(view.current) && choices_.Below(2 * one_in_) != 0) return view.current;
  return view.enabled.Nth(choices_.Below(view.enabled.size()));
}

ThreadId RareStates::Pick(const View& view) {
  Note();
  ThreadId next = kNoThread;
  if (picked_.size() < way_steps_) {
    next = (*way_)[picked_.size()];
    if (!view.enabled.Has(next)) way_steps_ = 0;  // other points of decision than then
  }
  if (picked_.size() >= way_steps_) next = Walk(view);
  picked_.push_back(static_cast<std::uint8_t>(next));
  return next;
}

void RareStates::Executes(ThreadId thread, const View& view) {
  FinishStep();
  order_.Executes(thread, view);
  const Event& event = view.pending[thread];
  stepped_ = thread;
  object_ = IsMemory(event.kind) && event.kind != EventKind::kFree
                ? event.address & ~std::uintptr_t{7}
                : 0;
}

void RareStates::End() {
  stepped_ = kNoThread;
  if (!found_new_) return;
  ways_.emplace_back(picked_.begin(), picked_.begin() + new_at_);  // no further than that
  way_bytes_ += new_at_ + sizeof(decltype(ways_)::value_type);
}

}  // namespace slotproof::sched
