#include "models/map_model.h"

#include <algorithm>

namespace slotproof {

void MapModel::Reset(std::size_t universe) {
  constexpr std::uint32_t kClockIsOld = 1u << 30;
  if (universe != entries_.size() || now_ > kClockIsOld) {
    entries_.assign(universe, Entry{});
    for (Iteration& iteration : iterations_) iteration.seen.assign(universe, 0);
    now_ = 1;
  }
  for (const Key key : live_) {
    if (key < universe) entries_[key].position = kAbsent;
  }
  live_.clear();
  unequal_.clear();
  for (Iteration& iteration : iterations_) iteration.active = false;
}

void MapModel::InsertUnequal(Token token) {
  unequal_.push_back({.token = token, .born = now_++, .seen = {}});
}

bool MapModel::CompareAndSwap(Key key, Token expected, Token token) {
  if (Find(key) != expected) return false;
  entries_[key].token = token;
  return true;
}

MapModel::Token MapModel::Update(Key key, Token token, Key spelling, bool respell) {
  const Token seen = Contains(key) ? Find(key) : 0;
  InsertOrAssign(key, token, spelling, respell);
  return seen;
}

MapModel::Token MapModel::LoadOrStore(Key key, Token token, Key spelling, bool respell) {
  const Token present = Find(key);
  InsertOrAssign(key, present == kAbsent ? token : present, spelling, respell);
  return present;
}

MapModel::Token MapModel::GetAndDelete(Key key) {
  const Token present = Find(key);
  Erase(key);
  return present;
}

void MapModel::ReseedIfEmpty() {
  if (size() != 0) return;
  for (Iteration& iteration : iterations_) iteration.reseeded = true;
}

void MapModel::Clear() {
  if (size() == 0) return;
  for (const Key key : live_) entries_[key].position = kAbsent;
  live_.clear();
  unequal_.clear();
  for (Iteration& iteration : iterations_) iteration.adrift = true;
}

void MapModel::BeginIteration(std::size_t handle) {
  Iteration& iteration = iterations_[handle];
  iteration.active = true;
  iteration.adrift = false;
  iteration.may_miss_unequal = false;
  iteration.reseeded = false;
  iteration.begin = now_++;
}

std::size_t MapModel::LiveIterations() const {
  return static_cast<std::size_t>(std::count_if(iterations_.begin(), iterations_.end(),
                                                [](const Iteration& i) { return i.active; }));
}

MapModel::YieldLaw MapModel::YieldUnequal(std::size_t handle, Token token) {
  Iteration& iteration = iterations_[handle];
  if (iteration.adrift) return YieldLaw::kKept;
  const auto it = std::lower_bound(unequal_.begin(), unequal_.end(), token,
                                   [](const Unequal& u, Token t) { return u.token < t; });
  if (it == unequal_.end() || it->token != token) return YieldLaw::kDeleted;
  if (it->seen[handle] > iteration.begin) return YieldLaw::kTwice;
  it->seen[handle] = now_++;
  return YieldLaw::kKept;
}

bool MapModel::EndIteration(std::size_t handle) {
  Iteration& iteration = iterations_[handle];
  iteration.active = false;
  if (iteration.adrift) return true;
  for (const Key key : live_) {
    if (std::max(entries_[key].born, iteration.seen[key]) <= iteration.begin) return false;
  }
  if (iteration.may_miss_unequal) return true;
  for (const Unequal& entry : unequal_) {
    if (std::max(entry.born, entry.seen[handle]) <= iteration.begin) return false;
  }
  return true;
}

}  // namespace slotproof
