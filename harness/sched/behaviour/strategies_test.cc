// What random strategies promise, as probabilities.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sched/behaviour/runtime_programs.h"
#include "harness/sched/explore.h"
#include "harness/sched/pct.h"
#include "harness/sched/pos.h"
#include "harness/sched/random_walk.h"

namespace slotproof::sched {
namespace {

// What is contended is learnt before anything is counted.
void Learn(const Program& program) {
  Runtime::Get().Forget();
  Choices choices(1);
  RandomWalk walk(choices);
  for (int i = 0; i < 100; ++i) RunOnce(program, walk, {});
}

void ExpectNear(double share, double probability, double draws) {
  EXPECT_NEAR(share, probability, 6 * std::sqrt(probability * (1 - probability) / draws));
}

// --- PCT

struct PctRuns {
  double share = 0;  // of schedules that fail
  double threads = 0;
  double steps = 0;
};

// A strategy of its own for each seed, which is told how many steps there are: k is the number of
// steps at points of decision, the beginnings of threads among them.
PctRuns RunPct(const Program& program, std::uint32_t depth, std::uint64_t seeds) {
  Learn(program);
  Choices choices(2);
  Pct counts(choices, depth);
  PctRuns runs;
  for (int i = 0; i < 100; ++i) runs.threads = RunOnce(program, counts, {}).threads;
  runs.steps = counts.most_steps();
  std::uint64_t failed = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Choices own(seed);
    Pct pct(own, depth);
    pct.ExpectSteps(counts.most_steps());
    failed += RunOnce(program, pct, {}).failed() ? 1 : 0;
  }
  runs.share = static_cast<double>(failed) / static_cast<double>(seeds);
  return runs;
}

// Law: a bug of depth d is met with probability 1 / (n * k^(d - 1)) at least.
TEST(PctTest, MeetsBugsAsOftenAsItPromises) {
  const PctRuns two = RunPct(FailsBetweenTwoSteps, 2, 20'000);
  EXPECT_EQ(two.threads, 3);
  EXPECT_GE(two.share, 1 / (two.threads * two.steps));
  const PctRuns three = RunPct(FailsWhenStepsAlternate, 3, 20'000);
  EXPECT_GE(three.share, 1 / (three.threads * three.steps * three.steps));
}

// Law: with one change too few, the bug is not met.
TEST(PctTest, DoesNotMeetWhatIsTooDeep) {
  EXPECT_EQ(RunPct(FailsBetweenTwoSteps, 1, 500).share, 0);
  EXPECT_EQ(RunPct(FailsWhenStepsAlternate, 2, 500).share, 0);
}

View BothCan() {
  View view;
  view.enabled.Add(0);
  view.enabled.Add(1);
  view.alive = view.enabled;
  return view;
}

// Law: the thread that runs drops below the others after each of the k steps as often.
TEST(PctTest, PrioritiesChangeAfterEachStepAsOften) {
  constexpr std::uint32_t kSteps = 10;
  constexpr int kDraws = 20'000;
  Choices choices(3);
  Pct pct(choices, 2);
  pct.ExpectSteps(kSteps);
  std::array<int, kSteps + 2> changed_after{};
  for (int i = 0; i < kDraws; ++i) {
    const View view = BothCan();
    pct.Begin();
    pct.Created(0, 0);
    pct.Created(0, 1);
    const ThreadId first = pct.Pick(view);
    std::uint32_t steps = 0;
    while (steps <= kSteps && pct.Pick(view) == first) {
      pct.Executes(first, view);
      ++steps;
    }
    ++changed_after.at(steps);
  }
  for (std::uint32_t steps = 1; steps <= kSteps; ++steps) {
    ExpectNear(changed_after.at(steps) / double{kDraws}, 1.0 / kSteps, kDraws);
  }
}

// Law: without changes, each thread is the highest as often, and stays so.
TEST(PctTest, PrioritiesAreFair) {
  constexpr int kDraws = 10'000;
  Choices choices(4);
  Pct pct(choices, 1);
  int first = 0;
  for (int i = 0; i < kDraws; ++i) {
    const View view = BothCan();
    pct.Begin();
    pct.Created(0, 0);
    pct.Created(0, 1);
    const ThreadId highest = pct.Pick(view);
    for (int step = 0; step < 5; ++step) {
      pct.Executes(highest, view);
      ASSERT_EQ(pct.Pick(view), highest);
    }
    first += highest == 0 ? 1 : 0;
  }
  ExpectNear(first / double{kDraws}, 0.5, kDraws);
}

// Law: who yields is not picked before the others.
TEST(PctTest, WhoYieldsIsLast) {
  Choices choices(5);
  Pct pct(choices, 3);
  for (int i = 0; i < 100; ++i) {
    const View view = BothCan();
    pct.Begin();
    pct.Created(0, 0);
    pct.Created(0, 1);
    const ThreadId first = pct.Pick(view);
    pct.Yields(first);
    EXPECT_NE(pct.Pick(view), first);
    pct.Yields(1 - first);
    EXPECT_EQ(pct.Pick(view), first);
  }
}

// --- POS

Event WriteOf(std::uintptr_t address) {
  return {.kind = EventKind::kAtomicStore, .may_write = true, .size = 4, .address = address};
}

// Where among three steps of thread 0 the one step of thread 1 comes.
std::array<double, 4> PlacesByPos(std::uintptr_t one, std::uintptr_t other, int draws) {
  Choices choices(6);
  Pos pos(choices);
  std::array<double, 4> places{};
  for (int i = 0; i < draws; ++i) {
    View view = BothCan();
    view.pending[0] = WriteOf(one);
    view.pending[1] = WriteOf(other);
    pos.Begin();
    pos.Arrived(0, view);
    pos.Arrived(1, view);
    std::size_t before = 0;
    for (; before < 3 && pos.Pick(view) == 0; ++before) {
      pos.Executes(0, view);
      pos.Arrived(0, view);
    }
    places.at(before) += 1.0 / draws;
  }
  return places;
}

// Law: a step that conflicts with the one that happened draws anew: each time it is a fair coin.
TEST(PosTest, ConflictingStepsDrawAnew) {
  constexpr int kDraws = 40'000;
  const std::array<double, 4> places = PlacesByPos(0x1000, 0x1000, kDraws);
  ExpectNear(places[0], 1.0 / 2, kDraws);
  ExpectNear(places[1], 1.0 / 4, kDraws);
  ExpectNear(places[2], 1.0 / 8, kDraws);
  ExpectNear(places[3], 1.0 / 8, kDraws);
}

// Law: one that does not keeps its priority: the integrals of p * (1 - p)^i.
TEST(PosTest, OtherStepsKeepTheirPriority) {
  constexpr int kDraws = 40'000;
  const std::array<double, 4> places = PlacesByPos(0x1000, 0x2000, kDraws);
  ExpectNear(places[0], 1.0 / 2, kDraws);
  ExpectNear(places[1], 1.0 / 6, kDraws);
  ExpectNear(places[2], 1.0 / 12, kDraws);
  ExpectNear(places[3], 1.0 / 4, kDraws);
}

// Law: orders that do not depend on each other are sampled alike.
TEST(PosTest, IndependentOrdersAreAsLikely) {
  TwoPairs pairs;
  const Program program = [&] { pairs.Run(); };
  Learn(program);
  constexpr int kRuns = 8'000;
  Choices choices(7);
  Pos pos(choices);
  std::array<double, 4> share{};
  for (int i = 0; i < kRuns; ++i) {
    ASSERT_EQ(RunOnce(program, pos, {}).ending, Ending::kDone);
    share.at(pairs.order) += 1.0 / kRuns;
  }
  for (const double of : share) ExpectNear(of, 0.25, kRuns);
}

// --- The uniform walk

// The probability of each order of two threads with three steps each, the first of which is the
// thread's beginning, when a fair coin is thrown while both can go on.
void AddOrders(double probability, int one, int other, std::size_t last,
               std::array<std::size_t, 4> saw, std::map<std::size_t, double>* orders) {
  if (one == 3 && other == 3) {
    (*orders)[saw[0] | saw[1] << 2 | saw[2] << 4 | saw[3] << 6] += probability;
    return;
  }
  const double each = one < 3 && other < 3 ? probability / 2 : probability;
  if (one < 3) {
    std::array<std::size_t, 4> now = saw;
    if (one > 0) now.at(static_cast<std::size_t>(one) - 1) = last;
    AddOrders(each, one + 1, other, one > 0 ? 1 : last, now, orders);
  }
  if (other < 3) {
    std::array<std::size_t, 4> now = saw;
    if (other > 0) now.at(static_cast<std::size_t>(other) + 1) = last;
    AddOrders(each, one, other + 1, other > 0 ? 2 : last, now, orders);
  }
}

// Law: each thread that can go on is as likely, at each step.
TEST(RandomWalkTest, EachStepIsAFairCoin) {
  std::map<std::size_t, double> expected;
  AddOrders(1, 0, 0, 0, {}, &expected);
  EXPECT_EQ(expected.size(), 6);
  FourSteps steps;
  const Program program = [&] { steps.Run(); };
  Learn(program);
  constexpr int kRuns = 20'000;
  Choices choices(8);
  RandomWalk walk(choices);
  walk.AlwaysUniform();
  std::map<std::size_t, double> share;
  for (int i = 0; i < kRuns; ++i) {
    ASSERT_EQ(RunOnce(program, walk, {}).ending, Ending::kDone);
    share[steps.order] += 1.0 / kRuns;
  }
  EXPECT_EQ(share.size(), expected.size());
  for (const auto& [order, probability] : expected) {
    ExpectNear(share[order], probability, kRuns);
  }
}

}  // namespace
}  // namespace slotproof::sched
