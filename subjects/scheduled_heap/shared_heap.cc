#include "subjects/scheduled_heap/shared_heap.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>

#include "core/heap/frame.h"
#include "subjects/scheduled_heap/heap_map.h"
#include "subjects/scheduled_heap/heap_objects.h"

namespace slotproof {
namespace {

using namespace heap_objects;  // NOLINT(google-build-using-namespace): they were made for this

// Few, so that a program fills them.
constexpr std::size_t kMarkBuffer = 2;
constexpr std::size_t kBarrierBuffer = 3;

struct Member {
  explicit Member(Heap& heap) : thread(heap), registers(thread.mutator(), kHeapRegisters) {}

  Heap::Thread thread;
  core::Frame registers;
};

class Collected final : public SharedHeap {
 public:
  explicit Collected(const SharedHeapOptions& options)
      : heap_({.arena_pages = options.arena_pages,
               .mark_buffer = kMarkBuffer,
               .barrier_buffer = kBarrierBuffer}) {
    heap_.AddGlobals(globals_);
    Heap::Thread thread(heap_);
    for (std::uint32_t i = 1; i <= options.objects; ++i) {
      void* const node = thread.New(kNode);
      if (node == nullptr) return;
      NodeOf(node)->number = i;
      thread.Store(&NextOf(node), globals_[0]);
      thread.Store(&globals_[0], node);
    }
  }

  void Do(std::uint32_t number, const HeapStep& step) override {
    if (step.kind == HeapStepKind::kSweep) return Sweep();
    if (step.kind == HeapStepKind::kScavenge) return Scavenge();
    if (step.kind == HeapStepKind::kCollect) return Collect(number);
    if (step.kind == HeapStepKind::kStay) return Stay(number, step.number);
    std::optional<Member>& member = members_[number];
    if (!member) {
      member.emplace(heap_);
      member->registers[0] = member->thread.Load(&globals_[0]);
    }
    member->thread.SafePoint();
    if (step.kind == HeapStepKind::kNew) return New(number, step);
    if (IsMapStep(step.kind)) {
      if (map_) map_->Do(number, member->thread, member->registers, step);
      return;
    }
    Do(member->thread, member->registers, step);
  }

  void Leave(std::uint32_t number) override {
    std::optional<Member>& member = members_[number];
    if (!member) return;
    if (map_) map_->Leave(number, member->thread);
    for (std::uint32_t i = 0; i < kHeapRegisters; ++i) {
      member->thread.Store(&globals_[GlobalOf(number, i)], member->registers[i]);
    }
    member.reset();
  }

  void MakeMap() override {
    if (map_) return;
    map_.emplace(heap_);
    Heap::Thread thread(heap_);
    map_->Make(thread);
  }

  void Forget() override {
    for (std::size_t i = kHeapGlobals; i < globals_.size(); ++i) globals_[i] = nullptr;
    ended_ = 0;
  }

  std::string BrokenLaw() override {
    for (const std::uint32_t number : dirty_) {
      if (number != 0) return "dirty: n" + std::to_string(number) + " was not all zero at first";
    }
    if (map_ && !map_->BrokenLaw().empty()) return map_->BrokenLaw();
    heap_.Sweep();
    std::string lost = Reach();
    if (!lost.empty()) return lost;
    heap_.Collect();
    heap_.Sweep();
    lost = Reach();
    if (!lost.empty()) return lost + " after a quiet cycle";
    std::size_t allocated = 0;
    heap_.allocator().ForEachSpan([&](const core::Span& span) { allocated += span.allocated(); });
    const std::size_t of_map = map_ ? map_->Parts() : 0;
    if (allocated == reached_.size() + of_map) return "";
    if (allocated > reached_.size() + of_map && map_ && map_->MayKeepMore()) return "";
    return "kept: " + std::to_string(allocated) + " objects are allocated, and globals lead to " +
           std::to_string(reached_.size()) +
           (map_ ? " and the " + std::to_string(of_map) + " of the map" : "");
  }

  std::uint32_t NumberIn(std::uint32_t thread, std::uint32_t reg) override {
    std::optional<Member>& member = members_[thread];
    return member ? NumberOf(member->registers[reg]) : 0;
  }

  std::string Draw() override {
    std::string text;
    for (std::uint32_t i = 0; i < kHeapGlobals; ++i) {
      text += Line("g" + std::to_string(i), globals_[i]);
    }
    for (std::uint32_t thread = 0; thread < kHeapThreads; ++thread) {
      for (std::uint32_t i = 0; i < kHeapRegisters; ++i) {
        void* const object =
            members_[thread] ? members_[thread]->registers[i] : globals_[GlobalOf(thread, i)];
        if (object == nullptr) continue;
        text += Line("t" + std::to_string(thread) + " r" + std::to_string(i), object);
      }
    }
    return map_ ? text + map_->Draw() : text;
  }

 private:
  static std::size_t GlobalOf(std::uint32_t thread, std::uint32_t reg) {
    return kHeapGlobals + thread * kHeapRegisters + reg;
  }

  void Do(Heap::Thread& thread, core::Frame& registers, const HeapStep& step) {
    void*& a = registers[step.a];
    switch (step.kind) {
      case HeapStepKind::kLoadGlobal:
        a = thread.Load(&globals_[step.b]);
        return;
      case HeapStepKind::kStoreGlobal:
        return thread.Store(&globals_[step.b], a);
      case HeapStepKind::kLoad:
        if (registers[step.b] != nullptr) a = thread.Load(&NextOf(registers[step.b]));
        return;
      case HeapStepKind::kStore:
        if (a != nullptr) thread.Store(&NextOf(a), registers[step.b]);
        return;
      case HeapStepKind::kExchange:
        return Exchange(thread, a, registers[step.b]);
      case HeapStepKind::kDetach:
        return Detach(thread, a, registers[step.b]);
      case HeapStepKind::kDrop:
        a = nullptr;
        return;
      case HeapStepKind::kWait:
        thread.Park();
        return thread.Unpark();
      case HeapStepKind::kMark:
        thread.Mark(1);
        return;
      default:
        return;
    }
  }

  void New(std::uint32_t number, const HeapStep& step) {
    void* const made = members_[number]->thread.New(kNode);
    members_[number]->registers[step.a] = made;
    if (made == nullptr) return;
    if (!IsZero(made)) {
      dirty_[number] = step.number;
      *NodeOf(made) = {};
    }
    NodeOf(made)->number = step.number;
  }

  static void Exchange(Heap::Thread& thread, void* object, void* next) {
    if (object == nullptr) return;
    if (thread.CompareAndSwap(&NextOf(object), thread.Load(&NextOf(object)), next)) return;
    Report(HeapGoal::kExchangeLost);
  }

  static void Detach(Heap::Thread& thread, void*& a, void* from) {
    if (from == nullptr) return;
    void* const taken = thread.Load(&NextOf(from));
    if (taken == nullptr) return;
    thread.Store(&NextOf(from), thread.Load(&NextOf(taken)));
    a = taken;
  }

  void Collect(std::uint32_t number) {
    if (members_[number]) {
      members_[number]->thread.Collect();
    } else {
      heap_.Collect();
    }
    CountEnded();
  }
  void Sweep() {
    heap_.Sweep();
    CountEnded();
  }
  void Scavenge() {
    heap_.Scavenge(heap_.allocator().pages().stats().mapped);
    CountEnded();
  }
  void CountEnded() {
    const std::lock_guard lock(mutex_);
    ++ended_;
    one_ended_.notify_all();
  }

  void Stay(std::uint32_t number, std::uint32_t awaited) {
    std::optional<Member>& member = members_[number];
    if (member) member->thread.Park();
    {
      std::unique_lock lock(mutex_);
      one_ended_.wait(lock, [&] { return ended_ >= awaited; });
    }
    if (member) member->thread.Unpark();
  }

  // Empty, or what leads to what is not allocated.
  std::string Reach() {
    reached_.clear();
    std::string lost;
    for (void* const global : globals_) ReachFrom(global, "a global", lost);
    if (map_) {
      map_->ForEachReference([&](void* object) { ReachFrom(object, "the map", lost); });
    }
    return lost;
  }
  void ReachFrom(void* object, const std::string& root, std::string& lost) {
    std::string way;
    for (; object != nullptr && reached_.insert(object).second; object = NextOf(object)) {
      way += (way.empty() ? "" : " -> ") + NameOf(object);
      if (heap_.FindAllocated(object)) continue;
      if (lost.empty()) {
        lost.append("lost: ").append(root).append(" leads to what is free: ").append(way);
      }
      return;
    }
  }

  // A chain, up to where it comes back or what is free.
  std::string Line(std::string text, void* object) {
    text.resize(6, ' ');
    std::set<void*> seen;
    for (; object != nullptr; object = NextOf(object)) {
      const bool again = !seen.insert(object).second;
      text += (seen.size() == 1 && !again ? "" : " -> ") + NameOf(object);
      if (!heap_.FindAllocated(object)) return text + ", which is free\n";
      if (again) return text + " ...\n";
    }
    return text + (seen.empty() ? "nil\n" : "\n");
  }

  Heap heap_;
  std::array<void*, kHeapGlobals + kHeapThreads * kHeapRegisters> globals_{};
  std::optional<HeapMap> map_;
  std::array<std::optional<Member>, kHeapThreads> members_;
  std::mutex mutex_;
  std::condition_variable one_ended_;
  std::uint32_t ended_ = 0;                          // cycles, sweeps and scavenges
  std::array<std::uint32_t, kHeapThreads> dirty_{};  // the last object that a thread got like that
  std::set<void*> reached_;
};

}  // namespace

std::unique_ptr<SharedHeap> NewSharedHeap(const SharedHeapOptions& options) {
  fail = options.fail;
  SharedPolicy::kBarrier = options.rules;
  return std::make_unique<Collected>(options);
}

}  // namespace slotproof
