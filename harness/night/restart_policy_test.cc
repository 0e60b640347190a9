#include "harness/night/restart_policy.h"

#include <gtest/gtest.h>

namespace slotproof {
namespace {

TEST(RestartPolicyTest, AGoodRunIsFollowedAtOnce) {
  RestartPolicy policy;
  EXPECT_EQ(policy.PauseAfter(60), 0);
}

// Dying young again and again leads to long pauses, but not to endless ones.
TEST(RestartPolicyTest, PausesGrowToALimit) {
  RestartPolicy policy;
  double last = 0;
  for (int i = 0; i < 5; ++i) {
    const double pause = policy.PauseAfter(0.1);
    EXPECT_GT(pause, last);
    last = pause;
  }
  for (int i = 0; i < 20; ++i) last = policy.PauseAfter(0.1);
  EXPECT_EQ(last, RestartPolicy::kLongestPauseSeconds);
}

// One good run forgives all bad ones.
TEST(RestartPolicyTest, AGoodRunResetsThePause) {
  RestartPolicy policy;
  for (int i = 0; i < 5; ++i) policy.PauseAfter(0.1);
  policy.PauseAfter(RestartPolicy::kYoungSeconds);
  EXPECT_EQ(policy.PauseAfter(0.1), RestartPolicy::kFirstPauseSeconds);
}

}  // namespace
}  // namespace slotproof
