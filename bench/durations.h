#ifndef SLOTPROOF_BENCH_DURATIONS_H_
#define SLOTPROOF_BENCH_DURATIONS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace slotproof {

// Where a duration is counted: 16 buckets for each power of two, by the four bits behind the first.
constexpr std::size_t BucketOf(std::uint64_t ns) {
  if (ns < 16) return ns;
  const auto shift = static_cast<std::size_t>(std::bit_width(ns)) - 5;
  return shift * 16 + (ns >> shift);
}
// The longest one that is counted there.
constexpr std::uint64_t EndOfBucket(std::size_t bucket) {
  if (bucket < 16) return bucket;
  return ((bucket % 16 + 17) << (bucket / 16 - 1)) - 1;
}
static_assert(BucketOf(31) == 31 && BucketOf(32) == 32 && EndOfBucket(32) == 33);
static_assert(BucketOf(EndOfBucket(100)) == 100 && BucketOf(EndOfBucket(100) + 1) == 101);

// Any number of durations.
class Durations {
 public:
  void Add(std::uint64_t ns) {
    ++buckets_[BucketOf(ns)];
    ++count_;
    longest_ns_ = std::max(longest_ns_, ns);
  }
  void Add(const Durations& others) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += others.buckets_[i];
    count_ += others.count_;
    longest_ns_ = std::max(longest_ns_, others.longest_ns_);
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t longest_ns() const { return longest_ns_; }
  // This share of them takes no longer; up to a sixteenth too much.
  std::uint64_t QuantileNs(double share) const {
    auto left = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (left < buckets_[i]) return std::min(longest_ns_, EndOfBucket(i));
      left -= buckets_[i];
    }
    return longest_ns_;
  }

 private:
  std::array<std::uint64_t, BucketOf(~std::uint64_t{0}) + 1> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t longest_ns_ = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_DURATIONS_H_
