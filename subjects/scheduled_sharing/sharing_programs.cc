#include "subjects/scheduled_sharing/sharing_programs.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "core/heap/concurrent/shared_pool.h"
#include "core/slice/slice.h"
#include "core/sync/free_list.h"

namespace slotproof {
namespace {

// Of the run that there is.
SharingHooks hooks;

void Expect(bool holds, const char* otherwise) {
  if (!holds) hooks.fail(otherwise);
}

// The threads of a program, each in Do() of the run that it shares.
template <class Run>
void RunThreads(const SharingProgram& program, Run& run) {
  std::array<std::thread, kSharingThreads> threads;
  for (std::size_t i = 0; i < kSharingThreads; ++i) {
    threads[i] = std::thread([&program, &run, i] {
      hooks.begin_thread();
      for (const SharingStep& step : program.threads[i]) {
        hooks.begin_operation();
        run.Do(i, step);
      }
      if constexpr (requires { run.End(i); }) run.End(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

constexpr std::uint32_t kNodes = 3;
constexpr std::size_t kNobody = kSharingThreads;

class FreeListRun {
 public:
  FreeListRun() { user_.fill(kNobody); }

  void Do(std::size_t thread, const SharingStep& step) {
    std::deque<std::uint32_t>& had = had_[thread];
    if (step.kind == SharingStepKind::kTake) {
      const std::uint32_t node = free_.Take();
      if (node == free_.kNone) return;
      Expect(user_[node] == kNobody, "twice: a node is taken that somebody has");
      user_[node] = thread;
      had.push_back(node);
    } else if (!had.empty()) {
      const std::uint32_t node = had.front();
      had.pop_front();
      Expect(user_[node] == thread, "twice: another thread has taken the node");
      user_[node] = kNobody;
      free_.Give(node);
    }
  }
  // What one thread keeps, no other takes.
  void End(std::size_t thread) {
    while (!had_[thread].empty()) Do(thread, {.kind = SharingStepKind::kGive});
  }
  void Judge() {
    std::array<bool, kNodes> seen{};
    free_.VisitFree([&seen](std::uint32_t node) {
      Expect(!std::exchange(seen[node], true), "twice: a node is free at two places");
      return true;
    });
    Expect(std::ranges::count(seen, false) == 0, "lost: a node that nobody has is not free");
  }

 private:
  core::FreeList<kNodes> free_;
  std::array<std::size_t, kNodes> user_;
  std::array<std::deque<std::uint32_t>, kSharingThreads> had_;
};

struct PoolItem {
  std::size_t user = kNobody;
  bool dropped = false;
};
// Takes note instead of freeing it, so that what is wrong can say so.
struct DropItem {
  void operator()(PoolItem* item) const {
    Expect(!std::exchange(item->dropped, true), "twice: an item is dropped again");
    Expect(item->user == kNobody, "dropped: somebody has the item");
  }
};

template <std::uint32_t kRoom>
class PoolRun {
 public:
  explicit PoolRun(bool roomy) : roomy_(roomy), pool_(std::in_place, kSharingThreads) {}

  void Do(std::size_t thread, const SharingStep& step) {
    std::deque<Item>& had = had_[thread];
    if (step.kind == SharingStepKind::kCycle) {
      pool_->OnCycle();
      ++cycles_;
    } else if (step.kind == SharingStepKind::kTake) {
      Item item = pool_->Get(thread);
      if (item == nullptr) return;
      Expect(!item->dropped, "dropped: an item is taken that was dropped");
      Expect(item->user == kNobody, "twice: an item is taken that somebody has");
      item->user = thread;
      had.push_back(std::move(item));
    } else if (had.empty()) {
      made_[thread].push_back(std::make_unique<PoolItem>());
      pool_->Put(thread, Item(made_[thread].back().get()));
    } else {
      Item item = std::move(had.front());
      had.pop_front();
      Expect(item->user == thread, "twice: another thread has taken the item");
      item->user = kNobody;
      pool_->Put(thread, std::move(item));
    }
  }
  void Judge() {
    ForEachMade([this](const PoolItem& item) {
      Expect(!roomy_ || cycles_ > 1 || !item.dropped, "dropped: one cycle is enough");
    });
    for (auto& had : had_) {
      for (Item& item : had) item->user = kNobody;
      had.clear();
    }
    pool_.reset();
    ForEachMade([](const PoolItem& item) { Expect(item.dropped, "lost: an item is kept"); });
  }

 private:
  using Pool = core::SharedPool<PoolItem, DropItem, kRoom>;
  using Item = typename Pool::Item;

  template <class F>
  void ForEachMade(const F& f) const {
    for (const auto& made : made_) {
      for (const auto& item : made) f(*item);
    }
  }

  bool roomy_;
  std::size_t cycles_ = 0;  // counted by who makes them
  std::optional<Pool> pool_;
  std::array<std::vector<std::unique_ptr<PoolItem>>, kSharingThreads> made_;
  std::array<std::deque<Item>, kSharingThreads> had_;
};

// Arrays that there are. It orders nothing.
std::atomic<int> arrays;
struct CountingRuntime : core::SliceRuntime {
  static void* Allocate(std::size_t bytes, std::size_t align) {
    arrays.fetch_add(1, std::memory_order_relaxed);
    return core::SliceRuntime::Allocate(bytes, align);
  }
  static void Free(void* memory, std::size_t bytes, std::size_t align) noexcept {
    arrays.fetch_sub(1, std::memory_order_relaxed);
    core::SliceRuntime::Free(memory, bytes, align);
  }
};
// Its end reads what was written.
struct Cell {
  std::size_t writer = 0;

  Cell() = default;
  explicit Cell(std::size_t thread) : writer(thread) {}
  Cell(const Cell&) = default;
  Cell& operator=(const Cell&) = default;
  ~Cell() { Expect(writer < kSharingThreads, "twice: what is destroyed is no cell"); }
};
struct CellPolicy : core::DefaultSlicePolicy<Cell> {
  using Runtime = CountingRuntime;
};
using Window = core::Slice<Cell, CellPolicy>;

class WindowsRun {
 public:
  WindowsRun() {
    arrays.store(0, std::memory_order_relaxed);
    const auto all = Window::Make(kSharingThreads, kSharingThreads).value();
    for (std::size_t thread = 0; thread < kSharingThreads; ++thread) {
      const auto at = static_cast<std::int64_t>(thread);
      registers_[thread][0] = all.Sub3(at, at + 1, at + 1).value();
      static_cast<void>(registers_[thread][0].Set(0, Cell(thread)));
    }
  }

  void Do(std::size_t thread, const SharingStep& step) {
    Window& a = registers_[thread][step.a];
    switch (step.kind) {
      case SharingStepKind::kCopy:
        a = registers_[thread][step.b];
        return;
      case SharingStepKind::kAppend:
        static_cast<void>(a.Append(Cell(thread)));
        break;
      case SharingStepKind::kWrite:
        if (a.len() != 0) static_cast<void>(a.Set(0, Cell(thread)));
        break;
      default:
        a = {};
        return;
    }
    Expect(a.len() == 0 || a[0].writer == thread, "twice: the cell is another thread's");
  }
  void End(std::size_t thread) {
    for (Window& window : registers_[thread]) window = {};
  }
  static void Judge() {
    Expect(arrays.load(std::memory_order_relaxed) == 0, "lost: an array without windows is kept");
  }

 private:
  std::array<std::array<Window, kSharingRegisters>, kSharingThreads> registers_;
};

template <class Run, class... Arguments>
void RunWith(const SharingProgram& program, Arguments... arguments) {
  Run run(arguments...);
  RunThreads(program, run);
  run.Judge();
}

}  // namespace

void RunSharingProgram(const SharingProgram& program, const SharingHooks& given_hooks) {
  constexpr std::uint32_t kTight = 2;
  hooks = given_hooks;
  switch (program.thing) {
    case SharedThing::kFreeList:
      return RunWith<FreeListRun>(program);
    case SharedThing::kPool:
      return program.roomy ? RunWith<PoolRun<kSharingRoom>>(program, true)
                           : RunWith<PoolRun<kTight>>(program, false);
    case SharedThing::kWindows:
      return RunWith<WindowsRun>(program);
  }
}

}  // namespace slotproof
