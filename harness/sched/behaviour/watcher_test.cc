#include "harness/sched/watcher.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sched/behaviour/runtime_programs.h"
#include "harness/sched/explore.h"
#include "harness/sched/pos.h"
#include "harness/sched/random_walk.h"

namespace slotproof::sched {
namespace {

using Sizes = std::array<std::size_t, 3>;  // of each kind of counter
using Counters = std::array<std::uint8_t, kWatchCounters>;

struct Ran {
  Schedule schedule;
  std::uint64_t points = 0;
  Ending ending = Ending::kDone;

  friend bool operator==(const Ran&, const Ran&) = default;
};

Ran Run(Strategy& strategy) {
  const RunResult& result = RunOnce(MixOfEverything, strategy, {});
  return {.schedule = result.schedule, .points = result.points, .ending = result.ending};
}

// Of many schedules, and of each one written: as they are, or watched.
template <class Drawing>
std::vector<Ran> RunMany(bool watched) {
  Runtime::Get().Forget();
  Counters counters{};
  Watcher watcher(counters);
  Choices choices(1);
  Drawing drawing(choices);
  std::vector<Ran> ran;
  for (int i = 0; i < 300; ++i) {
    watcher.Watch(drawing);
    ran.push_back(Run(watched ? static_cast<Strategy&>(watcher) : drawing));
    Replay written(ran.back().schedule);
    watcher.Watch(written);
    ran.push_back(Run(watched ? static_cast<Strategy&>(watcher) : written));
    EXPECT_FALSE(written.moved());
  }
  return ran;
}

// Law: a schedule is the same whether or not somebody watches.
TEST(WatcherTest, ChangesNoSchedule) {
  EXPECT_EQ(RunMany<RandomWalk>(true), RunMany<RandomWalk>(false));
  EXPECT_EQ(RunMany<Pos>(true), RunMany<Pos>(false));
}

// Does nothing.
class Silent final : public Strategy {
 public:
  ThreadId Pick(const View& view) override { return view.enabled.First(); }
};

// Places in this program.
std::uintptr_t PlaceNumber(std::uintptr_t number) {
  return reinterpret_cast<std::uintptr_t>(&Run) + number;
}

class CountersTest : public ::testing::Test {
 protected:
  CountersTest() {
    watcher_.Watch(silent_);
    watcher_.Begin();
  }

  // How many counters of a kind the event makes new.
  Sizes Happens(ThreadId thread, EventKind kind, std::uintptr_t place) {
    const auto before = Set();
    View view;
    view.pending[thread] = {.kind = kind,
                            .may_write = kind == EventKind::kWrite || kind == EventKind::kAtomicRmw,
                            .size = 8,
                            .address = 4096,
                            .pc = PlaceNumber(place)};
    watcher_.Executes(thread, view);
    return New(before);
  }

  Sizes Waits(std::uintptr_t place) {
    const auto before = Set();
    View view;
    view.alive.Add(0);
    view.alive.Add(1);
    view.enabled.Add(0);
    view.pending[1] = {.kind = EventKind::kLock, .address = 4096, .pc = PlaceNumber(place)};
    EXPECT_EQ(watcher_.Pick(view), 0u);
    return New(before);
  }

 private:
  Sizes Set() const {
    const auto count = [](std::span<const std::uint8_t> part) {
      return static_cast<std::size_t>(std::ranges::count(part, 1));
    };
    const std::span<const std::uint8_t> all = counters_;
    return {count(all.first(kSeenWriteCounters)),
            count(all.subspan(kSeenWriteCounters, kHandOffCounters)),
            count(all.last(kBlockedCounters))};
  }
  Sizes New(const Sizes& before) const {
    Sizes now = Set();
    for (std::size_t i = 0; i < now.size(); ++i) now[i] -= before[i];
    return now;
  }

  Counters counters_{};
  Watcher watcher_{counters_};
  Silent silent_;
};

TEST_F(CountersTest, AReadAndTheWriteThatItSaw) {
  EXPECT_EQ(Happens(0, EventKind::kRead, 1), (Sizes{1, 0, 0}));  // the initial value
  EXPECT_EQ(Happens(1, EventKind::kWrite, 2), Sizes{});
  EXPECT_EQ(Happens(0, EventKind::kRead, 1), (Sizes{1, 0, 0}));
  EXPECT_EQ(Happens(2, EventKind::kRead, 1), Sizes{});           // another thread at the same place
  EXPECT_EQ(Happens(1, EventKind::kRead, 1), (Sizes{1, 0, 0}));  // its own write
  EXPECT_EQ(Happens(0, EventKind::kRead, 3), (Sizes{1, 0, 0}));  // another place
  EXPECT_EQ(Happens(0, EventKind::kRead, 3), Sizes{});
}

TEST_F(CountersTest, WhoHadItBefore) {
  EXPECT_EQ(Happens(0, EventKind::kLock, 1), (Sizes{0, 1, 0}));
  EXPECT_EQ(Happens(1, EventKind::kLock, 2), (Sizes{0, 1, 0}));
  EXPECT_EQ(Happens(0, EventKind::kLock, 1), (Sizes{0, 1, 0}));
  EXPECT_EQ(Happens(1, EventKind::kLock, 2), Sizes{});
  EXPECT_EQ(Happens(0, EventKind::kUnlock, 1), Sizes{});
}

TEST_F(CountersTest, AnAtomicIsReadAndHandedOn) {
  EXPECT_EQ(Happens(0, EventKind::kAtomicRmw, 1), (Sizes{1, 1, 0}));
  EXPECT_EQ(Happens(1, EventKind::kAtomicLoad, 2), (Sizes{1, 1, 0}));
}

TEST_F(CountersTest, WhoWaitsWhere) {
  EXPECT_EQ(Waits(1), (Sizes{0, 0, 1}));
  EXPECT_EQ(Waits(1), Sizes{});
  EXPECT_EQ(Waits(2), (Sizes{0, 0, 1}));
}

}  // namespace
}  // namespace slotproof::sched
