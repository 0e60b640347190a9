// Finds what is reachable, in steps that mutators' own steps may come between (mgcmark.go).
//
//   white   mark bit clear
//   grey    mark bit set, and in the queue: its pointers have not been looked at
//   black   mark bit set, and scanned. What has no pointers becomes black at once.
//
// A cycle first works through root jobs, a step each: blocks of globals, whatever registers as a
// source of roots, each stack, the finalizers that are due, and for objects with finalizers what
// they refer to. Then it scans grey objects, a step each, or each 128 KiB of a large one. It is
// done when there is no job, no grey object and nothing in a barrier's buffer.
//
// Weak tri-colour invariant: a white object that a black one or a black root refers to is also
// reachable from a grey one through white ones.
#ifndef SLOTPROOF_CORE_HEAP_MARKER_H_
#define SLOTPROOF_CORE_HEAP_MARKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/assert.h"
#include "core/base/failure.h"
#include "core/heap/allocator.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_policy.h"
#include "core/heap/mark_queue.h"
#include "core/heap/mutator.h"

namespace slotproof::core {

// Roots that lie elsewhere than in globals and stacks. Whoever stores into them shades what they
// lose and what they gain, as for globals.
class RootSource {
 public:
  virtual ~RootSource() = default;
  virtual void ForEachRoot(const std::function<void(void*)>& visit) const = 0;
  // A cycle is about to begin.
  virtual void OnCycle() {}
};

inline constexpr std::size_t kRootBlockSlots = (std::size_t{256} << 10) / kWordBytes;
inline constexpr std::size_t kScanPieceBytes = std::size_t{128} << 10;

template <class Policy>
class Marker {
 public:
  using Probe = typename Policy::Probe;

  struct Roots {
    std::span<const std::span<void* const>> globals;
    std::span<RootSource* const> sources;
    std::span<const std::unique_ptr<Mutator>> mutators;
  };

  Marker(Allocator<Policy>& allocator, Probe& probe, std::size_t buffer_size = MarkBuffer::kMost)
      : allocator_(allocator), probe_(probe), queue_(buffer_size), work_(queue_) {}

  bool is_marking() const { return marking_.Load(); }
  MarkQueue& queue() { return queue_; }
  const MarkQueue& queue() const { return queue_; }
  const MarkWork& work() const { return work_; }
  std::uint64_t marked_bytes() const { return marked_bytes_.Load(); }
  std::uint64_t scanned_bytes() const { return scanned_bytes_; }

  // The roots must stay where they are until marking ends. Nothing is marked yet.
  void Begin(const Roots& roots) {
    SLOTPROOF_POLICY_ASSERT(Policy, !is_marking() && jobs_.empty());
    marked_bytes_.Store(0);
    scanned_bytes_ = 0;
    for (const std::unique_ptr<Mutator>& mutator : roots.mutators) {
      mutator->stack_is_black = Policy::kBarrier.stacks_black_at_start;
      mutator->assist_debt = 0;
    }
    ListJobs(roots);
    marking_.Store(true);
    // Tiny objects may yet be put into these blocks, when a part of one no longer shows that it was
    // there before (gcMarkTinyAllocs).
    for (const std::unique_ptr<Mutator>& mutator : roots.mutators) Shade(mutator->cache.tiny);
  }

  // One job or one grey object. False: there was none that this marker could see.
  bool Step() {
    if (!jobs_.empty()) {
      const Job job = jobs_.back();
      jobs_.pop_back();
      Do(job);
      return true;
    }
    std::byte* const grey = work_.Take();
    if (grey == nullptr) return false;
    Scan(grey);
    return true;
  }

  // What mutators hold back becomes visible. False: they held nothing.
  bool FlushMutators(std::span<const std::unique_ptr<Mutator>> mutators) {
    bool any = false;
    for (const std::unique_ptr<Mutator>& mutator : mutators) {
      any |= !mutator->barrier.IsEmpty() || !mutator->work.IsEmpty();
      FlushBarrier(*mutator);
      mutator->work.Flush();
    }
    return any;
  }

  void End(std::span<const std::unique_ptr<Mutator>> mutators) {
    if constexpr (Policy::kBarrier.rescans_stacks) {
      for (const std::unique_ptr<Mutator>& mutator : mutators) ScanStack(*mutator);
      while (Step()) {
      }
    }
    SLOTPROOF_POLICY_ASSERT(Policy, jobs_.empty() && work_.IsEmpty() && queue_.IsEmpty());
    for ([[maybe_unused]] const std::unique_ptr<Mutator>& mutator : mutators) {
      SLOTPROOF_POLICY_ASSERT(Policy, mutator->barrier.IsEmpty() && mutator->work.IsEmpty());
    }
    marking_.Store(false);
  }

  // Before a slot that holds `old` is given `value`, by this mutator.
  void BeforeStore(Mutator& mutator, void* old, void* value) {
    if constexpr (Policy::kBarrier.shades_old) BufferOld(mutator, old);
    if (ShadesNew(mutator)) BufferNew(mutator, value);
  }
  void BeforeBulk(Mutator& mutator, void* old, void* value) {
    if constexpr (Policy::kBarrier.bulk_shades_old) BufferOld(mutator, old);
    if constexpr (Policy::kBarrier.bulk_shades_new) BufferNew(mutator, value);
  }

  // Marks what the pointer leads to, at once.
  void Shade(void* pointer) { Shade(pointer, work_); }

  // A new object, all null, needs no scan.
  void Blacken(const ObjectPlace& place) {
    if constexpr (!Policy::kBarrier.allocates_black) return;
    probe_.OnEvent(HeapEvent::kAllocatedBlack);
    place.span->Mark(place.index);
    CountMarked(*place.span);
  }

  // Marks all that the object refers to, but not the object (markroot of specials).
  void ShadeFields(const ObjectPlace& place) {
    VisitFields(*place.span, place.index, [this](void* pointer) { Shade(pointer); });
  }

  std::size_t MetadataBytes() const {
    return queue_.MetadataBytes() + work_.MetadataBytes() + jobs_.capacity() * sizeof(Job);
  }
  // Calls f for each root that no step has looked at yet, null or not.
  template <class F>
  void ForEachPendingRoot(const F& f) const {
    for (const Job& job : jobs_) VisitRoots(job, f);
  }

 private:
  struct Job {
    enum class Kind : std::uint8_t { kSlots, kSource, kStack, kFinalizers, kSpecials } kind;
    std::span<void* const> slots = {};
    const RootSource* source = nullptr;
    Mutator* mutator = nullptr;
  };

  // Jobs are taken from the end. In the runtime's order: the queue of finalizers, globals, what has
  // been registered, specials, and stacks last.
  void ListJobs(const Roots& roots) {
    for (const std::unique_ptr<Mutator>& mutator : roots.mutators) {
      jobs_.push_back({.kind = Job::Kind::kStack, .mutator = mutator.get()});
    }
    jobs_.push_back({.kind = Job::Kind::kSpecials});
    for (const RootSource* const source : roots.sources) {
      jobs_.push_back({.kind = Job::Kind::kSource, .source = source});
    }
    for (const std::span<void* const> range : roots.globals) {
      for (std::size_t i = 0; i < range.size(); i += kRootBlockSlots) {
        jobs_.push_back({.kind = Job::Kind::kSlots,
                         .slots = range.subspan(i, std::min(kRootBlockSlots, range.size() - i))});
      }
    }
    jobs_.push_back({.kind = Job::Kind::kFinalizers});
  }

  template <class F>
  void VisitRoots(const Job& job, const F& f) const {
    switch (job.kind) {
      case Job::Kind::kSlots:
        return VisitSlots(job.slots, f);
      case Job::Kind::kSource:
        return job.source->ForEachRoot(f);
      case Job::Kind::kStack:
        return VisitSlots(job.mutator->stack.all(), f);
      case Job::Kind::kFinalizers:
        return VisitDueFinalizers(f);
      case Job::Kind::kSpecials:
        return VisitSpecials(f);
    }
  }
  template <class F>
  static void VisitSlots(std::span<void* const> slots, const F& f) {
    for (void* const slot : slots) f(slot);
  }
  template <class F>
  void VisitDueFinalizers(const F& f) const {
    const FinalizerQueue& due = allocator_.finalizers();
    for (std::size_t i = 0; i < due.Size(); ++i) f(due[i].object);
  }
  template <class F>
  void VisitSpecials(const F& f) const {
    allocator_.ForEachSpan([&f](const Span& span) {
      for (const Special& special : span.specials()) {
        if (special.IsFinalizer()) VisitFields(span, special.index, f);
      }
    });
  }
  // As scanobject, this passes over pointers to where they are, i.e. to the same object, and of a
  // large one to the same piece: what refers to itself like that can be finalized.
  template <class F>
  static void VisitFields(const Span& span, std::size_t index, const F& f) {
    if (!span.HasPointers()) return;
    for (std::size_t at = 0; at < span.object_bytes(); at += kScanPieceBytes) {
      std::byte* const piece = span.ObjectAt(index) + at;
      const std::size_t bytes = std::min(span.object_bytes() - at, kScanPieceBytes);
      span.ForEachPointer(piece, piece + bytes, [&](void** slot) {
        if (!LeadsInto(*slot, piece, bytes)) f(*slot);
      });
    }
  }
  static bool LeadsInto(const void* pointer, const std::byte* piece, std::size_t bytes) {
    // What lies before the piece wraps around.
    return reinterpret_cast<std::uintptr_t>(pointer) - reinterpret_cast<std::uintptr_t>(piece) <
           bytes;
  }

  void Do(const Job& job) {
    if (job.kind == Job::Kind::kStack) return ScanStack(*job.mutator);
    if (job.kind == Job::Kind::kSlots) scanned_bytes_ += job.slots.size_bytes();
    VisitRoots(job, [this](void* root) { Shade(root); });
  }
  void ScanStack(Mutator& mutator) {
    if (mutator.stack.slots() != 0) probe_.OnEvent(HeapEvent::kStackScanned);
    VisitSlots(mutator.stack.all(), [this](void* root) { Shade(root); });
    scanned_bytes_ += mutator.stack.all().size_bytes();
    mutator.stack_is_black = true;
  }

  bool ShadesNew([[maybe_unused]] const Mutator& mutator) const {
    using Insertion = BarrierRules::Insertion;
    if constexpr (Policy::kBarrier.shades_new == Insertion::kWhileStackIsGrey) {
      return !mutator.stack_is_black;
    }
    return Policy::kBarrier.shades_new == Insertion::kAlways;
  }
  void BufferOld(Mutator& mutator, void* old) {
    if (old == nullptr) return;
    if constexpr (Probe::kListens) {
      if (IsWhite(old)) {
        probe_.OnEvent(HeapEvent::kShadedOld);
        if (mutator.stack_is_black) probe_.OnEvent(HeapEvent::kShadedAfterStackScan);
      }
    }
    Buffer(mutator, old);
  }
  void BufferNew(Mutator& mutator, void* value) {
    if (value == nullptr) return;
    if constexpr (Probe::kListens) {
      if (IsWhite(value)) {
        probe_.OnEvent(HeapEvent::kShadedNew);
        if (!mutator.stack_is_black) probe_.OnEvent(HeapEvent::kShadedBeforeStackScan);
      }
    }
    Buffer(mutator, value);
  }
  void Buffer(Mutator& mutator, void* pointer) {
    if (mutator.barrier.Put(pointer)) return;
    probe_.OnEvent(HeapEvent::kBarrierFlushed);
    FlushBarrier(mutator);
  }
  void FlushBarrier(Mutator& mutator) {
    for (void* const pointer : mutator.barrier.pointers()) Shade(pointer, mutator.work);
    mutator.barrier.Clear();
  }
  bool IsWhite(const void* pointer) const {
    const ObjectPlace place = allocator_.Find(pointer);
    return place && !place.span->IsMarked(place.index);
  }

  // greyobject
  void Shade(void* pointer, MarkWork& work) {
    if (pointer == nullptr) return;
    const ObjectPlace place = allocator_.Find(pointer);
    if (!place) [[unlikely]]
      return CheckOutside(pointer);
    if (!place.span->Mark(place.index)) return;
    if (pointer != place.address()) probe_.OnEvent(HeapEvent::kInteriorPointer);
    CountMarked(*place.span);
    if (place.span->HasPointers()) work.Put(place.address());
  }
  // Of a pointer that leads to no object.
  [[gnu::noinline]] void CheckOutside(const void* pointer) const {
    if (allocator_.pages().Holds(pointer) && allocator_.pages().OwnerOf(pointer) == nullptr) {
      Policy::Fatal(FailureKind::kBadPointer, "found bad pointer in heap");
    }
  }
  void CountMarked(const Span& span) { marked_bytes_.FetchAdd(span.object_bytes()); }

  // scanobject. Where a large object is entered at its beginning, its other pieces become grey.
  void Scan(std::byte* from) {
    const ObjectPlace place = allocator_.Find(from);
    SLOTPROOF_POLICY_ASSERT(Policy, place.span != nullptr);
    std::size_t rest = place.span->object_bytes();
    if (rest > kScanPieceBytes) [[unlikely]]
      rest = static_cast<std::size_t>(place.end() - from);
    if (rest > kScanPieceBytes && from == place.address()) {
      probe_.OnEvent(HeapEvent::kScannedInPieces);
      for (std::size_t at = kScanPieceBytes; at < rest; at += kScanPieceBytes) work_.Put(from + at);
    }
    const std::size_t bytes = std::min(rest, kScanPieceBytes);
    place.span->ForEachPointer(from, from + bytes, [this](void** slot) { Shade(*slot); });
    scanned_bytes_ += bytes;
  }

  Allocator<Policy>& allocator_;
  Probe& probe_;
  MarkQueue queue_;
  MarkWork work_;
  std::vector<Job> jobs_;
  Relaxed<bool> marking_;
  Relaxed<std::uint64_t> marked_bytes_;
  std::uint64_t scanned_bytes_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_MARKER_H_
