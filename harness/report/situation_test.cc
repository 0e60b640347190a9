#include "harness/report/situation.h"

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

Trace PushTwiceAndPop() {
  Trace trace;
  trace.ops = {{.code = testing::kPush}, {.code = testing::kPush}, {.code = testing::kPop}};
  return trace;
}

TEST(Situation, NamesTheOperationThatFailed) {
  Verdict verdict;
  verdict.outcome = Outcome::kMismatch;
  verdict.op_index = 2;
  verdict.law = "pop.key";
  EXPECT_EQ(SituationOf(testing::ToyVocabulary(), PushTwiceAndPop(), verdict),
            "mismatch/pop.key at pop");
  verdict.op_index = 3;
  EXPECT_EQ(SituationOf(testing::ToyVocabulary(), PushTwiceAndPop(), verdict),
            "mismatch/pop.key at the final check");
}

TEST(Situation, AShapeIsTheKindsOfOperationsInOrder) {
  EXPECT_EQ(ShapeOf(testing::ToyVocabulary(), PushTwiceAndPop()), "push pop");
  EXPECT_EQ(ShapeOf(testing::ToyVocabulary(), Trace{}), "");
}

}  // namespace
}  // namespace slotproof
