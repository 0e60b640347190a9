#ifndef SLOTPROOF_MODELS_MAP_MODEL_H_
#define SLOTPROOF_MODELS_MAP_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

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
// The runtime itself has gaps (docs/go-map-gaps.md shows each), and they weaken the laws:
//   - an iterator older than a clear may walk detached buckets, and one that has met two growths,
//     one of them of the same size, may walk zeroed buckets or filter a chain by the wrong growth's
//     rule: nothing is expected of either but to end;
//   - one that has met a growth of the same size may pass over NaN entries;
//   - one older than the deletion of the last entry, which changes the hash seed, may meet a key
//     both in its new bucket and through an evacuated slot, and so see it twice.

namespace slotproof {

class MapModel {
 public:
  using Key = std::uint32_t;
  using Token = std::uint32_t;

  static constexpr Token kAbsent = std::numeric_limits<Token>::max();
  static constexpr std::size_t kHandles = 4;

  enum class YieldLaw : std::uint8_t { kKept, kDeleted, kStaleValue, kTwice, kKeySpelling };

  // An empty map over the keys below `universe`.
  void Reset(std::size_t universe);

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
  // From now on nothing is expected of this iterator but to end.
  void ExpectNothing(std::size_t handle) { iterations_[handle].adrift = true; }
  // ... it may pass over unequal entries.
  void AllowMissedUnequal(std::size_t handle) { iterations_[handle].may_miss_unequal = true; }

 private:
  struct Entry {
    Token token = 0;
    std::uint32_t position = kAbsent;  // in live_
    std::uint32_t born = 0;            // when it was inserted
    Key spelling = 0;
    bool any_spelling = false;
  };
  struct Unequal {
    Token token;
    std::uint32_t born;
    std::array<std::uint32_t, kHandles> seen;
  };
  struct Iteration {
    bool active = false;
    bool adrift = false;  // nothing is expected of it
    bool may_miss_unequal = false;
    bool reseeded = false;  // the map became empty meanwhile
    std::uint32_t begin = 0;
    std::vector<std::uint32_t> seen;  // when each key was last yielded
  };

  void ReseedIfEmpty();

  std::vector<Entry> entries_;
  std::vector<Key> live_;
  std::vector<Unequal> unequal_;  // by rising token
  std::array<Iteration, kHandles> iterations_;
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
  if (iteration.adrift) return YieldLaw::kKept;
  const Entry& entry = entries_[key];
  if (entry.position == kAbsent) return YieldLaw::kDeleted;
  if (entry.token != token) return YieldLaw::kStaleValue;
  if (entry.spelling != spelling && !entry.any_spelling) return YieldLaw::kKeySpelling;
  const std::uint32_t seen = iteration.seen[key];
  const bool seen_before = seen > iteration.begin && seen > entry.born;
  if (seen_before && !iteration.reseeded) return YieldLaw::kTwice;
  iteration.seen[key] = now_++;
  return YieldLaw::kKept;
}

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_MAP_MODEL_H_
