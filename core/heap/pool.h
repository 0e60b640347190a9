// Pool: items that may be used again, until collections take them (sync.Pool).
//
//   worker 0     | private |  shared: head <-> ... <-> tail |         primary
//                | private |  shared                        |         victim, of the last cycle
//   worker 1     ...
//
//   Put    own private, else own shared head
//   Get    own private, own shared head; the others' shared tails, from the next worker on;
//          then the victims: own private, all shared tails from one's own; then a new one
//
// When a cycle begins, what the victims hold is dropped, and the primaries become the victims. So
// an item that nobody uses is gone at the second cycle, and its memory is free after it.
//
// Which item Get returns is not promised to users; this order is what checks rely on.
#ifndef SLOTPROOF_CORE_HEAP_POOL_H_
#define SLOTPROOF_CORE_HEAP_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "core/heap/heap.h"
#include "core/heap/heap_events.h"
#include "core/heap/mutator.h"

namespace slotproof::core {

// May not outlive its heap. The workers are the heap's mutators.
template <class Policy = DefaultHeapPolicy>
class Pool final : public RootSource {
 public:
  explicit Pool(Heap<Policy>& heap) : heap_(heap) { heap.AddSource(this); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() override { heap_.RemoveSource(this); }

  // Null is ignored.
  void Put(const Mutator& worker, void* item) {
    if (item == nullptr) return;
    heap_.ShadeRoot(item);
    Local& local = Own(worker);
    if (local.own == nullptr) {
      local.own = item;
    } else {
      local.shared.push_front(item);
    }
  }

  // Null: there is none, and the caller makes one.
  [[nodiscard]] void* Get(const Mutator& worker) {
    Local& local = Own(worker);
    void* item = std::exchange(local.own, nullptr);
    if (item == nullptr) item = TakeHead(local);
    if (item == nullptr) item = GetSlow(worker.number);
    // The pool, a root, has lost it.
    heap_.ShadeRoot(item);
    return item;
  }

  void OnCycle() override {
    for (const Local& local : victims_) {
      if (local.own == nullptr && local.shared.empty()) continue;
      heap_.probe().OnEvent(HeapEvent::kPoolVictimDropped);
    }
    victims_ = std::exchange(primaries_, {});
    victim_count_ = victims_.size();
  }
  void ForEachRoot(const std::function<void(void*)>& visit) const override {
    for (const std::vector<Local>* locals : {&primaries_, &victims_}) {
      for (const Local& local : *locals) {
        visit(local.own);
        for (void* const item : local.shared) visit(item);
      }
    }
  }

 private:
  struct Local {
    void* own = nullptr;  // the runtime's private
    std::deque<void*> shared;
  };

  Local& Own(const Mutator& worker) {
    if (worker.number >= primaries_.size()) primaries_.resize(heap_.mutators().size());
    return primaries_[worker.number];
  }
  static void* TakeHead(Local& local) {
    if (local.shared.empty()) return nullptr;
    void* const item = local.shared.front();
    local.shared.pop_front();
    return item;
  }
  static void* TakeTail(Local& local) {
    if (local.shared.empty()) return nullptr;
    void* const item = local.shared.back();
    local.shared.pop_back();
    return item;
  }

  void* GetSlow(std::size_t number) {
    for (std::size_t i = 0; i < primaries_.size(); ++i) {
      if (void* const item = TakeTail(primaries_[(number + i + 1) % primaries_.size()])) {
        heap_.probe().OnEvent(HeapEvent::kPoolStolen);
        return item;
      }
    }
    if (number >= victim_count_) return nullptr;
    void* item = std::exchange(victims_[number].own, nullptr);
    for (std::size_t i = 0; item == nullptr && i < victim_count_; ++i) {
      item = TakeTail(victims_[(number + i) % victim_count_]);
    }
    if (item != nullptr) {
      heap_.probe().OnEvent(HeapEvent::kPoolVictimUsed);
    } else {
      // Nobody looks here again, not even for what others' private places hold.
      victim_count_ = 0;
    }
    return item;
  }

  Heap<Policy>& heap_;
  std::vector<Local> primaries_;
  std::vector<Local> victims_;
  std::size_t victim_count_ = 0;  // of those that Get still looks at
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_POOL_H_
