// The pacer's formulas against the Go runtime's own: its controller is given the same numbers. Then
// the runtime collects for itself, and the formulas must explain the goal that it comes to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <ostream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/pacer.h"
#include "models/go/heap_oracle.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

struct Answers {
  std::uint64_t goal_of_percent;
  std::uint64_t goal_of_limit;
  std::uint64_t goal;
  std::uint64_t trigger;

  bool operator==(const Answers&) const = default;
};
std::ostream& operator<<(std::ostream& os, const Answers& answers) {
  return os << "by GOGC " << answers.goal_of_percent << ", by the limit " << answers.goal_of_limit
            << ", goal " << answers.goal << ", trigger " << answers.trigger;
}

core::PacerInputs Inputs(const go::PacingInputs& in) {
  return {.marked = in.marked,
          .stack_scan = in.stack_scan,
          .globals_scan = in.globals_scan,
          .gc_percent = in.gc_percent,
          .memory_limit = in.memory_limit,
          .mapped_ready = in.mapped_ready,
          .heap_free = in.heap_free,
          .heap_alloc = in.heap_alloc};
}

using Pacer = Answers (*)(const core::PacerInputs&);

Answers PaceHere(const core::PacerInputs& in) {
  const std::uint64_t goal = core::HeapGoal(in);
  return {core::GoalOfPercent(in), core::GoalOfLimit(in), goal, core::HeapTrigger(in.marked, goal)};
}

struct Tally {
  std::size_t compared = 0;
  std::size_t limit_ruled = 0;
  std::size_t different = 0;
  std::string first_difference;
};

Tally ComparePacing(std::span<const go::PacingInputs> cases, Pacer pacer) {
  Tally tally;
  tally.compared = cases.size();
  for (const go::Pacing& pacing : go::Pace(cases)) {
    const Answers theirs = {pacing.goal_of_percent, pacing.goal_of_limit, pacing.goal,
                            pacing.trigger};
    const Answers ours = pacer(Inputs(pacing.in));
    if (theirs.goal_of_limit < theirs.goal_of_percent) ++tally.limit_ruled;
    if (theirs == ours || tally.different++ != 0) continue;
    std::ostringstream text;
    text << pacing.in << ": Go " << theirs << ", here " << ours;
    tally.first_difference = text.str();
  }
  return tally;
}

// A number of any magnitude, near the one given more often than not.
std::uint64_t Near(std::uint64_t n, std::mt19937_64* random) {
  const std::uint64_t draw = (*random)();
  switch (draw % 4) {
    case 0:
      return (*random)() >> (draw >> 8) % 64;
    case 1:
      return n + (draw >> 8) % 5 - std::min<std::uint64_t>(n, 2);
    default:
      return n / 128 * ((draw >> 8) % 256);
  }
}

// Live heaps of bytes to terabytes, and each limit around what there is.
std::vector<go::PacingInputs> DrawCases(std::size_t count) {
  std::mt19937_64 random(kSeed);
  constexpr std::int32_t kPercents[] = {
      100, 50, 0, 1, 25, 99, 101, 200, 1000, 100'000, std::numeric_limits<std::int32_t>::max(),
      -1,  -7};
  std::vector<go::PacingInputs> cases;
  while (cases.size() < count) {
    go::PacingInputs in;
    const std::uint64_t scale = (std::uint64_t{1} << random() % 44) + random() % 1000;
    in.marked = Near(scale, &random);
    in.stack_scan = Near(scale / 16, &random);
    in.globals_scan = Near(scale / 16, &random);
    in.gc_percent = kPercents[random() % std::size(kPercents)];
    in.heap_alloc = Near(in.marked, &random) >> 2;
    in.heap_free = Near(scale, &random) >> 2;
    in.mapped_ready = in.heap_alloc + in.heap_free + (Near(scale / 4, &random) >> 2);
    in.memory_limit = Near(in.mapped_ready, &random);
    if (random() % 4 == 0) in.memory_limit = in.mapped_ready - in.heap_free + random() % (4 * kMiB);
    if (random() % 8 == 0) in.memory_limit = core::kNoMemoryLimit;
    in.memory_limit = std::min(in.memory_limit, core::kNoMemoryLimit);
    cases.push_back(in);
  }
  return cases;
}

TEST(HeapPacerGoTest, GoalsAndTriggers) {
  const Tally tally = ComparePacing(DrawCases(400'000), PaceHere);
  std::printf("seed %llu, compared %zu cases, in %zu the limit rules\n",
              static_cast<unsigned long long>(kSeed), tally.compared, tally.limit_ruled);
  EXPECT_EQ(tally.different, 0U) << "first: " << tally.first_difference;
  EXPECT_GT(tally.limit_ruled, 10'000U);
  EXPECT_LT(tally.limit_ruled, 390'000U);
}

// All numbers are the runtime's.
TEST(HeapPacerGoTest, TheGoalOfTheRuntimeItself) {
  std::size_t compared = 0;
  for (const std::int32_t percent : {-1, 0, 1, 30, 100, 400}) {
    for (const std::uint64_t limit :
         {kMiB, 16 * kMiB, 24 * kMiB, 40 * kMiB, 64 * kMiB, 256 * kMiB, core::kNoMemoryLimit}) {
      for (const std::int64_t live : {1 << 10, 3 << 20, 20 << 20}) {
        const go::Pacing pacing = go::PaceRuntime(percent, limit, live);
        EXPECT_EQ(pacing.in.gc_percent, percent);
        EXPECT_EQ(pacing.in.memory_limit, limit);
        EXPECT_GE(pacing.in.marked, static_cast<std::uint64_t>(live));
        EXPECT_GT(pacing.in.globals_scan, 0U);
        const Answers ours = PaceHere(Inputs(pacing.in));
        EXPECT_EQ(ours.goal, pacing.goal) << pacing.in;
        EXPECT_EQ(ours.goal_of_percent, pacing.goal_of_percent) << pacing.in;
        EXPECT_EQ(ours.goal_of_limit, pacing.goal_of_limit) << pacing.in;
        EXPECT_LE(ours.trigger, pacing.trigger) << "no later than the runtime's: " << pacing.in;
        ++compared;
      }
    }
  }
  std::printf("compared %zu collections\n", compared);
}

// ---- The comparison finds pacers that are wrong.

// Go 1.17, which knew nothing of roots.
Answers PaceWithoutRoots(const core::PacerInputs& in) {
  core::PacerInputs bare = in;
  bare.stack_scan = bare.globals_scan = 0;
  return PaceHere(bare);
}

Answers PaceWithFixedMinimum(const core::PacerInputs& in) {
  Answers answers = PaceHere(in);
  answers.goal_of_percent = std::max(answers.goal_of_percent, 4 * kMiB);
  return answers;
}

Answers PaceWithoutHeadroom(const core::PacerInputs& in) {
  Answers answers = PaceHere(in);
  if (answers.goal_of_limit > 4 * kMiB) answers.goal_of_limit += kMiB;
  return answers;
}

Answers PaceLate(const core::PacerInputs& in) {
  Answers answers = PaceHere(in);
  if (in.marked < answers.goal) answers.trigger += (answers.goal - in.marked) / 64;
  return answers;
}

TEST(HeapPacerGoTest, PlantedPacersAreTold) {
  const std::vector<go::PacingInputs> cases = DrawCases(10'000);
  for (const auto& [name, pacer] : {std::pair<const char*, Pacer>{"no roots", PaceWithoutRoots},
                                    {"fixed minimum", PaceWithFixedMinimum},
                                    {"no headroom", PaceWithoutHeadroom},
                                    {"late trigger", PaceLate}}) {
    const Tally tally = ComparePacing(cases, pacer);
    EXPECT_GT(tally.different, 0U) << name;
    std::printf("%s: %zu of %zu differ\n", name, tally.different, tally.compared);
  }
}

}  // namespace
}  // namespace slotproof
