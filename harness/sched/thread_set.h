#ifndef SLOTPROOF_HARNESS_SCHED_THREAD_SET_H_
#define SLOTPROOF_HARNESS_SCHED_THREAD_SET_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace slotproof::sched {

// Threads of one schedule are numbered in the order of their creation; 0 runs the program.
using ThreadId = std::uint32_t;

inline constexpr std::size_t kMaxThreads = 128;
inline constexpr ThreadId kNoThread = kMaxThreads;

// A set of threads, as two words.
class ThreadSet {
 public:
  constexpr ThreadSet() = default;

  static constexpr ThreadSet Of(ThreadId thread) {
    ThreadSet set;
    set.Add(thread);
    return set;
  }

  constexpr void Add(ThreadId thread) { words_[thread >> 6] |= Bit(thread); }
  constexpr void Remove(ThreadId thread) { words_[thread >> 6] &= ~Bit(thread); }
  constexpr bool Has(ThreadId thread) const { return (words_[thread >> 6] & Bit(thread)) != 0; }
  constexpr bool empty() const { return (words_[0] | words_[1]) == 0; }
  constexpr std::uint32_t size() const {
    return static_cast<std::uint32_t>(std::popcount(words_[0]) + std::popcount(words_[1]));
  }

  // The least of a set that is not empty.
  constexpr ThreadId First() const {
    return static_cast<ThreadId>(words_[0] != 0 ? std::countr_zero(words_[0])
                                                : 64 + std::countr_zero(words_[1]));
  }

  // The n-th in order, from 0, of a set that has so many.
  constexpr ThreadId Nth(std::uint32_t n) const {
    ThreadSet rest = *this;
    for (; n > 0; --n) rest.Remove(rest.First());
    return rest.First();
  }

  constexpr ThreadSet Without(const ThreadSet& other) const {
    ThreadSet rest = *this;
    rest.words_[0] &= ~other.words_[0];
    rest.words_[1] &= ~other.words_[1];
    return rest;
  }
  constexpr ThreadSet And(const ThreadSet& other) const { return Without(Without(other)); }

  template <class Body>
  constexpr void ForEach(Body body) const {
    for (ThreadSet rest = *this; !rest.empty();) {
      const ThreadId thread = rest.First();
      rest.Remove(thread);
      body(thread);
    }
  }

  friend constexpr bool operator==(const ThreadSet&, const ThreadSet&) = default;

 private:
  static constexpr std::uint64_t Bit(ThreadId thread) { return std::uint64_t{1} << (thread & 63); }

  std::array<std::uint64_t, kMaxThreads / 64> words_{};
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_THREAD_SET_H_
