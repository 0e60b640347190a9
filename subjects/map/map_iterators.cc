// A map session's operations on a container's own iterators, and which of them are still valid.
//
// Validity is not asked of the container but worked out when an iterator is used next: it is valid
// while the entry that it stands at has been in the model throughout and, where an insertion that
// rehashes ends iterators, there was no rehash since. One that is not valid is let go; one that is
// must show the entry, with its value of now.

#include <string>
#include <vector>

#include "subjects/map/map_session.h"

namespace slotproof {
namespace {

constexpr std::array<GoalSpec, kOwnIteratorGoals> kOwnGoals = {{
    {"erased_at", "an entry was erased through an iterator, which went on behind it"},
    {"erased_range", "several entries were erased between two iterators"},
    {"hint_of_the_key", "an insertion had the iterator of its own key for a hint"},
    {"hint_of_another_key", "an insertion of a new key had an iterator for a hint"},
    {"iterator_outlived_insertion", "an iterator went on after an insertion without a rehash"},
    {"iterator_followed_its_entries", "an iterator went on in the map that got its entries"},
}};

}  // namespace

std::span<const GoalSpec> OwnIteratorGoalSpecs() {
  static const std::vector<GoalSpec> specs = [] {
    const std::span<const GoalSpec> any = MapSessionGoalSpecs();
    std::vector<GoalSpec> made(any.begin(), any.end());
    made.insert(made.end(), kOwnGoals.begin(), kOwnGoals.end());
    return made;
  }();
  return specs;
}

bool MapSession::Valid(const Standing& standing) const {
  const bool rehashed = standing.rehashes != subject_->status().rehashes;
  if (rehashed && traits_.iterators.insertion == IteratorPromises::Insertion::kEndsIfItRehashes)
    return false;
  if (!standing.at_entry) return true;
  if (Unequal(standing.entry.key)) return CountUnequal(standing.entry) != 0;
  const KeyIndex key = Canonical(standing.entry.key);
  return model_.Contains(key) && model_.Born(key) == standing.born;
}

// How many entries it may be; those without values are all alike.
std::size_t MapSession::CountUnequal(const MapEntry& entry) const {
  return header_.elem == ElemKind::kEmpty ? model_.unequal_count()
                                          : model_.CountUnequal(entry.token);
}

bool MapSession::EndIfInvalid(std::size_t handle) {
  if (Valid(standing_[handle])) return true;
  subject_->End(handle);
  model_.DropIteration(handle);
  return false;
}

// After the iterator has moved. `yielded` is false where the next step is to yield this entry.
bool MapSession::Stand(std::size_t handle, bool yielded) {
  const std::optional<MapEntry> entry = subject_->Peek(handle);
  Standing& standing = standing_[handle];
  standing = {.entry = entry.value_or(MapEntry{}),
              .at_entry = entry.has_value(),
              .yielded = yielded,
              .followed = false,
              .rehashes = subject_->status().rehashes,
              .born = 0,
              .insertions = model_.insertions()};
  if (!entry) return true;
  if (entry->key >= header_.universe) return FailYield(MapModel::YieldLaw::kKeySpelling, *entry);
  if (Unequal(entry->key)) {
    return CountUnequal(*entry) != 0 || FailYield(MapModel::YieldLaw::kDeleted, *entry);
  }
  const KeyIndex key = Canonical(entry->key);
  if (!model_.Contains(key)) return FailYield(MapModel::YieldLaw::kDeleted, *entry);
  standing.born = model_.Born(key);
  return true;
}

// A valid iterator shows the entry that it stood at, with the value that it has now.
bool MapSession::CheckStanding(std::size_t handle) {
  const Standing& standing = standing_[handle];
  const std::optional<MapEntry> seen = subject_->Peek(handle);
  if (!standing.at_entry) {
    return !seen || Mismatch("iterator.entry", "the end", Name(seen->key));
  }
  MapEntry expected = standing.entry;
  if (!Unequal(expected.key)) expected.token = model_.Find(Canonical(expected.key));
  if (!seen) return Mismatch("iterator.entry", Name(expected.key), "the end");
  if (standing.insertions != model_.insertions())
    OwnGoal(OwnIteratorGoal::kIteratorOutlivedInsertion);
  if (standing.followed) OwnGoal(OwnIteratorGoal::kIteratorFollowed);
  if (seen->key == expected.key && seen->token == expected.token) return true;
  return Mismatch("iterator.entry", Name(expected.key) + " " + Value(expected.token),
                  Name(seen->key) + " " + Value(seen->token));
}

// Before iterators follow their entries: the end is no entry.
void MapSession::EndAtTheEnd() {
  for (std::size_t handle = 0; handle < kIterators; ++handle) {
    if (!Live(handle)) continue;
    if (standing_[handle].at_entry) continue;
    subject_->End(handle);
    model_.DropIteration(handle);
  }
}
void MapSession::StandInAnotherMap() {
  for (Standing& standing : standing_) {
    standing.followed = true;
    standing.rehashes = subject_->status().rehashes;
  }
}

bool MapSession::OnIterator(const Op& op) {
  const std::size_t handle = op.b % kIterators;
  if (!traits_.own_iterators || !Live(handle)) return true;
  switch (static_cast<MapOp>(op.code)) {
    case MapOp::kEraseAt:
      return EraseAt(handle);
    case MapOp::kEraseRange:
      return EraseRange(handle, std::size_t{op.a} + 1);
    default:
      return InsertHint(Wrap(op.a), handle);
  }
}

// The model forgets what was erased through an iterator. Of unequal entries that cannot be told
// apart no other iterator may stand at the one that went.
void MapSession::Forget(const MapEntry& entry) {
  if (!Unequal(entry.key)) {
    model_.Erase(Canonical(entry.key));
    return;
  }
  for (std::size_t other = 0; other < kIterators; ++other) {
    const Standing& standing = standing_[other];
    if (!model_.Iterating(other) || !standing.at_entry || !Unequal(standing.entry.key)) continue;
    if (standing.entry.token == entry.token) standing_[other].rehashes = ~std::uint32_t{0};
  }
  model_.EraseUnequal(header_.elem == ElemKind::kEmpty ? model_.AnyUnequal() : entry.token);
}

bool MapSession::EraseAt(std::size_t handle) {
  if (!CheckStanding(handle)) return false;
  if (!standing_[handle].at_entry) return true;
  RecordStepAt(MapOp::kEraseAt, handle);
  subject_->EraseAt(handle);
  Forget(standing_[handle].entry);
  Observe(1);
  OwnGoal(OwnIteratorGoal::kErasedAt);
  return Stand(handle, false);
}

// What lies between is met by the iterator, as if it were stepped.
bool MapSession::EraseRange(std::size_t handle, std::size_t count) {
  if (!CheckStanding(handle)) return false;
  if (!standing_[handle].at_entry) return true;
  subject_->EraseRange(handle, count, &range_);
  Observe(range_.size());
  for (std::size_t i = 0; i < range_.size(); ++i) {
    const bool met = i == 0 && standing_[handle].yielded;
    if (!met && !CheckYield(handle, range_[i])) return false;
  }
  for (const MapEntry& entry : range_) Forget(entry);
  if (range_.size() > 1) OwnGoal(OwnIteratorGoal::kErasedRange);
  return Stand(handle, false);
}

bool MapSession::InsertHint(KeyIndex key, std::size_t handle) {
  if (!CheckStanding(handle)) return false;
  if (Unequal(key) && model_.unequal_count() >= kMostUnequal) return true;
  const Token token = ++last_token_;
  const Standing& standing = standing_[handle];
  const bool same = standing.at_entry && !Unequal(key) && standing.entry.key == key;
  written_ = key;
  const MapEntry seen = subject_->InsertHint(handle, key, token);
  written_.reset();
  bool inserted = true;
  if (Unequal(key)) {
    model_.InsertUnequal(token);
  } else {
    inserted =
        model_.InsertOrAssign(Canonical(key), Readable(token), key, traits_.assign_rewrites_key);
  }
  if (same || inserted) {
    OwnGoal(same ? OwnIteratorGoal::kHintOfTheKey : OwnIteratorGoal::kHintOfAnotherKey);
  }
  Observe(seen.token);
  const KeyIndex spelling = Unequal(key) ? key : model_.Spelling(Canonical(key));
  if (seen.key == spelling && seen.token == Readable(token)) return true;
  return Mismatch("insert_hint.result", Name(spelling) + " " + Value(Readable(token)),
                  Name(seen.key) + " " + Value(seen.token));
}

}  // namespace slotproof
