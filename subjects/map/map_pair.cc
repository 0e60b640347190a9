// The operations of a map session that put another map in the place of one, and those on two maps:
// each is done to both subjects and both models, and what one map's operation must leave alone in
// the other one is checked with it.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "harness/subject/fuse.h"
#include "subjects/map/map_session.h"

namespace slotproof {
namespace {

constexpr std::uint32_t kOtherSeed = 0x9e3779b9;

std::string Equality(bool equal) { return equal ? "equal" : "not equal"; }

std::vector<MapEntry> EntriesOf(const MapDrawing& drawing) {
  std::vector<MapEntry> entries = drawing.loose;
  for (const MapDrawing::Bucket& bucket : drawing.buckets) {
    for (const MapDrawing::Slot& slot : bucket.slots) {
      if (slot.entry) entries.push_back(*slot.entry);
    }
  }
  return entries;
}

}  // namespace

bool MapSession::Replace(const Op& op) {
  EndAllIterations();
  const bool entries = model_.size() != 0;
  switch (static_cast<MapOp>(op.code)) {
    case MapOp::kRehint:
      subject_->Rehint(op.a);
      if (entries) Goal(MapSessionGoal::kRehinted);
      break;
    case MapOp::kCopy:
      subject_->ReplaceByCopy();
      if (entries) Goal(MapSessionGoal::kCopied);
      break;
    default:
      subject_->ReplaceByMove();
      if (entries) Goal(MapSessionGoal::kMoved);
      break;
  }
  Observe(0);
  return true;
}

bool MapSession::OnPair(const Op& op) {
  if (static_cast<MapOp>(op.code) > MapOp::kCompare) return OnIterator(op);
  MakeOther();
  const bool self = op.b % 2 != 0;
  switch (static_cast<MapOp>(op.code)) {
    case MapOp::kSwitch:
      if (model_.LiveIterations() != 0 && other_.model.LiveIterations() != 0)
        Goal(MapSessionGoal::kIteratorsOfTwoMaps);
      Switch();
      Observe(0);
      return true;
    case MapOp::kSwap:
      Exchange(self);
      break;
    case MapOp::kCopyAssign:
      CopyAssign(self);
      break;
    case MapOp::kMoveAssign:
      MoveAssign(self);
      break;
    case MapOp::kMerge:
      if (!Merge()) return false;
      break;
    default:
      if (!Compare(self)) return false;
      break;
  }
  return CheckOther();
}

void MapSession::MakeOther() {
  if (other_.subject) return;
  MapHeader header = header_;
  header.seed ^= kOtherSeed;
  other_.subject = make_(header, &goals_);
  other_.model.Reset(header_.universe, FirstKeyIsZero(header_.key));
}

void MapSession::Switch() {
  std::swap(subject_, other_.subject);
  std::swap(model_, other_.model);
  std::swap(growths_before_, other_.growths_before);
  std::swap(standing_, other_.standing);
}

bool MapSession::CheckOther() {
  Switch();
  const BrokenLaw* const broken = subject_->status().broken;
  if (!CompareSize() || (broken != nullptr && !FailLaw(*broken))) return false;
  Switch();
  return true;
}

// Before the entries go: iterators that follow them go on.
void MapSession::HandOverIterations(bool follow) { follow ? EndAtTheEnd() : EndAllIterations(); }

void MapSession::Exchange(bool self) {
  const bool follow = traits_.own_iterators && traits_.iterators.follow_swap;
  HandOverIterations(follow);
  Observe(0);
  if (self) {
    subject_->SwapWith(*subject_);
    return;
  }
  OnOther([&] { HandOverIterations(follow); });
  if (model_.size() != 0 && other_.model.size() != 0) Goal(MapSessionGoal::kExchanged);
  subject_->SwapWith(*other_.subject);
  std::swap(model_, other_.model);
  std::swap(standing_, other_.standing);
  StandInAnotherMap();
  OnOther([&] { StandInAnotherMap(); });
}

// The source's iterators live on.
void MapSession::CopyAssign(bool self) {
  if (!traits_.copies_elements) return;
  if (self) {
    traits_.own_iterators ? EndAllIterations() : WriteEndsIterations();
    if (model_.size() != 0) Goal(MapSessionGoal::kAssignedFromSelf);
    subject_->CopyAssign(*subject_);
  } else {
    EndAllIterations();
    if (other_.model.size() != 0) Goal(MapSessionGoal::kCopyAssigned);
    subject_->CopyAssign(*other_.subject);
    model_.CopyContents(other_.model);
  }
  Observe(0);
}

void MapSession::MoveAssign(bool self) {
  if (self && !traits_.moved_from_is_empty) return;
  EndAllIterations();
  Observe(0);
  if (self) {
    if (model_.size() != 0) Goal(MapSessionGoal::kAssignedFromSelf);
    subject_->MoveAssign(*subject_);
    return;
  }
  const bool follow = traits_.own_iterators && traits_.iterators.follow_move;
  OnOther([&] { HandOverIterations(follow); });
  if (other_.model.size() != 0) Goal(MapSessionGoal::kMoveAssigned);
  subject_->MoveAssign(*other_.subject);
  std::swap(model_, other_.model);
  std::swap(standing_, other_.standing);
  StandInAnotherMap();
  if (!traits_.moved_from_is_empty) other_.subject->Clear();
  other_.model.Clear();
}

bool MapSession::Merge() {
  if (!traits_.merges) return true;
  const bool unequal = other_.model.unequal_count() != 0;
  WriteEndsIterations();
  OnOther([&] {
    WriteEndsIterations();
    // An entry that cannot be looked up is yielded where an iterator finds its old copy.
    if (unequal) EndAllIterations();
  });
  const std::size_t before = model_.size();
  const std::size_t moved = subject_->Merge(*other_.subject);
  Observe(moved);
  model_.Merge(other_.model, traits_.assign_rewrites_key);
  const std::size_t expected = model_.size() - before;
  if (expected != 0 && other_.model.size() != 0) Goal(MapSessionGoal::kMerged);
  if (moved == expected) return true;
  return Mismatch("merge.count", std::to_string(expected), std::to_string(moved));
}

bool MapSession::Compare(bool self) {
  const MapModel& other = self ? model_ : other_.model;
  const std::optional<bool> equal = subject_->Equals(self ? *subject_ : *other_.subject);
  if (!equal) return true;
  const bool expected = model_.Equals(other);
  Observe(*equal);
  if (!self && model_.size() != 0 && model_.size() == other.size())
    Goal(expected ? MapSessionGoal::kEqualMaps : MapSessionGoal::kUnequalMapsOfOneSize);
  return *equal == expected || Mismatch("compare", Equality(expected), Equality(*equal));
}

// An assignment that promises no more has left some contents or other, which go. A merge has moved
// some of the entries, and lost as many as it may; the walk that follows tells whether each of the
// others is in one of the maps.
void MapSession::AfterPairThrew(const Op& op) {
  if (!other_.subject) return;
  other_.subject->NoteFailure();
  const auto what = static_cast<MapOp>(op.code);
  if (what != MapOp::kCopyAssign && what != MapOp::kMerge) return;
  Goal(MapSessionGoal::kPairFuseBurnt);
  const FusePause pause;
  if (what == MapOp::kMerge) {
    TakeWhatMoved();
    return ForgetWhatIsLost();
  }
  if (traits_.copy_assigns_all_or_nothing) return;
  subject_->Clear();
  model_.Clear();
}

void MapSession::TakeWhatMoved() {
  std::vector<Token> unequal;
  for (const MapEntry& entry : EntriesOf(subject_->Draw())) {
    if (entry.key >= header_.universe) continue;
    const KeyIndex key = Canonical(entry.key);
    if (Unequal(key)) {
      unequal.push_back(entry.token);
    } else if (!model_.Contains(key) && other_.model.Contains(key)) {
      model_.Take(key, other_.model);
    } else if (traits_.assign_rewrites_key && other_.model.Contains(key)) {
      model_.AllowAnySpelling(key);
    }
  }
  const bool told_apart = header_.elem != ElemKind::kEmpty;
  for (const Token token : unequal) {
    const Token taken =
        told_apart || other_.model.unequal_count() == 0 ? token : other_.model.AnyUnequal();
    const auto drawn = static_cast<std::size_t>(std::count(unequal.begin(), unequal.end(), token));
    const std::size_t known = told_apart ? model_.CountUnequal(token) : model_.unequal_count();
    if (known < drawn && other_.model.CountUnequal(taken) != 0) {
      model_.TakeUnequal(taken, other_.model);
      OnOther([&] { EndAllIterations(); });
    }
  }
}

// What was moved has left the other map's model already.
void MapSession::ForgetWhatIsLost() {
  MapModel& model = other_.model;
  const std::size_t before = model.size();
  const std::size_t least = before - std::min(before, traits_.merge_may_lose);
  std::vector<MapEntry> left = EntriesOf(other_.subject->Draw());
  std::erase_if(left, [&](const MapEntry& entry) { return entry.key >= header_.universe; });
  const std::vector<MapModel::Key> live = model.live();
  for (const MapModel::Key key : live) {
    const auto is_it = [&](const MapEntry& entry) { return Canonical(entry.key) == key; };
    if (model.size() > least && std::ranges::none_of(left, is_it)) model.Erase(key);
  }
  const bool told_apart = header_.elem != ElemKind::kEmpty;
  for (const Token token : model.UnequalTokens()) {
    const auto found = std::ranges::find_if(left, [&](const MapEntry& entry) {
      return Unequal(entry.key) && (!told_apart || entry.token == token);
    });
    if (found != left.end()) {
      left.erase(found);
    } else if (model.size() > least) {
      model.EraseUnequal(token);
    }
  }
  if (model.size() != before) OnOther([&] { EndAllIterations(); });
}

}  // namespace slotproof
