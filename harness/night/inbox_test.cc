#include "harness/night/inbox.h"

#include <gtest/gtest.h>

namespace slotproof {
namespace {

TEST(InboxTest, FilesAreWhatTheirNamesSay) {
  EXPECT_EQ(KindOfInboxFile("in/0/map-mismatch-find-1234.trace"), InboxKind::kTrace);
  EXPECT_EQ(KindOfInboxFile("in/0/crash-00ff"), InboxKind::kCrash);
  EXPECT_EQ(KindOfInboxFile("in/0/leak-00ff"), InboxKind::kLeak);
  EXPECT_EQ(KindOfInboxFile("in/0/timeout-00ff"), InboxKind::kTimeout);
  EXPECT_EQ(KindOfInboxFile("in/0/oom-00ff"), InboxKind::kOom);
  EXPECT_EQ(KindOfInboxFile("in/0/slow-unit-00ff"), InboxKind::kOther);
  EXPECT_EQ(KindOfInboxFile("in/crash-0/map.trace.tmp"), InboxKind::kOther);
}

TEST(InboxTest, EachFileIsTakenOnceInOrder) {
  InboxQueue queue;
  EXPECT_TRUE(queue.Add("b"));
  EXPECT_TRUE(queue.Add("a"));
  EXPECT_FALSE(queue.Add("b"));
  EXPECT_EQ(queue.Take(), "b");
  EXPECT_FALSE(queue.Add("b")) << "taken is not gone";
  EXPECT_EQ(queue.Take(), "a");
  EXPECT_EQ(queue.Take(), std::nullopt);
}

TEST(InboxTest, AForgottenFileCanComeAgain) {
  InboxQueue queue;
  queue.Add("a");
  queue.Take();
  queue.Forget("a");
  EXPECT_TRUE(queue.Add("a"));
  EXPECT_EQ(queue.size(), 1u);
}

}  // namespace
}  // namespace slotproof
