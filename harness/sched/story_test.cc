#include "harness/sched/story.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

using Kind = Deed::Kind;

constexpr std::uintptr_t kHere = 0x1000;
constexpr std::uintptr_t kThere = 0x2000;
constexpr std::uint64_t kPointer = std::uint64_t{1} << 40;

// A trail by hand: each deed is a point of its thread's first operation.
class Trails {
 public:
  Trails& Do(ThreadId thread, Deed deed) {
    deed.thread = thread;
    deed.operation = 1;
    deed.point = deed.kind == Kind::kBegin ? 0 : ++points_.at(thread);
    trail_.Add(deed);
    return *this;
  }
  Trails& Begin(ThreadId thread) { return Do(thread, {.kind = Kind::kBegin}); }
  Trails& Answer(ThreadId thread) { return Do(thread, {.kind = Kind::kAnswer}); }
  Trails& Access(ThreadId thread, Kind kind, std::uintptr_t address,
                 std::optional<std::uint64_t> value) {
    return Do(thread,
              {.kind = kind, .is_plain = !value.has_value(), .address = address, .value = value});
  }

  std::string Story(const std::string& failure = "") const {
    const auto name = [](ThreadId thread) { return "t" + std::to_string(thread); };
    std::string text;
    for (const Scene& scene : TellStory(
             trail_, {.operation =
                          [](const Deed& begin) {
                            return begin.thread == 0 ? std::string("add") : std::string("set");
                          },
                      .answer = [](const Deed&) { return std::string("done"); },
                      .name = name,
                      .failure = failure})) {
      text += name(scene.thread) + " " + scene.text + "\n";
    }
    return text;
  }

 private:
  Trail trail_;
  std::vector<std::uint64_t> points_ = std::vector<std::uint64_t>(3, 0);
};

// Law: a load that sees an older store says whose it is and how old.
TEST(Story, TellsAnOlderStore) {
  Trails trails;
  trails.Begin(0)
      .Access(0, Kind::kWrite, kHere, 1)
      .Access(0, Kind::kWrite, kHere, 2)
      .Answer(0)
      .Begin(1)
      .Do(1, {.kind = Kind::kRead, .address = kHere, .value = 1, .back = 1})
      .Do(1, {.kind = Kind::kRead, .address = kHere, .value = 0, .back = 2});
  EXPECT_EQ(trails.Story(),
            "t0 add\n"
            "t0   done\n"
            "t1 set\n"
            "t1   point 1: reads A = 1 of t0's add, 1 before the last store\n"
            "t1   point 2: reads A = 0, 2 before the last store\n");
}

// Law: a store over what came after its operation's read says so, and that read is told, too.
TEST(Story, TellsALostUpdate) {
  Trails trails;
  trails.Begin(0).Access(0, Kind::kRead, kHere, 5);
  trails.Begin(1).Access(1, Kind::kWrite, kHere, 6).Answer(1);
  trails.Access(0, Kind::kWrite, kHere, 7).Answer(0);
  EXPECT_EQ(trails.Story(),
            "t0 add\n"
            "t0   point 1: reads A = 5\n"
            "t1 set\n"
            "t1   done\n"
            "t0   point 2: writes A = 7 over t1's set, which came after point 1\n"
            "t0   done\n");
}

// Law: a swap that finds the value of its operation's read, written anew, is an ABA; one that has
// seen what it swaps is none.
TEST(Story, TellsAnAba) {
  for (const bool saw_it : {false, true}) {
    Trails trails;
    trails.Begin(0).Access(0, Kind::kRead, kHere, kPointer);
    trails.Begin(1).Access(1, Kind::kUpdate, kHere, 0).Access(1, Kind::kUpdate, kHere, kPointer);
    if (saw_it) trails.Access(0, Kind::kRead, kHere, kPointer);
    trails.Access(0, Kind::kUpdate, kHere, 9);
    const std::string story = trails.Story();
    if (saw_it) {
      EXPECT_EQ(story.find("again"), std::string::npos) << story;
    } else {
      EXPECT_EQ(story,
                "t0 add\n"
                "t0   point 1: reads A = #1\n"
                "t1 set\n"
                "t0   point 2: swaps A for 9: it is #1 again, as at point 1, by t1's set\n");
    }
  }
}

// Law: an update that adds to what another one wrote has seen it, whatever its operation read
// before; and whose an operation's own thread's write was is not said.
TEST(Story, AnUpdateSeesWhatItAddsTo) {
  Trails trails;
  trails.Access(0, Kind::kWrite, kHere, 5).Begin(0).Access(0, Kind::kRead, kHere, 5);
  trails.Begin(1).Access(1, Kind::kWrite, kHere, 6).Access(0, Kind::kUpdate, kHere, 7);
  EXPECT_EQ(trails.Story(),
            "t0 add\n"
            "t1 set\n"
            "t0   point 3: swaps A = 6 of t1's set for 7\n");
  trails.Access(1, Kind::kWrite, kHere, 8).Access(0, Kind::kWrite, kHere, 9);
  EXPECT_NE(trails.Story().find("t0   point 2: reads A = 5\n"), std::string::npos)
      << trails.Story();
}

// Law: where a thread goes on that only waits for others, it is said who goes on then.
TEST(Story, LooksThroughThreadsThatOnlyWait) {
  Trails trails;
  trails.Begin(0).Begin(1);
  trails.Do(0, {.kind = Kind::kSwitch, .why = Why::kEnded, .to = 2});
  trails.Do(2, {.kind = Kind::kSwitch, .why = Why::kWaits, .waits = EventKind::kJoin, .to = 1});
  EXPECT_EQ(trails.Story(), "t0 add\nt1 set\nt0   ends: to t1\n");
}

// Law: what an operation wrote itself, or found from before all operations, is nothing to tell.
TEST(Story, TellsOnlyWhatAnotherThreadsOperationWrote) {
  Trails trails;
  trails.Begin(0).Access(0, Kind::kRead, kHere, 5).Access(0, Kind::kWrite, kHere, 6);
  trails.Access(0, Kind::kRead, kHere, 6).Answer(0);
  trails.Begin(1).Access(1, Kind::kRead, kHere, 6).Access(1, Kind::kUpdate, kThere, 1);
  EXPECT_EQ(trails.Story(),
            "t0 add\n"
            "t0   done\n"
            "t1 set\n"
            "t1   point 1: reads A = 6 of t0's add\n");
}

// Law: of plain memory, one read for each two operations is enough, and of a lock the first taking.
TEST(Story, TellsPlainReadsAndLocksOnce) {
  Trails trails;
  trails.Begin(0).Do(0, {.kind = Kind::kTake, .address = kHere});
  trails.Access(0, Kind::kWrite, kThere, std::nullopt);
  trails.Access(0, Kind::kWrite, kThere + 8, std::nullopt);
  trails.Do(0, {.kind = Kind::kGive, .address = kHere}).Begin(1);
  trails.Access(1, Kind::kRead, kThere, std::nullopt);
  trails.Access(1, Kind::kRead, kThere + 8, std::nullopt);
  trails.Begin(2).Do(2, {.kind = Kind::kTake, .address = kHere});
  EXPECT_EQ(trails.Story(),
            "t0 add\n"
            "t1 set\n"
            "t1   point 1: reads what t0's add wrote\n"
            "t2 set\n"
            "t2   point 1: takes lock A of t0's add\n");
}

// Law: each switch says why it happens, those that the rule makes among threads without operations
// are left out, and the end says what failed.
TEST(Story, TellsWhyThreadsTakeTurns) {
  Trails trails;
  trails.Begin(0).Begin(1);
  trails.Do(0, {.kind = Kind::kSwitch, .to = 1});
  trails.Do(
      1,
      {.kind = Kind::kSwitch, .why = Why::kWaits, .waits = EventKind::kLock, .to = 0, .other = 0});
  trails.Do(0, {.kind = Kind::kSwitch, .why = Why::kYields, .to = 1});
  trails.Do(1, {.kind = Kind::kSwitch, .why = Why::kEnded, .to = 0});
  for (const bool is_chosen : {false, true}) {
    trails.Do(2, {.kind = Kind::kSwitch,
                  .is_chosen = is_chosen,
                  .why = Why::kWaits,
                  .waits = EventKind::kJoin,
                  .to = 0,
                  .other = 1});
  }
  trails.Do(0, {.kind = Kind::kSignal});
  trails.Access(1, Kind::kWrite, kHere, std::nullopt);
  trails.Do(0, {.kind = Kind::kRace, .other = 1, .address = kHere});
  trails.Do(0, {.kind = Kind::kSwitch, .why = Why::kWaits, .waits = EventKind::kWake});
  trails.Do(0, {.kind = Kind::kFailure});
  EXPECT_EQ(trails.Story("crash"),
            "t0 add\n"
            "t1 set\n"
            "t0   point 1: to t1\n"
            "t1   point 1: waits for a lock of t0: to t0\n"
            "t0   point 2: lets others go first: to t1\n"
            "t1   ends: to t0\n"
            "t2   point 2: waits for the end of t1: by choice to t0\n"
            "t0   point 3: signals, and nobody waits\n"
            "t0   point 4: data race with t1's set\n"
            "t0   point 5: waits for a signal for ever\n"
            "t0   point 6: crash\n");
}

}  // namespace
}  // namespace slotproof::sched
