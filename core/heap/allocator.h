// Small objects from spans, large ones from runs of pages.
//
//   mutator   cache          | a span for each class, and the tiny block |
//                  refill ^  v  flush at the end of marking
//   heap      span lists     for each class: partial and full, swept and unswept
//                   grow  ^  v  a span that is wholly free
//   heap      page heap      | runs of pages |
//
// A cache takes a span that has free objects and fills it up. When it is full it takes another:
// a partial one that is swept, else one that it sweeps first, else a new one. Nothing is allocated
// from a span before that is swept. Sweeping is lazy; whoever wants it done faster calls SweepOne.
//
// Each span in use is in one place: a cache, or one list of its class. Every list is touched only
// under the lock, a cache only by its mutator.
#ifndef SLOTPROOF_CORE_HEAP_ALLOCATOR_H_
#define SLOTPROOF_CORE_HEAP_ALLOCATOR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/poison.h"
#include "core/heap/finalizer_queue.h"
#include "core/heap/heap_events.h"
#include "core/heap/page_heap.h"
#include "core/heap/size_classes.h"
#include "core/heap/span.h"
#include "core/heap/span_counts.h"
#include "core/heap/special.h"
#include "core/heap/sweep.h"

namespace slotproof::core {

// An object in its span.
struct ObjectPlace {
  Span* span = nullptr;
  std::size_t index = 0;

  explicit operator bool() const { return span != nullptr; }
  std::byte* address() const { return span->ObjectAt(index); }
  std::byte* end() const { return address() + span->object_bytes(); }
};

// What one mutator allocates from. For one thread at a time.
struct SpanCache {
  std::array<Span*, kSpanClasses> spans{};
  std::byte* tiny = nullptr;      // the block that tiny objects share
  std::size_t tiny_offset = 0;    // where its room begins
  std::uint64_t tiny_allocs = 0;  // objects that went into a block that was there
};

struct SpanLists {
  std::vector<Span*> partial;
  std::vector<Span*> full;
  std::vector<Span*> unswept_partial;
  std::vector<Span*> unswept_full;
  std::size_t spans = 0;  // of the class, wherever they are
};

// What has been freed since the beginning, by size class; class 0 is for large objects.
struct FreedCounts {
  std::array<std::uint64_t, kSizeClassBytes.size()> objects{};
  std::uint64_t all_objects = 0;
  std::uint64_t large_bytes = 0;
};

template <class Policy>
class Allocator {
 public:
  using Probe = typename Policy::Probe;
  using Pages = PageHeap<typename Policy::Pages, Span>;

  Allocator(typename Pages::Options options, typename Policy::Pages pages, Probe& probe)
      : pages_(options, std::move(pages)), probe_(probe) {}

  // A free object of the class, poisoned or not as it was; none: out of memory.
  ObjectPlace TakeSmall(SpanCache& cache, SpanClass span_class) {
    for (;;) {
      Span* const span = cache.spans[span_class];
      if (span != nullptr) [[likely]] {
        const std::size_t index = span->TakeFree();
        if (index != Span::kNone) [[likely]]
          return {span, index};
      }
      if (!Refill(cache, span_class)) return {};
    }
  }
  bool NeedsRefill(const SpanCache& cache, SpanClass span_class) const {
    const Span* const span = cache.spans[span_class];
    return span == nullptr || span->IsFull();
  }

  ObjectPlace TakeLarge(std::size_t bytes, bool pointers) {
    if (bytes > SIZE_MAX - kPageBytes) return {};
    const std::size_t pages = (bytes + kPageBytes - 1) / kPageBytes;
    SweepFor(pages);
    Span* const span = NewSpan(SpanClassOf(0, pointers), pages);
    if (span == nullptr) return {};
    probe_.OnEvent(HeapEvent::kLargeAllocated);
    const ObjectPlace place = {span, span->TakeFree()};
    live_bytes_ += span->bytes();
    counts_.AddObjects(*span, 1);
    const std::lock_guard lock(mutex_);
    lists_[span->span_class()].full.push_back(span);
    return place;
  }

  // The object that the address lies in, free or not; none for an address that no span in use has.
  ObjectPlace Find(const void* address) const {
    Span* const span = pages_.OwnerOf(address);
    if (span == nullptr) return {};
    const std::size_t index = span->IndexOf(address);
    // Behind the last object is a rest that belongs to none.
    if (index >= span->objects()) return {};
    return {span, index};
  }

  // Gives the cache's spans back, and forgets its tiny block.
  void Flush(SpanCache& cache) {
    for (Span*& span : cache.spans) {
      if (span == nullptr) continue;
      live_bytes_ -= (span->objects() - span->allocated()) * span->object_bytes();
      GiveBack(*std::exchange(span, nullptr));
    }
    cache.tiny = nullptr;
    cache.tiny_offset = 0;
  }

  // All spans are to be swept. Everything is flushed, and the last sweep has ended.
  void BeginSweep(std::size_t marked_bytes) {
    const std::lock_guard lock(mutex_);
    ++generation_;
    next_class_ = 0;
    live_bytes_ = marked_bytes;
    for (SpanLists& lists : lists_) {
      if (lists.spans == 0) continue;  // as most of a small heap
      SLOTPROOF_POLICY_ASSERT(Policy, lists.unswept_partial.empty() && lists.unswept_full.empty());
      lists.unswept_partial.swap(lists.partial);
      lists.unswept_full.swap(lists.full);
      unswept_ += lists.unswept_partial.size() + lists.unswept_full.size();
    }
  }
  // Sweeps one span; false: all are swept.
  bool SweepOne() {
    Span* const span = TakeUnswept();
    if (span == nullptr) return false;
    SweepTaken(*span);
    return true;
  }
  void SweepAll() {
    while (SweepOne()) {
    }
  }
  // Sweeps the span now, if that is still to be done. What had died in it is free then, and so may
  // the span be: whoever has a place in it must look again.
  void SweepNow(Span& span) {
    if (IsSwept(span)) return;
    // It is in a list of unswept ones, which is searched: rare, and the lists are short.
    SpanLists& lists = lists_[span.span_class()];
    const std::size_t taken =
        std::erase(lists.unswept_partial, &span) + std::erase(lists.unswept_full, &span);
    SLOTPROOF_POLICY_ASSERT(Policy, taken == 1);
    static_cast<void>(taken);
    SweepTaken(span);
  }
  bool IsSwept(const Span& span) const { return span.swept_in() == generation_; }
  // How many spans are still to be swept.
  std::size_t unswept() const { return unswept_; }
  std::uint32_t generation() const { return generation_; }

  std::size_t Scavenge(std::size_t pages) {
    const std::lock_guard lock(mutex_);
    return pages_.Release(pages);
  }
  void SetMostBackedPages(std::size_t pages) {
    const std::lock_guard lock(mutex_);
    pages_.SetMostBackedPages(pages);
  }

  // Bytes that the pacer counts as live: marked by the last cycle, and allocated since, where a
  // cached span counts as if it were full.
  std::uint64_t live_bytes() const { return live_bytes_; }
  const Pages& pages() const { return pages_; }
  FinalizerQueue& finalizers() { return finalizers_; }
  const FinalizerQueue& finalizers() const { return finalizers_; }
  const FreedCounts& freed() const { return freed_; }
  const SpanCounts& counts() const { return counts_; }
  const SpanLists& lists(SpanClass span_class) const { return lists_[span_class]; }

  // Into the span's specials. May throw std::bad_alloc; nothing has changed then.
  void AddSpecial(Span& span, std::vector<Special>::iterator at, const Special& special) {
    if (special.IsFinalizer()) finalizers_.Reserve();
    const std::size_t before = span.SpecialBytes();
    span.specials().insert(at, special);
    counts_.special_bytes += span.SpecialBytes() - before;
    if (special.IsFinalizer()) {
      finalizers_.MakeRoom();
    } else {
      ++counts_.weak_targets;
    }
  }

  std::uint64_t MetadataBytes() const {
    std::size_t pointers = spans_.capacity() + spare_spans_.capacity();
    for (const SpanLists& lists : lists_) {
      pointers += lists.partial.capacity() + lists.full.capacity() +
                  lists.unswept_partial.capacity() + lists.unswept_full.capacity();
    }
    return spans_.size() * sizeof(Span) + pointers * sizeof(Span*) + counts_.map_bytes +
           counts_.special_bytes + counts_.weak_targets * sizeof(WeakTarget) +
           finalizers_.MetadataBytes() + pages_.stats().metadata_bytes;
  }

  // All that there have ever been. Those without a base are not in use.
  std::span<const std::unique_ptr<Span>> spans() const { return spans_; }
  template <class F>
  void ForEachSpan(const F& f) const {
    for (const std::unique_ptr<Span>& span : spans_) {
      if (span->base() != nullptr) f(*span);
    }
  }

 private:
  friend struct AllocatorTester;

  bool Refill(SpanCache& cache, SpanClass span_class) {
    if (Span* const full = std::exchange(cache.spans[span_class], nullptr)) GiveBack(*full);
    Span* span = TakePartial(span_class);
    if (span == nullptr) {
      SweepFor(kSizeClassPages[span_class / 2]);
      span = NewSpan(span_class, kSizeClassPages[span_class / 2]);
    }
    if (span == nullptr) return false;
    SLOTPROOF_POLICY_ASSERT(Policy, IsSwept(*span) && !span->IsFull());
    span->set_in_cache(true);
    counts_.RemoveObjects(*span, span->allocated());
    cache.spans[span_class] = span;
    live_bytes_ += (span->objects() - span->allocated()) * span->object_bytes();
    return true;
  }

  // mcentral.cacheSpan
  Span* TakePartial(SpanClass span_class) {
    SpanLists& lists = lists_[span_class];
    if (Span* const span = Take(lists.partial)) {
      probe_.OnEvent(HeapEvent::kSpanFromPartial);
      return span;
    }
    for (std::vector<Span*>* unswept : {&lists.unswept_partial, &lists.unswept_full}) {
      while (Span* const span = Take(*unswept)) {
        Sweep(*span);
        if (!span->IsFull()) {
          probe_.OnEvent(HeapEvent::kSpanSweptForAllocation);
          return span;
        }
        probe_.OnEvent(HeapEvent::kSpanFullAfterSweep);
        GiveBack(*span);
      }
    }
    return nullptr;
  }

  Span* Take(std::vector<Span*>& list) {
    const std::lock_guard lock(mutex_);
    if (list.empty()) return nullptr;
    Span* const span = list.back();
    list.pop_back();
    return span;
  }

  // A swept span that no cache has any more goes to its list. Lists have room for all spans.
  void GiveBack(Span& span) {
    SLOTPROOF_POLICY_ASSERT(Policy, IsSwept(span));
    const std::lock_guard lock(mutex_);
    if (span.in_cache()) counts_.AddObjects(span, span.allocated());
    span.set_in_cache(false);
    SpanLists& lists = lists_[span.span_class()];
    (span.IsFull() ? lists.full : lists.partial).push_back(&span);
  }

  Span* TakeUnswept() {
    if (unswept_ == 0) return nullptr;
    for (; next_class_ < kSpanClasses; ++next_class_) {
      SpanLists& lists = lists_[next_class_];
      if (Span* const span = Take(lists.unswept_full)) return span;
      if (Span* const span = Take(lists.unswept_partial)) return span;
    }
    return nullptr;
  }

  void Sweep(Span& span) {
    SLOTPROOF_POLICY_ASSERT(Policy, !IsSwept(span));
    SpanSweep<Policy> sweep(span, finalizers_, probe_);
    const std::size_t freed = sweep.Run();
    span.set_swept_in(generation_);
    --unswept_;
    counts_.RemoveObjects(span, freed);
    counts_.weak_targets -= sweep.cleared_weak();
    freed_.all_objects += freed;
    freed_.objects[span.span_class() / 2] += freed;
    if (span.IsLarge() && freed != 0) {
      freed_.large_bytes += span.bytes();
      probe_.OnEvent(HeapEvent::kLargeFreed);
    }
  }
  // One that is in no list.
  void SweepTaken(Span& span) {
    Sweep(span);
    if (span.allocated() == 0) {
      FreeSpan(span);
    } else {
      GiveBack(span);
    }
  }
  // Sweeps until this many pages came free, before the page heap grows.
  void SweepFor(std::size_t pages) {
    const std::size_t in_use = pages_.stats().in_use;
    while (in_use - std::min(in_use, pages_.stats().in_use) < pages) {
      if (!SweepOne()) return;
      probe_.OnEvent(HeapEvent::kSweptToMakeRoom);
    }
  }

  // A span without objects, poisoned; null: out of memory, and nothing has changed.
  Span* NewSpan(SpanClass span_class, std::size_t pages) {
    const std::lock_guard lock(mutex_);
    Span* const span = SpareSpan(lists_[span_class]);
    if (span == nullptr) return nullptr;
    const std::optional<PageRun> run = TakePages(pages);
    if (!run) return nullptr;
    if (!span->Begin(run->base, pages, span_class, run->zeroed)) {
      span->End();
      pages_.Free(run->base, pages);
      return nullptr;
    }
    if (run->scavenged) probe_.OnEvent(HeapEvent::kSpanFromScavenged);
    spare_spans_.pop_back();
    ++lists_[span_class].spans;
    counts_.map_bytes += span->MapBytes();
    span->set_swept_in(generation_);
    pages_.SetOwner(run->base, pages, span);
    PoisonMemory(run->base, pages * kPageBytes);
    return span;
  }
  std::optional<PageRun> TakePages(std::size_t pages) {
    try {
      return pages_.Allocate(pages);
    } catch (const std::bad_alloc&) {
      return std::nullopt;
    }
  }
  // The last of the spare ones, made if need be, and room for one span more in the lists.
  Span* SpareSpan(SpanLists& lists) {
    try {
      for (std::vector<Span*>* list :
           {&lists.partial, &lists.full, &lists.unswept_partial, &lists.unswept_full}) {
        MakeRoom(list, lists.spans + 1);
      }
      if (spare_spans_.empty()) {
        MakeRoom(&spare_spans_, spans_.size() + 1);
        MakeRoom(&spans_, spans_.size() + 1);
        auto made = std::make_unique<Span>();
        spare_spans_.push_back(made.get());
        spans_.push_back(std::move(made));
      }
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
    return spare_spans_.back();
  }

  template <class T>
  static void MakeRoom(std::vector<T>* list, std::size_t size) {
    if (list->capacity() < size) list->reserve(2 * size);
  }

  void FreeSpan(Span& span) {
    SLOTPROOF_POLICY_ASSERT(Policy, span.allocated() == 0 && span.specials().empty());
    probe_.OnEvent(HeapEvent::kSpanFreed);
    const std::lock_guard lock(mutex_);
    --lists_[span.span_class()].spans;
    pages_.Free(span.base(), span.pages());
    counts_.map_bytes -= span.MapBytes();
    counts_.special_bytes -= span.SpecialBytes();
    span.End();
    spare_spans_.push_back(&span);
  }

  typename Policy::ListMutex mutex_;
  Pages pages_;
  std::array<SpanLists, kSpanClasses> lists_;
  std::vector<std::unique_ptr<Span>> spans_;
  std::vector<Span*> spare_spans_;
  FinalizerQueue finalizers_;
  FreedCounts freed_;
  SpanCounts counts_;
  std::uint64_t live_bytes_ = 0;
  std::uint32_t generation_ = 1;
  std::size_t unswept_ = 0;
  std::size_t next_class_ = kSpanClasses;  // where unswept spans may be left
  Probe& probe_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_ALLOCATOR_H_
