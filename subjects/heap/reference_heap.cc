#include "subjects/heap/reference_heap.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/heap/heap.h"
#include "core/heap/heap_laws.h"
#include "core/heap/pool.h"
#include "core/heap/root_table.h"
#include "subjects/heap/checked_heap.h"
#include "subjects/heap/heap_subject.h"
#include "subjects/heap/reference_containers.h"

namespace slotproof {
namespace {

// Arenas of the runtime's size would cost a short trace more than all the rest.
core::HeapOptions OptionsOf(const HeapHeader& header) {
  core::HeapOptions options = {.arena_pages = header.has_small_sizes ? std::size_t{16} : 64,
                               .automatic = header.automatic,
                               .heap_minimum = kHeapMinimum};
  if (header.has_small_sizes) {
    options.mark_buffer = options.barrier_buffer = 4;
    options.walk_spans = 2;
  }
  return options;
}

class ReferenceHeap final : public HeapSubject {
 public:
  ReferenceHeap(const HeapHeader& header, HeapListener* listener, GoalCounts* goals)
      : listening_{.listener = listener, .goals = goals},
        heap_(OptionsOf(header), {}, ListeningProbe{&listening_}) {
    listening_.broken_mark_law = [this] { return core::BrokenMarkLaw(heap_); };
    heap_.AddGlobals(globals_);
    for (std::size_t& handle : handles_) handle = table_.Add(nullptr);
    for (std::size_t i = 0; i < header.mutators; ++i) {
      mutators_.push_back(&heap_.NewMutator());
      mutators_.back()->stack.Push(kHeapFirstFrame);
    }
    containers_ = MakeReferenceContainers(heap_, mutators_, listening_);
  }
  // A marking that runs ends with the pool, when the session has nothing left to compare.
  ~ReferenceHeap() override { listening_.listener = nullptr; }

  ContainerSubject& Containers() override { return *containers_; }

  void* New(std::size_t mutator, const HeapShape& shape) override {
    return heap_.New(*mutators_[mutator], core::ObjectType(shape.type_bytes, shape.pointers),
                     shape.count);
  }
  void Store(std::size_t mutator, void** slot, void* value) override {
    heap_.Store(*mutators_[mutator], slot, value);
  }
  void Copy(std::size_t mutator, void* to, const void* from, std::size_t bytes) override {
    heap_.Copy(*mutators_[mutator], to, from, bytes);
  }
  void Clear(std::size_t mutator, void* object, std::size_t bytes) override {
    heap_.Clear(*mutators_[mutator], object, bytes);
  }

  std::span<void*> Stack(std::size_t mutator) override { return mutators_[mutator]->stack.all(); }
  void Push(std::size_t mutator, std::size_t slots) override {
    mutators_[mutator]->stack.Push(slots);
  }
  void Pop(std::size_t mutator) override { mutators_[mutator]->stack.Pop(); }
  std::span<void*> Globals() override { return globals_; }

  void SetHandle(std::size_t handle, void* object) override {
    table_.Set(handles_[handle], object);
  }
  void* GetHandle(std::size_t handle) const override { return table_.Get(handles_[handle]); }
  void Put(std::size_t mutator, void* item) override { pool_.Put(*mutators_[mutator], item); }
  void* Take(std::size_t mutator) override { return pool_.Get(*mutators_[mutator]); }

  bool SetFinalizer(void* object) override {
    return heap_.SetFinalizer(object, {.run = &NoteRun, .context = this});
  }
  bool ClearFinalizer(void* object) override { return heap_.ClearFinalizer(object); }
  std::vector<void*> RunFinalizers(std::size_t mutator, std::size_t most) override {
    ran_.clear();
    heap_.RunFinalizers(*mutators_[mutator], most);
    return ran_;
  }
  std::size_t DueCount() const override { return heap_.DueFinalizers(); }
  std::vector<void*> Due() const override {
    std::vector<void*> due;
    const core::FinalizerQueue& queue = heap_.allocator().finalizers();
    for (std::size_t i = 0; i < queue.Size(); ++i) due.push_back(queue[i].object);
    return due;
  }
  void NameWeakly(std::size_t weak, void* pointer) override {
    weak_[weak] = heap_.NewWeak(pointer);
  }
  void Forget(std::size_t weak) override { weak_[weak] = {}; }
  void* Upgrade(std::size_t weak) override { return heap_.Upgrade(weak_[weak]); }

  void StartCycle() override { heap_.StartCycle(); }
  void Mark(std::size_t steps) override { heap_.Mark(steps); }
  void FinishMarking() override { heap_.FinishMarking(); }
  void Sweep(std::size_t spans) override { heap_.Sweep(spans); }
  void Collect() override { heap_.Collect(); }
  void CollectAt(std::size_t allocation) override { listening_.collect_at = allocation; }
  void Scavenge(std::size_t pages) override { heap_.Scavenge(pages); }
  void SetGcPercent(std::int32_t percent) override { heap_.SetGcPercent(percent); }
  void SetMemoryLimit(std::uint64_t bytes) override { heap_.SetMemoryLimit(bytes); }
  void SetPageLimit(std::size_t pages) override { heap_.SetMostBackedPages(pages); }

  bool IsMarking() const override { return heap_.is_marking(); }
  bool IsSwept() const override { return heap_.IsSwept(); }
  bool IsAllocated(const void* pointer) const override { return heap_.SizeOf(pointer) != 0; }
  std::size_t SizeOf(const void* pointer) const override { return heap_.SizeOf(pointer); }
  HeapColour ColourOf(const void* pointer) const override;
  std::uint64_t Freed() const override { return heap_.allocator().freed().all_objects; }
  HeapNumbers Numbers() const override {
    const core::MemStats stats = heap_.Stats();
    const core::PageStats pages = heap_.allocator().pages().stats();
    return {.objects = stats.heap_objects,
            .bytes = stats.heap_alloc,
            .mallocs = stats.mallocs,
            .total_bytes = stats.total_alloc,
            .cycles = stats.num_gc,
            .forced = stats.num_forced_gc,
            .goal = stats.next_gc,
            .marked = heap_.pacer_inputs().marked,
            .goal_of_limit = core::GoalOfLimit(heap_.pacer_inputs()),
            .pages_in_use = pages.in_use};
  }
  std::string_view BrokenLaw() const override {
    return core::HeapLaws<CheckedHeapPolicy>(heap_).Broken();
  }
  std::string_view StatementOf(std::string_view law) const override {
    const auto* const found = std::ranges::find(core::kHeapLaws, law, &core::HeapLaw::name);
    return found == core::kHeapLaws.end() ? law : found->statement;
  }
  bool IsStackBlack(std::size_t mutator) const override {
    return mutators_[mutator]->stack_is_black;
  }
  std::string DrawSpans() const override;

 private:
  static void NoteRun(void* object, void* self) {
    static_cast<ReferenceHeap*>(self)->ran_.push_back(object);
  }

  Listening listening_;
  std::array<void*, kHeapGlobals> globals_{};
  core::Heap<CheckedHeapPolicy> heap_;
  core::RootTable<CheckedHeapPolicy> table_{heap_};
  core::Pool<CheckedHeapPolicy> pool_{heap_};
  std::array<std::size_t, kHeapHandles> handles_{};
  std::array<core::WeakHandle, kHeapWeakHandles> weak_;
  std::vector<core::Mutator*> mutators_;
  std::vector<void*> ran_;
  std::unique_ptr<ContainerSubject> containers_;
};

HeapColour ReferenceHeap::ColourOf(const void* pointer) const {
  const core::ObjectPlace place = heap_.FindAllocated(pointer);
  if (!place) return HeapColour::kFree;
  if (!place.span->IsMarked(place.index)) return HeapColour::kWhite;
  bool grey = false;
  heap_.ForEachGrey([&](const std::byte* object) { grey |= object == place.address(); });
  return grey ? HeapColour::kGrey : HeapColour::kBlack;
}

// One line a span: each object is a letter.
std::string ReferenceHeap::DrawSpans() const {
  constexpr std::size_t kMost = 64;
  std::string text;
  heap_.allocator().ForEachSpan([&](const core::Span& span) {
    text += "  " + std::to_string(span.object_bytes()) + " bytes";
    text += span.HasPointers() ? ", pointers" : ", data";
    text += heap_.allocator().IsSwept(span) ? "  " : ", unswept  ";
    for (std::size_t i = 0; i < std::min(span.objects(), kMost); ++i) {
      text += span.IsFree(i) ? '.' : span.IsMarked(i) ? 'M' : 'a';
    }
    if (span.objects() > kMost) text += " and " + std::to_string(span.objects() - kMost) + " more";
    text += '\n';
  });
  return text;
}

}  // namespace

std::unique_ptr<HeapSubject> MakeReferenceHeap(const HeapHeader& header, HeapListener* listener,
                                               GoalCounts* goals) {
  return std::make_unique<ReferenceHeap>(header, listener, goals);
}

}  // namespace slotproof
