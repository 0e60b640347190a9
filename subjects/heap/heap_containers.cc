#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/block_sizes.h"
#include "subjects/heap/heap_session.h"

// Maps and slices on the heap. What they hold and keep is compared with the model; how they do it
// is compared where they are subjects themselves (subjects/map, subjects/slice).
//
// Their arrays and buckets are objects of the model, too, parts. Whom a part refers to is read from
// memory, when it is asked who reaches whom: what the collector does must fit what is there. What
// is there must fit what the container holds: CheckKept.

namespace slotproof {
namespace {

constexpr std::size_t kMostEntries = 600;  // of one container

}  // namespace

bool HeapSession::Container(HeapOp code, const HeapOperands& at) {
  try {
    return ContainerOp(code, at);
  } catch (const std::bad_alloc&) {
    Goal(HeapGoal::kContainerRefused);
    structural_ = true;
    if (page_limit_ != kHeapPageLimits[0]) return true;
    return Mismatch("container.refused", "room", "out of memory");
  }
}

bool HeapSession::ContainerOp(HeapOp code, const HeapOperands& at) {
  switch (code) {
    case HeapOp::kMake:
      return IsFull() || MakeContainer(at);
    case HeapOp::kInsert:
      return Insert(at);
    case HeapOp::kAddNumbers:
      return AddNumbers(at);
    case HeapOp::kRange:
      return Range(at);
    case HeapOp::kNext:
      return Next(at);
    case HeapOp::kAppend:
    case HeapOp::kAppendAll:
    case HeapOp::kWindow:
    case HeapOp::kCopyElems:
      return SliceOp(code, at);
    case HeapOp::kFill:
      return Fill(at);
    case HeapOp::kPick:
      return Perform(HeapGet(at.d, at.a, at.field)) && Perform(HeapDelete(at.a, at.field));
    default:
      break;
  }
  const auto a = RegisterWith(at.a, [this](Id id) { return IsMap(id) || slices_.contains(id); });
  if (!a) return true;
  const Id id = Registers()[*a].object;
  if (numbers_.contains(id)) return NumbersOp(code, id, at);
  return slices_.contains(id) ? ElemOp(code, id, at) : EntryOp(code, id, at);
}

bool HeapSession::IsContainer(Id id) const { return model_.object(id).shape >= kHeapShapes.size(); }
std::optional<std::size_t> HeapSession::ShapeRegister(std::size_t number, std::size_t shape) const {
  return RegisterWith(number, [&](Id id) { return model_.object(id).shape == shape; });
}

void HeapSession::OnContainerObject(void* object, std::size_t bytes) {
  const Id id = model_.Add(BlockSize(bytes), kPartShape, 0);
  auto* const address = static_cast<std::byte*>(object);
  if (!Settle(id, address)) {
    failed_ = true;
    places_.resize(id + 1);
    return;
  }
  contained_.push_back(id);
  if (!failed_ && !IsZero(address, bytes)) {
    failed_ = true;
    Mismatch("alloc.zero", "zeroed memory", "something else in " + NameOf({id}));
  }
}

std::uint64_t HeapSession::NumberOf(const void* pointer) const {
  const Pointer known = PointerTo(pointer);
  return known.object * std::uint64_t{4096} + known.offset % 4096;
}

HeapModel::Pointer HeapSession::PointerTo(const void* address) const {
  const auto* const at = static_cast<const std::byte*>(address);
  const auto next = at_address_.upper_bound(at);
  if (address == nullptr || next == at_address_.begin()) return {};
  const auto& [begin, id] = *std::prev(next);
  if (at >= begin + model_.object(id).bytes) return {};
  return {.object = id, .offset = static_cast<std::uint32_t>(at - begin)};
}

// A container's header: an object that a register may have.
bool HeapSession::Adopt(std::size_t d, void* header, std::size_t shape) {
  const Pointer made = PointerTo(header);
  if (made.object == 0 || made.offset != 0) {
    return Mismatch("container.header", "a new object", NameOfAddress(header));
  }
  model_.object(made.object).shape = shape;
  SetRegister(d, made);
  return true;
}

bool HeapSession::MakeContainer(const HeapOperands& at) {
  ContainerSubject& containers = subject_->Containers();
  const std::size_t kind = at.choice % 4;
  const std::size_t shape = kFirstContainerShape + std::min<std::size_t>(kind, 2);
  const std::size_t cap = kind == 3 ? 0 : at.hint;
  void* const header = shape == kMapShape       ? containers.NewMap(mutator_, at.hint)
                       : shape == kNumbersShape ? containers.NewNumbers(mutator_, at.hint)
                       : kind == 3              ? containers.NewNilSlice(mutator_)
                                                : containers.NewSlice(mutator_, cap / 2, cap);
  if (failed_ || !Adopt(at.d, header, shape)) return false;
  const Id id = PointerTo(header).object;
  if (shape == kMapShape) maps_[id] = {};
  if (shape == kNumbersShape) numbers_[id] = {};
  if (shape != kSliceShape) return true;
  slices_[id] = RefSliceModel::Make(cap / 2, cap);
  return CompareWindow(id);
}

bool HeapSession::Insert(const HeapOperands& at) {
  const std::optional<std::size_t> a = ShapeRegister(at.a, kMapShape);
  if (!a || IsFull()) return true;
  const Id id = Registers()[*a].object;
  if (maps_[id].entries.size() >= kMostEntries) return true;
  const Pointer key = Registers()[Register(at.b)];
  const Pointer elem = Registers()[Register(at.c)];
  subject_->Containers().Set(mutator_, places_[id].address, AddressOf(key), AddressOf(elem));
  maps_[id].entries[RefMapModel::KeyOf(key)] = elem;
  return true;
}

bool HeapSession::EntryOp(HeapOp code, Id id, const HeapOperands& at) {
  ContainerSubject& containers = subject_->Containers();
  std::byte* const map = places_[id].address;
  RefMapModel& model = maps_[id];
  if (code == HeapOp::kWipe) {
    containers.ClearMap(mutator_, map);
    model.entries.clear();
    ++model.clears;
    return true;
  }
  if (model.entries.empty()) return true;
  const auto entry = std::next(model.entries.begin(),
                               static_cast<std::ptrdiff_t>(at.field % model.entries.size()));
  const Pointer key = RefMapModel::PointerOf(entry->first);
  switch (code) {
    case HeapOp::kAssign:
      containers.Set(mutator_, map, AddressOf(key), AddressOf(Registers()[Register(at.b)]));
      entry->second = Registers()[Register(at.b)];
      return true;
    case HeapOp::kDelete:
      if (!containers.Delete(mutator_, map, AddressOf(key))) {
        return Mismatch("map.delete", NameOf(key) + " to be there", "not found");
      }
      model.entries.erase(entry);
      return true;
    default: {
      const auto found = containers.Find(map, AddressOf(key));
      if (!found) return Mismatch("map.find", NameOf(key) + " to be there", "not found");
      if (!SamePointer("map.key", key, found->first)) return false;
      if (!SamePointer("map.elem", entry->second, found->second)) return false;
      if (model_.is_marking()) Goal(HeapGoal::kEntryReadWhileMarking);
      SetRegister(at.d, entry->second);
      return true;
    }
  }
}

bool HeapSession::AddNumbers(const HeapOperands& at) {
  const std::optional<std::size_t> a = ShapeRegister(at.a, kNumbersShape);
  if (!a) return true;
  const Id id = Registers()[*a].object;
  NumberMapModel& model = numbers_[id];
  for (std::size_t i = 0; i < at.count && model.next - model.first < kMostEntries; ++i) {
    if (IsFull()) return true;
    subject_->Containers().SetNumber(mutator_, places_[id].address, model.next,
                                     NumberMapModel::ElemOf(model.next));
    if (failed_) return false;
    ++model.next;
  }
  return true;
}

bool HeapSession::NumbersOp(HeapOp code, Id id, const HeapOperands& at) {
  ContainerSubject& containers = subject_->Containers();
  std::byte* const map = places_[id].address;
  NumberMapModel& model = numbers_[id];
  if (code == HeapOp::kWipe) {
    containers.ClearNumbers(mutator_, map);
    model.first = model.next;
    ++model.clears;
  }
  if (code != HeapOp::kDelete) return true;
  for (std::size_t i = 0; i <= at.field && model.first != model.next; ++i) {
    if (!containers.DeleteNumber(mutator_, map, model.first)) {
      return Mismatch("map.delete", std::to_string(model.first) + " to be there", "not found");
    }
    if (failed_) return false;
    ++model.first;
  }
  return true;
}

bool HeapSession::Range(const HeapOperands& at) {
  const auto a = RegisterWith(at.a, [this](Id id) { return IsMap(id); });
  if (!a) return true;
  const Id id = Registers()[*a].object;
  const bool numbers = numbers_.contains(id);
  iterating_[at.iterator] = {};
  subject_->Containers().Range(mutator_, at.iterator, places_[id].address, numbers);
  iterating_[at.iterator] = {
      .map = id, .numbers = numbers, .clears = numbers ? numbers_[id].clears : maps_[id].clears};
  return true;
}

// What was there when the map was cleared may come (core/map/iterator.h); else it is there now.
bool HeapSession::Next(const HeapOperands& at) {
  Iterating& it = iterating_[at.iterator];
  if (it.map == 0) return true;
  if (it.numbers) {
    const auto entry = subject_->Containers().NextNumber(mutator_, at.iterator);
    if (!entry) {
      it = {};
      return true;
    }
    const NumberMapModel& model = numbers_[it.map];
    const bool cleared = model.clears != it.clears;
    if (cleared) Goal(HeapGoal::kIteratedAfterClear);
    if (entry->second == NumberMapModel::ElemOf(entry->first) &&
        (cleared || model.Has(entry->first))) {
      return true;
    }
    return Mismatch("iterate.number", "an entry", std::to_string(entry->first));
  }
  const auto entry = subject_->Containers().Next(mutator_, at.iterator);
  if (!entry) {
    it = {};
    SetRegister(at.d, Pointer{});
    return true;
  }
  const Pointer key = PointerTo(entry->first);
  const Pointer elem = PointerTo(entry->second);
  if ((key.object == 0 && entry->first != nullptr) ||
      (elem.object == 0 && entry->second != nullptr)) {
    return Mismatch("iterate.dead", "objects", "what is no object");
  }
  const RefMapModel& model = maps_[it.map];
  if (model.clears != it.clears) {
    Goal(HeapGoal::kIteratedAfterClear);
  } else {
    const auto found = model.entries.find(RefMapModel::KeyOf(key));
    if (found == model.entries.end() || found->second != elem) {
      return Mismatch("iterate.entry", "an entry", NameOf(key) + ": " + NameOf(elem));
    }
  }
  SetRegister(at.d, key);
  return true;
}

bool HeapSession::SliceOp(HeapOp code, const HeapOperands& at) {
  const std::optional<std::size_t> a = ShapeRegister(at.a, kSliceShape);
  if (!a) return true;
  const Id id = Registers()[*a].object;
  ContainerSubject& containers = subject_->Containers();
  std::byte* const slice = places_[id].address;
  RefSliceModel& model = slices_[id];
  if (code == HeapOp::kCopyElems || code == HeapOp::kAppendAll) return TwoSlices(code, id, at);
  if (IsFull() || model.len >= kMostEntries) return true;
  if (code == HeapOp::kAppend) {
    const Pointer value = Registers()[Register(at.b)];
    containers.Append(mutator_, slice, AddressOf(value));
    model.Append({value}, containers.View(slice).cap);
    return CompareWindow(id);
  }
  const std::size_t j = at.high % (model.cap + 1);
  const std::size_t i = at.low % (j + 1);
  const RefSliceModel window = model.Window(i, j);
  void* const header = containers.NewNilSlice(mutator_);
  containers.Window(mutator_, header, slice, i, j);
  if (failed_ || !Adopt(at.d, header, kSliceShape)) return false;
  const Id made = PointerTo(header).object;
  slices_[made] = window;
  return CompareWindow(made);
}

bool HeapSession::TwoSlices(HeapOp code, Id id, const HeapOperands& at) {
  const std::optional<std::size_t> b = ShapeRegister(at.b, kSliceShape);
  if (!b) return true;
  const Id from = Registers()[*b].object;
  ContainerSubject& containers = subject_->Containers();
  RefSliceModel& model = slices_[id];
  const RefSliceModel::Cells items = slices_[from].Elems();
  if (code == HeapOp::kAppendAll) {
    if (IsFull() || model.len + items.size() > kMostEntries) return true;
    containers.AppendAll(mutator_, places_[id].address, places_[from].address);
    model.Append(items, containers.View(places_[id].address).cap);
    return CompareWindow(id);
  }
  containers.CopyElems(mutator_, places_[id].address, places_[from].address);
  for (std::size_t i = 0; i < std::min(model.len, items.size()); ++i) *model.At(i) = items[i];
  return true;
}

bool HeapSession::ElemOp(HeapOp code, Id id, const HeapOperands& at) {
  ContainerSubject& containers = subject_->Containers();
  RefSliceModel& model = slices_[id];
  if (model.len == 0) return true;
  if (code == HeapOp::kWipe) {
    containers.ClearSlice(mutator_, places_[id].address);
    std::fill(model.At(0), model.At(model.len), Pointer{});
    return true;
  }
  const std::size_t i = at.field % model.len;
  if (code != HeapOp::kGet) {
    const Pointer value = code == HeapOp::kDelete ? Pointer{} : Registers()[Register(at.b)];
    containers.SetElem(mutator_, places_[id].address, i, AddressOf(value));
    *model.At(i) = value;
    return true;
  }
  const SliceView view = containers.View(places_[id].address);
  if (!SamePointer("slice.elem", *model.At(i), view.cells[view.offset + i])) return false;
  if (model_.is_marking()) Goal(HeapGoal::kEntryReadWhileMarking);
  SetRegister(at.d, *model.At(i));
  return true;
}

bool HeapSession::Fill(const HeapOperands& at) {
  const auto d =
      RegisterWith(at.d, [this](Id id) { return maps_.contains(id) || slices_.contains(id); });
  if (!d) return true;
  const bool is_map = maps_.contains(Registers()[*d].object);
  const std::size_t item = Register(*d + 1);
  for (std::size_t i = 0; i < at.count; ++i) {
    if (!Perform(HeapAlloc(item, at.shape))) return false;
    if (Registers()[item].object == 0) return true;  // refused
    if (!Perform(is_map ? HeapInsert(*d, item, item) : HeapAppend(*d, item))) return false;
  }
  return true;
}

}  // namespace slotproof
