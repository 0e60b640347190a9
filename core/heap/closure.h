// A second marking, to be held against the first: what is reachable, by a walk of its own with sets
// of its own, over the same roots and pointer bits.
//
//   roots --> objects --> objects ...          depth first, the world standing still
//
// It shares with the marker how an address finds its object (Allocator::Find) and where pointers
// lie (Span), and nothing else: no mark bits, no queue, no barrier.
#ifndef SLOTPROOF_CORE_HEAP_CLOSURE_H_
#define SLOTPROOF_CORE_HEAP_CLOSURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

#include "core/heap/heap.h"
#include "core/heap/marker.h"
#include "core/heap/span.h"

namespace slotproof::core {

// A set of objects, by where each begins.
class ObjectSet {
 public:
  bool Add(const ObjectPlace& place) { return objects_.insert(place.address()).second; }
  bool Has(const ObjectPlace& place) const { return objects_.contains(place.address()); }
  std::size_t size() const { return objects_.size(); }

 private:
  std::unordered_set<const std::byte*> objects_;
};

template <class Policy>
class Closure {
 public:
  explicit Closure(const Heap<Policy>& heap) : heap_(heap) {}

  // All that a cycle must keep.
  const ObjectSet& FromRoots() {
    for (const std::span<void* const> range : heap_.globals()) FromSlots(range);
    for (const RootSource* const source : heap_.sources()) {
      source->ForEachRoot([this](void* root) { From(root); });
    }
    for (const std::unique_ptr<Mutator>& mutator : heap_.mutators()) {
      FromSlots(mutator->stack.all());
    }
    const FinalizerQueue& due = heap_.allocator().finalizers();
    for (std::size_t i = 0; i < due.Size(); ++i) From(due[i].object);
    heap_.allocator().ForEachSpan([this](const Span& span) {
      for (const Special& special : span.specials()) {
        if (special.IsFinalizer()) FromFieldsOf(span, special.index);
      }
    });
    return reached_;
  }

  // While marking: what is yet to be marked, as grey objects, or roots that no step has looked at,
  // lead to it through white ones.
  const ObjectSet& FromGrey() {
    white_only_ = true;
    heap_.marker().ForEachPendingRoot([this](void* root) { From(root); });
    heap_.ForEachGrey([this](std::byte* grey) {
      const ObjectPlace place = heap_.FindAllocated(grey);
      if (place) FromFieldsOf(*place.span, place.index);
    });
    for (const std::unique_ptr<Mutator>& mutator : heap_.mutators()) {
      FromSlots(mutator->barrier.pointers());
      if constexpr (Policy::kBarrier.rescans_stacks) FromSlots(mutator->stack.all());
    }
    return reached_;
  }

  const ObjectSet& From(const void* pointer) {
    Add(pointer);
    while (!pending_.empty()) {
      const ObjectPlace place = pending_.back();
      pending_.pop_back();
      AddFieldsOf(*place.span, place.index);
    }
    return reached_;
  }

 private:
  void FromSlots(std::span<void* const> slots) {
    for (void* const slot : slots) From(slot);
  }
  void FromFieldsOf(const Span& span, std::size_t index) {
    AddFieldsOf(span, index);
    From(nullptr);
  }

  void Add(const void* pointer) {
    if (pointer == nullptr) return;
    const ObjectPlace place = heap_.FindAllocated(pointer);
    if (!place) return;
    if (white_only_ && place.span->IsMarked(place.index)) return;
    if (reached_.Add(place)) pending_.push_back(place);
  }
  // Whether the word's pointer leads to the object that it is in, and of a large one to the same
  // piece. That object is there already, or is to be finalized, for which this does not count.
  static bool LeadsToItself(const Span& span, std::size_t index, void* const* word) {
    const auto begin = reinterpret_cast<std::uintptr_t>(span.ObjectAt(index));
    const std::uintptr_t to = reinterpret_cast<std::uintptr_t>(*word) - begin;
    const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(word) - begin;
    return to < span.object_bytes() && to / kScanPieceBytes == from / kScanPieceBytes;
  }
  void AddFieldsOf(const Span& span, std::size_t index) {
    if (!span.HasPointers()) return;
    auto* const* const words = reinterpret_cast<void* const*>(span.base());
    const std::size_t in_object = span.object_bytes() / kWordBytes;
    const std::size_t first = index * in_object;
    const std::size_t end = first + in_object;
    for (std::size_t group = first / 64; group * 64 < end; ++group) {
      const std::uint64_t bits = span.PointerGroup(group);
      if (bits == 0) continue;
      for (std::size_t word = std::max(first, group * 64); word < std::min(end, group * 64 + 64);
           ++word) {
        if ((bits >> (word % 64) & 1) == 0 || LeadsToItself(span, index, words + word)) continue;
        Add(words[word]);
      }
    }
  }

  const Heap<Policy>& heap_;
  ObjectSet reached_;
  std::vector<ObjectPlace> pending_;
  bool white_only_ = false;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CLOSURE_H_
