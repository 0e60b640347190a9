// Atomics that several parts of core use.
//
//   Relaxed<T>   a word that several threads may touch without ordering anything else: the map's
//                misuse flags, random state, counters. Loads and stores cost as much as plain ones.
//   RefCount     how many owners an object has; the last one out may destroy it.
//
// What they ask of memory order is in one place. Algorithms whose correctness is in the order of
// their own words have std::atomic and say why: grace_periods.h, free_list.h, the shared map, the
// concurrent heap's slots, the shared pool.
#ifndef SLOTPROOF_CORE_SYNC_ATOMIC_H_
#define SLOTPROOF_CORE_SYNC_ATOMIC_H_

#include <atomic>
#include <cstdint>

namespace slotproof::core {

template <class T>
class Relaxed {
 public:
  constexpr Relaxed() noexcept : value_(T{}) {}
  constexpr explicit Relaxed(T value) noexcept : value_(value) {}
  Relaxed(const Relaxed& other) noexcept : value_(other.Load()) {}
  Relaxed& operator=(const Relaxed& other) noexcept {
    Store(other.Load());
    return *this;
  }

  T Load() const noexcept { return value_.load(std::memory_order_relaxed); }
  void Store(T value) noexcept { value_.store(value, std::memory_order_relaxed); }

  // A load and a store, not one indivisible step: for a word with one writer at a time. That is
  // what makes two interleaved writers of a map visible to each other.
  void Xor(T bits) noexcept { Store(static_cast<T>(Load() ^ bits)); }
  void And(T bits) noexcept { Store(static_cast<T>(Load() & bits)); }

  // One indivisible step: for words that several threads may change at once.
  T FetchOr(T bits) noexcept { return value_.fetch_or(bits, std::memory_order_relaxed); }
  T FetchAdd(T amount) noexcept { return value_.fetch_add(amount, std::memory_order_relaxed); }
  // Whether the word was `expected`, and now is `desired`; if not, `expected` is what it is.
  bool CompareExchange(T& expected, T desired) noexcept {
    return value_.compare_exchange_weak(expected, desired, std::memory_order_relaxed);
  }

 private:
  std::atomic<T> value_;
};

class RefCount {
 public:
  void Acquire() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  // True for the last owner, who then sees everything that the others did.
  [[nodiscard]] bool Release() noexcept {
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  bool IsShared() const noexcept { return count_.load(std::memory_order_acquire) > 1; }

 private:
  std::atomic<std::uint32_t> count_{1};
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SYNC_ATOMIC_H_
