// Heap: the runtime's garbage-collected heap, as a C++ library.
//
//   struct Node { Node* next; std::uint64_t value; };
//   constexpr ObjectType kNode(sizeof(Node), 0b01);
//
//   Heap<> heap;
//   Mutator& mutator = heap.NewMutator();
//   Frame frame(mutator, 1);                                  a root on the stack
//   frame[0] = heap.New(mutator, kNode);                      new(Node)
//   heap.Store(mutator, &node->next, other);                  node.next = other
//   heap.Collect();                                           runtime.GC()
//
//   off --StartCycle--> marking --FinishMarking--> off, sweeping --> off, swept
//                        ^  Mark(steps)                  ^  Sweep(spans), allocations
//
// Tri-colour marking and lazy sweeping; nothing moves. An object lives as long as a pointer leads
// to it, or into it, from a root: a frame's slot, a global, a root source, or another such object.
// Pointers in C++ variables are no roots, and any call of New may collect. So keep in a frame what
// is needed beyond the next New.
//
// Pointers in objects and in globals are written by Store, Copy and Clear alone, which are the
// write barrier; words without pointers, and frames' slots, are written directly. Memory is zeroed.
//
// Collection is automatic unless Options say otherwise: a cycle begins when the heap has grown to
// the trigger (pacer.h), and allocations pay for it by marking (assists). Every part of it can also
// be run step by step; nothing runs by itself.
//
// Out of memory: New answers null, after a collection has not helped. No collection throws: where
// there is no memory for its queue, it takes longer (marker.h). What is registered needs some of
// the program's own, i.e. mutators, roots, finalizers and weak handles; that may throw
// std::bad_alloc, and nothing has changed then.
//
// Costs. New of a small object: a search for a clear bit, and zeroing; each refill of a cache
// sweeps at most the spans of one class. Store: one load and a store when nobody marks. A step of
// Mark is bounded (marker.h), and FinishMarking with nothing left to mark takes longer only with
// more mutators, ranges of globals and arenas. StartCycle has no bound: it sweeps what is left to
// sweep.
//
// Not for several threads at once yet; several heaps may be in use by different threads.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_H_
#define SLOTPROOF_CORE_HEAP_HEAP_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/poison.h"
#include "core/heap/allocator.h"
#include "core/heap/bulk.h"
#include "core/heap/frame.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_options.h"
#include "core/heap/heap_policy.h"
#include "core/heap/marker.h"
#include "core/heap/mem_stats.h"
#include "core/heap/mutator.h"
#include "core/heap/object_type.h"
#include "core/heap/pacer.h"
#include "core/heap/size_classes.h"
#include "core/heap/span_counts.h"
#include "core/heap/special.h"
#include "core/heap/weak_handle.h"

namespace slotproof::core {

inline constexpr std::size_t kTinyBytes = 16;

template <class PolicyType = DefaultHeapPolicy>
class Heap {
 public:
  using Policy = PolicyType;
  using Probe = typename Policy::Probe;
  using Pages = typename Policy::Pages;
  using Options = HeapOptions;

  explicit Heap(Options options = {}, Pages pages = {}, Probe probe = {})
      : options_(options),
        probe_(std::move(probe)),
        allocator_(
            {.arena_pages = options.arena_pages, .most_backed_pages = options.most_backed_pages},
            std::move(pages), probe_),
        marker_(allocator_, probe_, options.mark_buffer, options.walk_spans) {
    SetGoal();
  }
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  ~Heap() {
    allocator_.ForEachSpan([](Span& span) {
      for (const Special& special : span.specials()) {
        if (special.IsFinalizer()) continue;
        special.weak->object = nullptr;
        if (special.weak->handles == 0) delete special.weak;
      }
    });
  }

  // Roots.

  // It lives as long as the heap.
  Mutator& NewMutator() {
    MakeRoomForRoot();
    mutators_.push_back(
        std::make_unique<Mutator>(mutators_.size(), marker_.queue(), options_.barrier_buffer));
    mutators_.back()->stack_is_black = true;
    return *mutators_.back();
  }
  // Slots that outlive the heap.
  void AddGlobals(std::span<void* const> slots) {
    MakeRoomForRoot();
    globals_.push_back(slots);
    if (!is_marking()) return;
    for (void* const slot : slots) marker_.Shade(slot);
  }
  void AddSource(RootSource* source) {
    MakeRoomForRoot();
    sources_.push_back(source);
    if (!is_marking()) return;
    source->ForEachRoot([this](void* root) { marker_.Shade(root); });
  }
  // It is a root of a marking that runs, which therefore ends first.
  void RemoveSource(RootSource* source) {
    if (is_marking()) FinishMarking();
    std::erase(sources_, source);
  }

  // Objects.

  // `count` neighbours of the type, zeroed; null: out of memory. Of nothing: an address that is no
  // object's, always the same.
  [[nodiscard]] void* New(Mutator& mutator, const ObjectType& type, std::size_t count = 1) {
    if (probe_.CollectsNow()) [[unlikely]]
      CollectNow();
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(type.bytes(), count, &bytes)) return OutOfMemory();
    if (bytes == 0) return &zero_base_;
    if (!type.HasPointers() && bytes < kTinyBytes) return NewTiny(mutator, bytes);
    const ObjectPlace place = Take(mutator, bytes, type.HasPointers());
    if (!place) return OutOfMemory();
    Hand(place);
    if (type.HasPointers()) place.span->SetPointers(place.index, type, count);
    if (is_marking()) marker_.Blacken(place);
    return place.address();
  }

  // *slot = value, for a slot in an object or a global.
  void Store(Mutator& mutator, void** slot, void* value) {
    if (is_marking()) [[unlikely]]
      marker_.BeforeStore(mutator, *slot, value);
    *slot = value;
  }
  // memmove of whole words into one object or global, where pointers become what the source has at
  // the same places.
  void Copy(Mutator& mutator, void* target, const void* source, std::size_t bytes) {
    if constexpr (!Policy::kBarrier.bulk_shades_first) std::memmove(target, source, bytes);
    if (is_marking()) BulkBarrier(mutator, target, source, bytes);
    if constexpr (Policy::kBarrier.bulk_shades_first) std::memmove(target, source, bytes);
  }
  // Zeroes whole words of one object.
  void Clear(Mutator& mutator, void* target, std::size_t bytes) {
    if (is_marking()) BulkBarrier(mutator, target, nullptr, bytes);
    std::memset(target, 0, bytes);
  }

  // The bytes that the pointer's object has; 0 for what is no object.
  std::size_t SizeOf(const void* pointer) const {
    const ObjectPlace place = FindAllocated(pointer);
    return place ? place.span->object_bytes() : 0;
  }

  // Finalizers and weak handles.

  // False: the pointer is not to the beginning of an object, which has no finalizer yet.
  bool SetFinalizer(void* object, Finalizer finalizer) {
    const ObjectPlace place = FindSwept(object);
    if (!place || place.address() != object) return false;
    std::vector<Special>& specials = place.span->specials();
    const auto at = FinalizerOf(place);
    if (at != specials.end() && at->index == place.index && at->IsFinalizer()) return false;
    allocator_.AddSpecial(
        *place.span, at,
        {.index = static_cast<std::uint32_t>(place.index), .finalizer = finalizer});
    if (is_marking()) {
      // The job for specials may have been done.
      probe_.OnEvent(HeapEvent::kFinalizerSetWhileMarking);
      marker_.ShadeFields(place);
    }
    return true;
  }
  // False: it has none.
  bool ClearFinalizer(void* object) {
    const ObjectPlace place = FindSwept(object);
    if (!place) return false;
    const auto at = FinalizerOf(place);
    std::vector<Special>& specials = place.span->specials();
    if (at == specials.end() || at->index != place.index || !at->IsFinalizer()) return false;
    specials.erase(at);
    allocator_.finalizers().GiveRoomBack();
    return true;
  }
  // Runs up to this many finalizers that are due, the longest due first; how many it was. While one
  // runs, its object is a root of the mutator.
  std::size_t RunFinalizers(Mutator& mutator, std::size_t most) {
    std::size_t run = 0;
    for (; run < most && allocator_.finalizers().Size() != 0; ++run) {
      Frame frame(mutator, 1);
      const DueFinalizer due = allocator_.finalizers().Take();
      // The queue, a root, has lost the object.
      if (is_marking()) marker_.Shade(due.object);
      frame[0] = due.object;
      due.finalizer.run(due.object, due.finalizer.context);
    }
    return run;
  }
  std::size_t DueFinalizers() const { return allocator_.finalizers().Size(); }

  // Of an object's beginning or any place in it. Names nothing if the pointer is no object's.
  WeakHandle NewWeak(void* pointer) {
    const ObjectPlace place = FindSwept(pointer);
    if (!place) return {};
    std::vector<Special>& specials = place.span->specials();
    const auto offset =
        static_cast<std::size_t>(static_cast<std::byte*>(pointer) - place.address());
    auto at = FinalizerOf(place);
    while (at != specials.end() && at->index == place.index && at->IsFinalizer()) ++at;
    if (at == specials.end() || at->index != place.index) {
      auto target = std::make_unique<WeakTarget>(WeakTarget{.object = place.address()});
      allocator_.AddSpecial(
          *place.span, at,
          {.index = static_cast<std::uint32_t>(place.index), .weak = target.get()});
      return WeakHandle(target.release(), offset);
    }
    return WeakHandle(at->weak, offset);
  }
  // The pointer that the handle was made from, or null once the object was found unreachable.
  void* Upgrade(const WeakHandle& handle) {
    if (handle.target() == nullptr || handle.target()->object == nullptr) return nullptr;
    const ObjectPlace place = allocator_.Find(handle.target()->object);
    SLOTPROOF_POLICY_ASSERT(Policy, place.span != nullptr);
    if (is_marking()) {
      if (!place.span->IsMarked(place.index)) {
        probe_.OnEvent(HeapEvent::kWeakUpgradedWhileMarking);
      }
      marker_.Shade(handle.target()->object);
    } else if (!allocator_.IsSwept(*place.span)) {
      // If it was not marked it is dead, though nobody has swept it.
      probe_.OnEvent(HeapEvent::kWeakUpgradedWhileSweeping);
      allocator_.SweepNow(*place.span);
      if (handle.target()->object == nullptr) return nullptr;
    }
    return static_cast<std::byte*>(handle.target()->object) + handle.offset();
  }

  // Collection, step by step.

  bool is_marking() const { return marker_.is_marking(); }

  // False: one is running.
  bool StartCycle() {
    if (is_marking()) return false;
    allocator_.SweepAll();
    for (RootSource* const source : sources_) source->OnCycle();
    probe_.OnEvent(HeapEvent::kCycleStarted);
    marker_.Begin({.globals = globals_, .sources = sources_, .mutators = mutators_});
    SetAssistRatio();
    return true;
  }
  // Root jobs and grey objects, up to this many. False: nothing is left to mark.
  bool Mark(std::size_t steps) {
    if (!is_marking()) return false;
    while (steps != 0) {
      if (marker_.Step()) {
        --steps;
      } else if (!marker_.FlushMutators(mutators_)) {
        return false;
      }
    }
    return true;
  }
  // Marks what is left, and ends the marking (mark termination). Sweeping may begin.
  void FinishMarking() {
    if (!is_marking()) return;
    while (Mark(std::numeric_limits<std::size_t>::max())) {
    }
    marker_.End(mutators_);
    for (const std::unique_ptr<Mutator>& mutator : mutators_) allocator_.Flush(mutator->cache);
    last_marked_ = marker_.marked_bytes();
    allocator_.BeginSweep(last_marked_);
    ++num_gc_;
    SetGoal();
    probe_.OnEvent(HeapEvent::kMarkTerminated);
  }
  // Sweeps up to this many spans; how many it was.
  std::size_t Sweep(std::size_t spans) {
    std::size_t swept = 0;
    while (swept < spans && !is_marking() && allocator_.SweepOne()) ++swept;
    return swept;
  }
  // Whether nothing is left to sweep.
  bool IsSwept() const { return allocator_.unswept() == 0; }
  // A whole cycle from the beginning, after the end of one that runs (runtime.GC). What was
  // unreachable is free then.
  void Collect() {
    CollectNow();
    ++num_forced_gc_;
  }
  // Gives up to this many idle pages back to the system; how many it was.
  std::size_t Scavenge(std::size_t pages) { return allocator_.Scavenge(pages); }

  void SetGcPercent(std::int32_t percent) {
    options_.gc_percent = percent;
    SetGoal();
  }
  void SetMemoryLimit(std::uint64_t bytes) {
    options_.memory_limit = bytes;
    SetGoal();
  }
  void SetMostBackedPages(std::size_t pages) { allocator_.SetMostBackedPages(pages); }

  MemStats Stats() const;
  std::uint64_t goal() const { return goal_; }
  std::uint64_t trigger() const { return trigger_; }
  // What the goal was computed from, the last time.
  const PacerInputs& pacer_inputs() const { return pacer_inputs_; }

  // For those who look on: laws, drawings, a second marking.

  const Allocator<Policy>& allocator() const { return allocator_; }
  const Marker<Policy>& marker() const { return marker_; }
  std::span<const std::unique_ptr<Mutator>> mutators() const { return mutators_; }
  std::span<const std::span<void* const>> globals() const { return globals_; }
  std::span<RootSource* const> sources() const { return sources_; }
  Probe& probe() { return probe_; }

  // The object that the pointer leads to; none if it is not allocated.
  ObjectPlace FindAllocated(const void* pointer) const {
    const ObjectPlace place = allocator_.Find(pointer);
    return place && !place.span->IsFree(place.index) ? place : ObjectPlace{};
  }

  // Calls f for each grey object, and each grey piece of a large one, whoever holds it.
  template <class F>
  void ForEachGrey(const F& f) const {
    marker_.ForEachGrey(f);
    for (const std::unique_ptr<Mutator>& mutator : mutators_) mutator->work.ForEach(f);
  }

  // For a pool, which is a root: what it loses, and what it gains.
  void ShadeRoot(void* pointer) {
    if (is_marking()) marker_.Shade(pointer);
  }

 private:
  friend struct HeapTester;

  void MakeRoomForRoot() {
    marker_.MakeRoomForJobs(mutators_.size() + globals_.size() + sources_.size() + 1);
  }

  // mallocgc's tiny allocator.
  void* NewTiny(Mutator& mutator, std::size_t bytes) {
    SpanCache& cache = mutator.cache;
    const std::size_t align = bytes % 8 == 0 ? 8 : bytes % 4 == 0 ? 4 : bytes % 2 == 0 ? 2 : 1;
    const std::size_t offset = (cache.tiny_offset + align - 1) / align * align;
    if (cache.tiny != nullptr && offset + bytes <= kTinyBytes) {
      probe_.OnEvent(HeapEvent::kTinyShared);
      std::byte* const object = cache.tiny + offset;
      UnpoisonMemory(object, bytes);
      cache.tiny_offset = offset + bytes;
      ++cache.tiny_allocs;
      return object;
    }
    const ObjectPlace place = Take(mutator, kTinyBytes, false);
    if (!place) return OutOfMemory();
    Hand(place);
    PoisonMemory(place.address() + (bytes + 7) / 8 * 8, kTinyBytes - (bytes + 7) / 8 * 8);
    if (is_marking()) marker_.Blacken(place);
    // The block with more room is the one to go on with.
    const bool has_more_room = cache.tiny == nullptr || bytes < cache.tiny_offset;
    if (cache.tiny != nullptr) {
      probe_.OnEvent(has_more_room ? HeapEvent::kTinyReplaced : HeapEvent::kTinyKept);
    }
    if (has_more_room) {
      cache.tiny = place.address();
      cache.tiny_offset = bytes;
    }
    return place.address();
  }

  ObjectPlace Take(Mutator& mutator, std::size_t bytes, bool pointers) {
    const bool small = bytes <= kMaxSmallBytes;
    const SpanClass span_class = small ? SpanClassOf(SizeClassOf(bytes), pointers) : SpanClass{};
    if (options_.automatic)
      PayFor(mutator, bytes, !small || allocator_.NeedsRefill(mutator.cache, span_class));
    const auto take = [&] {
      return small ? allocator_.TakeSmall(mutator.cache, span_class)
                   : allocator_.TakeLarge(bytes, pointers);
    };
    ObjectPlace place = take();
    if (!place) [[unlikely]] {
      CollectNow();
      place = take();
      if (place) probe_.OnEvent(HeapEvent::kCollectedToMakeRoom);
    }
    return place;
  }

  // Makes the object the program's, zeroed.
  void Hand(const ObjectPlace& place) {
    UnpoisonMemory(place.address(), place.span->object_bytes());
    if (place.span->needs_zero()) std::memset(place.address(), 0, place.span->object_bytes());
  }

  void* OutOfMemory() {
    probe_.OnEvent(HeapEvent::kOutOfMemory);
    return nullptr;
  }

  // Before the object is taken, as it has no root yet. Begins a cycle at the trigger, or assists.
  void PayFor(Mutator& mutator, std::size_t bytes, bool may_start);
  void CollectNow();
  void Assist(Mutator& mutator);
  void SetAssistRatio();

  void BulkBarrier(Mutator& mutator, void* target, const void* source, std::size_t bytes) {
    core::BulkBarrier(allocator_, target, source, bytes,
                      [&](void* old, void* value) { marker_.BeforeBulk(mutator, old, value); });
  }

  // The object that the pointer leads to, if it is not one that the last marking found dead: then
  // it is free now.
  ObjectPlace FindSwept(const void* pointer) {
    const ObjectPlace place = FindAllocated(pointer);
    if (!place || allocator_.IsSwept(*place.span)) return place;
    allocator_.SweepNow(*place.span);
    return FindAllocated(pointer);
  }

  // Where the object's finalizer is among the specials, or would be: before its weak target.
  std::vector<Special>::iterator FinalizerOf(const ObjectPlace& place) {
    return std::ranges::lower_bound(place.span->specials(), place.index, {},
                                    [](const Special& special) { return special.index; });
  }

  std::uint64_t MetadataBytes() const;
  // Of all spans, with those that caches have.
  SpanCounts CountAllocated() const;

  // When marking ends, and when what it depends on is set.
  void SetGoal();

  Options options_;
  [[no_unique_address]] Probe probe_;
  Allocator<Policy> allocator_;
  Marker<Policy> marker_;
  std::vector<std::unique_ptr<Mutator>> mutators_;
  std::vector<std::span<void* const>> globals_;
  std::vector<RootSource*> sources_;
  std::uint64_t goal_ = 0;
  std::uint64_t trigger_ = 0;
  double assist_ratio_ = 1;
  std::uint64_t last_marked_ = 0;  // bytes, by the last cycle
  PacerInputs pacer_inputs_;
  std::uint64_t num_gc_ = 0;
  std::uint64_t num_forced_gc_ = 0;
  std::uint64_t zero_base_ = 0;
};

}  // namespace slotproof::core

#include "core/heap/heap_pacing.h"
#include "core/heap/heap_stats.h"

#endif  // SLOTPROOF_CORE_HEAP_HEAP_H_
