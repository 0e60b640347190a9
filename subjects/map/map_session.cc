#include "subjects/map/map_session.h"

#include <algorithm>
#include <new>
#include <utility>

#include "harness/subject/fuse.h"
#include "harness/subject/graveyard.h"
#include "subjects/elements/fragile.h"

namespace slotproof {
namespace {

constexpr std::size_t kOverflowsBucket = 9;

constexpr std::array<GoalSpec, kMapSessionGoals> kGoals = {{
    {"three_iterators", "three iterators live at once"},
    {"delete_during_iteration", "a key deleted while an iterator is live"},
    {"insert_during_iteration", "a key inserted while an iterator is live"},
    {"iteration_finished", "an iterator ran to its end"},
    {"unequal_key_yielded", "an iterator yielded a NaN key"},
    {"copied", "a map with entries was copied"},
    {"moved", "a map with entries was moved"},
    {"rehinted", "entries moved to a map with another hint"},
    {"emptied_by_delete", "the last entry was deleted"},
    {"thousand_entries", "a thousand entries at once"},
    {"fuse_burnt", "an operation threw, and the contents were compared"},
    {"swapped", "a compare-and-swap met the expected value"},
    {"swap_refused", "a compare-and-swap met another value"},
    {"updated_new", "a function was applied to the element of a new key"},
    {"loaded", "a load-or-store found the key"},
    {"got_and_deleted", "a get-and-delete found the key"},
    {"assigned_from_within", "a new entry was assigned from an element of the map"},
    {"emplaced_from_within", "a new entry was emplaced from an element of the map"},
    {"assigned_to_itself", "an element was assigned to itself"},
    {"deleted_by_stored_key", "an entry was deleted by reference to its own key"},
    {"exchanged", "two maps with entries were swapped"},
    {"copy_assigned", "a map with entries was assigned to another one"},
    {"move_assigned", "a map with entries was moved to another one"},
    {"assigned_from_self", "a map with entries was assigned or moved to itself"},
    {"merged", "a merge moved some entries and left others"},
    {"equal_maps", "two maps with entries were equal"},
    {"unequal_maps_of_one_size", "two maps of one size were not"},
    {"iterators_of_two_maps", "two maps had live iterators at once"},
    {"pair_fuse_burnt", "an assignment of a copy or a merge threw"},
}};

std::string Presence(bool present) { return present ? "present" : "absent"; }

}  // namespace

std::span<const GoalSpec> MapSessionGoalSpecs() { return kGoals; }

std::string MapSession::Name(KeyIndex key) { return "k" + std::to_string(key); }

std::string MapSession::Value(Token token) {
  if (token == kNoToken) return "absent";
  if (token == kDamaged) return "a damaged value";
  return "v" + std::to_string(token);
}

void MapSession::Reset(const Header& header) {
  ResetBase();
  header_ = MapHeader::From(header);
  subject_.reset();
  other_.subject.reset();
  subject_ = make_(header_, &goals_);
  traits_ = subject_->traits();
  model_.Reset(header_.universe, FirstKeyIsZero(header_.key));
  last_token_ = 0;
  alive_before_ = Fragile::Alive();
  written_.reset();
  Fuse::Douse();
}

void MapSession::Abandon() {
  Bury(std::move(subject_));
  if (other_.subject) Bury(std::move(other_.subject));
}

// The base's loop, with the step put into it.
StepResult MapSession::StepThrough(std::span<const Op> ops, std::size_t* index) {
  for (;; ++*index) {
    StepResult result = StepResult::kOk;
    try {
      result = StepOnce(ops[*index]);
    } catch (const std::bad_alloc&) {
      result = AfterThrow(ops[*index]);
    }
    if (result != StepResult::kOk || *index + 1 == ops.size()) return result;
  }
}

// What the container was asked for has not happened, and the model has not heard of it. A burst
// ends where it threw.
StepResult MapSession::AfterThrow(const Op& op) {
  if (!Fuse::TakeBurnt()) throw;
  subject_->NoteFailure();
  // An overwrite stores the key, then the element.
  if (written_ && traits_.assign_rewrites_key && !Unequal(*written_)) {
    model_.AllowAnySpelling(Canonical(*written_));
  }
  written_.reset();
  AfterPairThrew(op);
  Goal(MapSessionGoal::kFuseBurnt);
  Observe(0);
  if (subject_->status().broken != nullptr && !FailLaw(*subject_->status().broken)) {
    return StepResult::kFailed;
  }
  return CheckFull() ? StepResult::kStructural : StepResult::kFailed;
}

void MapSession::LightFuse(const Op& op) {
  if (!traits_.keeps_contents_on_throw) return;
  const int kind = op.code - static_cast<int>(MapOp::kFuseAlloc);
  Fuse::Light(static_cast<FuseKind>(static_cast<int>(FuseKind::kAlloc) + kind),
              std::uint32_t{op.b} + 1);
}

inline StepResult MapSession::StepOnce(const Op& op) {
  scans_left_ = kMostKeys;
  const MapStatus& status = subject_->status();
  const std::uint32_t epoch = status.epoch;
  if (!Dispatch(op) || !CompareSize()) [[unlikely]]
    return StepResult::kFailed;
  if (status.broken != nullptr && !FailLaw(*status.broken)) [[unlikely]]
    return StepResult::kFailed;
  return status.epoch == epoch ? StepResult::kOk : StepResult::kStructural;
}

bool MapSession::FailLaw(const BrokenLaw& broken) {
  return Fail(Outcome::kInvariant, broken.law, "", broken.detail);
}

inline bool MapSession::Dispatch(const Op& op) {
  const KeyIndex key = Wrap(op.a);
  const std::size_t handle = op.b % kIterators;
  const std::size_t count = std::size_t{op.b} + 1;
  switch (static_cast<MapOp>(op.code)) {
    case MapOp::kInsert:
      return Insert(key);
    case MapOp::kFind:
      return Find(key);
    case MapOp::kDelete:
      return Erase(key);
    case MapOp::kAssign:
      return model_.live().empty() ? Find(key) : Insert(model_.live()[op.a % model_.live().size()]);
    case MapOp::kDeleteInsert:
      return Erase(key) && Insert(key);
    case MapOp::kClear:
      return Clear();
    case MapOp::kBegin:
      return Begin(handle);
    case MapOp::kStep:
    case MapOp::kStepDelete:
    case MapOp::kStepAssign:
      return StepAnd(handle, std::size_t{op.a} + 1, static_cast<MapOp>(op.code));
    case MapOp::kStepInsert:
      if (!StepAnd(handle, 1, MapOp::kStep)) return false;
      if (model_.Iterating(handle)) Goal(MapSessionGoal::kInsertDuringIteration);
      return Insert(key);
    case MapOp::kDrain:
      return Drain(handle);
    case MapOp::kRehint:
    case MapOp::kCopy:
    case MapOp::kMove:
      return Replace(op);
    case MapOp::kInsertFresh:
      return InsertFresh(key, count);
    case MapOp::kDeleteRun:
      return DeleteRun(op.a, count);
    case MapOp::kFindRun:
      for (std::size_t i = 0; i < count; ++i) {
        if (!Find(Wrap(key + static_cast<KeyIndex>(i)))) return false;
      }
      return true;
    case MapOp::kChurn:
      return Churn(key, count);
    case MapOp::kPile:
      return Pile(subject_->BucketOf(key), key, count);
    case MapOp::kThin:
      return Thin(subject_->BucketOf(key));
    case MapOp::kFray:
      return Fray(key, count);
    case MapOp::kFuseAlloc:
    case MapOp::kFuseCopy:
    case MapOp::kFuseHash:
    case MapOp::kFuseEqual:
      LightFuse(op);
      return true;
    default:
      return OnPresent(op);
  }
}

bool MapSession::FailSize() {
  return Mismatch("size", std::to_string(model_.size()), std::to_string(subject_->status().size));
}

bool MapSession::Insert(KeyIndex key) {
  if (Unequal(key) && model_.unequal_count() >= kMostUnequal) return Find(key);
  RecordStepOf(MapOp::kInsert, key);
  WriteEndsIterations();
  const Token token = ++last_token_;
  written_ = key;
  const bool inserted = subject_->InsertOrAssign(key, token);
  written_.reset();
  bool expected = true;
  if (Unequal(key)) {
    model_.InsertUnequal(token);
  } else {
    expected =
        model_.InsertOrAssign(Canonical(key), Readable(token), key, traits_.assign_rewrites_key);
  }
  if (model_.size() == 1000) Goal(MapSessionGoal::kThousandEntries);
  Observe(inserted);
  return inserted == expected || FailPresence("insert.presence", key, !expected);
}

bool MapSession::Find(KeyIndex key) {
  RecordStepOf(MapOp::kFind, key);
  const Token actual = subject_->Find(key);
  const Token expected = Unequal(key) ? kNoToken : model_.Find(Canonical(key));
  Observe(actual);
  return actual == expected || FailFind(key, expected, actual);
}

bool MapSession::FailFind(KeyIndex key, Token expected, Token actual) {
  const bool same_presence = (actual == kNoToken) == (expected == kNoToken);
  return Mismatch(same_presence ? "find.value" : "find.presence", Name(key) + " " + Value(expected),
                  Value(actual));
}

bool MapSession::Erase(KeyIndex key) {
  RecordStepOf(MapOp::kDelete, key);
  WriteEndsIterations();
  const bool erased = subject_->Erase(key);
  const bool expected = !Unequal(key) && model_.Erase(Canonical(key));
  if (expected && model_.size() == 0) Goal(MapSessionGoal::kEmptiedByDelete);
  Observe(erased);
  return erased == expected || FailPresence("delete.presence", key, expected);
}

// The map found the key where the model did not, or the other way round.
bool MapSession::FailPresence(std::string_view law, KeyIndex key, bool expected) {
  return Mismatch(law, Name(key) + " " + Presence(expected), Presence(!expected));
}

bool MapSession::Clear() {
  WriteEndsIterations();
  if (traits_.own_iterators) EndAllIterations();
  subject_->Clear();
  model_.Clear();
  Observe(0);
  return true;
}

bool MapSession::Begin(std::size_t handle) {
  if (model_.Iterating(handle)) subject_->End(handle);
  subject_->Begin(handle);
  model_.BeginIteration(handle);
  const GrowthUnderWay growing = subject_->Growing();
  growths_before_[handle] = {.all = subject_->status().growths - growing.any,
                             .same_size = subject_->status().same_size_growths - growing.same_size};
  if (model_.LiveIterations() == 3) Goal(MapSessionGoal::kThreeIterators);
  return !traits_.own_iterators || Stand(handle, false);
}

bool MapSession::CheckYield(std::size_t handle, const MapEntry& entry) {
  if (entry.key >= header_.universe) [[unlikely]]
    return FailYield(MapModel::YieldLaw::kKeySpelling, entry);
  MapModel::YieldLaw law = MapModel::YieldLaw::kKept;
  if (!Unequal(entry.key)) {
    law = model_.Yield(handle, Canonical(entry.key), entry.key, entry.token);
  } else {
    Goal(MapSessionGoal::kUnequalKeyYielded);
    if (header_.elem != ElemKind::kEmpty) law = model_.YieldUnequal(handle, entry.token);
  }
  return law == MapModel::YieldLaw::kKept || FailYield(law, entry);
}

bool MapSession::FailYield(MapModel::YieldLaw law, const MapEntry& entry) {
  if (entry.key >= header_.universe) {
    return Mismatch("iterate.key", "a key of the table", "a damaged key");
  }
  const std::string seen = Name(entry.key) + " " + Value(entry.token);
  switch (law) {
    case MapModel::YieldLaw::kKept:
      break;
    case MapModel::YieldLaw::kDeleted:
      return Mismatch("iterate.deleted", "no deleted entry", seen);
    case MapModel::YieldLaw::kStaleValue:
      return Mismatch("iterate.value", Value(model_.Find(Canonical(entry.key))), seen);
    case MapModel::YieldLaw::kTwice:
      return Mismatch("iterate.twice", "each entry at most once", seen + " again");
    case MapModel::YieldLaw::kKeySpelling:
      return Mismatch("iterate.key", Name(model_.Spelling(Canonical(entry.key))), seen);
  }
  return true;
}

// Sets entry->token to kNoToken at the end of the iteration.
bool MapSession::Next(std::size_t handle, MapEntry* entry) {
  RecordStepAt(MapOp::kStep, handle);
  const MapStatus& status = subject_->status();
  const std::uint32_t same_size = status.same_size_growths - growths_before_[handle].same_size;
  if (same_size != 0) {
    const std::uint32_t all = status.growths - growths_before_[handle].all;
    model_.MeetGrowths(handle, all - same_size, same_size);
  }
  if (traits_.own_iterators && !CheckStanding(handle)) return false;
  if (subject_->Next(handle, entry)) {
    Observe((std::uint64_t{entry->key} << 32) | entry->token);
    return CheckYield(handle, *entry) && (!traits_.own_iterators || Stand(handle, true));
  }
  Observe(~std::uint64_t{0});
  entry->token = kNoToken;
  subject_->End(handle);
  Goal(MapSessionGoal::kIterationFinished);
  const bool unequal_checked =
      header_.elem == ElemKind::kEmpty && model_.unequal_count() != 0;  // cannot be told apart
  return model_.EndIteration(handle) || unequal_checked || FailMissed();
}

bool MapSession::FailMissed() {
  return Mismatch("iterate.missed", "every entry that was present throughout",
                  "an entry never yielded");
}

bool MapSession::StepAnd(std::size_t handle, std::size_t times, MapOp what) {
  for (std::size_t i = 0; i < times && Live(handle); ++i) {
    MapEntry entry{};
    if (!Next(handle, &entry)) return false;
    if (entry.token == kNoToken || entry.key >= header_.universe) return true;
    if (what == MapOp::kStepDelete) {
      Goal(MapSessionGoal::kDeleteDuringIteration);
      if (traits_.own_iterators ? !EraseAt(handle) : !Erase(entry.key)) return false;
    }
    if (what == MapOp::kStepAssign && !Insert(entry.key)) return false;
  }
  return true;
}

bool MapSession::Drain(std::size_t handle) {
  while (Live(handle)) {
    MapEntry entry{};
    if (!Next(handle, &entry)) return false;
  }
  return true;
}

void MapSession::EndAllIterations() {
  for (std::size_t handle = 0; handle < kIterators; ++handle) {
    if (!model_.Iterating(handle)) continue;
    subject_->End(handle);
    model_.DropIteration(handle);
  }
}

void MapSession::WriteEndsIterations() {
  if (!traits_.iterators_survive_writes && !traits_.own_iterators) EndAllIterations();
}

bool MapSession::InsertFresh(KeyIndex from, std::size_t count) {
  const std::uint32_t begun = subject_->status().growths;
  for (std::uint32_t i = 0; i < header_.universe && count != 0; ++i) {
    if (model_.live().size() == header_.universe) return true;
    const KeyIndex key = Wrap(from + i);
    if (Unequal(key) || model_.Contains(Canonical(key))) continue;
    if (!Insert(key)) return false;
    // What follows meets the growth while it is young.
    if (subject_->status().growths != begun) return true;
    --count;
  }
  return true;
}

bool MapSession::DeleteRun(std::uint32_t from, std::size_t count) {
  for (; count != 0 && !model_.live().empty(); --count) {
    if (!Erase(model_.live()[from % model_.live().size()])) return false;
  }
  return true;
}

bool MapSession::Churn(KeyIndex from, std::size_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!Insert(Wrap(from + i)) || !Erase(Wrap(from + i - 1))) return false;
  }
  return true;
}

bool MapSession::Pile(std::size_t bucket, KeyIndex from, std::size_t count) {
  std::uint32_t keys_left = header_.universe;
  while (count != 0) {
    const std::uint32_t limit = std::min(keys_left, scans_left_);
    const std::uint32_t steps = subject_->StepsToBucket(bucket, from, header_.universe, limit);
    if (steps == limit) {
      scans_left_ -= limit;
      return true;
    }
    const KeyIndex key = Wrap(from + steps);
    from = key + 1;
    keys_left -= steps + 1;
    scans_left_ -= steps + 1;
    if (Unequal(key) || model_.Contains(Canonical(key))) continue;
    if (!Insert(key)) return false;
    --count;
  }
  return true;
}

bool MapSession::Thin(std::size_t bucket) {
  subject_->KeysOfBucket(bucket, &scratch_);
  const std::vector<KeyIndex> keys = scratch_;
  bool kept = false;
  for (const KeyIndex key : keys) {
    if (key >= header_.universe || Unequal(key)) continue;
    if (!std::exchange(kept, true)) continue;
    if (!Erase(key)) return false;
  }
  return true;
}

bool MapSession::Fray(KeyIndex from, std::size_t count) {
  const std::size_t first = subject_->BucketOf(from);
  const std::uint32_t epoch = subject_->status().epoch;
  for (std::size_t i = 0; i < count && scans_left_ != 0; ++i) {
    if (subject_->status().epoch != epoch) return true;  // the buckets are other ones now
    const std::size_t bucket = (first + i) % subject_->BucketCount();
    subject_->KeysOfBucket(bucket, &scratch_);
    const std::size_t present = scratch_.size();
    const std::size_t more = present < kOverflowsBucket ? kOverflowsBucket - present : 1;
    if (!Pile(bucket, from, more) || !Thin(bucket)) return false;
  }
  return true;
}

bool MapSession::CheckFull() {
  const FusePause pause;
  if (!CheckContents()) return false;
  if (!other_.subject) return true;
  Switch();
  if (!CheckContents()) return false;
  Switch();
  return true;
}

bool MapSession::CheckContents() {
  if (const std::optional<BrokenLaw> broken = subject_->CheckInvariants()) [[unlikely]]
    return FailLaw(*broken);
  for (const KeyIndex key : model_.live()) {
    const Token actual = subject_->Find(key);
    if (actual != model_.Find(key)) [[unlikely]]
      return FailContents(key, actual);
  }
  return CompareSize();
}

bool MapSession::FailContents(KeyIndex key, Token actual) {
  return Mismatch("contents", Name(key) + " " + Value(model_.Find(key)), Value(actual));
}

bool MapSession::DrainAll() {
  for (std::size_t handle = 0; handle < kIterators; ++handle) {
    if (!Drain(handle)) return false;
  }
  return Begin(0) && Drain(0);
}

bool MapSession::Finish() {
  Fuse::Douse();
  if (other_.subject) {
    Switch();
    if (!DrainAll()) return false;
    Switch();
  }
  if (!DrainAll()) return false;
  last_state_ = subject_->StructuralState();
  subject_.reset();  // so that a destructor that fails does so in this trace
  other_.subject.reset();
  const std::ptrdiff_t more = Fragile::Alive() - alive_before_;
  if (more == 0) return true;
  return Fail(Outcome::kInvariant, more > 0 ? "objects.leaked" : "objects.destroyed_twice", "",
              std::to_string(more > 0 ? more : -more) + " keys or elements");
}

}  // namespace slotproof
