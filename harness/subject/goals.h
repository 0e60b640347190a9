#ifndef SLOTPROOF_HARNESS_SUBJECT_GOALS_H_
#define SLOTPROOF_HARNESS_SUBJECT_GOALS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// Goals are the rare events that a run must have seen, so that no generator can quietly go blind:
// same-size growth begun, an iterator outlived a doubling, ... A run that promises goals fails when
// one of them was not reached.

namespace slotproof {

inline constexpr std::size_t kMaxGoals = 96;

struct GoalSpec {
  std::string_view name;
  std::string_view help;
};

// How often each goal was reached, by its place in the target's table.
class GoalCounts {
 public:
  void Hit(std::size_t goal) { ++count_[goal]; }
  std::uint64_t operator[](std::size_t goal) const { return count_[goal]; }
  void Reset() { count_.fill(0); }

  void Add(const GoalCounts& other) {
    // Not unrolled: the code of a short trace fits into the processor's instruction cache, barely.
#pragma clang loop unroll(disable)
    for (std::size_t i = 0; i < kMaxGoals; ++i) count_[i] += other.count_[i];
  }

  std::size_t Reached(std::size_t goal_count) const {
    std::size_t reached = 0;
    for (std::size_t i = 0; i < goal_count; ++i) reached += count_[i] != 0;
    return reached;
  }

 private:
  std::array<std::uint64_t, kMaxGoals> count_{};
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_GOALS_H_
