#include "subjects/map/transition_laws.h"

#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

std::string Law(const std::optional<BrokenLaw>& broken) { return broken ? broken->law : ""; }

TEST(TransitionLaws, AnOrdinaryInsertionIsFine) {
  EXPECT_EQ(Law(CheckInsertTransition({.count = 3}, {.count = 4})), "");
}

TEST(TransitionLaws, TheNinthEntryOfOneBucketDoubles) {
  const TableState eight = {.count = 8};
  EXPECT_EQ(Law(CheckInsertTransition(eight, {.count = 9, .b = 1, .growing = true, .growths = 1})),
            "");
  EXPECT_EQ(Law(CheckInsertTransition(eight, {.count = 9})), "growth.begins");
  EXPECT_EQ(Law(CheckInsertTransition(eight, {.count = 8, .b = 1, .growing = true, .growths = 1})),
            "growth.begins")
      << "an overwrite begins no growth";
}

TEST(TransitionLaws, TooManyOverflowBucketsGrowToTheSameSize) {
  const TableState frayed = {.count = 5, .noverflow = 2, .b = 1};
  EXPECT_EQ(Law(CheckInsertTransition(frayed, {.count = 6, .b = 1, .growths = 1})), "");
  EXPECT_EQ(Law(CheckInsertTransition(frayed, {.count = 6, .b = 2, .growths = 1})),
            "growth.begins");
  EXPECT_EQ(Law(CheckInsertTransition(frayed, {.count = 6, .noverflow = 2, .b = 1})),
            "growth.begins");
}

TEST(TransitionLaws, NoGrowthBeginsDuringAnother) {
  const TableState growing = {.count = 13, .nevacuate = 0, .b = 1, .growing = true, .growths = 1};
  EXPECT_EQ(Law(CheckInsertTransition(
                growing, {.count = 14, .nevacuate = 1, .b = 1, .growing = true, .growths = 1})),
            "");
  EXPECT_EQ(Law(CheckInsertTransition(
                growing, {.count = 14, .nevacuate = 1, .b = 3, .growing = true, .growths = 2})),
            "growth.begins");
  EXPECT_EQ(Law(CheckDeleteTransition(
                growing, {.count = 12, .nevacuate = 1, .b = 2, .growing = true, .growths = 2})),
            "growth.begins");
}

TEST(TransitionLaws, AWriteMayEndOneGrowthAndBeginTheNext) {
  const TableState growing = {.count = 27, .nevacuate = 3, .b = 2, .growing = true, .growths = 4};
  EXPECT_EQ(
      Law(CheckInsertTransition(growing, {.count = 28, .b = 3, .growing = true, .growths = 5})),
      "");
  EXPECT_EQ(
      Law(CheckInsertTransition(growing, {.count = 28, .nevacuate = 4, .b = 2, .growths = 4})),
      "growth.begins")
      << "the old growth ended and the table is too full";
}

TEST(TransitionLaws, AWriteDuringGrowthMovesTheMark) {
  const TableState growing = {.count = 9, .nevacuate = 3, .b = 4, .growing = true};
  EXPECT_EQ(
      Law(CheckDeleteTransition(growing, {.count = 8, .nevacuate = 4, .b = 4, .growing = true})),
      "");
  EXPECT_EQ(
      Law(CheckDeleteTransition(growing, {.count = 8, .nevacuate = 3, .b = 4, .growing = true})),
      "growth.progress");
  EXPECT_EQ(
      Law(CheckDeleteTransition(growing, {.count = 8, .nevacuate = 1029, .b = 4, .growing = true})),
      "growth.progress");
}

TEST(TransitionLaws, TheSeedIsDrawnAnewExactlyWhenTheMapEmpties) {
  EXPECT_EQ(Law(CheckDeleteTransition({.count = 1, .hash0 = 7}, {.count = 0, .hash0 = 8})), "");
  EXPECT_EQ(Law(CheckDeleteTransition({.count = 1, .hash0 = 7}, {.count = 0, .hash0 = 7})),
            "seed.redrawn");
  EXPECT_EQ(Law(CheckDeleteTransition({.count = 2, .hash0 = 7}, {.count = 1, .hash0 = 8})),
            "seed.redrawn");
  EXPECT_EQ(Law(CheckClearTransition({.count = 2, .hash0 = 7}, {.count = 0, .hash0 = 7})),
            "seed.redrawn");
}

TEST(TransitionLaws, AClearKeepsTheBucketsAndEndsGrowth) {
  const TableState before = {.count = 9, .hash0 = 1, .b = 2, .growing = true};
  EXPECT_EQ(Law(CheckClearTransition(before, {.hash0 = 2, .b = 2})), "");
  EXPECT_EQ(Law(CheckClearTransition(before, {.hash0 = 2, .b = 0})), "clear.shape");
  EXPECT_EQ(Law(CheckClearTransition(before, {.hash0 = 2, .b = 2, .growing = true})),
            "clear.shape");
}

}  // namespace
}  // namespace slotproof
