// SharedPool: Pool (core/heap/pool.h) for threads that run, and with a cycle that stops nobody.
//
//   worker 0     | own |  ring: head <-> ... <-> tail |         primary
//                | own |  ring                        |         victim, of the last cycle
//   worker 1     ...
//
// Put and Get look in the same places in the same order as those of Pool, and a cycle drops and
// moves the same; alone, a thread cannot tell the two apart, until a ring is full: what has no room
// is dropped.
//
// Who may what: of a worker, Put and Get are for one thread at a time. It adds to the primary, and
// takes its own item; any takes from the tails. A cycle is a thief in the primaries, the only one
// that adds to the victims, and takes from there by exchange, as there may be others. The runtime
// stops the world for it instead.
//
// Laws. An item is in the pool, or had by who got it, or dropped: once. If nobody takes it, and for
// want of room apart, it is dropped by the second cycle that begins after it was put, or by the one
// before that, but not by the first cycle that ends after it was put.
//
// Orders of memory: who puts an item releases it, who gets, moves or drops it acquires.
//
// Costs. Put: a store, or an addition to the ring. Get: an exchange, or a compare-and-swap for each
// item; in vain, two looks at each worker.
#ifndef SLOTPROOF_CORE_HEAP_CONCURRENT_SHARED_POOL_H_
#define SLOTPROOF_CORE_HEAP_CONCURRENT_SHARED_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/heap/concurrent/pool_ring.h"

namespace slotproof::core {

// `Drop` is a deleter.
template <class T, class Drop = std::default_delete<T>, std::uint32_t kSlots = 64>
class SharedPool {
 public:
  using Item = std::unique_ptr<T, Drop>;

  explicit SharedPool(std::size_t workers) : primaries_(workers), victims_(workers) {}
  SharedPool(const SharedPool&) = delete;
  SharedPool& operator=(const SharedPool&) = delete;
  // When nobody uses it any more.
  ~SharedPool() {
    OnCycle();
    OnCycle();
  }

  // Null is ignored.
  void Put(std::size_t worker, Item item) {
    if (item == nullptr) return;
    Local& local = primaries_[worker];
    if (local.own.load(std::memory_order_relaxed) == nullptr) {
      local.own.store(item.release(), std::memory_order_release);
    } else if (local.ring.PushHead(item.get())) {
      static_cast<void>(item.release());
    }
  }

  // Null: there is none, and the caller makes one.
  [[nodiscard]] Item Get(std::size_t worker) {
    Local& local = primaries_[worker];
    T* item = TakeOwn(local);
    if (item == nullptr) item = local.ring.PopHead();
    if (item == nullptr) item = GetSlow(worker);
    return Item(item);
  }

  // One at a time.
  void OnCycle() {
    ++cycles_;
    for (std::size_t i = 0; i < primaries_.size(); ++i) {
      Local& victim = victims_[i];
      Item(TakeOwn(victim)).reset();
      while (T* const item = victim.ring.PopTail()) Item(item).reset();
      Local& primary = primaries_[i];
      // It comes back to who put it there, or to the next cycle.
      victim.own.store(TakeOwn(primary), std::memory_order_relaxed);
      // What was there when the cycle came; its owner may go on adding.
      for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
        T* const item = primary.ring.PopTail();
        if (item == nullptr) break;
        if (!victim.ring.PushHead(item)) Item(item).reset();
      }
    }
    victims_of_.store(cycles_, std::memory_order_relaxed);
  }

 private:
  struct alignas(64) Local {
    std::atomic<T*> own{nullptr};
    PoolRing<T, kSlots> ring;
  };

  static T* TakeOwn(Local& local) {
    if (local.own.load(std::memory_order_relaxed) == nullptr) return nullptr;
    return local.own.exchange(nullptr, std::memory_order_acquire);
  }

  T* GetSlow(std::size_t worker) {
    const std::size_t workers = primaries_.size();
    for (std::size_t i = 0; i < workers; ++i) {
      if (T* const item = primaries_[(worker + i + 1) % workers].ring.PopTail()) return item;
    }
    std::uint64_t victims_of = victims_of_.load(std::memory_order_relaxed);
    if (victims_of == kNoCycle) return nullptr;
    T* item = TakeOwn(victims_[worker]);
    for (std::size_t i = 0; item == nullptr && i < workers; ++i) {
      item = victims_[(worker + i) % workers].ring.PopTail();
    }
    // Nobody looks there again, not even for what others' own places hold, until the next cycle.
    if (item == nullptr) {
      victims_of_.compare_exchange_strong(victims_of, kNoCycle, std::memory_order_relaxed);
    }
    return item;
  }

  static constexpr std::uint64_t kNoCycle = 0;

  std::vector<Local> primaries_;
  std::vector<Local> victims_;
  std::uint64_t cycles_ = kNoCycle;
  std::atomic<std::uint64_t> victims_of_{kNoCycle};  // the cycle whose victims Get looks at
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONCURRENT_SHARED_POOL_H_
