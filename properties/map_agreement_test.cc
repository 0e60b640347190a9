#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

// Law: after any trace the map and its model hold the same entries, every result on the way was
// the same, and the table's invariants held; and the traces were not tame.
TEST(MapAgreement, TheReferenceMapAgreesWithItsModel) {
  Runner runner(MapTarget());
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 6000, .max_ops = 400}).passed);
  EXPECT_TRUE(CheckGoals(MapTarget(), runner.stats().goals));
}

// Law: the same, with the whole structure walked after every operation.
TEST(MapAgreement, TheReferenceMapIsSoundAfterEveryOperation) {
  Runner runner(MapTarget(), {.check_every_op = true});
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 200, .max_ops = 100}).passed);
}

// Law: the same trace is observed alike twice.
TEST(MapAgreement, TheReferenceMapIsDeterministic) {
  Runner runner(MapTarget(), {.determinism_share = 1});
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 300, .max_ops = 200}).passed);
}

// Law: std::unordered_map is a map, too.
TEST(MapAgreement, UnorderedMapAgreesWithTheModel) {
  Runner runner(UnorderedMapTarget());
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 1500, .max_ops = 200}).passed);
  EXPECT_TRUE(CheckGoals(UnorderedMapTarget(), runner.stats().goals));
}

}  // namespace
}  // namespace slotproof
