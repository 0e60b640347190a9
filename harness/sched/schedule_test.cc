#include "harness/sched/schedule.h"

#include <cstdint>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

// Law: what is written is read back as it was.
TEST(ScheduleTest, TextRoundTrips) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2'000; ++round) {
    Schedule schedule(random() % 6);
    for (Switch& change : schedule) {
      change = {.from = static_cast<ThreadId>(random() % kMaxThreads),
                .operation =
                    static_cast<std::uint32_t>(random() % 3 == 0 ? random() >> 33 : random() % 3),
                .at = (random() >> 2) >> (random() % 62),
                .to = static_cast<ThreadId>(random() % kMaxThreads),
                .back = static_cast<std::uint32_t>(random() % 3 == 0 ? random() % 9 : 0)};
      if (change.back != 0) change.to = change.from;
    }
    EXPECT_EQ(ParseSchedule(FormatSchedule(schedule)), schedule) << FormatSchedule(schedule);
  }
}

TEST(ScheduleTest, TextIsShort) {
  EXPECT_EQ(FormatSchedule({}), "-");
  EXPECT_EQ(FormatSchedule({{.from = 0, .operation = 0, .at = 5, .to = 1},
                            {.from = 1, .operation = 2, .at = 3, .to = 2},
                            {.from = 1, .operation = 2, .at = 7, .to = 1, .back = 1}}),
            "t0@5>t1 t1.2@3>t2 t1.2@7=1");
}

// Law: what is no schedule is not taken for one.
TEST(ScheduleTest, BadTextsAreRefused) {
  for (const std::string_view text :
       {"", " ", "--", "- ", "t", "t0", "t0@", "t0@1", "t0@1>", "t0@1>t", "t0@1>1", "0@1>t1",
        "t0@1>t1 ", " t0@1>t1", "t0@1>t1  t1@1>t0", "t0@1>t1,t1@1>t0", "t0@1>t1 -", "t0@-1>t1",
        "t0@+1>t1", "t-1@1>t0", "t0.@1>t1", "t0.1.1@1>t1", "t0@1>t1x", "t0 @1>t1", "t0@1>t1\n",
        "t0@1=", "t0@1=0", "t0@1=-1", "t0@1=t1", "t0@1=1>t1", "t0=1", "t0@1=2147483648",
        // Beyond what there can be.
        "t128@1>t0", "t0@1>t128", "t0.2147483648@1>t1", "t0@4611686018427387904>t1",
        "t0@99999999999999999999>t1", "t99999999999@1>t1"}) {
    EXPECT_EQ(ParseSchedule(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace slotproof::sched
