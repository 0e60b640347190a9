// One target against its model: TargetUnderTest(), which the build chooses, by the laws that
// SLOTPROOF_LAWS does.

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "harness/subject/target_under_test.h"
#include "harness/trace/laws.h"

namespace slotproof {
namespace {

const Target& TheTarget() { return UnderLawsOfEnvironment(TargetUnderTest()); }

// Law: through any trace every result is the model's, in the end they hold the same, and the
// invariants held on the way; and the traces were not tame.
TEST(Agreement, TheTargetAgreesWithItsModel) {
  Runner runner(TheTarget());
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 6000, .max_ops = 300, .reach_goals = true}).passed);
}

// Law: the same, with the whole structure walked after every operation.
TEST(Agreement, TheTargetIsSoundAfterEveryOperation) {
  Runner runner(TheTarget(), {.check_every_op = true});
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 200, .max_ops = 100}).passed);
}

// Law: the same trace is observed alike twice.
TEST(Agreement, TheTargetIsDeterministic) {
  Runner runner(TheTarget(), {.determinism_share = 1});
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 300, .max_ops = 200}).passed);
}

}  // namespace
}  // namespace slotproof
