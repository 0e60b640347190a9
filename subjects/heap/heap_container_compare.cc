#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "subjects/heap/heap_session.h"

// What containers hold against what they should hold, and against what they keep.

namespace slotproof {
namespace {

// The map, two arrays and their lists, the bucket that it stands in.
constexpr std::size_t kRootsOfIterator = 6;

}  // namespace

void HeapSession::RefreshContainers() {
  temporary_slots_ = 0;
  std::vector<Pointer>& roots = model_.container_roots();
  roots.clear();
  const auto add_root = [&](const void* root) { roots.push_back(PointerTo(root)); };
  for (std::size_t mutator = 0; mutator < model_.mutators(); ++mutator) {
    const std::span<void*> slots = subject_->Stack(mutator);
    const std::size_t own = model_.stack(mutator).size();
    temporary_slots_ += slots.size() - own;
    for (void* const slot : slots.subspan(own)) add_root(slot);
  }
  if (contained_.empty()) return;
  subject_->Containers().ForEachRoot(add_root);
  std::erase_if(contained_, [this](Id id) { return model_.object(id).is_gone; });
  for (const Id id : contained_) {
    std::vector<Pointer>& fields = model_.object(id).fields;
    fields.clear();
    subject_->Containers().ForEachPointer(places_[id].address, [&](const void* pointer) {
      if (pointer != nullptr) fields.push_back(PointerTo(pointer));
    });
  }
}

bool HeapSession::CompareContainers() {
  if (contained_.empty()) return true;
  const std::vector<bool> reachable = model_.Reachable();
  for (const auto& [id, model] : maps_) {
    if (reachable[id] && !CompareMap(id)) return false;
  }
  for (const auto& [id, model] : numbers_) {
    if (reachable[id] && !CompareNumberMap(id)) return false;
  }
  for (const auto& [id, model] : slices_) {
    if (reachable[id] && !CompareSlice(id)) return false;
  }
  return CheckIterators();
}

// In about as many operations as take as long.
std::uint64_t HeapSession::ContainersCheckCost() const {
  std::uint64_t cost = 8 * contained_.size();
  for (const auto& [id, map] : maps_) cost += 6 * map.entries.size();
  for (const auto& [id, map] : numbers_) cost += 3 * (map.next - map.first);
  for (const auto& [id, slice] : slices_) cost += slice.array->size() / 2;
  return cost;
}

// Iterators that are at their end keep nothing.
bool HeapSession::CheckIterators() {
  const auto active = static_cast<std::size_t>(
      std::ranges::count_if(iterating_, [](const Iterating& it) { return it.map != 0; }));
  std::size_t roots = 0;
  subject_->Containers().ForEachRoot(
      [&roots](const void* root) { roots += root == nullptr ? 0 : 1; });
  if (roots <= kRootsOfIterator * active) return true;
  return Mismatch("iterate.keeps", std::to_string(active) + " iterators",
                  std::to_string(roots) + " roots");
}

bool HeapSession::CompareMap(Id id) {
  ContainerSubject& containers = subject_->Containers();
  std::byte* const map = places_[id].address;
  if (const std::string broken = containers.BrokenMap(map, false); !broken.empty()) {
    return Fail(Outcome::kInvariant, "map.structure", "a map's structure in " + NameOf({id}),
                broken);
  }
  const auto& entries = maps_[id].entries;
  std::size_t seen = 0;
  bool same = true;
  containers.VisitEntries(map, [&](const void* key, const void* elem) {
    ++seen;
    const auto found = entries.find(RefMapModel::KeyOf(PointerTo(key)));
    same = same && found != entries.end() && AddressOf(found->second) == elem;
  });
  if (!same || seen != entries.size()) {
    return Mismatch("map.entries", std::to_string(entries.size()) + " entries of " + NameOf({id}),
                    "others");
  }
  return containers.MayKeepMore(map) || CheckKept(id);
}

// What the map's parts refer to is what is in the map: no entry that was deleted or has moved.
bool HeapSession::CheckKept(Id id) {
  std::set<Id> kept;
  std::vector<Id> parts = {id};
  std::set<Id> seen = {id};
  while (!parts.empty()) {
    const Id part = parts.back();
    parts.pop_back();
    for (const Pointer& field : model_.object(part).fields) {
      if (model_.object(field.object).shape != kPartShape) {
        kept.insert(field.object);
      } else if (seen.insert(field.object).second) {
        parts.push_back(field.object);
      }
    }
  }
  std::set<Id> expected;
  for (const auto& [key, elem] : maps_[id].entries) {
    expected.insert(key.first);
    expected.insert(elem.object);
  }
  expected.erase(0);
  kept.erase(0);
  if (kept == expected) return true;
  for (const Id other : kept) {
    if (expected.contains(other)) continue;
    return Mismatch("map.keeps", "what is in " + NameOf({id}), NameOf({other}) + " as well");
  }
  return Mismatch("map.keeps", "all that is in " + NameOf({id}), "less");
}

bool HeapSession::CompareNumberMap(Id id) {
  ContainerSubject& containers = subject_->Containers();
  std::byte* const map = places_[id].address;
  const NumberMapModel& model = numbers_[id];
  if (const std::string broken = containers.BrokenMap(map, true); !broken.empty()) {
    return Fail(Outcome::kInvariant, "map.structure", "a map's structure in " + NameOf({id}),
                broken);
  }
  bool same = containers.CountNumbers(map) == model.next - model.first;
  for (std::uint64_t number = model.first; number < model.next; ++number) {
    same = same && containers.FindNumber(map, number) == NumberMapModel::ElemOf(number);
  }
  return same || Mismatch("map.numbers",
                          std::to_string(model.first) + " to before " + std::to_string(model.next),
                          "others in " + NameOf({id}));
}

bool HeapSession::CompareWindow(Id id) {
  if (failed_) return false;
  const SliceView view = subject_->Containers().View(places_[id].address);
  const RefSliceModel& model = slices_[id];
  const auto text = [](std::size_t offset, std::size_t len, std::size_t cap) {
    return std::to_string(offset) + ", length " + std::to_string(len) + ", capacity " +
           std::to_string(cap);
  };
  if (view.offset == model.offset && view.len == model.len && view.cap == model.cap) return true;
  return Mismatch("slice.window", text(model.offset, model.len, model.cap),
                  text(view.offset, view.len, view.cap));
}

bool HeapSession::CompareSlice(Id id) {
  if (!CompareWindow(id)) return false;
  const SliceView view = subject_->Containers().View(places_[id].address);
  const RefSliceModel::Cells& cells = *slices_[id].array;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!SamePointer("slice.cell", cells[i], view.cells[i])) return false;
  }
  return true;
}

}  // namespace slotproof
