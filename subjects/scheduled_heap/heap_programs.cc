#include "subjects/scheduled_heap/heap_programs.h"

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>

#include "core/base/failure.h"
#include "core/heap/concurrent/concurrent_heap.h"
#include "core/heap/frame.h"
#include "core/heap/object_type.h"

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

// Of the run that there is.
HeapProgramHooks hooks;

struct ProgramPolicy : core::ConcurrentHeapPolicy {
  using Pages = core::OneArena<AllocatedPages>;
  // NOLINTNEXTLINE(readability-identifier-naming): as a policy calls it
  static inline core::BarrierRules kBarrier;
  [[noreturn]] static void Fatal(core::FailureKind, std::string_view message) {
    hooks.fail(std::string(message).c_str());
    std::abort();
  }
};
using Heap = core::ConcurrentHeap<ProgramPolicy>;

// Few in a span, so that looking at all is quick.
struct Node {
  void* next;
  std::array<std::uint64_t, 127> rest;
};
constexpr ObjectType kNode(sizeof(Node), 0b1);

// Few, so that a program fills them.
constexpr std::size_t kMarkBuffer = 2;
constexpr std::size_t kBarrierBuffer = 3;

class Run {
 public:
  Run(const HeapProgram& program, Heap& heap) : program_(program), heap_(heap) {
    heap.AddGlobals(globals_);
    Heap::Thread thread(heap);
    for (std::uint32_t i = 0; i < program.objects; ++i) {
      auto* const node = static_cast<Node*>(thread.New(kNode));
      thread.Store(&node->next, globals_[0]);
      thread.Store(&globals_[0], node);
    }
  }

  void Mutate(std::size_t number) {
    Heap::Thread thread(heap_);
    core::Frame registers(thread.mutator(), kHeapRegisters);
    registers[0] = thread.Load(&globals_[0]);
    for (const HeapStep& step : program_.threads[number]) {
      hooks.begin_operation();
      thread.SafePoint();
      Do(thread, registers, step);
    }
    if (program_.stays[number]) AwaitCollector(thread);
    for (std::size_t i = 0; i < kHeapRegisters; ++i) {
      thread.Store(&globals_[kHeapGlobals + number * kHeapRegisters + i], registers[i]);
    }
  }
  void Collect() {
    for (std::uint32_t i = 0; i < program_.cycles; ++i) {
      heap_.Collect();
    }
    heap_.Sweep();
    const std::lock_guard lock(mutex_);
    collected_ = true;
    ended_.notify_all();
  }
  void Judge() {
    if (!Reach()) hooks.fail("lost: a global leads to what is not allocated");
    heap_.Collect();
    heap_.Sweep();
    if (!Reach()) hooks.fail("lost: a global leads to what is not allocated after a quiet cycle");
    std::size_t allocated = 0;
    heap_.allocator().ForEachSpan([&](const core::Span& span) { allocated += span.allocated(); });
    if (allocated != reached_.size())
      hooks.fail("kept: something is allocated that nothing leads to");
  }

 private:
  static void*& NextOf(void* node) { return static_cast<Node*>(node)->next; }

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
        if (a != nullptr)
          thread.CompareAndSwap(&NextOf(a), thread.Load(&NextOf(a)), registers[step.b]);
        return;
      case HeapStepKind::kDetach:
        return Detach(thread, registers, step);
      case HeapStepKind::kDrop:
        a = nullptr;
        return;
      case HeapStepKind::kNew:
        a = thread.New(kNode);
        return;
      case HeapStepKind::kWait:
        thread.Park();
        return thread.Unpark();
      case HeapStepKind::kMark:
        thread.Mark(1);
        return;
    }
  }

  void AwaitCollector(Heap::Thread& thread) {
    thread.Park();
    {
      std::unique_lock lock(mutex_);
      ended_.wait(lock, [this] { return collected_; });
    }
    thread.Unpark();
  }

  static void Detach(Heap::Thread& thread, core::Frame& registers, const HeapStep& step) {
    void* const from = registers[step.b];
    if (from == nullptr) return;
    void* const taken = thread.Load(&NextOf(from));
    if (taken == nullptr) return;
    thread.Store(&NextOf(from), thread.Load(&NextOf(taken)));
    registers[step.a] = taken;
  }

  // False: a global leads to what is not allocated.
  bool Reach() {
    reached_.clear();
    for (void* node : globals_) {
      for (; node != nullptr && reached_.insert(node).second; node = NextOf(node)) {
        if (!heap_.FindAllocated(node)) return false;
      }
    }
    return true;
  }

  const HeapProgram& program_;
  Heap& heap_;
  std::array<void*, kHeapGlobals + kHeapThreads * kHeapRegisters> globals_{};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool collected_ = false;
  std::set<void*> reached_;
};

}  // namespace

void RunHeapProgram(const HeapProgram& program, const core::BarrierRules& rules,
                    const HeapProgramHooks& given_hooks) {
  hooks = given_hooks;
  ProgramPolicy::kBarrier = rules;
  Heap heap({.arena_pages = program.arena_pages,
             .mark_buffer = kMarkBuffer,
             .barrier_buffer = kBarrierBuffer});
  Run run(program, heap);
  std::array<std::thread, kHeapThreads> mutators;
  for (std::size_t i = 0; i < kHeapThreads; ++i) {
    mutators[i] = std::thread([&run, i] { run.Mutate(i); });
  }
  run.Collect();
  for (std::thread& mutator : mutators) mutator.join();
  run.Judge();
}

}  // namespace slotproof
