#ifndef SLOTPROOF_MODELS_MAP_MODEL_H_
#define SLOTPROOF_MODELS_MAP_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/map_gaps.h"

// What a map does, as simply as it can be said. Keys are small numbers, so a map is an array:
//
//   entry_of_key_   [ absent | v7 | absent | v3 | ... ]     one place for each key of the universe
//   live_           [ 3, 1, ... ]                           the present keys, in no order
//   unequal_        [ v4, v9, ... ]                         entries whose key differs from itself
//                                                           (NaN): found by iteration alone
//
// Values are tokens: the number of the write that put them there, so that no two writes are alike.
//
// Iteration is checked by its laws, not by order (Go 1.19, map.go mapiternext):
//   - an entry present throughout is yielded exactly once;
//   - one deleted before it was reached is never yielded;
//   - one inserted meanwhile is yielded at most once;
//   - the value is the one at the time of the yield.
// The runtime itself has gaps (map_gaps.h). A model that lets one pass weakens the laws for the
// iterators that have met its cause, and for these alone:
//   - one older than a clear may walk detached buckets, filtered by another hash than
//     before: it may yield each entry that the clear deleted, as it was then, once after the clear;
//   - one that has met two growths of the same size may walk zeroed buckets: it may miss entries,
//     and yield the one under the zero key again and again;
//   - one that has met a growth of the same size may pass over NaN entries;
//   - one that has met such a growth and a doubling may filter a chain by the wrong growth's rule:
//     it may miss entries, and yield one twice;
//   - one older than a clear, or than the deletion of the last entry, which change the hash seed,
//     may meet a key in its new bucket and through an evacuated slot too, and so see it twice.
// In none of them is a deleted entry yielded, but for the first, nor a value that is not current.

namespace slotproof {

class MapModel {
 public:
  using Key = std::uint32_t;
  using Token = std::uint32_t;

  static constexpr Token kAbsent = std::numeric_limits<Token>::max();
  static constexpr std::size_t kHandles = 4;

  enum class YieldLaw : std::uint8_t { kKept, kDeleted, kStaleValue, kTwice, kKeySpelling };

  explicit MapModel(MapGaps gaps = kSpecGaps) : gaps_(gaps) {}

  // An empty map over the keys below `universe`, of which the first is the zero value of its type
  // if it `has_zero_key`.
  void Reset(std::size_t universe, bool has_zero_key = false);

  std::size_t size() const { return live_.size() + unequal_.size(); }
  std::size_t unequal_count() const { return unequal_.size(); }
  const std::vector<Key>& live() const { return live_; }

  bool Contains(Key key) const { return entries_[key].position != kAbsent; }
  Token Find(Key key) const { return Contains(key) ? entries_[key].token : kAbsent; }
  // The form in which the key was last written, of those that are equal (-0 and +0).
  Key Spelling(Key key) const { return entries_[key].spelling; }

  // True when the key was absent. `respell` says whether an assignment rewrites the stored key.
  bool InsertOrAssign(Key key, Token token, Key spelling, bool respell);
  // An assignment threw: how the present key is spelled is left open until the next one.
  void AllowAnySpelling(Key key) { entries_[key].any_spelling = true; }
  void InsertUnequal(Token token);
  // What depends on the present value. Each gives what it saw: whether the value was the expected
  // one; the value, 0 where there was none; kAbsent where the token was stored, or nothing deleted.
  bool CompareAndSwap(Key key, Token expected, Token token);
  Token Update(Key key, Token token, Key spelling, bool respell);
  Token LoadOrStore(Key key, Token token, Key spelling, bool respell);
  Token GetAndDelete(Key key);
  bool Erase(Key key);
  void Clear();

  // Of two maps over one universe.
  // Makes the contents the other's; no iteration may be under way here.
  void CopyContents(const MapModel& other);
  // Moves one entry of the other map here, where the key is absent; or an unequal one.
  void Take(Key key, MapModel& from);
  void TakeUnequal(Token token, MapModel& from);
  // Moves all entries whose keys are absent here. `respell` is as for an assignment: a present key
  // may take the other's spelling, though the element stays.
  void Merge(MapModel& from, bool respell);
  // Whether they hold equal values under equal keys; an unequal key is equal to none.
  bool Equals(const MapModel& other) const;
  std::size_t CountUnequal(Token token) const;
  // Only of a container's own iterators: what is equal to nothing can be erased where one stands.
  void EraseUnequal(Token token);
  // When the present key was inserted, as a number of its own; and how many insertions there were.
  std::uint32_t Born(Key key) const { return entries_[key].born; }
  std::uint32_t insertions() const { return insertions_; }
  // Of some unequal entry; there must be one.
  Token AnyUnequal() const { return unequal_.back().token; }
  std::vector<Token> UnequalTokens() const;

  void BeginIteration(std::size_t handle);
  bool Iterating(std::size_t handle) const { return iterations_[handle].active; }
  std::size_t LiveIterations() const;
  // What the iterator yielded: a key with its spelling, or an unequal entry. Without distinct
  // tokens (elements of no size) pass the token that Find would give.
  YieldLaw Yield(std::size_t handle, Key key, Key spelling, Token token);
  YieldLaw YieldUnequal(std::size_t handle, Token token);
  // The end of the iteration: true when every entry present throughout was seen.
  bool EndIteration(std::size_t handle);
  void DropIteration(std::size_t handle) { iterations_[handle].active = false; }
  // The growths that the table has begun, or been in, since the iteration began.
  void MeetGrowths(std::size_t handle, std::uint32_t doublings, std::uint32_t same_size);

 private:
  struct Entry {
    Token token = 0;
    std::uint32_t position = kAbsent;  // in live_
    std::uint32_t born = 0;            // when it was inserted
    Key spelling = 0;
    bool any_spelling = false;
  };
  using SeenBy = std::array<std::uint32_t, kHandles>;  // when each iterator last yielded it
  struct Unequal {
    Token token;
    std::uint32_t born;
    SeenBy seen;
  };
  // An entry that a clear deleted, and who has yielded it since; one whose key differs from itself
  // has the key kAbsent.
  struct Ghost {
    Key key;
    Key spelling;
    bool any_spelling;
    Token token;
    std::uint32_t died;
    SeenBy seen;
  };
  struct Iteration {
    bool active = false;
    // What gaps let pass.
    bool may_miss = false;
    bool may_miss_unequal = false;
    bool may_repeat = false;
    bool may_repeat_zero = false;
    std::uint32_t begin = 0;
    std::vector<std::uint32_t> seen;  // when each key was last yielded
  };

  using UnequalEntries = std::vector<Unequal>;
  UnequalEntries::iterator FirstUnequal(Token token);
  void ReseedIfEmpty();
  void RememberCleared();
  [[gnu::cold]] bool YieldGhost(std::size_t handle, Key key, Key spelling, Token token);

  MapGaps gaps_;
  bool has_zero_key_ = false;
  std::vector<Entry> entries_;
  std::vector<Key> live_;
  UnequalEntries unequal_;     // by rising token; copies of one may meet again
  std::vector<Ghost> ghosts_;  // that an iteration may meet
  std::array<Iteration, kHandles> iterations_;
  std::uint32_t insertions_ = 0;
  std::uint32_t now_ = 1;  // one tick an insertion, yield or begin; never reused between resets
};

// Inline: asked for every operation of every trace.

inline bool MapModel::InsertOrAssign(Key key, Token token, Key spelling, bool respell) {
  Entry& entry = entries_[key];
  entry.token = token;
  if (entry.position != kAbsent) {
    if (!respell) return false;
    entry.spelling = spelling;
    entry.any_spelling = false;
    return false;
  }
  entry.spelling = spelling;
  entry.any_spelling = false;
  entry.position = static_cast<std::uint32_t>(live_.size());
  entry.born = now_++;
  ++insertions_;
  live_.push_back(key);
  return true;
}

inline bool MapModel::Erase(Key key) {
  Entry& entry = entries_[key];
  if (entry.position == kAbsent) return false;
  entries_[live_.back()].position = entry.position;
  live_[entry.position] = live_.back();
  live_.pop_back();
  entry.position = kAbsent;
  ReseedIfEmpty();
  return true;
}

inline MapModel::YieldLaw MapModel::Yield(std::size_t handle, Key key, Key spelling, Token token) {
  Iteration& iteration = iterations_[handle];
  const Entry& entry = entries_[key];
  YieldLaw law = YieldLaw::kKept;
  if (entry.position == kAbsent) {
    law = YieldLaw::kDeleted;
  } else if (entry.token != token) {
    law = YieldLaw::kStaleValue;
  } else if (entry.spelling != spelling && !entry.any_spelling) {
    law = YieldLaw::kKeySpelling;
  } else {
    const std::uint32_t seen = iteration.seen[key];
    const bool repeats = seen > iteration.begin && seen > entry.born;
    const bool may_repeat = iteration.may_repeat || (iteration.may_repeat_zero && key == 0);
    if (repeats && !may_repeat) law = YieldLaw::kTwice;
  }
  if (law == YieldLaw::kKept) [[likely]] {
    iteration.seen[key] = now_++;
    return law;
  }
  return YieldGhost(handle, key, spelling, token) ? YieldLaw::kKept : law;
}

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_MAP_MODEL_H_
