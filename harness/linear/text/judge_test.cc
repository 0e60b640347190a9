#include "harness/linear/text/judge.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/linear/text/picture.h"

namespace slotproof::linear {
namespace {

// The minimal part as it is drawn, and what is said below it.
std::string Reason(std::string_view text) {
  const auto recorded = ReadHistory("h", text);
  EXPECT_TRUE(recorded) << recorded.error().message;
  const Judgement judgement = JudgeHistory(*recorded, {}, {});
  EXPECT_EQ(judgement.answer, Answer::kNot);
  return "\n" + DrawLanes(*recorded, judgement) + DescribeState(*recorded, judgement) + "\n";
}

constexpr std::string_view kStale =
    "slotproof-history 1\n"
    "model register\n"
    "p0 invoke write 1\n"
    "p0 ok\n"
    "p0 invoke write 2\n"
    "p1 invoke read\n"
    "p1 ok 1\n"
    "p0 ok\n"
    "p1 invoke read\n"
    "p2 invoke write 3\n"
    "p1 ok 1\n"
    "p2 info\n";

TEST(Judge, ShowsTheCallThatHasNoPlace) {
  EXPECT_EQ(Reason(kStale), R"(
  p0  (write 1) [1: write 2]
  p1                         [X: read -> 1]
the order that gets furthest; then register is 2
)");
}

TEST(Judge, ShowsWhatOverlaps) {
  EXPECT_EQ(Reason("slotproof-history 1\nmodel queue\n"
                   "a invoke enqueue 1\nb invoke enqueue 2\na ok\nb ok\n"
                   "c invoke dequeue\nd invoke dequeue\nc ok 1\nd ok 1\n"),
            R"(
  a  (enqueue 1)
  c              [dequeue -> 1]
  d               [X: dequeue -> 1]
the order that gets furthest; then queue is []
)");
}

TEST(Judge, NamesTheKey) {
  const auto recorded = ReadHistory("h",
                                    "slotproof-history 1\nmodel kv\n"
                                    "a invoke append x 1\na ok\nb invoke append y 2\nb ok\n"
                                    "b invoke get y\nb ok \"3\"\n");
  ASSERT_TRUE(recorded);
  const Judgement judgement = JudgeHistory(*recorded, {}, {});
  EXPECT_EQ(judgement.answer, Answer::kNot);
  EXPECT_EQ(judgement.key, "y");
  EXPECT_EQ(judgement.part.size(), 2u);
  EXPECT_EQ(judgement.stuck, 2u);
}

// Each call of a right history has a place.
TEST(Judge, PlacesAreAnOrder) {
  const auto recorded = ReadHistory("h",
                                    "slotproof-history 1\nmodel register\n"
                                    "a invoke write 1\nb invoke read\nb ok 1\na ok\n");
  ASSERT_TRUE(recorded);
  const Judgement judgement = JudgeHistory(*recorded, {}, {});
  EXPECT_EQ(judgement.answer, Answer::kLinearizable);
  EXPECT_EQ(judgement.places, (std::vector<std::uint32_t>{1, 2}));
}

// What people wrote into a history is text on the page, not markup.
TEST(Page, IsWellFormed) {
  const auto recorded =
      ReadHistory("<h>",
                  "slotproof-history 1\nmodel register\n"
                  "a<b invoke write \"<script>&\"\na<b ok\nc invoke read\nc ok 1\n"
                  "d invoke write 2\n");
  ASSERT_TRUE(recorded);
  const std::string page = DrawPage("<h>", *recorded, JudgeHistory(*recorded, {}, {}));
  EXPECT_NE(page.find("&lt;h&gt;: not linearizable"), std::string::npos) << page;
  EXPECT_NE(page.find("a&lt;b"), std::string::npos) << page;
  EXPECT_NE(page.find("&lt;script&gt;&amp;"), std::string::npos) << page;
  EXPECT_EQ(page.find("<script"), std::string::npos) << page;
  EXPECT_NE(page.find("class=\"stuck\""), std::string::npos) << page;
  EXPECT_NE(page.find("pending"), std::string::npos) << page;
}

// Of a long history it has what is around the reason.
TEST(Page, OfALongHistoryHasTheReason) {
  std::string text = "slotproof-history 1\nmodel register\n";
  for (int i = 0; i < 2'000; ++i) text += "a invoke write 1\na ok\n";
  text += "b invoke read\nb ok 7\n";
  for (int i = 0; i < 2'000; ++i) text += "a invoke write 1\na ok\n";
  const auto recorded = ReadHistory("h", text);
  ASSERT_TRUE(recorded);
  const Judgement judgement = JudgeHistory(*recorded, {}, {});
  EXPECT_EQ(judgement.minimal.size(), 1u);
  const std::string page = DrawPage("h", *recorded, judgement);
  EXPECT_NE(page.find("read -&gt; 7"), std::string::npos);
  EXPECT_LT(page.size(), 500'000u);
}

}  // namespace
}  // namespace slotproof::linear
