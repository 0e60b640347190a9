#include "harness/shrink/measure.h"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/steps.h"
#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

using testing::ToyTarget;

TEST(Measure, ComparesWhatRunsThenNamesThenTheHeaderThenTheText) {
  const Vocabulary& vocabulary = testing::ToyVocabulary();
  const auto measure = [&](const Trace& trace) {
    const TraceSteps steps = StepsOf(ToyTarget(), trace);
    return MeasureOf(vocabulary, trace, trace.ops.size(), &steps);
  };
  const Op push0 = {.code = testing::kPush};
  const Op push1 = {.code = testing::kPush, .a = 1};
  const Op both = {.code = testing::kPushMany, .b = 1};
  const Header level = {.field = {0, 0, 9, 0}};
  const Header two = {.field = {1, 0, 1, 0}};
  // Each is better than all after it.
  const std::vector<Trace> best_first = {
      {.header = two, .ops = {push1}},
      {.header = {}, .ops = {push0, push0}},
      {.header = level, .ops = {push0, push0}},
      {.header = two, .ops = {push0, push0}},
      {.header = {}, .ops = {both}},
      {.header = {}, .ops = {push0, push1}},
      {.header = {}, .ops = {push1, push0}},
      {.header = {}, .ops = {both, push0}},
  };
  for (std::size_t i = 1; i < best_first.size(); ++i) {
    EXPECT_LT(measure(best_first[i - 1]), measure(best_first[i])) << i;
  }
  const Trace fails_early = {.header = {}, .ops = {push0, push1, both}};
  EXPECT_EQ(MeasureOf(vocabulary, fails_early, 0, nullptr).steps, 1u);
  EXPECT_EQ(MeasureOf(vocabulary, fails_early, 3, nullptr).steps, 3u);
}

}  // namespace
}  // namespace slotproof
