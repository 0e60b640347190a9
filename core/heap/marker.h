// Finds what is reachable, in steps that mutators' own steps may come between (mgcmark.go).
//
//   white   mark bit clear
//   grey    mark bit set, and in the queue: its pointers have not been looked at
//   black   mark bit set, and scanned. What has no pointers becomes black at once.
//
// A cycle first works through root jobs, a block of one each step: the finalizers that are due,
// globals, whatever registers as a source of roots, what objects with finalizers refer to, and each
// stack. Then it scans grey objects, a step each, or each 128 KiB of a large one. It is done when
// there is no job, no grey object and nothing in a barrier's buffer.
//
// A step looks at 32,768 roots at most, or 512 spans and 128 KiB of their objects, or 128 KiB of a
// grey object. Only a stack is scanned whole, and a source that has no blocks; the first step of a
// large object queues a piece for each 128 KiB of it.
//
// Nothing throws. When the queue of grey objects overflows (mark_queue.h), all marked objects are
// scanned once more at the end, as a job like those of roots, until it no longer does.
//
// Weak tri-colour invariant: a white object that a black one or a black root refers to is also
// reachable from a grey one through white ones.
#ifndef SLOTPROOF_CORE_HEAP_MARKER_H_
#define SLOTPROOF_CORE_HEAP_MARKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/failure.h"
#include "core/heap/allocator.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_policy.h"
#include "core/heap/mark_queue.h"
#include "core/heap/mutator.h"
#include "core/heap/object_walk.h"
#include "core/heap/root_source.h"
#include "core/heap/scanner.h"
#include "core/heap/write_barrier.h"

namespace slotproof::core {

inline constexpr std::size_t kWalkSpans = 512;

template <class Policy>
class Marker {
 public:
  using Probe = typename Policy::Probe;

  struct Roots {
    std::span<const std::span<void* const>> globals;
    std::span<RootSource* const> sources;
    std::span<const std::unique_ptr<Mutator>> mutators;
  };

  Marker(Allocator<Policy>& allocator, Probe& probe, std::size_t buffer_size = MarkBuffer::kMost,
         std::size_t walk_spans = kWalkSpans)
      : allocator_(allocator),
        probe_(probe),
        barrier_(allocator, probe),
        queue_(buffer_size),
        work_(queue_),
        scanner_(allocator, probe, work_),
        walk_limits_{.spans = walk_spans, .bytes = kScanPieceBytes} {
    MakeRoomForJobs(0);
  }

  bool is_marking() const { return marking_.Load(); }
  MarkQueue& queue() { return queue_; }
  const MarkQueue& queue() const { return queue_; }
  // But for what mutators have not flushed.
  std::uint64_t marked_bytes() const { return queue_.marked_bytes() + work_.marked_bytes(); }
  std::uint64_t scanned_bytes() const { return scanner_.scanned_bytes(); }

  // For so many mutators, ranges of globals and sources. May throw std::bad_alloc.
  void MakeRoomForJobs(std::size_t roots) {
    if (jobs_.capacity() < roots + kOtherJobs) jobs_.reserve(2 * (roots + kOtherJobs));
  }

  // The roots must stay where they are until marking ends. Nothing is marked yet.
  void Begin(const Roots& roots) {
    SLOTPROOF_POLICY_ASSERT(Policy, !is_marking() && jobs_.empty());
    queue_.ForgetMarked();
    scanner_.ForgetScanned();
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
      DoBlock(jobs_.back());
      return true;
    }
    if (scanner_.Step()) return true;
    if (!queue_.TakeOverflow()) return false;
    jobs_.push_back({.kind = Job::Kind::kMarked});
    return true;
  }

  // What mutators hold back becomes visible. False: they held nothing.
  bool FlushMutators(std::span<const std::unique_ptr<Mutator>> mutators) {
    bool any = false;
    for (const std::unique_ptr<Mutator>& mutator : mutators) {
      any |= !mutator->barrier.IsEmpty() || !mutator->work.IsEmpty();
      barrier_.Flush(*mutator);
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
    SLOTPROOF_POLICY_ASSERT(Policy, !scanner_.next());
    work_.Flush();
    SLOTPROOF_POLICY_ASSERT(Policy, jobs_.empty() && queue_.IsEmpty());
    SLOTPROOF_POLICY_ASSERT(Policy, !queue_.has_overflowed());
    for ([[maybe_unused]] const std::unique_ptr<Mutator>& mutator : mutators) {
      SLOTPROOF_POLICY_ASSERT(Policy, mutator->barrier.IsEmpty() && mutator->work.IsEmpty());
    }
    marking_.Store(false);
  }

  // Before a slot that holds `old` is given `value`, by this mutator.
  void BeforeStore(Mutator& mutator, void* old, void* value) {
    barrier_.BeforeStore(mutator, old, value);
  }
  void BeforeBulk(Mutator& mutator, void* old, void* value) {
    barrier_.BeforeBulk(mutator, old, value);
  }

  // Marks what the pointer leads to, at once.
  void Shade(void* pointer) { scanner_.Shade(pointer); }

  // A new object, all null, needs no scan.
  void Blacken(const ObjectPlace& place) {
    if constexpr (!Policy::kBarrier.allocates_black) return;
    probe_.OnEvent(HeapEvent::kAllocatedBlack);
    place.span->Mark<Policy::kMarksAlone>(place.index);
    queue_.CountMarked(place.span->object_bytes());
  }

  // Marks all that the object refers to, but not the object (markroot of specials).
  void ShadeFields(const ObjectPlace& place) {
    if (!place.span->HasPointers()) return;
    std::size_t bytes = 0;
    for (std::byte* at = place.address(); at != place.end(); at += bytes) {
      bytes = std::min(kScanPieceBytes, static_cast<std::size_t>(place.end() - at));
      VisitPiece(*place.span, at, bytes, [this](void* pointer) { Shade(pointer); });
    }
  }

  std::size_t MetadataBytes() const {
    return queue_.MetadataBytes() + work_.MetadataBytes() + jobs_.capacity() * sizeof(Job);
  }
  // Calls f for each grey object, and each grey piece of a large one, but for mutators'.
  template <class F>
  void ForEachGrey(const F& f) const {
    queue_.ForEach(f);
    work_.ForEach(f);
    if (scanner_.next()) f(scanner_.next().address());
  }
  // Calls f for each root that no step has looked at yet, null or not, and for all that marked
  // objects refer to if some may be grey without being in the queue.
  template <class F>
  void ForEachPendingRoot(const F& f) const {
    const auto finish = [&](Job job) {
      while (VisitBlock(job, f)) {
      }
    };
    for (const Job& job : jobs_) finish(job);
    if (queue_.has_overflowed()) finish({.kind = Job::Kind::kMarked});
  }

 private:
  struct Job {
    enum class Kind : std::uint8_t {
      kSlots,
      kSource,
      kStack,
      kFinalizers,
      kSpecials,
      kMarked
    } kind;
    std::span<void* const> slots = {};  // those that are left
    const RootSource* source = nullptr;
    Mutator* mutator = nullptr;
    std::size_t done = 0;  // blocks of a source; finalizers that are due, from the last one on
    WalkPosition at = {};
  };
  static constexpr std::size_t kOtherJobs = 2;  // finalizers and specials

  // Jobs are taken from the end. In the runtime's order: the queue of finalizers, globals, what has
  // been registered, specials, and stacks last.
  void ListJobs(const Roots& roots) {
    SLOTPROOF_POLICY_ASSERT(Policy, jobs_.capacity() >= roots.globals.size() +
                                                            roots.sources.size() +
                                                            roots.mutators.size() + kOtherJobs);
    for (const std::unique_ptr<Mutator>& mutator : roots.mutators) {
      jobs_.push_back({.kind = Job::Kind::kStack, .mutator = mutator.get()});
    }
    jobs_.push_back({.kind = Job::Kind::kSpecials});
    for (const RootSource* const source : roots.sources) {
      jobs_.push_back({.kind = Job::Kind::kSource, .source = source});
    }
    for (const std::span<void* const> range : roots.globals) {
      if (!range.empty()) jobs_.push_back({.kind = Job::Kind::kSlots, .slots = range});
    }
    jobs_.push_back({.kind = Job::Kind::kFinalizers});
  }

  // False: it was the last one of the job. It counts as done even if f throws.
  template <class F>
  bool VisitBlock(Job& job, const F& f) const {
    switch (job.kind) {
      case Job::Kind::kSlots: {
        const auto block = job.slots.first(std::min(kRootBlockSlots, job.slots.size()));
        job.slots = job.slots.subspan(block.size());
        VisitSlots(block, f);
        return !job.slots.empty();
      }
      case Job::Kind::kSource:
        job.source->ForEachRootOf(job.done++, f);
        return job.done < job.source->RootBlocks();
      case Job::Kind::kStack:
        VisitSlots(job.mutator->stack.all(), f);
        return false;
      case Job::Kind::kFinalizers:
        return VisitDueFinalizers(job, f);
      case Job::Kind::kSpecials:
        return WalkStep(allocator_.spans(), &job.at, walk_limits_, NextWithFinalizer, f);
      case Job::Kind::kMarked:
        return WalkStep(allocator_.spans(), &job.at, walk_limits_, NextMarked, f);
    }
    return false;
  }
  template <class F>
  static void VisitSlots(std::span<void* const> slots, const F& f) {
    for (void* const slot : slots) f(slot);
  }
  // The queue loses the first ones meanwhile, and gains none.
  template <class F>
  bool VisitDueFinalizers(Job& job, const F& f) const {
    const FinalizerQueue& due = allocator_.finalizers();
    const std::size_t left = due.Size() - std::min(due.Size(), job.done);
    const std::size_t block = std::min(kRootBlockSlots, left);
    job.done += block;
    for (std::size_t i = left - block; i < left; ++i) f(due[i].object);
    return block < left;
  }

  // Of the last job, which goes with its last block.
  void DoBlock(Job& job) {
    if (job.kind == Job::Kind::kStack) {
      Mutator& mutator = *job.mutator;
      jobs_.pop_back();
      return ScanStack(mutator);
    }
    const std::size_t spans = job.at.span;
    const bool more = VisitBlock(job, [this](void* root) {
      scanner_.CountScanned(kWordBytes);
      Shade(root);
    });
    if (!more) return jobs_.pop_back();
    // Where there are many spans, it is work to look at them.
    scanner_.CountScanned((job.at.span - spans) * kWordBytes);
  }
  void ScanStack(Mutator& mutator) {
    if (mutator.stack.slots() != 0) probe_.OnEvent(HeapEvent::kStackScanned);
    VisitSlots(mutator.stack.all(), [this](void* root) { Shade(root); });
    scanner_.CountScanned(mutator.stack.all().size_bytes());
    mutator.stack_is_black = true;
  }

  Allocator<Policy>& allocator_;
  Probe& probe_;
  WriteBarrier<Policy> barrier_;
  MarkQueue queue_;
  MarkWork work_;
  Scanner<Policy> scanner_;
  std::vector<Job> jobs_;
  WalkLimits walk_limits_;
  Relaxed<bool> marking_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_MARKER_H_
