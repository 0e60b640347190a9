// ConcurrentHeap: a heap that threads share, and that is collected while they run (mgc.go).
//
//   ConcurrentHeap<> heap;
//   ConcurrentHeap<>::Thread thread(heap);              of each thread that uses it
//   Frame frame(thread.mutator(), 1);                   a root on its stack
//   frame[0] = thread.New(kNode);                       new(Node)
//   thread.Store(&node->next, other);                   node.next = other
//   thread.Load(&node->next);                           node.next
//   heap.Collect();                                     by a thread that is none of these
//
//   collector   | stop | globals, grey objects, ...         | flush | stop | sweep
//   thread A    | stop | run, scan its stack, run, mark     | flush | stop | run, sweep for itself
//   thread B    | stop | run            , scan its stack    | flush | stop | run
//                 off -> marking                               marking -> off
//
// The world is stopped twice, for as long as it takes to change the phase. In between each thread
// scans its own stack at a safe point; the hybrid barrier (write_barrier.h) makes up for what the
// others do meanwhile. Marking is done when nobody holds a grey object or a buffered pointer. To
// find out, the collector has each thread flush, and when nothing came, stops the world and flushes
// once more (gcMarkDone): what threads have buffered since is marked already, but may not stay
// there.
//
// Any thread may help to mark (Thread::Mark). What is white when marking ends is free once its span
// is swept, which whoever needs room does, or Sweep.
//
// Pointers in objects and globals are read by Load and written by Store, CompareAndSwap, Copy and
// Clear alone; words without pointers are the program's own affair. A pointer gets from one thread
// to another through an object or a global only. Safe points are where a thread allocates, marks,
// collects, parks, or says so: what is not in a frame then may be freed. A thread that waits for
// something else parks meanwhile. Maps and slices: thread_use.h.
//
// Linearization: Load, Store and CompareAndSwap take effect at their one access to the slot.
//
// Out of memory: New answers null. It does not collect by itself, nor does anything else: there is
// no pacer here. All pages are of one arena (Options::arena_pages), so that nobody who looks up an
// object meets an index that is being replaced.
//
// Not here: finalizers, weak handles, tiny objects.
#ifndef SLOTPROOF_CORE_HEAP_CONCURRENT_CONCURRENT_HEAP_H_
#define SLOTPROOF_CORE_HEAP_CONCURRENT_CONCURRENT_HEAP_H_

#include <atomic>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/poison.h"
#include "core/heap/allocator.h"
#include "core/heap/bulk.h"
#include "core/heap/concurrent/world.h"
#include "core/heap/greying.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_policy.h"
#include "core/heap/mark_queue.h"
#include "core/heap/mutator.h"
#include "core/heap/object_type.h"
#include "core/heap/object_walk.h"
#include "core/heap/root_source.h"
#include "core/heap/scanner.h"
#include "core/heap/size_classes.h"
#include "core/heap/slot.h"
#include "core/heap/span.h"
#include "core/heap/system_pages.h"
#include "core/heap/write_barrier.h"

namespace slotproof::core {

// Maps one arena and refuses any other.
template <class Pages>
class OneArena {
 public:
  OneArena() = default;
  explicit OneArena(Pages pages) : pages_(std::move(pages)) {}

  void* Map(std::size_t bytes, std::size_t alignment) {
    return std::exchange(mapped_, true) ? nullptr : pages_.Map(bytes, alignment);
  }
  void Release(void* memory, std::size_t bytes) { pages_.Release(memory, bytes); }
  void Unmap(void* memory, std::size_t bytes) { pages_.Unmap(memory, bytes); }

 private:
  [[no_unique_address]] Pages pages_;
  bool mapped_ = false;
};

// The heap itself locks what would use it.
struct NoMutex {
  static void lock() {}
  static void unlock() {}
};

struct ConcurrentHeapPolicy : DefaultHeapPolicy {
  using ListMutex = NoMutex;
  using Pages = OneArena<SystemPages>;
  using StopObserver = NoStopObserver;
  static constexpr bool kMarksAlone = false;
  static constexpr bool kShared = true;
};

struct ConcurrentHeapOptions {
  std::size_t arena_pages = kArenaPages;  // a power of two
  // Pointers. Smaller ones let short programs of a test fill them.
  std::size_t mark_buffer = MarkBuffer::kMost;
  std::size_t barrier_buffer = BarrierBuffer::kMost;
};

template <class PolicyType = ConcurrentHeapPolicy>
class ConcurrentHeap {
 public:
  using Policy = PolicyType;
  using Probe = typename Policy::Probe;
  using Pages = typename Policy::Pages;
  using Options = ConcurrentHeapOptions;
  class Thread;

  explicit ConcurrentHeap(Options options = {}, Pages pages = {}, Probe probe = {})
      : options_(options),
        probe_(std::move(probe)),
        allocator_({.arena_pages = options.arena_pages, .most_backed_pages = options.arena_pages},
                   std::move(pages), probe_),
        barrier_(allocator_, probe_),
        queue_(options.mark_buffer),
        work_(queue_),
        scanner_(allocator_, probe_, work_) {
    // So that the arena is there before anybody looks into it.
    SpanCache cache;
    static_cast<void>(allocator_.TakeSmall(cache, SpanClassOf(1, false)));
    allocator_.Flush(cache);
  }
  ConcurrentHeap(const ConcurrentHeap&) = delete;
  ConcurrentHeap& operator=(const ConcurrentHeap&) = delete;

  // Slots that outlive the heap, before any thread uses it.
  void AddGlobals(std::span<void* const> slots) { globals_.push_back(slots); }

  // A whole cycle but for the sweep. Not by a running member: Thread::Collect is for those. Cycles
  // come one after the other.
  void Collect() {
    const std::lock_guard cycle(cycle_);
    Sweep();
    StartMarking();
    MarkRoots();
    do {
      Drain();
    } while (FlushThreads() || !EndMarking());
  }
  // Sweeps what is left to sweep, a span each time that it holds the lock.
  void Sweep() {
    bool more = true;
    while (more) {
      const std::lock_guard lock(allocating_);
      more = allocator_.SweepOne();
    }
  }
  // Gives up to this many idle pages back to the system; how many it was.
  std::size_t Scavenge(std::size_t pages) {
    const std::lock_guard lock(allocating_);
    return allocator_.Scavenge(pages);
  }

  // Of a heap that no thread uses: the object that the pointer leads to; none if it is not
  // allocated.
  ObjectPlace FindAllocated(const void* pointer) const {
    const ObjectPlace place = allocator_.Find(pointer);
    return place && !place.span->IsFree(place.index) ? place : ObjectPlace{};
  }
  const Allocator<Policy>& allocator() const { return allocator_; }

 private:
  using ThreadWorld = World<Thread, typename Policy::StopObserver>;

  // The world is stopped, and nothing is left to sweep.
  void StartMarking() {
    world_.Stop();
    SLOTPROOF_POLICY_ASSERT(Policy, !marking_.Load() && allocator_.unswept() == 0);
    queue_.ForgetMarked();
    world_.ForEachThread([](Thread& thread) {
      thread.mutator_.stack_is_black = Policy::kBarrier.stacks_black_at_start;
    });
    marking_.Store(true);
    world_.Start();
  }

  void MarkRoots() {
    for (const std::span<void* const> range : globals_) {
      for (void* const& slot : range) scanner_.Shade(LoadSlot<Policy>(&slot));
    }
    world_.Handshake([this](Thread& thread) { ScanStack(thread); });
  }
  // With what is rooted like its frames.
  void ScanStack(Thread& thread) {
    Mutator& mutator = thread.mutator_;
    for (void* const root : mutator.stack.all()) greying_.Shade(root, mutator.work);
    for (const RootSource* const source : thread.sources_) {
      source->ForEachRoot([&](void* root) { greying_.Shade(root, mutator.work); });
    }
    mutator.stack_is_black = true;
    mutator.work.Flush();
  }

  // What this thread can see; others may still hold some.
  void Drain() {
    while (scanner_.Step()) {
    }
  }
  // False: no thread held anything, though it may by now.
  bool FlushThreads() {
    bool any = false;
    world_.Handshake([this, &any](Thread& thread) { any |= Flush(thread.mutator_); });
    return any || !queue_.IsEmpty();
  }
  bool Flush(Mutator& mutator) {
    const bool any = !mutator.barrier.IsEmpty() || !mutator.work.IsEmpty();
    barrier_.Flush(mutator);
    mutator.work.Flush();
    return any;
  }

  // Mark termination. False: somebody has greyed something, and marking goes on.
  bool EndMarking() {
    world_.Stop();
    bool any = false;
    world_.ForEachThread([this, &any](Thread& thread) { any |= Flush(thread.mutator_); });
    if (any || !queue_.IsEmpty()) {
      world_.Start();
      return false;
    }
    MarkWhatIsLeft();
    marking_.Store(false);
    work_.Flush();
    SLOTPROOF_POLICY_ASSERT(Policy, queue_.IsEmpty() && !scanner_.next());
    {
      // Some that are no members may sweep or scavenge.
      const std::lock_guard lock(allocating_);
      world_.ForEachThread([this](Thread& thread) { allocator_.Flush(thread.mutator_.cache); });
      allocator_.BeginSweep(queue_.marked_bytes());
    }
    world_.Start();
    return true;
  }
  // In the stopped world: what a barrier without the deletion half leaves to the end, and what the
  // queue had no memory for.
  void MarkWhatIsLeft() {
    if (Policy::kBarrier.rescans_stacks) {
      world_.ForEachThread([this](Thread& thread) { ScanStack(thread); });
      Drain();
    }
    while (queue_.TakeOverflow()) {
      WalkPosition at;
      WalkStep(allocator_.spans(), &at, {}, NextMarked, [this](void* root) {
        scanner_.Shade(root);
        Drain();
      });
    }
  }

  Options options_;
  [[no_unique_address]] Probe probe_;
  std::mutex cycle_;       // one collection at a time
  std::mutex allocating_;  // whatever is not a cache of one thread alone
  Allocator<Policy> allocator_;
  Greying<Policy> greying_{allocator_, probe_};
  WriteBarrier<Policy> barrier_;
  MarkQueue queue_;
  MarkWork work_;  // the collector's
  Scanner<Policy> scanner_;
  std::vector<std::span<void* const>> globals_;
  ThreadWorld world_;
  Relaxed<bool> marking_;  // changes while the world is stopped
};

// One thread's use of a heap. It lives as long as that, in that thread.
template <class Policy>
class ConcurrentHeap<Policy>::Thread {
 public:
  explicit Thread(ConcurrentHeap& heap)
      : heap_(heap),
        mutator_(0, heap.queue_, heap.options_.barrier_buffer),
        scanner_(heap.allocator_, heap.probe_, mutator_.work),
        member_(heap.world_, *this) {
    mutator_.stack_is_black = true;
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  // It has no frames, and no sources of roots.
  ~Thread() {
    SLOTPROOF_POLICY_ASSERT(Policy, mutator_.stack.frames() == 0 && sources_.empty());
    heap_.Flush(mutator_);
    const std::lock_guard lock(heap_.allocating_);
    heap_.allocator_.Flush(mutator_.cache);
  }

  // Its frames are roots.
  Mutator& mutator() { return mutator_; }
  // Roots that lie elsewhere, and are the thread's like its frames: written by it alone, without a
  // barrier, and scanned with its stack.
  void AddSource(const RootSource* source) { sources_.push_back(source); }
  void RemoveSource(const RootSource* source) { std::erase(sources_, source); }
  static void ShadeRoot(void*) {}

  void SafePoint() { member_.SafePoint(); }
  void Park() { member_.Park(); }
  void Unpark() { member_.Unpark(); }

  // `count` neighbours of the type, zeroed; null: out of memory, or no bytes were asked for.
  [[nodiscard]] void* New(const ObjectType& type, std::size_t count = 1) {
    SafePoint();
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(type.bytes(), count, &bytes) || bytes == 0) return nullptr;
    const ObjectPlace place = Take(bytes, type.HasPointers());
    if (!place) return nullptr;
    UnpoisonMemory(place.address(), place.span->object_bytes());
    if (place.span->needs_zero()) std::memset(place.address(), 0, place.span->object_bytes());
    if (type.HasPointers()) place.span->SetPointers(place.index, type, count);
    if (heap_.marking_.Load()) Blacken(place);
    return place.address();
  }

  void* Load(void* const* slot) const { return LoadSlot<Policy>(slot); }
  void Store(void** slot, void* value) {
    if (heap_.marking_.Load()) [[unlikely]]
      heap_.barrier_.BeforeStore(mutator_, LoadSlot<Policy>(slot), value);
    StoreSlot<Policy>(slot, value);
  }
  // Whether the slot held `expected`, and now holds `desired`. The barrier comes first, whatever
  // comes of it (atomicwb).
  bool CompareAndSwap(void** slot, void* expected, void* desired) {
    if (heap_.marking_.Load()) [[unlikely]]
      heap_.barrier_.BeforeStore(mutator_, expected, desired);
    return std::atomic_ref(*slot).compare_exchange_strong(expected, desired);
  }

  // memmove of whole words into one object or global, where pointers become what the source has at
  // the same places.
  void Copy(void* target, const void* source, std::size_t bytes) {
    if (heap_.marking_.Load()) [[unlikely]]
      BeforeBulk(target, source, bytes);
    CopyShared(heap_.allocator_, target, source, bytes);
  }
  // Zeroes whole words of one object.
  void Clear(void* target, std::size_t bytes) {
    if (heap_.marking_.Load()) [[unlikely]]
      BeforeBulk(target, nullptr, bytes);
    ClearShared(heap_.allocator_, target, bytes);
  }

  // Scans up to this many grey objects. False: there was none that this thread could see.
  bool Mark(std::size_t steps) {
    SafePoint();
    if (!heap_.marking_.Load()) return false;
    for (; steps != 0; --steps) {
      if (!scanner_.Step()) return false;
    }
    scanner_.Flush();
    return true;
  }
  // For containers (thread_use.h): whether stores need the barrier now, up to the next safe point;
  // whether the address is one of the heap's; the bytes of an object.
  bool is_marking() const { return heap_.marking_.Load(); }
  bool Holds(const void* address) const { return heap_.allocator_.pages().Holds(address); }
  std::size_t SizeOf(const void* object) const {
    const ObjectPlace place = heap_.allocator_.Find(object);
    return place ? place.span->object_bytes() : 0;
  }
  Probe& probe() const { return heap_.probe_; }

  // A whole cycle of the heap, for which this thread parks.
  void Collect() {
    Park();
    heap_.Collect();
    Unpark();
  }

 private:
  friend class ConcurrentHeap;

  ObjectPlace Take(std::size_t bytes, bool pointers) {
    if (bytes > kMaxSmallBytes) {
      const std::lock_guard lock(heap_.allocating_);
      return heap_.allocator_.TakeLarge(bytes, pointers);
    }
    const SpanClass span_class = SpanClassOf(SizeClassOf(bytes), pointers);
    std::unique_lock lock(heap_.allocating_, std::defer_lock);
    if (heap_.allocator_.NeedsRefill(mutator_.cache, span_class)) lock.lock();
    return heap_.allocator_.TakeSmall(mutator_.cache, span_class);
  }
  void BeforeBulk(void* target, const void* source, std::size_t bytes) {
    BulkBarrier(heap_.allocator_, target, source, bytes, [this](void* old, void* value) {
      heap_.barrier_.BeforeBulk(mutator_, old, value);
    });
  }
  // A new object, all null, needs no scan.
  void Blacken(const ObjectPlace& place) {
    if (!Policy::kBarrier.allocates_black) return;
    place.span->Mark(place.index);
    mutator_.work.CountMarked(place.span->object_bytes());
  }

  ConcurrentHeap& heap_;
  Mutator mutator_;
  Scanner<Policy> scanner_;
  std::vector<const RootSource*> sources_;
  // Last, so that who asks for a handshake meets a whole thread.
  typename ThreadWorld::Member member_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONCURRENT_CONCURRENT_HEAP_H_
