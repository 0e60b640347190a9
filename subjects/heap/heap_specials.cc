#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "subjects/heap/heap_session.h"

// Copies and clears, finalizers, weak handles, the pool.

namespace slotproof {

bool HeapSession::Bulk(HeapOp code, const HeapOperands& at) {
  switch (code) {
    case HeapOp::kCopy:
      Copy(at);
      return true;
    case HeapOp::kCopyWithin:
      CopyWithin(at);
      return true;
    case HeapOp::kClear:
      Clear(at);
      return true;
    case HeapOp::kHide:
      Hide(at);
      return true;
    case HeapOp::kKeep:
    case HeapOp::kDrop: {
      Pointer& handle = model_.handles()[at.table % kHeapHandles];
      handle = code == HeapOp::kKeep ? Registers()[Register(at.b)] : Pointer{};
      subject_->SetHandle(at.table % kHeapHandles, AddressOf(handle));
      return true;
    }
    default:
      return true;
  }
}

void HeapSession::Copy(const HeapOperands& at) {
  const std::optional<std::size_t> a = FieldsRegister(at.a);
  if (!a) return;
  const Id to = Registers()[*a].object;
  const auto common = [&](Id id) {
    return std::min(ShapeOf(id).LeadingFields(), ShapeOf(to).LeadingFields());
  };
  const auto same = [&](Id id) { return model_.object(id).shape == model_.object(to).shape; };
  const std::optional<std::size_t> b =
      RegisterWith(at.b, [&](Id id) { return id != to && (same(id) || common(id) != 0); });
  if (!b) return;
  const Id from = Registers()[*b].object;
  if (model_.is_marking()) Goal(HeapGoal::kBulkWhileMarking);
  std::vector<Pointer>& fields = model_.object(to).fields;
  std::size_t bytes = ShapeOf(to).bytes();
  if (same(from)) {
    fields = model_.object(from).fields;
    places_[to].parts = places_[from].parts;
    places_[to].hidden = places_[from].hidden;
  } else {
    std::copy_n(model_.object(from).fields.begin(), common(from), fields.begin());
    bytes = common(from) * sizeof(void*);
  }
  subject_->Copy(mutator_, places_[to].address, places_[from].address, bytes);
}

// Pointers of an object that has nothing else.
void HeapSession::CopyWithin(const HeapOperands& at) {
  const std::optional<std::size_t> a = RegisterWith(at.a, [this](Id id) {
    return !model_.object(id).fields.empty() && ShapeOf(id).Fields() * 8 == ShapeOf(id).bytes();
  });
  if (!a) return;
  const Id id = Registers()[*a].object;
  std::vector<Pointer>& fields = model_.object(id).fields;
  const std::size_t to = at.to % fields.size();
  const std::size_t from = at.from % fields.size();
  const std::size_t many = std::min(at.many, fields.size() - std::max(to, from));
  if (model_.is_marking()) Goal(HeapGoal::kBulkWhileMarking);
  const std::vector<Pointer> source(fields.begin() + static_cast<std::ptrdiff_t>(from),
                                    fields.begin() + static_cast<std::ptrdiff_t>(from + many));
  std::copy(source.begin(), source.end(), fields.begin() + static_cast<std::ptrdiff_t>(to));
  subject_->Copy(mutator_, static_cast<void*>(SlotOf(id, to)),
                 static_cast<const void*>(SlotOf(id, from)), many * sizeof(void*));
}

void HeapSession::Clear(const HeapOperands& at) {
  const std::optional<std::size_t> a = FieldsRegister(at.a);
  if (!a) return;
  const Id id = Registers()[*a].object;
  if (model_.is_marking()) Goal(HeapGoal::kBulkWhileMarking);
  std::fill(model_.object(id).fields.begin(), model_.object(id).fields.end(), Pointer{});
  for (Part& part : places_[id].parts) part.stamp = 0;
  places_[id].hidden = 0;
  subject_->Clear(mutator_, places_[id].address, ShapeOf(id).bytes());
}

// What looks like a pointer and is none keeps nothing.
void HeapSession::Hide(const HeapOperands& at) {
  const std::optional<std::size_t> a = RegisterWith(at.a, [this](Id id) {
    return !IsContainer(id) && ShapeOf(id).bytes() >= 16 && FirstDataWord(ShapeOf(id)).has_value();
  });
  const std::optional<std::size_t> b = ObjectRegister(at.b);
  if (!a || !b) return;
  Place& place = places_[Registers()[*a].object];
  std::byte* const address = AddressOf(Registers()[*b]);
  place.hidden = reinterpret_cast<std::uintptr_t>(address);
  const std::size_t word = *FirstDataWord(ShapeOf(Registers()[*a].object));
  std::memcpy(place.address + word * 8, &place.hidden, 8);
}

bool HeapSession::Special(HeapOp code, const HeapOperands& at) {
  const std::size_t table = at.table;
  switch (code) {
    case HeapOp::kSetFinalizer:
    case HeapOp::kClearFinalizer:
      return SetFinalizer(at, code == HeapOp::kSetFinalizer);
    case HeapOp::kRunFinalizers:
      return RunFinalizers(at.d, at.few);
    case HeapOp::kWeak: {
      const std::optional<std::size_t> a = ObjectRegister(at.a);
      if (!a) return true;
      weak_[table] = Registers()[*a];
      subject_->NameWeakly(table, AddressOf(weak_[table]));
      return true;
    }
    case HeapOp::kStrong:
      return Upgrade(at.d, table);
    case HeapOp::kForget:
      weak_[table] = Pointer{};
      subject_->Forget(table);
      return true;
    case HeapOp::kPut: {
      const Pointer& item = Registers()[Register(at.b)];
      if (item.object != 0) {
        model_.pool().Put(mutator_, header_.mutators, {.pointer = item, .cycle = model_.cycles()});
      }
      subject_->Put(mutator_, AddressOf(item));
      return true;
    }
    default:
      return Take(at.d);
  }
}

bool HeapSession::SetFinalizer(const HeapOperands& at, bool set) {
  const std::optional<std::size_t> a = ObjectRegister(at.a);
  if (!a) return true;
  const Pointer pointer = Registers()[*a];
  HeapModel::Object& object = model_.object(pointer.object);
  const bool expected = set ? pointer.offset == 0 && !object.has_finalizer : object.has_finalizer;
  const bool actual = set ? subject_->SetFinalizer(AddressOf(pointer))
                          : subject_->ClearFinalizer(AddressOf(pointer));
  if (actual != expected) {
    return Mismatch(set ? "finalizer.set" : "finalizer.clear", expected ? "done" : "refused",
                    actual ? "done" : "refused");
  }
  if (expected) object.has_finalizer = set;
  return true;
}

bool HeapSession::RunFinalizers(std::size_t d, std::size_t most) {
  const std::vector<void*> ran = subject_->RunFinalizers(mutator_, most);
  const std::size_t expected = std::min(most, model_.due().size());
  if (ran.size() != expected) {
    return Mismatch("finalizer.count", std::to_string(expected), std::to_string(ran.size()));
  }
  for (void* const object : ran) {
    const Pointer due = {.object = model_.TakeDue()};
    places_[due.object].was_finalized = true;
    Goal(HeapGoal::kFinalizerRan);
    if (!SamePointer("finalizer.object", due, object)) return false;
    SetRegister(d, due);
  }
  return true;
}

bool HeapSession::Upgrade(std::size_t d, std::size_t weak) {
  const Pointer named = weak_[weak];
  using Answer = HeapModel::Upgrade;
  const Answer expected = named.object == 0 ? Answer::kCannot : model_.UpgradeOf(named.object);
  void* const actual = subject_->Upgrade(weak);
  if (actual == nullptr) {
    if (expected == Answer::kMust) return Mismatch("weak.lost", NameOf(named), "nil");
    Goal(HeapGoal::kWeakGone);
    SetRegister(d, Pointer{});
    if (!Sync()) return false;
    // It was the sweep that took it.
    return weak_[weak].object == 0 || Mismatch("weak.lost", NameOf(named), "nil");
  }
  if (expected == Answer::kCannot) return Mismatch("weak.kept", "nil", NameOfAddress(actual));
  if (!SamePointer("weak.object", named, actual)) return false;
  Goal(HeapGoal::kWeakHad);
  RefreshContainers();
  model_.Upgraded(named.object);
  SetRegister(d, named);
  return true;
}

bool HeapSession::Take(std::size_t d) {
  const std::optional<HeapModel::Pooled> item = model_.pool().Get(mutator_, header_.mutators);
  const Pointer expected = item ? item->pointer : Pointer{};
  if (!SamePointer("pool.item", expected, subject_->Take(mutator_))) return false;
  if (item) {
    Goal(HeapGoal::kPoolReturned);
    if (item->cycle != model_.cycles()) Goal(HeapGoal::kPoolSurvivedCycle);
  }
  SetRegister(d, expected);
  return true;
}

}  // namespace slotproof
