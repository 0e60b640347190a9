#include "models/map_model.h"

#include <algorithm>

namespace slotproof {

void MapModel::Reset(std::size_t universe, bool has_zero_key) {
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
  ghosts_.clear();
  has_zero_key_ = has_zero_key;
  for (Iteration& iteration : iterations_) iteration.active = false;
}

void MapModel::InsertUnequal(Token token) {
  unequal_.push_back({.token = token, .born = now_++, .seen = {}});
  ++insertions_;
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
  if (size() != 0 || !gaps_.Has(MapGap::kEmptied)) return;
  for (Iteration& iteration : iterations_) iteration.may_repeat = true;
}

void MapModel::Clear() {
  if (size() == 0) return;
  if (gaps_.Has(MapGap::kCleared)) RememberCleared();
  for (const Key key : live_) entries_[key].position = kAbsent;
  live_.clear();
  unequal_.clear();
}

// Each iteration under way may meet what is about to be deleted.
void MapModel::RememberCleared() {
  if (LiveIterations() == 0) return ghosts_.clear();
  const std::uint32_t died = now_++;
  for (const Key key : live_) {
    const Entry& entry = entries_[key];
    ghosts_.push_back({.key = key,
                       .spelling = entry.spelling,
                       .any_spelling = entry.any_spelling,
                       .token = entry.token,
                       .died = died,
                       .seen = {}});
  }
  for (const Unequal& entry : unequal_) {
    ghosts_.push_back({.key = kAbsent,
                       .spelling = 0,
                       .any_spelling = false,
                       .token = entry.token,
                       .died = died,
                       .seen = {}});
  }
  for (Iteration& iteration : iterations_) iteration.may_repeat = true;
}

// True when a clear since this iteration began deleted this very entry, and it was not yielded
// since.
bool MapModel::YieldGhost(std::size_t handle, Key key, Key spelling, Token token) {
  const std::uint32_t begin = iterations_[handle].begin;
  for (Ghost& ghost : ghosts_) {
    const bool same = ghost.key == key && ghost.token == token &&
                      (ghost.spelling == spelling || ghost.any_spelling);
    if (!same || ghost.died < begin || ghost.seen[handle] > begin) continue;
    ghost.seen[handle] = now_++;
    return true;
  }
  return false;
}

void MapModel::CopyContents(const MapModel& other) {
  for (const Key key : live_) entries_[key].position = kAbsent;
  live_.clear();
  unequal_.clear();
  for (const Key key : other.live_) {
    const Entry& entry = other.entries_[key];
    InsertOrAssign(key, entry.token, entry.spelling, true);
    entries_[key].any_spelling = entry.any_spelling;
  }
  for (const Unequal& entry : other.unequal_) InsertUnequal(entry.token);
}

void MapModel::Take(Key key, MapModel& from) {
  const Entry taken = from.entries_[key];
  from.Erase(key);
  InsertOrAssign(key, taken.token, taken.spelling, true);
  entries_[key].any_spelling = taken.any_spelling;
}

void MapModel::TakeUnequal(Token token, MapModel& from) {
  from.unequal_.erase(from.FirstUnequal(token));
  from.ReseedIfEmpty();
  // Behind its copies, so that an iteration sees those first that were there when it began.
  auto behind = FirstUnequal(token);
  while (behind != unequal_.end() && behind->token == token) ++behind;
  unequal_.insert(behind, {.token = token, .born = now_++, .seen = {}});
}

void MapModel::EraseUnequal(Token token) {
  unequal_.erase(FirstUnequal(token));
  ReseedIfEmpty();
}

void MapModel::Merge(MapModel& from, bool respell) {
  const std::vector<Key> keys = from.live_;
  for (const Key key : keys) {
    if (!Contains(key)) {
      Take(key, from);
    } else if (respell) {
      entries_[key].spelling = from.entries_[key].spelling;
      entries_[key].any_spelling = from.entries_[key].any_spelling;
    }
  }
  while (from.unequal_count() != 0) TakeUnequal(from.AnyUnequal(), from);
}

bool MapModel::Equals(const MapModel& other) const {
  if (size() != other.size() || unequal_count() != 0) return false;
  return std::all_of(live_.begin(), live_.end(),
                     [&](Key key) { return other.Find(key) == entries_[key].token; });
}

std::size_t MapModel::CountUnequal(Token token) const {
  return static_cast<std::size_t>(std::count_if(
      unequal_.begin(), unequal_.end(), [token](const Unequal& u) { return u.token == token; }));
}

std::vector<MapModel::Token> MapModel::UnequalTokens() const {
  std::vector<Token> tokens;
  for (const Unequal& entry : unequal_) tokens.push_back(entry.token);
  return tokens;
}

MapModel::UnequalEntries::iterator MapModel::FirstUnequal(Token token) {
  return std::lower_bound(unequal_.begin(), unequal_.end(), token,
                          [](const Unequal& u, Token t) { return u.token < t; });
}

void MapModel::BeginIteration(std::size_t handle) {
  Iteration& iteration = iterations_[handle];
  iteration.active = true;
  iteration.may_miss = false;
  iteration.may_miss_unequal = false;
  iteration.may_repeat = false;
  iteration.may_repeat_zero = false;
  iteration.begin = now_++;
}

void MapModel::MeetGrowths(std::size_t handle, std::uint32_t doublings, std::uint32_t same_size) {
  if (same_size == 0) return;
  Iteration& iteration = iterations_[handle];
  if (gaps_.Has(MapGap::kSameSizeInChain)) iteration.may_miss_unequal = true;
  if (same_size >= 2 && gaps_.Has(MapGap::kTwoSameSize)) {
    iteration.may_miss = true;
    iteration.may_repeat_zero = has_zero_key_;
  }
  if (doublings != 0 && gaps_.Has(MapGap::kDoublingAndSameSize)) {
    iteration.may_miss = true;
    iteration.may_repeat = true;
  }
}

std::size_t MapModel::LiveIterations() const {
  return static_cast<std::size_t>(std::count_if(iterations_.begin(), iterations_.end(),
                                                [](const Iteration& i) { return i.active; }));
}

MapModel::YieldLaw MapModel::YieldUnequal(std::size_t handle, Token token) {
  Iteration& iteration = iterations_[handle];
  const auto first = FirstUnequal(token);
  if (first == unequal_.end() || first->token != token) {
    return YieldGhost(handle, kAbsent, 0, token) ? YieldLaw::kKept : YieldLaw::kDeleted;
  }
  // Of copies of one entry that met again, each is seen once.
  auto it = first;
  while (it != unequal_.end() && it->token == token && it->seen[handle] > iteration.begin) ++it;
  if (it == unequal_.end() || it->token != token) {
    if (!iteration.may_repeat) return YieldLaw::kTwice;
    it = first;
  }
  it->seen[handle] = now_++;
  return YieldLaw::kKept;
}

bool MapModel::EndIteration(std::size_t handle) {
  Iteration& iteration = iterations_[handle];
  iteration.active = false;
  if (iteration.may_miss) return true;
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
