#ifndef SLOTPROOF_HARNESS_SCHED_VECTOR_CLOCK_H_
#define SLOTPROOF_HARNESS_SCHED_VECTOR_CLOCK_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "harness/sched/thread_set.h"

namespace slotproof::sched {

// How much of each thread's past one knows (Mattern, 1989): entry t counts the releases of thread t
// that happened before. Entries beyond size_ are 0, so that small programs pay for their threads
// only.
class VectorClock {
 public:
  std::uint32_t Of(ThreadId thread) const { return thread < size_ ? entries_[thread] : 0; }

  void Set(ThreadId thread, std::uint32_t value) {
    if (thread >= size_) {
      std::fill(entries_.begin() + size_, entries_.begin() + thread + 1, 0);
      size_ = thread + 1;
    }
    entries_[thread] = value;
  }

  void Advance(ThreadId thread) { Set(thread, Of(thread) + 1); }

  void Join(const VectorClock& other) {
    const std::uint32_t both = std::min(size_, other.size_);
    for (std::uint32_t i = 0; i < both; ++i) entries_[i] = std::max(entries_[i], other.entries_[i]);
    for (std::uint32_t i = both; i < other.size_; ++i) entries_[i] = other.entries_[i];
    size_ = std::max(size_, other.size_);
  }

  void Assign(const VectorClock& other) {
    std::copy_n(other.entries_.begin(), other.size_, entries_.begin());
    size_ = other.size_;
  }

  void Clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  // Entries from here on are 0.
  std::uint32_t size() const { return size_; }

 private:
  std::uint32_t size_ = 0;
  std::array<std::uint32_t, kMaxThreads> entries_;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_VECTOR_CLOCK_H_
