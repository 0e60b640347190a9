#include "subjects/map/map_session.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/expanded_traces.h"
#include "harness/trace/text.h"
#include "subjects/map/container_subject.h"
#include "subjects/map/reference_goals.h"
#include "subjects/map/std_adapter.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

Trace Parse(const Target& target, std::string_view header, std::string_view ops) {
  const Target* const targets[] = {&target};
  const std::string text = "slotproof-trace 1\ntarget " + std::string(target.name) + "\nheader " +
                           std::string(header) + "\n" + std::string(ops);
  const Expected<TargetTrace> parsed = ParseTrace(text, "test", targets);
  if (!parsed) ADD_FAILURE() << parsed.error().message;
  return parsed ? parsed->trace : Trace{};
}

std::string DrawAfter(const Trace& trace) {
  Runner runner(MapTarget(), {.stop_before = trace.ops.size() - 1});
  EXPECT_TRUE(runner.Run(trace).passed());
  return runner.session().Draw();
}

// Each trace ends in a find that is not run, so that the state can be looked at.
TEST(MapSession, ADrawingNamesEveryTophashState) {
  const Trace trace = Parse(MapTarget(), "universe=64 hash=constant seed=1",
                            "insert_fresh k0 x10\ndelete k3\ndelete k8\ndelete k9\nfind k0\n");
  const std::string drawing = DrawAfter(trace);
  EXPECT_NE(drawing.find("7 entries, B=1 (2 buckets), 1 overflow"), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("| one |"), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("`-> [rest*8]"), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("2a k0=v1"), std::string::npos) << drawing;
}

TEST(MapSession, ADrawingShowsTheEvacuationFront) {
  const Trace trace =
      Parse(MapTarget(), "universe=64 seed=1",
            "insert_fresh k0 x64\ninsert_fresh k0 x64\ninsert_fresh k0 x64\nfind k0\n");
  const std::string drawing = DrawAfter(trace);
  EXPECT_NE(drawing.find("doubling: "), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("  old buckets\n"), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("X"), std::string::npos) << drawing;
}

TEST(MapSession, ABurstCountsEachOperationThatItChecks) {
  Runner runner(MapTarget(), {.determinism_share = 0});
  EXPECT_TRUE(runner.Run(Parse(MapTarget(), "universe=64", "insert_fresh k0 x8\n")).passed());
  // 8 insertions, then the final iteration: 8 entries and the end.
  EXPECT_EQ(runner.stats().checked_operations, 17u);
}

TEST(MapSession, FrayReachesSameSizeGrowthInTwoOperations) {
  Runner runner(MapTarget(), {.determinism_share = 0});
  const Trace trace = Parse(MapTarget(), "universe=4096 seed=1",
                            "insert_fresh k0 x64\ninsert_fresh k0 x64\nfray k0 x32\nfray k0 x1\n");
  ASSERT_TRUE(runner.Run(trace).passed());
  for (std::size_t goal = 0; goal < MapTarget().goals.size(); ++goal) {
    if (MapTarget().goals[goal].name != "same_size_growth_begun") continue;
    EXPECT_GT(runner.stats().goals[goal], 0u);
    return;
  }
  FAIL() << "no such goal";
}

TEST(MapSession, EveryKeyAndElementKindRunsOnEachTarget) {
  for (const Target* target : {&MapTarget(), &UnorderedMapTarget(), &DenseMapTarget()}) {
    Runner runner(*target, {.check_every_op = true, .determinism_share = 1});
    for (const char* key : {"uint64", "uint32", "string", "double", "bytes136"}) {
      for (const char* elem : {"uint64", "empty", "bytes136", "string"}) {
        const std::string header =
            "universe=256 key=" + std::string(key) + " elem=" + std::string(elem);
        const Trace trace =
            Parse(*target, header,
                  "insert_fresh k0 x60\ninsert k1\ninsert k2\ninsert k2\nfind k0\nfind k2\n"
                  "begin i0\nstep x5 i0\nstep_delete x4 i0\nstep_assign x4 i0\nstep_insert k99 i0\n"
                  "compare_and_swap k5 current\ncompare_and_swap k5 stale\nupdate k6\nupdate k200\n"
                  "load_or_store k7\nload_or_store k201\nload_or_store k2\nget_and_delete k8\n"
                  "get_and_delete k202\nassign_from k9 k3\nassign_from k203 k4\n"
                  "emplace_from k9 k5\nemplace_from k204 k6\nassign_self k7\ndelete_stored k8\n"
                  "copy\nmove\nrehint 100\nchurn k7 x30\ndelete_run k0 x9\nclear\nchurn k3 x9\n");
        const Verdict verdict = runner.Run(trace);
        EXPECT_TRUE(verdict.passed()) << target->name << " " << header << ": " << verdict.Summary();
      }
    }
  }
}

// The fuse burns in the operation after it, which then has done nothing.
TEST(MapSession, AFuseEndsTheOperationThatItBurnsIn) {
  for (const Target* target : {&MapTarget(), &UnorderedMapTarget()}) {
    Runner runner(*target, {.check_every_op = true, .determinism_share = 0, .stop_before = 4});
    const Trace trace = Parse(*target, "universe=64",
                              "insert_fresh k0 x5\nfuse_hash x3\ninsert_fresh k8 x5\nfind k0\n"
                              "find k0\n");
    const Verdict verdict = runner.Run(trace);
    ASSERT_TRUE(verdict.passed()) << target->name << ": " << verdict.Summary();
    EXPECT_NE(runner.session().Draw().find("7 entries"), std::string::npos)
        << runner.session().Draw();
    EXPECT_EQ(runner.stats().goals[static_cast<std::size_t>(MapSessionGoal::kFuseBurnt)], 1u);
  }
}

// Each operation whose result depends on the present value or whose arguments refer into the map,
// with a fuse at each of its first steps.
std::string ForEachPresentOp(const std::string& lit) {
  std::string ops;
  for (const char* op : {"compare_and_swap k5 current", "compare_and_swap k5 stale", "update k6",
                         "update k40", "load_or_store k7", "load_or_store k41", "get_and_delete k8",
                         "assign_from k9 k3", "assign_from k42 k4", "emplace_from k9 k5",
                         "emplace_from k43 k6", "assign_self k7", "delete_stored k8"}) {
    for (const char* steps : {" x1\n", " x2\n", " x3\n"}) {
      ops += lit + steps + op + "\n" + op + "\n";
    }
  }
  return ops;
}

// Every kind, with a fuse of each sort, at each of many steps.
TEST(MapSession, KindsThatThrowKeepTheirContents) {
  for (const Target* target : {&MapTarget(), &UnorderedMapTarget(), &ChainedMapTarget()}) {
    Runner runner(*target, {.check_every_op = true, .determinism_share = 0});
    for (const char* key : {"uint64", "double", "throwing_move", "throwing_copy"}) {
      for (const char* elem : {"uint64", "throwing_move", "throwing_copy", "move_only"}) {
        for (const char* fuse : {"alloc", "copy", "hash", "equal"}) {
          const std::string lit = "fuse_" + std::string(fuse);
          const std::string header =
              "universe=64 key=" + std::string(key) + " elem=" + std::string(elem);
          const Trace trace =
              Parse(*target, header,
                    "insert_fresh k0 x13\nbegin i0\n" + lit + " x9\ninsert_fresh k0 x9\n" + lit +
                        " x4\ndelete_run k1 x4\n" + lit + " x2\ncopy\n" + lit + " x7\nrehint 9\n" +
                        lit + " x1\nfind k1\nstep x4 i0\n" + lit +
                        " x20\ninsert_fresh k5 x40\nchurn k1 x9\n" + ForEachPresentOp(lit));
          const Verdict verdict = runner.Run(trace);
          EXPECT_TRUE(verdict.passed())
              << target->name << " " << header << " " << fuse << ": " << verdict.Summary();
        }
      }
    }
  }
}

// The growths that begin while an argument refers into the map: of both sizes of entry, by both
// insertions.
TEST(MapSession, ArgumentsMayReferIntoAMapThatGrows) {
  for (const char* kinds : {"key=uint64 elem=uint64", "key=string elem=string",
                            "key=bytes136 elem=bytes136", "key=double elem=string"}) {
    for (const char* op : {"assign_from", "emplace_from"}) {
      Runner runner(MapTarget(), {.check_every_op = true, .determinism_share = 0});
      std::string ops = "insert k4\n";
      for (int key = 5; key < 120; ++key) {
        ops += std::string(op) + " k" + std::to_string(key) + " k" + std::to_string(7 * key) + "\n";
      }
      const Verdict verdict =
          runner.Run(Parse(MapTarget(), std::string(kinds) + " universe=1024", ops));
      EXPECT_TRUE(verdict.passed()) << kinds << " " << op << ": " << verdict.Summary();
      EXPECT_EQ(runner.stats().goals[kGrowthUnderArgumentGoal], 5u) << kinds << " " << op;
    }
  }
}

// Both maps, on every kind: each operation of two, and iterators on both sides of it.
constexpr std::string_view kPairOps =
    "insert_fresh k0 x20\ninsert k2\ncompare self\nswitch\ninsert_fresh k9 x30\ninsert k3\n"
    "compare other\nbegin i0\nstep x3 i0\nswitch\nbegin i1\nstep x2 i1\nmerge\n"
    "step x5 i1\nswitch\nstep x5 i0\nswap other\nbegin i2\nswap self\ncopy_assign self\n"
    "switch\nbegin i3\nswitch\ncopy_assign other\nmove_assign self\ncompare other\nswitch\n"
    "drain i3\nassign k3\ncompare other\nbegin i0\nmerge\nmove_assign other\nswitch\n"
    "insert_fresh k0 x4\nswap other\nfind k5\n";

TEST(MapSession, TwoMapsAgreeWithTwoModelsOnEveryKind) {
  for (const Target* target : {&MapTarget(), &UnorderedMapTarget()}) {
    Runner runner(*target, {.check_every_op = true, .determinism_share = 1});
    for (const char* key : {"uint64", "string", "double", "bytes136", "throwing_move"}) {
      for (const char* elem : {"uint64", "empty", "bytes136", "string", "move_only"}) {
        const std::string header =
            "universe=64 key=" + std::string(key) + " elem=" + std::string(elem);
        const Verdict verdict = runner.Run(Parse(*target, header, kPairOps));
        EXPECT_TRUE(verdict.passed()) << target->name << " " << header << ": " << verdict.Summary();
      }
    }
  }
}

// A fuse at each of the steps of an assignment and of a merge.
TEST(MapSession, TwoMapsKeepTheirContentsWhenOneThrows) {
  for (const Target* target : {&MapTarget(), &UnorderedMapTarget(), &ChainedMapTarget()}) {
    Runner runner(*target, {.check_every_op = true, .determinism_share = 0});
    for (const char* key : {"uint64", "double", "throwing_move", "throwing_copy"}) {
      for (const char* elem : {"uint64", "empty", "throwing_move", "throwing_copy", "move_only"}) {
        for (int steps = 1; steps <= 40; steps += 3) {
          const std::string header =
              "universe=32 key=" + std::string(key) + " elem=" + std::string(elem);
          const std::string x = " x" + std::to_string(steps) + "\n";
          const Trace trace =
              Parse(*target, header,
                    "insert_fresh k0 x12\ninsert k2\nbegin i0\nswitch\ninsert_fresh k8 x20\n"
                    "insert k2\nbegin i1\nfuse_alloc" +
                        x + "merge\nfuse_copy" + x + "merge\nfuse_hash" + x +
                        "merge\nstep x3 i1\nswitch\nfuse_alloc" + x +
                        "copy_assign other\nfuse_copy" + x + "copy_assign other\nfuse_equal" + x +
                        "merge\nfuse_equal" + x + "compare other\n");
          const Verdict verdict = runner.Run(trace);
          EXPECT_TRUE(verdict.passed()) << target->name << " " << header << x << verdict.Summary();
        }
      }
    }
  }
}

// What a merge that throws does.
struct Damage {
  std::size_t lost = 0;
  bool doubled = false;
};
Damage damage;

template <class Key, class Elem, class Hash>
struct Merging : StdAdapter<std::unordered_map<Key, Elem, Hash>, Key, Elem, Hash> {
  using Base = StdAdapter<std::unordered_map<Key, Elem, Hash>, Key, Elem, Hash>;
  using Base::Base;

  static constexpr bool kKeepsContentsOnThrow = true;
  static constexpr std::size_t kMergeMayLose = 1;

  void merge(Merging& other) {
    try {
      Fuse::Step(FuseKind::kHash);
    } catch (...) {
      const FusePause pause;
      if (damage.doubled) this->map.insert(*other.map.begin());
      for (std::size_t i = 0; i < damage.lost; ++i) other.map.erase(other.map.begin());
      throw;
    }
    this->map.merge(other.map);
  }
};

// One entry may go where the adapter says so; none may be in both maps.
TEST(MapSession, AMergeThatThrowsLosesNoMoreThanItMay) {
  Target target = UnorderedMapTarget();
  target.new_session = []() -> std::unique_ptr<Session> {
    return std::make_unique<MapSession>([](const MapHeader& header, GoalCounts*) {
      return std::unique_ptr<MapSubject>(
          header.key == KeyKind::kDouble
              ? std::make_unique<ContainerSubject<double, std::uint64_t, Merging>>(header)
              : nullptr);
    });
  };
  Runner runner(target, {.check_every_op = true, .determinism_share = 1});
  const auto passes = [&](std::string_view ops, const Damage& by) {
    damage = by;
    const std::string text =
        std::string(ops) + "switch\ninsert k8\nfuse_hash x1\nmerge\nmerge\nswitch\ncompare other\n";
    return runner.Run(Parse(target, "universe=64 key=double", text)).passed();
  };
  // Of the keys, and of NaN.
  for (const std::string_view ops : {"insert_fresh k1 x4\n", "insert k3\ninsert k3\ninsert k3\n"}) {
    EXPECT_TRUE(passes(ops, {})) << ops;
    EXPECT_TRUE(passes(ops, {.lost = 1})) << ops;
    EXPECT_FALSE(passes(ops, {.lost = 2})) << ops;
    EXPECT_FALSE(passes(ops, {.doubled = true})) << ops;
  }
}

// What the map keeps valid is used, and the rest let go: after a rehash, after an erasure of the
// entry, through a swap and a move.
TEST(MapSession, OwnIteratorsOnEveryKind) {
  for (const Target* target : {&ChainedMapTarget(), &UnorderedMapTarget()}) {
    Runner runner(*target, {.check_every_op = true, .determinism_share = 1});
    for (const char* key : {"uint64", "string", "double", "throwing_move"}) {
      for (const char* elem : {"uint64", "empty", "string", "move_only"}) {
        const std::string header =
            "universe=64 hint=40 key=" + std::string(key) + " elem=" + std::string(elem);
        const Trace trace = Parse(
            *target, header,
            "insert_fresh k0 x20\ninsert k2\ninsert k2\nbegin i0\nstep x3 i0\nbegin i1\n"
            "erase_at i1\nstep_delete x3 i1\nerase_range x4 i1\ninsert_hint k9 i1\nassign k3\n"
            "insert k50\nstep x2 i0\nstep x2 i1\nswap other\nswitch\nstep x2 i1\n"
            "erase_at i1\nswitch\ninsert_fresh k0 x9\nbegin i2\nstep x1 i2\nmove_assign other\n"
            "drain i0\nerase_range x64 i1\ninsert_hint k2 i1\nbegin i3\nstep x1 i3\n"
            "insert_fresh k0 x60\nstep x1 i3\nbegin i3\nclear\nstep x1 i3\nbegin i3\n"
            "erase_at i3\nerase_range x1 i3\ninsert_hint k3 i3\n");
        const Verdict verdict = runner.Run(trace);
        EXPECT_TRUE(verdict.passed()) << target->name << " " << header << ": " << verdict.Summary();
      }
    }
  }
}

// Each way to use an iterator that is still valid, and each that lets one go.
TEST(MapSession, AnIteratorIsUsedWhileItIsValid) {
  const auto goals_of = [](std::string_view ops) {
    Runner runner(ChainedMapTarget(), {.determinism_share = 0});
    EXPECT_TRUE(runner.Run(Parse(ChainedMapTarget(), "universe=64 hint=16", ops)).passed()) << ops;
    return runner.stats().goals;
  };
  const auto own = [](OwnIteratorGoal goal) {
    return kMapSessionGoals + static_cast<std::size_t>(goal);
  };
  const std::string begun = "insert_fresh k0 x6\nbegin i0\nstep x2 i0\n";
  const std::size_t outlived = own(OwnIteratorGoal::kIteratorOutlivedInsertion);
  EXPECT_GT(goals_of(begun + "insert k9\nstep x1 i0\n")[outlived], 0u);
  EXPECT_EQ(goals_of(begun + "insert_fresh k9 x40\nstep x1 i0\n")[outlived], 0u) << "a rehash";
  EXPECT_EQ(goals_of(begun + "clear\ninsert k9\nstep x1 i0\n")[outlived], 0u);
  const std::size_t followed = own(OwnIteratorGoal::kIteratorFollowed);
  EXPECT_GT(goals_of(begun + "swap other\nswitch\nstep x1 i0\n")[followed], 0u);
  EXPECT_GT(goals_of(begun + "switch\nmove_assign other\nstep x1 i0\n")[followed], 0u);
  EXPECT_EQ(goals_of(begun + "switch\ncopy_assign other\nswitch\nstep x1 i0\n")[followed], 0u);
}

TEST(MapSession, TheSameTraceIsObservedAlikeTwice) {
  Runner runner(MapTarget(), {.determinism_share = 0});
  const Trace trace = Parse(MapTarget(), "universe=1024 key=double seed=5",
                            "insert_fresh k0 x60\nfray k0 x9\nbegin i0\nclear\ndrain i0\n");
  ASSERT_TRUE(runner.Run(trace).passed());
  const std::uint64_t first = runner.session().digest();
  ASSERT_TRUE(runner.Run(trace).passed());
  EXPECT_EQ(runner.session().digest(), first);
}

TEST(MapSession, ABurstRecordsTheOperationsThatItPerforms) {
  const testing::ExpandedTraces compared =
      testing::CompareExpandedTraces(MapTarget(), /*seed=*/1, /*traces=*/300, /*max_ops=*/60);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 1000u);
}

// An iterator ends when its table rehashes, so that a step may be none.
TEST(MapSession, ABurstOnAnotherMapDoesSoToo) {
  const testing::ExpandedTraces compared = testing::CompareExpandedTraces(
      UnorderedMapTarget(), /*seed=*/1, /*traces=*/100, /*max_ops=*/60);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 300u);
}

}  // namespace
}  // namespace slotproof
