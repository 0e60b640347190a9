#include "subjects/scheduled_heap/shared_heap.h"

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "core/base/failure.h"
#include "core/heap/concurrent/concurrent_heap.h"
#include "core/heap/frame.h"
#include "core/heap/object_type.h"
#include "subjects/scheduled/reported_goals.h"

namespace slotproof {
namespace {

using core::ObjectType;

// Of malloc, whose memory the scheduler takes back when a schedule ends early.
struct AllocatedPages {
  static void* Map(std::size_t bytes, std::size_t alignment) {
    void* const memory = std::aligned_alloc(alignment, bytes);
    if (memory != nullptr) std::memset(memory, 0, bytes);
    return memory;
  }
  static void Release(void* memory, std::size_t bytes) { std::memset(memory, 0, bytes); }
  static void Unmap(void* memory, std::size_t) { std::free(memory); }
};

void Report(HeapGoal goal) { ReportGoal(static_cast<std::size_t>(goal)); }

struct GoalProbe : core::HeapProbe {
  static constexpr bool kListens = true;
  static void OnEvent(core::HeapEvent event) {
    switch (event) {
      case core::HeapEvent::kShadedOld:
        return Report(HeapGoal::kShadedOld);
      case core::HeapEvent::kShadedNew:
        return Report(HeapGoal::kShadedNew);
      case core::HeapEvent::kShadedBeforeStackScan:
        return Report(HeapGoal::kShadedByGreyStack);
      case core::HeapEvent::kShadedAfterStackScan:
        return Report(HeapGoal::kShadedByBlackStack);
      case core::HeapEvent::kBarrierFlushed:
        return Report(HeapGoal::kBarrierFlushed);
      case core::HeapEvent::kSpanFreed:
        return Report(HeapGoal::kSpanFreed);
      case core::HeapEvent::kSpanFromPartial:
        return Report(HeapGoal::kSpanTaken);
      case core::HeapEvent::kSpanSweptForAllocation:
        return Report(HeapGoal::kSpanSwept);
      case core::HeapEvent::kSpanFromScavenged:
        return Report(HeapGoal::kSpanScavenged);
      default:
        return;
    }
  }
};

// Of the heap that there is.
void (*fail)(const char* message);

struct SharedPolicy : core::ConcurrentHeapPolicy {
  using Pages = core::OneArena<AllocatedPages>;
  using Probe = GoalProbe;
  // NOLINTNEXTLINE(readability-identifier-naming): as a policy calls it
  static inline core::BarrierRules kBarrier;
  [[noreturn]] static void Fatal(core::FailureKind, std::string_view message) {
    fail(std::string(message).c_str());
    std::abort();
  }
};
using Heap = core::ConcurrentHeap<SharedPolicy>;

// Few in a span, so that looking at all is quick.
struct Node {
  void* next;
  std::uint64_t number;
  std::array<std::uint64_t, 126> rest;
};
constexpr ObjectType kNode(sizeof(Node), 0b1);

// Few, so that a program fills them.
constexpr std::size_t kMarkBuffer = 2;
constexpr std::size_t kBarrierBuffer = 3;

Node* NodeOf(void* object) { return static_cast<Node*>(object); }
bool IsZero(const void* object) {
  static constexpr Node kZero{};
  return std::memcmp(object, &kZero, sizeof(Node)) == 0;
}
void*& NextOf(void* object) { return NodeOf(object)->next; }
std::uint32_t NumberOf(void* object) {
  return object == nullptr ? 0 : static_cast<std::uint32_t>(NodeOf(object)->number);
}
std::string NameOf(void* object) { return "n" + std::to_string(NumberOf(object)); }

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
    Do(member->thread, member->registers, step);
  }

  void Leave(std::uint32_t number) override {
    std::optional<Member>& member = members_[number];
    if (!member) return;
    for (std::uint32_t i = 0; i < kHeapRegisters; ++i) {
      member->thread.Store(&globals_[GlobalOf(number, i)], member->registers[i]);
    }
    member.reset();
  }

  void Forget() override {
    for (std::size_t i = kHeapGlobals; i < globals_.size(); ++i) globals_[i] = nullptr;
    ended_ = 0;
  }

  std::string BrokenLaw() override {
    for (const std::uint32_t number : dirty_) {
      if (number != 0) return "dirty: n" + std::to_string(number) + " was not all zero at first";
    }
    heap_.Sweep();
    std::string lost = Reach();
    if (!lost.empty()) return lost;
    heap_.Collect();
    heap_.Sweep();
    lost = Reach();
    if (!lost.empty()) return lost + " after a quiet cycle";
    std::size_t allocated = 0;
    heap_.allocator().ForEachSpan([&](const core::Span& span) { allocated += span.allocated(); });
    if (allocated == reached_.size()) return "";
    return "kept: " + std::to_string(allocated) + " objects are allocated, and globals lead to " +
           std::to_string(reached_.size());
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
    return text;
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

  // Empty, or which global leads to what is not allocated.
  std::string Reach() {
    reached_.clear();
    for (void* const global : globals_) {
      std::string way;
      for (void* node = global; node != nullptr && reached_.insert(node).second;
           node = NextOf(node)) {
        way += (way.empty() ? "" : " -> ") + NameOf(node);
        if (!heap_.FindAllocated(node)) return "lost: a global leads to what is free: " + way;
      }
    }
    return "";
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
