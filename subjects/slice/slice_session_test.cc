#include "subjects/slice/slice_session.h"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/testing/expanded_traces.h"
#include "harness/trace/text.h"
#include "subjects/slice/targets.h"

namespace slotproof {
namespace {

Trace Parse(std::string_view header, std::string_view ops) {
  const Target* const targets[] = {&SliceTarget()};
  const std::string text =
      "slotproof-trace 1\ntarget slice\nheader " + std::string(header) + "\n" + std::string(ops);
  const Expected<TargetTrace> parsed = ParseTrace(text, "test", targets);
  if (!parsed) ADD_FAILURE() << parsed.error().message;
  return parsed ? parsed->trace : Trace{};
}

// The state before the trace's last operation.
std::string DrawBeforeLast(const Trace& trace) {
  Runner runner(SliceTarget(), {.stop_before = trace.ops.size() - 1});
  EXPECT_TRUE(runner.Run(trace).passed());
  return runner.session().Draw();
}

TEST(SliceSession, ADrawingShowsEachWindowUnderItsArray) {
  const Trace trace = Parse("slices=4",
                            "append s0 s0 5\n"
                            "slice s1 s0 2 4\n"
                            "slice3 s2 s0 1 1 1\n"
                            "make s3 0 0\n"
                            "get s0 0\n");
  EXPECT_EQ(DrawBeforeLast(trace),
            "A      0   1   2   3   4   5\n"
            "      |v1 |v2 |v3 |v4 |v5 |0  |\n"
            "s0    [===================)---|  len 5 cap 6\n"
            "s1            [=======)-------|  len 2 cap 4\n"
            "s2      len 0 cap 0\n"
            "s3 has no array: len 0 cap 0\n");
}

TEST(SliceSession, ADrawingOfALongArrayShowsItsBounds) {
  const std::string drawing = DrawBeforeLast(
      Parse("slices=2", "append_many s0 s0 x100\nslice s1 s0 len/2 len\nget s0 0\n"));
  EXPECT_NE(drawing.find("|...|"), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("len 50 cap 62"), std::string::npos) << drawing;
  EXPECT_LT(drawing.size(), 1000u);
}

TEST(SliceSession, AnAnnotationSaysWhatPlacesStandFor) {
  const Trace trace = Parse("slices=2", "append s0 s0 5\nslice s1 s0 len-1 cap+1\n");
  Runner runner(SliceTarget(), {.stop_before = 1});
  EXPECT_TRUE(runner.Run(trace).passed());
  EXPECT_EQ(runner.session().Annotate(trace.ops[1]), "s0 len 5 cap 6, i=4, j=7");
}

// Law: sizes near the largest integer panic as in the runtime, and none is allocated.
TEST(SliceSession, HugeSizesAreRefusedOrLeftOut) {
  for (const std::string elem : {"uint64", "uint8", "string", "bytes4096", "empty"}) {
    Runner runner(SliceTarget());
    const Verdict verdict = runner.Run(Parse("slices=16 elem=" + elem,
                                             "make s0 max max\n"
                                             "make s1 0 max-1\n"
                                             "make s2 min max\n"
                                             "make s3 2^48+1 2^48+1\n"
                                             "make s4 1024 1024\n"
                                             "append_slice s5 s0 s0\n"
                                             "append_slice s5 s5 s0\n"
                                             "clone s6 s0\n"
                                             "filter s7 s0 0\n"
                                             "clear s0\n"
                                             "insert s7 s0 max 15\n"
                                             "delete s8 s0 max max\n"
                                             "copy s0 s1\n"));
    EXPECT_TRUE(verdict.passed()) << elem << ": " << verdict.Summary();
  }
}

// Law: no slice grows without end. s[:cap] and s again are up to three times what s shows.
TEST(SliceSession, DeletionUpToTheCapacityHasItsLimit) {
  std::string ops = "append s0 s0 2\n";
  for (int n = 0; n < 20; ++n) ops += "delete s0 s0 cap 0\n";
  Runner runner(SliceTarget(), {.stop_before = 20});
  const Trace trace = Parse("slices=2", ops);
  EXPECT_TRUE(runner.Run(trace).passed());
  std::int64_t len = -1;
  ASSERT_EQ(std::sscanf(runner.session().Annotate(trace.ops[20]).c_str(), "s0 len %" SCNd64, &len),
            1);
  EXPECT_LE(len, 8192);
}

TEST(SliceSession, ABurstCountsEachOperationThatItChecks) {
  Runner runner(SliceTarget(), {.determinism_share = 0});
  EXPECT_TRUE(runner.Run(Parse("slices=2", "append_each s0 s0 x100\nappend s0 s0 7\n")).passed());
  EXPECT_EQ(runner.stats().checked_operations, 102u);
}

// Which goals a trace that passes has reached.
bool Reaches(const Trace& trace, SliceSessionGoal goal) {
  Runner runner(SliceTarget());
  const Verdict verdict = runner.Run(trace);
  EXPECT_TRUE(verdict.passed()) << verdict.Summary();
  return runner.session().goals()[static_cast<std::size_t>(goal)] != 0;
}

// Law: wherever an operation throws, it leaves what it promises.
TEST(SliceSession, EveryOperationKeepsItsPromiseWhereverItThrows) {
  const std::string_view operations[] = {"set s0 1",
                                         "append s0 s0 1",
                                         "append s0 s0 9",
                                         "append_slice s1 s0 s2",
                                         "make s1 3 4",
                                         "copy s2 s0",
                                         "copy_within s0 1 0",
                                         "copy_within s0 0 1",
                                         "clear s0",
                                         "delete s1 s0 1 2",
                                         "insert s1 s0 1 1",
                                         "insert s1 s0 1 3",
                                         "filter s1 s0 0",
                                         "split s1 s0 2 1",
                                         "split s1 s0 len 9",
                                         "insert_slice s1 s0 1 s2",
                                         "insert_slice s0 s0 2 s0",
                                         "append_part s0 s0 1 4",
                                         "append_elem s0 s0 2",
                                         "set_elem s0 1 2",
                                         "clone s1 s0",
                                         "delete s0 s0 0 2",
                                         "append_each s0 s0 x9",
                                         "append_slice s2 s2 s0"};
  for (const std::string elem : {"throwing_move", "throwing_copy", "throwing_zero", "string"}) {
    for (const std::string_view op : operations) {
      std::size_t burnt = 0;
      for (int n = 1; n <= 24; ++n) {
        const std::string fuse = elem == "string" ? "fuse_alloc x" : "fuse_copy x";
        std::string ops = "append s0 s0 5\nslice s2 s0 1 3\n";
        ops += fuse + std::to_string(n) + "\n" + std::string(op) + "\n";
        burnt += Reaches(Parse("slices=4 elem=" + elem, ops), SliceSessionGoal::kFuseBurnt);
      }
      const bool copies = elem != "string" && !op.starts_with("make");
      if (copies || op.starts_with("clone")) EXPECT_GT(burnt, 0u) << elem << " " << op;
    }
  }
}

TEST(SliceSession, WhatIsWrittenBeforeAThrowStays) {
  EXPECT_TRUE(Reaches(Parse("slices=2 elem=throwing_move",
                            "append s0 s0 5\nfuse_copy x2\ncopy_within s0 1 0\nget s0 1\n"),
                      SliceSessionGoal::kWrittenInPart));
}

TEST(SliceSession, ABurstRecordsTheOperationsThatItPerforms) {
  const testing::ExpandedTraces compared =
      testing::CompareExpandedTraces(SliceTarget(), /*seed=*/1, /*traces=*/300, /*max_ops=*/60);
  EXPECT_EQ(compared.difference, "");
  EXPECT_GT(compared.bursts, 100u);
}

}  // namespace
}  // namespace slotproof
