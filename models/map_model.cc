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

bool MapModel::InsertOrAssign(Key key, Token token, Key spelling, bool respell) {
  Entry& entry = entries_[key];
  entry.token = token;
  if (entry.position != kAbsent) {
    if (respell) entry.spelling = spelling;
    return false;
  }
  entry.spelling = spelling;
  entry.position = static_cast<std::uint32_t>(live_.size());
  entry.born = now_++;
  live_.push_back(key);
  return true;
}

void MapModel::InsertUnequal(Token token) {
  unequal_.push_back({.token = token, .born = now_++, .seen = {}});
}

bool MapModel::Erase(Key key) {
  Entry& entry = entries_[key];
  if (entry.position == kAbsent) return false;
  entries_[live_.back()].position = entry.position;
  live_[entry.position] = live_.back();
  live_.pop_back();
  entry.position = kAbsent;
  ReseedIfEmpty();
  return true;
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

MapModel::YieldLaw MapModel::Yield(std::size_t handle, Key key, Key spelling, Token token) {
  Iteration& iteration = iterations_[handle];
  if (iteration.adrift) return YieldLaw::kKept;
  const Entry& entry = entries_[key];
  if (entry.position == kAbsent) return YieldLaw::kDeleted;
  if (entry.token != token) return YieldLaw::kStaleValue;
  if (entry.spelling != spelling) return YieldLaw::kKeySpelling;
  const std::uint32_t seen = iteration.seen[key];
  const bool seen_before = seen > iteration.begin && seen > entry.born;
  if (seen_before && !iteration.reseeded) return YieldLaw::kTwice;
  iteration.seen[key] = now_++;
  return YieldLaw::kKept;
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
  const bool all_keys = std::all_of(live_.begin(), live_.end(), [&](Key key) {
    return entries_[key].born > iteration.begin || iteration.seen[key] > iteration.begin;
  });
  if (iteration.may_miss_unequal) return all_keys;
  return all_keys && std::all_of(unequal_.begin(), unequal_.end(), [&](const Unequal& u) {
           return u.born > iteration.begin || u.seen[handle] > iteration.begin;
         });
}

}  // namespace slotproof
