#ifndef SLOTPROOF_HARNESS_SCHED_CHOICES_H_
#define SLOTPROOF_HARNESS_SCHED_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace slotproof::sched {

// The random choices of a strategy: first those that are given as bytes, by a fuzzer say, then
// those of a generator (SplitMix64) that starts from the seed. One byte decides one choice, so that
// a byte that changes changes one.
class Choices {
 public:
  explicit Choices(std::uint64_t seed, std::span<const std::uint8_t> bytes = {})
      : state_(seed), bytes_(bytes) {}

  // Starts anew from here.
  void Restart(std::uint64_t seed, std::span<const std::uint8_t> bytes = {}) {
    state_ = seed;
    bytes_ = bytes;
  }

  // A number below `limit`, which is not 0.
  std::uint32_t Below(std::uint32_t limit) {
    if (!bytes_.empty()) {
      const std::uint8_t byte = bytes_.front();
      bytes_ = bytes_.subspan(1);
      return static_cast<std::uint32_t>(std::uint64_t{byte} * limit >> 8);
    }
    return static_cast<std::uint32_t>((Next() >> 32) * limit >> 32);
  }

  bool OneIn(std::uint32_t n) { return Below(n) == 0; }

  // For an order among things: equal ones are rare.
  std::uint64_t Priority() {
    if (bytes_.empty()) return Next();
    return std::uint64_t{Below(256)} << 56 | Next() >> 8;
  }

 private:
  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  std::uint64_t state_;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_CHOICES_H_
