#include "models/heap_model.h"

#include <algorithm>

namespace slotproof {

void HeapModel::Reset(std::size_t mutators, std::size_t globals, std::size_t handles,
                      OffsetOf offset_of) {
  offset_of_ = offset_of;
  objects_.assign(1, Object{.is_gone = true});
  stacks_.assign(mutators, Stack());
  globals_.assign(globals, Pointer());
  handles_.assign(handles, Pointer());
  container_roots_.clear();
  tiny_.assign(mutators, TinyBlock());
  pool_.Reset();
  due_.clear();
  is_marking_ = false;
  cycles_begun_ = 0;
  doomed_.clear();
  kept_.clear();
  fates_.clear();
  alive_ = 0;
  bytes_alive_ = 0;
  bytes_ever_ = 0;
  mallocs_ = 0;
}

HeapModel::Id HeapModel::Add(std::size_t bytes, std::size_t shape, std::size_t fields) {
  objects_.push_back({.bytes = bytes,
                      .shape = shape,
                      .fields = std::vector<Pointer>(fields),
                      .born_in = cycles_begun_});
  ++alive_;
  bytes_alive_ += bytes;
  bytes_ever_ += bytes;
  ++mallocs_;
  return last();
}

HeapModel::Tiny HeapModel::PlaceTiny(std::size_t mutator, std::size_t bytes) const {
  const TinyBlock& tiny = tiny_[mutator];
  std::size_t align = 1;
  while (align < 8 && bytes % (2 * align) == 0) align *= 2;
  const std::size_t offset = (tiny.offset + align - 1) / align * align;
  if (tiny.block != 0 && offset + bytes <= 16) {
    return {.shared = true, .block = tiny.block, .offset = static_cast<std::uint32_t>(offset)};
  }
  return {.shared = false, .block = 0, .offset = 0};
}

HeapModel::Pointer HeapModel::AddTiny(std::size_t mutator, std::size_t bytes, std::size_t shape) {
  const Tiny place = PlaceTiny(mutator, bytes);
  TinyBlock& tiny = tiny_[mutator];
  const auto end = static_cast<std::uint32_t>(place.offset + bytes);
  if (place.shared) {
    ++mallocs_;
    tiny.offset = end;
    return {.object = place.block, .offset = place.offset};
  }
  const Id block = Add(16, shape, 0);
  // The block with more room left is the one to go on with.
  if (tiny.block == 0 || end < tiny.offset) tiny = {.block = block, .offset = end};
  return {.object = block, .offset = 0};
}

std::string_view HeapModel::Queue(Id id) {
  Object& object = objects_[id];
  if (object.is_gone || !object.has_finalizer) return "finalizer.once";
  if (FateOf(id) == Fate::kStays) return "finalizer.reachable";
  object.has_finalizer = false;
  fates_[id] = Fate::kStays;
  due_.push_back(id);
  return "";
}

HeapModel::Id HeapModel::TakeDue() {
  const Id id = due_.front();
  due_.pop_front();
  return id;
}

HeapModel::Upgrade HeapModel::UpgradeOf(Id id) const {
  if (objects_[id].is_gone) return Upgrade::kCannot;
  if (is_marking_) return Upgrade::kMust;
  switch (FateOf(id)) {
    case Fate::kStays:
      return Upgrade::kMust;
    case Fate::kFloats:
      return Upgrade::kMay;
    case Fate::kDies:
      break;
  }
  return Upgrade::kCannot;
}

void HeapModel::Upgraded(Id id) {
  reachable_.assign(objects_.size(), false);
  Reach(id);
  if (!is_marking_) {
    // It had been marked, or its sweep would have ended it, and with it all that it refers to.
    for (Id reached = 1; reached < fates_.size(); ++reached) {
      if (reachable_[reached]) fates_[reached] = Fate::kStays;
    }
    return;
  }
  // It is marked now, and so will be all that it refers to at this moment.
  for (Id reached = 1; reached < doomed_.size(); ++reached) {
    if (reachable_[reached]) doomed_[reached] = false;
  }
  kept_.resize(objects_.size());
  kept_[id] = true;
}

void HeapModel::BeginCycle() {
  pool_.BeginCycle();
  is_marking_ = true;
  ++cycles_begun_;
  doomed_ = Reachable();
  doomed_.flip();
  kept_.assign(objects_.size(), false);
  fates_.clear();
  for (const TinyBlock& tiny : tiny_) {
    doomed_[tiny.block] = false;
    kept_[tiny.block] = true;
  }
}

void HeapModel::EndMarking() {
  is_marking_ = false;
  const std::vector<bool>& reachable = Reachable();
  doomed_.resize(objects_.size());
  kept_.resize(objects_.size());
  fates_.assign(objects_.size(), Fate::kStays);
  for (Id id = 1; id <= last(); ++id) {
    const Object& object = objects_[id];
    if (object.is_gone || reachable[id] || kept_[id] || object.born_in == cycles_begun_) continue;
    fates_[id] = doomed_[id] ? Fate::kDies : Fate::kFloats;
  }
  std::ranges::fill(tiny_, TinyBlock());
}

std::string_view HeapModel::EndSweep() {
  if (const Id id = FirstToDie(); id != 0) {
    return objects_[id].has_finalizer ? "finalizer.queued" : "cycle.garbage";
  }
  fates_.clear();
  return "";
}

HeapModel::Id HeapModel::FirstToDie() const {
  const auto found = std::ranges::find(fates_, Fate::kDies);
  return found == fates_.end() ? 0 : static_cast<Id>(found - fates_.begin());
}

std::string_view HeapModel::Free(Id id) {
  Object& object = objects_[id];
  if (FateOf(id) == Fate::kStays) return Reachable()[id] ? "reach.freed" : "cycle.too_soon";
  if (object.has_finalizer) return "finalizer.skipped";
  object.is_gone = true;
  object.fields.clear();
  fates_[id] = Fate::kStays;
  --alive_;
  bytes_alive_ -= object.bytes;
  return "";
}

const std::vector<bool>& HeapModel::Reachable() {
  reachable_.assign(objects_.size(), false);
  for (const Stack& stack : stacks_) ReachAll(stack);
  ReachAll(globals_);
  ReachAll(handles_);
  ReachAll(container_roots_);
  pool_.ForEach([this](const Pooled& item) { Reach(item.pointer.object); });
  for (const Id id : due_) Reach(id);
  for (Id id = 1; id <= last(); ++id) {
    if (!objects_[id].is_gone && objects_[id].has_finalizer) ReachFields(id);
  }
  return reachable_;
}

std::string HeapModel::PathTo(Id id) const {
  struct Step {
    Id object;
    std::string path;
  };
  std::deque<Step> steps;
  std::vector<bool> seen(objects_.size());
  seen[0] = true;
  const auto add = [&](Id to, const std::string& path) {
    if (!seen[to]) steps.push_back({to, path});
    seen[to] = true;
  };
  const auto add_all = [&](std::span<const Pointer> from, std::string_view prefix,
                           std::string_view suffix) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      add(from[i].object, std::string(prefix) + std::to_string(i) + std::string(suffix));
    }
  };
  for (std::size_t i = 0; i < stacks_.size(); ++i) {
    add_all(stacks_[i], "r", " of m" + std::to_string(i));
  }
  add_all(globals_, "g", "");
  add_all(handles_, "h", "");
  add_all(container_roots_, "container root ", "");
  pool_.ForEach([&](const Pooled& item) { add(item.pointer.object, "the pool"); });
  for (const Id due : due_) add(due, "the queue of finalizers");
  for (Id from = 1; from <= last(); ++from) {
    const Object& object = objects_[from];
    if (object.is_gone || !object.has_finalizer) continue;
    std::vector<Pointer> others = object.fields;
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (LeadsToItself(from, i)) others[i] = {};
    }
    add_all(others, "the finalizer of o" + std::to_string(from) + ".f", "");
  }
  for (; !steps.empty(); steps.pop_front()) {
    const auto [object, path] = steps.front();
    if (object == id) return path + " -> o" + std::to_string(id);
    add_all(objects_[object].fields, path + " -> o" + std::to_string(object) + ".f", "");
  }
  return "nothing";
}

std::uint64_t HeapModel::LeastMarked() {
  const std::vector<bool>& reachable = Reachable();
  std::uint64_t bytes = 0;
  for (Id id = 1; id <= last(); ++id) bytes += reachable[id] ? objects_[id].bytes : 0;
  return bytes;
}

std::uint64_t HeapModel::MostMarked() const {
  std::uint64_t bytes = 0;
  for (Id id = 1; id <= last(); ++id) {
    const bool dies = FateOf(id) == Fate::kDies;
    if (!objects_[id].is_gone && !dies) bytes += objects_[id].bytes;
  }
  return bytes;
}

std::uint64_t HeapModel::Goal(std::uint64_t marked, std::uint64_t stacks, std::uint64_t globals,
                              std::int32_t percent, std::uint64_t minimum) {
  if (percent < 0) return UINT64_MAX;
  const auto p = static_cast<std::uint64_t>(percent);
  return std::max(minimum * p / 100, marked + (marked + stacks + globals) * p / 100);
}

void HeapModel::Reach(Id id) {
  if (id == 0 || reachable_[id]) return;
  reachable_[id] = true;
  pending_.push_back(id);
  FollowPending();
}

void HeapModel::ReachFields(Id id) {
  const std::vector<Pointer>& fields = objects_[id].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!LeadsToItself(id, i)) Reach(fields[i].object);
  }
}

bool HeapModel::LeadsToItself(Id id, std::size_t field) const {
  constexpr std::size_t kPieceBytes = std::size_t{128} << 10;
  const Object& object = objects_[id];
  const Pointer& pointer = object.fields[field];
  if (pointer.object != id) return false;
  if (object.bytes <= kPieceBytes) return true;
  return pointer.offset / kPieceBytes == offset_of_(object.shape, field) / kPieceBytes;
}

void HeapModel::ReachAll(std::span<const Pointer> pointers) {
  for (const Pointer& pointer : pointers) Reach(pointer.object);
}

void HeapModel::FollowPending() {
  while (!pending_.empty()) {
    const Id id = pending_.back();
    pending_.pop_back();
    for (const Pointer& field : objects_[id].fields) {
      if (field.object == 0 || reachable_[field.object]) continue;
      reachable_[field.object] = true;
      pending_.push_back(field.object);
    }
  }
}

}  // namespace slotproof
