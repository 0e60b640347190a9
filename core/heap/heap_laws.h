// The laws of a heap's structure, and of its marking.
//
// They are checked by walking over everything. HeapLaws may be asked between any two calls of the
// heap; BrokenMarkLaw right after marking has ended, when nothing is swept.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_LAWS_H_
#define SLOTPROOF_CORE_HEAP_HEAP_LAWS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/poison.h"
#include "core/heap/closure.h"
#include "core/heap/heap.h"
#include "core/heap/mem_stats.h"
#include "core/heap/object_walk.h"
#include "core/heap/span.h"
#include "core/heap/span_counts.h"

namespace slotproof::core {

struct HeapLaw {
  std::string_view name;
  std::string_view statement;
};

inline constexpr std::array kHeapLaws = std::to_array<HeapLaw>({
    {"pages", "the page heap keeps its own laws"},
    {"span.owner", "each page of a span, and no other, names it as its owner"},
    {"span.place", "each span is in one cache or in one list, and of that one's class"},
    {"span.list",
     "a span among the partial ones has a free object, one among the full ones has none"},
    {"span.swept",
     "the lists of swept spans hold swept ones, and the others as many as are counted; while "
     "marking there are none"},
    {"span.empty",
     "a swept span without objects has gone back to the pages, unless a cache has it"},
    {"span.allocated", "as many objects are allocated as the span counts"},
    {"mark.free", "no free object is marked"},
    {"mark.idle", "while nobody marks, no object of a swept span is marked"},
    {"grey.marked", "each grey object is a marked one, and has pointers"},
    {"special.order", "specials are sorted by object, a finalizer before a weak target"},
    {"special.object", "specials are of allocated objects"},
    {"tiny.block", "a tiny block is an allocated object of 16 bytes, without pointers, with room"},
    {"poison", "the first byte of an object is poisoned if it is free, and not if it is allocated"},
    {"pointer.object", "each pointer in an allocated object leads to an allocated one, or out"},
    {"tricolour",
     "what a black object or root refers to is marked, or reachable from a grey one through white "
     "ones"},
    {"stats.objects",
     "mallocs are frees and objects, also class by class, and as many are allocated"},
    {"stats.heap",
     "the heap's bytes are in use or idle, released ones idle; objects lie in those in use"},
    {"stats.in_use", "the pages in use are those of spans"},
    {"stats.alloc", "the bytes of objects are those of allocated ones"},
    {"stats.counted", "what is counted as spans change is what a walk over them finds"},
    {"closure.reachable", "at the end of marking, what a second walk reaches is marked"},
});

template <class Policy>
class HeapLaws {
 public:
  using Name = std::string_view;

  explicit HeapLaws(const Heap<Policy>& heap) : heap_(heap) {}

  // The name of the first law that does not hold, or nothing.
  Name Broken() {
    if (!heap_.allocator().pages().BrokenLaw().empty()) return "pages";
    // Each relies on those before it.
    for (const auto check : {&HeapLaws::Places, &HeapLaws::Spans, &HeapLaws::Grey, &HeapLaws::Tiny,
                             &HeapLaws::Stats, &HeapLaws::Counted, &HeapLaws::Tricolour}) {
      if (const Name law = (this->*check)(); !law.empty()) return law;
    }
    return "";
  }

  // Of these statistics, held against what Broken has walked over.
  Name BrokenBy(const MemStats& stats) const {
    std::uint64_t objects = stats.large_mallocs - stats.large_frees;
    for (const MemStats::BySize& by_size : stats.by_size)
      objects += by_size.mallocs - by_size.frees;
    if (stats.mallocs != stats.frees + stats.heap_objects) return "stats.objects";
    if (objects != allocated_ || stats.heap_objects != allocated_) return "stats.objects";
    if (stats.heap_sys != stats.heap_in_use + stats.heap_idle) return "stats.heap";
    if (stats.sys != stats.heap_sys + stats.gc_sys) return "stats.heap";
    if (stats.heap_released > stats.heap_idle) return "stats.heap";
    if (stats.heap_alloc > stats.heap_in_use) return "stats.heap";
    if (stats.heap_in_use != span_pages_ * kPageBytes) return "stats.in_use";
    if (stats.heap_alloc != allocated_bytes_) return "stats.alloc";
    return "";
  }

 private:
  // Where each span is: counted in caches and lists.
  Name Places() {
    std::size_t unswept = 0;
    places_.clear();
    for (const std::unique_ptr<Mutator>& mutator : heap_.mutators()) {
      for (std::size_t c = 0; c < kSpanClasses; ++c) {
        const Span* const span = mutator->cache.spans[c];
        if (span == nullptr) continue;
        if (span->span_class() != c || !span->in_cache()) return "span.place";
        if (!heap_.allocator().IsSwept(*span)) return "span.swept";
        ++places_[span];
      }
    }
    for (std::size_t c = 0; c < kSpanClasses; ++c) {
      const SpanLists& lists = heap_.allocator().lists(static_cast<SpanClass>(c));
      const Name law = List(lists.partial, c, true, false);
      if (!law.empty()) return law;
      for (const Name other :
           {List(lists.full, c, true, true), List(lists.unswept_partial, c, false, false),
            List(lists.unswept_full, c, false, true)}) {
        if (!other.empty()) return other;
      }
      unswept += lists.unswept_partial.size() + lists.unswept_full.size();
    }
    if (unswept != heap_.allocator().unswept()) return "span.swept";
    return "";
  }
  Name List(const std::vector<Span*>& list, std::size_t span_class, bool swept, bool full) {
    for (const Span* const span : list) {
      ++places_[span];
      if (span->base() == nullptr) return "span.place";
      if (span->span_class() != span_class || span->in_cache()) return "span.place";
      if (heap_.allocator().IsSwept(*span) != swept) return "span.swept";
      if (!swept && heap_.is_marking()) return "span.swept";
      if (span->IsFull() != full) return "span.list";
      if (swept && span->allocated() == 0) return "span.empty";
    }
    return "";
  }

  Name Spans() {
    span_pages_ = allocated_ = allocated_bytes_ = 0;
    counted_ = {};
    Name law;
    heap_.allocator().ForEachSpan([&](const Span& span) {
      if (law.empty()) law = One(span);
    });
    return law;
  }
  Name One(const Span& span) {
    if (places_[&span] != 1) return "span.place";
    for (std::size_t page = 0; page < span.pages(); ++page) {
      const std::byte* const address = span.base() + page * kPageBytes;
      if (heap_.allocator().pages().OwnerOf(address) != &span) return "span.owner";
    }
    span_pages_ += span.pages();
    std::size_t allocated = 0;
    for (std::size_t i = 0; i < span.objects(); ++i) {
      if (const Name law = Object(span, i); !law.empty()) return law;
      allocated += span.IsFree(i) ? 0 : 1;
    }
    if (allocated != span.allocated()) return "span.allocated";
    allocated_ += allocated;
    allocated_bytes_ += allocated * span.object_bytes();
    if (!span.in_cache()) counted_.AddObjects(span, allocated);
    counted_.map_bytes += span.MapBytes();
    counted_.special_bytes += span.SpecialBytes();
    for (const Special& special : span.specials()) {
      counted_.weak_targets += special.IsFinalizer() ? 0 : 1;
    }
    return Specials(span);
  }
  Name Object(const Span& span, std::size_t i) const {
    const bool free = span.IsFree(i);
    if (span.IsMarked(i)) {
      if (free) return "mark.free";
      if (!heap_.is_marking() && heap_.allocator().IsSwept(span)) return "mark.idle";
    }
    if (kPoisons && IsPoisoned(span.ObjectAt(i)) != free) return "poison";
    // What is not marked and not swept may refer to what was freed.
    const bool dead = !heap_.is_marking() && !heap_.allocator().IsSwept(span) && !span.IsMarked(i);
    if (free || dead || !span.HasPointers()) return "";
    bool lawful = true;
    std::byte* const object = span.ObjectAt(i);
    span.ForEachPointer(object, object + span.object_bytes(), [&](void** slot) {
      lawful &= !heap_.allocator().pages().Holds(*slot) || heap_.FindAllocated(*slot);
    });
    return lawful ? "" : "pointer.object";
  }
  static Name Specials(const Span& span) {
    const Special* last = nullptr;
    for (const Special& special : span.specials()) {
      if (span.IsFree(special.index)) return "special.object";
      const bool ordered =
          last == nullptr || last->index < special.index ||
          (last->index == special.index && last->IsFinalizer() && !special.IsFinalizer());
      if (!ordered) return "special.order";
      last = &special;
    }
    return "";
  }

  Name Grey() {
    bool lawful = true;
    heap_.ForEachGrey([&](std::byte* grey) {
      const ObjectPlace place = heap_.FindAllocated(grey);
      lawful &= place && place.span->IsMarked(place.index) && place.span->HasPointers();
    });
    return lawful ? "" : "grey.marked";
  }

  Name Tiny() {
    for (const std::unique_ptr<Mutator>& mutator : heap_.mutators()) {
      const SpanCache& cache = mutator->cache;
      if (cache.tiny == nullptr) continue;
      const ObjectPlace place = heap_.FindAllocated(cache.tiny);
      const bool lawful = place && place.address() == cache.tiny && !place.span->HasPointers() &&
                          place.span->object_bytes() == kTinyBytes && cache.tiny_offset != 0 &&
                          cache.tiny_offset <= kTinyBytes;
      if (!lawful) return "tiny.block";
    }
    return "";
  }

  Name Stats() { return BrokenBy(heap_.Stats()); }
  Name Counted() { return counted_ == heap_.allocator().counts() ? "" : "stats.counted"; }

  // The weak invariant. Which objects are grey is known; of an object over 128 KiB some pieces may
  // be grey and others black, so those are left out. A stack that will be scanned again is grey.
  // Of other roots, what those that are yet to be looked at refer to is protected by that.
  Name Tricolour() {
    if (!heap_.is_marking()) return "";
    Closure<Policy> closure(heap_);
    const ObjectSet& protected_ones = closure.FromGrey();
    ObjectSet grey;
    heap_.ForEachGrey([&](std::byte* object) { grey.Add(heap_.FindAllocated(object)); });
    const auto holds = [&](const void* pointer) {
      const ObjectPlace place = heap_.FindAllocated(pointer);
      return !place || place.span->IsMarked(place.index) || protected_ones.Has(place);
    };
    bool lawful = true;
    const auto hold = [&](const void* root) { lawful &= holds(root); };
    for (const std::span<void* const> range : heap_.globals()) std::ranges::for_each(range, hold);
    for (const RootSource* const source : heap_.sources()) source->ForEachRoot(hold);
    const FinalizerQueue& due = heap_.allocator().finalizers();
    for (std::size_t i = 0; i < due.Size(); ++i) hold(due[i].object);
    WalkPosition start;
    WalkStep(heap_.allocator().spans(), &start, {}, NextWithFinalizer, hold);
    for (const std::unique_ptr<Mutator>& mutator : heap_.mutators()) {
      if (!mutator->stack_is_black || Policy::kBarrier.rescans_stacks) continue;
      std::ranges::for_each(mutator->stack.all(), hold);
    }
    heap_.allocator().ForEachSpan([&](const Span& span) {
      if (!span.HasPointers() || span.object_bytes() > kScanPieceBytes) return;
      for (std::size_t i = 0; i < span.objects(); ++i) {
        if (span.IsFree(i) || !span.IsMarked(i) || grey.Has({const_cast<Span*>(&span), i}))
          continue;
        auto* const* const words = reinterpret_cast<void* const*>(span.ObjectAt(i));
        for (std::size_t word = 0; word < span.object_bytes() / kWordBytes; ++word) {
          if (span.IsPointer(static_cast<const void*>(words + word))) lawful &= holds(words[word]);
        }
      }
    });
    return lawful ? "" : "tricolour";
  }

  const Heap<Policy>& heap_;
  std::unordered_map<const Span*, std::size_t> places_;
  std::size_t span_pages_ = 0;
  std::size_t allocated_ = 0;
  std::size_t allocated_bytes_ = 0;
  SpanCounts counted_;
};

// Right after marking has ended.
template <class Policy>
std::string_view BrokenMarkLaw(const Heap<Policy>& heap) {
  Closure<Policy> closure(heap);
  const ObjectSet& reached = closure.FromRoots();
  bool lawful = true;
  heap.allocator().ForEachSpan([&](Span& span) {
    for (std::size_t i = 0; i < span.objects(); ++i) {
      if (!span.IsFree(i) && !span.IsMarked(i)) lawful &= !reached.Has({&span, i});
    }
  });
  return lawful ? "" : "closure.reachable";
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_LAWS_H_
