// The operations of a map session whose result depends on the present value, and those whose
// arguments refer into the map.

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/subject/fuse.h"
#include "subjects/map/map_session.h"

namespace slotproof {

bool MapSession::OnPresent(const Op& op) {
  const auto code = static_cast<MapOp>(op.code);
  if (code == MapOp::kAssignFrom || code == MapOp::kEmplaceFrom) {
    const std::uint32_t payload = Payload(op);
    return WriteFrom(code, Wrap(payload / kMostKeys), payload % kMostKeys);
  }
  const KeyIndex key = Wrap(op.a);
  switch (code) {
    case MapOp::kCompareAndSwap:
      return CompareAndSwap(key, op.b % 2 != 0);
    case MapOp::kUpdate:
      return Update(key);
    case MapOp::kLoadOrStore:
      return LoadOrStore(key);
    case MapOp::kGetAndDelete:
      return GetAndDelete(key);
    case MapOp::kAssignSelf:
      return AssignSelf(op.a);
    case MapOp::kDeleteStored:
      return DeleteStored(op.a);
    default:
      return OnPair(op);
  }
}

// Of an absent key the zero value is current, and no value at all is there to be swapped.
bool MapSession::CompareAndSwap(KeyIndex key, bool stale) {
  WriteEndsIterations();
  const bool present = !Unequal(key) && model_.Contains(Canonical(key));
  Token expected = present ? model_.Find(Canonical(key)) : 0;
  if (stale) expected = expected == 0 ? last_token_ : expected - 1;
  const Token token = ++last_token_;
  const bool swapped = subject_->CompareAndSwap(key, expected, token);
  const bool swaps =
      present && model_.CompareAndSwap(Canonical(key), Readable(expected), Readable(token));
  if (present) Goal(swaps ? MapSessionGoal::kSwapped : MapSessionGoal::kSwapRefused);
  Observe(swapped);
  if (swapped == swaps) return FindAfter(key);
  return Mismatch("compare_and_swap.result", Name(key) + (swaps ? " swapped" : " left as it was"),
                  swaps ? "left as it was" : "swapped");
}

bool MapSession::Update(KeyIndex key) {
  if (Unequal(key) && model_.unequal_count() >= kMostUnequal) return Find(key);
  WriteEndsIterations();
  const Token token = ++last_token_;
  written_ = key;
  const Token seen = subject_->Update(key, token);
  written_.reset();
  Token expected = 0;
  if (Unequal(key)) {
    model_.InsertUnequal(token);
  } else {
    if (!model_.Contains(Canonical(key))) Goal(MapSessionGoal::kUpdatedNew);
    expected = model_.Update(Canonical(key), Readable(token), key, traits_.assign_rewrites_key);
  }
  Observe(seen);
  if (seen == expected) return FindAfter(key);
  return Mismatch("update.seen", Name(key) + " " + Value(expected), Value(seen));
}

bool MapSession::LoadOrStore(KeyIndex key) {
  if (Unequal(key) && model_.unequal_count() >= kMostUnequal) return Find(key);
  WriteEndsIterations();
  const Token token = ++last_token_;
  written_ = key;
  const LoadResult result = subject_->LoadOrStore(key, token);
  written_.reset();
  Token expected = kNoToken;
  if (Unequal(key)) {
    model_.InsertUnequal(token);
  } else {
    expected =
        model_.LoadOrStore(Canonical(key), Readable(token), key, traits_.assign_rewrites_key);
  }
  if (expected != kNoToken) Goal(MapSessionGoal::kLoaded);
  return CheckLoad("load_or_store.found", key, expected, result);
}

bool MapSession::CheckLoad(std::string_view law, KeyIndex key, Token expected,
                           const LoadResult& result) {
  Observe(result.found);
  if (result.found != expected) {
    return Mismatch(law, Name(key) + " " + Value(expected), Value(result.found));
  }
  if (expected != kNoToken && !result.argument_kept) {
    return Mismatch("load_or_store.argument", "an argument that is not stored stays as it is",
                    "it was moved from");
  }
  return FindAfter(key);
}

bool MapSession::GetAndDelete(KeyIndex key) {
  WriteEndsIterations();
  const Token got = subject_->GetAndDelete(key);
  const Token expected = Unequal(key) ? kNoToken : model_.GetAndDelete(Canonical(key));
  if (expected != kNoToken) {
    Goal(MapSessionGoal::kGotAndDeleted);
    if (model_.size() == 0) Goal(MapSessionGoal::kEmptiedByDelete);
  }
  Observe(got);
  if (got == expected) return FindAfter(key);
  return Mismatch("get_and_delete.got", Name(key) + " " + Value(expected), Value(got));
}

// m[key] = m[source], or the same unless the key is there.
bool MapSession::WriteFrom(MapOp what, KeyIndex key, std::uint32_t source_number) {
  if (model_.live().empty() || Unequal(key) || !traits_.copies_elements) return Find(key);
  WriteEndsIterations();
  const KeyIndex source = model_.live()[source_number % model_.live().size()];
  const Token token = model_.Find(source);
  written_ = key;
  if (what == MapOp::kAssignFrom) {
    const bool inserted = subject_->AssignFrom(key, source);
    written_.reset();
    const bool expected =
        model_.InsertOrAssign(Canonical(key), token, key, traits_.assign_rewrites_key);
    if (expected) Goal(MapSessionGoal::kAssignedFromWithin);
    Observe(inserted);
    if (inserted != expected) return FailPresence("assign_from.presence", key, !expected);
    return FindAfter(key) && FindAfter(source);
  }
  const LoadResult result = subject_->EmplaceFrom(key, source);
  written_.reset();
  const Token expected =
      model_.LoadOrStore(Canonical(key), token, key, traits_.assign_rewrites_key);
  if (expected == kNoToken) Goal(MapSessionGoal::kEmplacedFromWithin);
  return CheckLoad("emplace_from.found", key, expected, result) && FindAfter(source);
}

bool MapSession::AssignSelf(std::uint32_t number) {
  if (model_.live().empty() || !traits_.copies_elements) return Find(Wrap(number));
  WriteEndsIterations();
  const KeyIndex key = model_.live()[number % model_.live().size()];
  written_ = key;
  const bool inserted = subject_->AssignSelf(key);
  written_.reset();
  Goal(MapSessionGoal::kAssignedToItself);
  Observe(inserted);
  return inserted ? FailPresence("assign_self.presence", key, true) : FindAfter(key);
}

bool MapSession::DeleteStored(std::uint32_t number) {
  if (model_.live().empty()) return Find(Wrap(number));
  WriteEndsIterations();
  const KeyIndex key = model_.live()[number % model_.live().size()];
  const bool erased = subject_->EraseStored(key);
  model_.Erase(key);
  Goal(MapSessionGoal::kDeletedByStoredKey);
  Observe(erased);
  return erased ? FindAfter(key) : FailPresence("delete_stored.presence", key, true);
}

// At once, so that what went wrong is seen in the operation that did it. Of a NaN nothing is seen,
// and a look-up would draw.
bool MapSession::FindAfter(KeyIndex key) {
  const FusePause pause;
  return Unequal(key) || Find(key);
}

}  // namespace slotproof
