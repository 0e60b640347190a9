#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "subjects/slice/targets.h"

namespace slotproof {
namespace {

// Law: after each operation every slice shows what the model's window shows, lies where it lies,
// and the arrays that live are those that windows reach; and the traces were not tame.
TEST(SliceAgreement, TheReferenceSliceAgreesWithItsModel) {
  Runner runner(SliceTarget());
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 6000, .max_ops = 300}).passed);
  EXPECT_TRUE(CheckGoals(SliceTarget(), runner.stats().goals));
}

// Law: the same, with all cells compared and every invariant checked after every operation.
TEST(SliceAgreement, TheReferenceSliceIsSoundAfterEveryOperation) {
  Runner runner(SliceTarget(), {.check_every_op = true});
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 200, .max_ops = 100}).passed);
}

// Law: the same trace is observed alike twice.
TEST(SliceAgreement, TheReferenceSliceIsDeterministic) {
  Runner runner(SliceTarget(), {.determinism_share = 1});
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 300, .max_ops = 200}).passed);
}

}  // namespace
}  // namespace slotproof
