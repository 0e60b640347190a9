#include <algorithm>
#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/generator.h"
#include "harness/testing/expanded_traces.h"
#include "harness/testing/hunt.h"
#include "harness/trace/text.h"
#include "subjects/scheduled_map/planted_maps.h"
#include "subjects/scheduled_map/planted_targets.h"
#include "subjects/scheduled_map/scheduled_map_session.h"
#include "subjects/scheduled_map/scheduled_map_vocabulary.h"

namespace slotproof {

const Target& ScheduledLockedMapTarget();

namespace {

class PlantedMapTest : public ::testing::TestWithParam<std::size_t> {};

// Law: a map without a bug passes, and each bug is found, in a form that replays in the same way a
// hundred times, of which nothing can be left out.
TEST_P(PlantedMapTest, IsFoundAndShrunk) {
  ASSERT_EQ(PlantedMaps().size(), kPlantedMaps);
  const PlantedMap& planted = PlantedMaps()[GetParam()];
  const Target& target = PlantedTarget(GetParam());
  Runner runner(target);
  const std::size_t most = planted.signatures.empty() ? 4000 : 40000;
  const testing::Hunt hunt = testing::HuntFailure(runner, 1, most, 40);
  const Verdict& verdict = hunt.verdict;
  if (planted.signatures.empty()) {
    EXPECT_TRUE(verdict.passed()) << verdict.Summary() << "\n" << runner.session().Draw();
    return;
  }
  ASSERT_FALSE(verdict.passed());
  const std::string signature = verdict.Signature();
  EXPECT_NE(planted.signatures.find(signature), std::string_view::npos) << verdict.Summary();

  const ShrinkResult shrunk = testing::ShrinkFound(runner, hunt);
  const Verdict again = runner.Run(shrunk.trace);
  std::cout << planted.name << ": " << hunt.traces << " traces, " << shrunk.trace.ops.size()
            << " operations\n"
            << PrintTrace(target, shrunk.trace) << again.Summary() << "\n"
            << runner.session().Draw() << "\n";
  EXPECT_LE(shrunk.trace.ops.size(), 10u);
  EXPECT_EQ(testing::WhyNotMinimal(runner, shrunk, 100), "");
}

// All but the last one, which does not repeat its runs.
INSTANTIATE_TEST_SUITE_P(Maps, PlantedMapTest, ::testing::Range<std::size_t>(0, kPlantedMaps - 1),
                         [](const ::testing::TestParamInfo<std::size_t>& tested) {
                           return std::string(PlantedMaps()[tested.param].name);
                         });

// Law: what a look-up may see that is older shows itself where loads may see older stores alone.
TEST(ScheduledMapTest, SequentialMemoryHidesARelaxedFind) {
  const Target& target = PlantedTarget("RelaxedFind");
  const auto fields = target.vocabulary->fields;
  const auto memory = std::find_if(fields.begin(), fields.end(),
                                   [](const FieldSpec& field) { return field.name == "memory"; });
  ASSERT_NE(memory, fields.end());
  Runner runner(target);
  const Generator generator(target);
  Rng rng(1);
  Trace trace;
  for (int i = 0; i < 500; ++i) {
    generator.Generate(rng, 40, &trace);
    trace.header.field[static_cast<std::size_t>(memory - fields.begin())] = 0;
    const Verdict verdict = runner.Run(trace);
    ASSERT_TRUE(verdict.passed()) << verdict.Summary();
  }
}

// Law: a run by a strategy does what its switches do when they are written.
TEST(ScheduledMapTest, ARunIsItsSwitches) {
  const auto compared = testing::CompareExpandedTraces(ScheduledLockedMapTarget(), 1, 300, 40);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 100u);
}

Trace TraceOf(const Target& target, const std::string& operations) {
  const auto parsed = ParseTrace("slotproof-trace 1\ntarget " + std::string(target.name) +
                                     "\nheader universe=2\n" + operations,
                                 "", {}, &target);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? parsed->trace : Trace();
}

// Law: a read that is to see a later write does.
TEST(ScheduledMapTest, AReadSeesAWriteThatCameLater) {
  for (const Target* const target : {&ScheduledLockedMapTarget(), &PlantedTarget("None")}) {
    Runner runner(*target);
    Rng rng(1);
    for (int i = 0; i < 20; ++i) {
      Trace trace = TraceOf(*target, "find k0 t0\ninsert k0 t1\n");
      ASSERT_TRUE(runner.Run(trace).passed());
      ASSERT_NE(runner.session().Draw().find("\n  absent"), std::string::npos);
      ASSERT_TRUE(runner.session().LetReadSeeWrite(rng.Next(), &trace));
      ASSERT_TRUE(runner.Run(trace).passed());
      EXPECT_EQ(runner.session().Draw().find("\n  absent"), std::string::npos)
          << PrintTrace(*target, trace) << runner.session().Draw();
    }
  }
}

// How many of the traces that passed, with no switches but drawn ones, fail when up to four reads
// see later writes.
int FailuresByLaterWrites(const Target& target) {
  Runner runner(target);
  const Generator generator(target);
  Rng rng(1);
  Trace trace;
  int failures = 0;
  for (int i = 0; i < 400; ++i) {
    generator.Generate(rng, 12, &trace);
    std::erase_if(trace.ops, [&](const Op& op) {
      const std::string_view name = target.vocabulary->ops[op.code].name;
      return name == "switch" || name == "stale";
    });
    bool passes = runner.Run(trace).passed();
    for (int change = 0; passes && change < 4; ++change) {
      if (!runner.session().LetReadSeeWrite(rng.Next(), &trace)) break;
      passes = runner.Run(trace).passed();
      failures += passes ? 0 : 1;
    }
  }
  return failures;
}

// Law: where nothing went wrong, reads that see later writes show a bug, and none where there is
// none.
TEST(ScheduledMapTest, LaterWritesShowBugs) {
  for (const std::string_view name :
       {"PublishUnchecked", "FreesAtOnce", "LocksInBothOrders", "NotifiedBeforeWaiting"}) {
    EXPECT_GT(FailuresByLaterWrites(PlantedTarget(name)), 0) << name;
  }
  EXPECT_EQ(FailuresByLaterWrites(PlantedTarget("None")), 0);
  EXPECT_EQ(FailuresByLaterWrites(ScheduledLockedMapTarget()), 0);
}

}  // namespace
}  // namespace slotproof
