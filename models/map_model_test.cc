#include "models/map_model.h"

#include <gtest/gtest.h>

namespace slotproof {
namespace {

using YieldLaw = MapModel::YieldLaw;

class MapModelTest : public testing::Test {
 protected:
  void SetUp() override { model_.Reset(16); }
  bool Insert(MapModel::Key key, MapModel::Token token) {
    return model_.InsertOrAssign(key, token, key, true);
  }
  MapModel model_;
};

TEST_F(MapModelTest, InsertThenFindGivesTheLastToken) {
  EXPECT_TRUE(Insert(3, 7));
  EXPECT_FALSE(Insert(3, 8));
  EXPECT_EQ(model_.Find(3), 8u);
  EXPECT_EQ(model_.Find(4), MapModel::kAbsent);
  EXPECT_EQ(model_.size(), 1u);
}

TEST_F(MapModelTest, DeleteThenFindIsAbsent) {
  Insert(1, 1);
  Insert(2, 2);
  EXPECT_TRUE(model_.Erase(1));
  EXPECT_FALSE(model_.Erase(1));
  EXPECT_EQ(model_.Find(1), MapModel::kAbsent);
  EXPECT_EQ(model_.Find(2), 2u);
}

TEST_F(MapModelTest, ClearEqualsANewMap) {
  Insert(1, 1);
  model_.InsertUnequal(2);
  model_.Clear();
  EXPECT_EQ(model_.size(), 0u);
  EXPECT_EQ(model_.Find(1), MapModel::kAbsent);
}

TEST_F(MapModelTest, ResetForgetsContentsAndIterations) {
  Insert(1, 1);
  model_.BeginIteration(0);
  model_.Reset(16);
  EXPECT_EQ(model_.size(), 0u);
  EXPECT_FALSE(model_.Contains(1));
  EXPECT_FALSE(model_.Iterating(0));
}

TEST_F(MapModelTest, ASwapNeedsThePresentValue) {
  EXPECT_FALSE(model_.CompareAndSwap(3, 0, 1)) << "absent is no value";
  Insert(3, 7);
  EXPECT_FALSE(model_.CompareAndSwap(3, 6, 8));
  EXPECT_EQ(model_.Find(3), 7u);
  EXPECT_TRUE(model_.CompareAndSwap(3, 7, 8));
  EXPECT_EQ(model_.Find(3), 8u);
}

TEST_F(MapModelTest, WhatDependsOnThePresentValueGivesIt) {
  EXPECT_EQ(model_.Update(3, 7, 3, true), 0u);
  EXPECT_EQ(model_.Update(3, 8, 3, true), 7u);
  EXPECT_EQ(model_.LoadOrStore(3, 9, 3, true), 8u);
  EXPECT_EQ(model_.Find(3), 8u);
  EXPECT_EQ(model_.GetAndDelete(3), 8u);
  EXPECT_EQ(model_.GetAndDelete(3), MapModel::kAbsent);
  EXPECT_EQ(model_.LoadOrStore(3, 9, 3, true), MapModel::kAbsent);
  EXPECT_EQ(model_.Find(3), 9u);
}

TEST_F(MapModelTest, ACopyHasTheContentsAndNoIteration) {
  Insert(1, 1);
  model_.InsertUnequal(2);
  model_.BeginIteration(0);
  MapModel copy;
  copy.Reset(16);
  copy.InsertOrAssign(5, 9, 5, true);
  copy.CopyContents(model_);
  EXPECT_FALSE(copy.Contains(5));
  EXPECT_EQ(copy.Find(1), 1u);
  EXPECT_EQ(copy.size(), 2u);
  EXPECT_FALSE(copy.Iterating(0));
  EXPECT_TRUE(model_.Iterating(0));
}

TEST_F(MapModelTest, AMergeMovesWhatIsAbsent) {
  Insert(1, 1);
  MapModel from;
  from.Reset(16);
  from.InsertOrAssign(1, 2, 1, true);
  from.InsertOrAssign(3, 4, 3, true);
  from.InsertUnequal(5);
  model_.Merge(from, true);
  EXPECT_EQ(model_.Find(1), 1u);
  EXPECT_EQ(model_.Find(3), 4u);
  EXPECT_EQ(model_.CountUnequal(5), 1u);
  EXPECT_EQ(from.Find(1), 2u);
  EXPECT_EQ(from.size(), 1u);
}

TEST_F(MapModelTest, EqualMapsHaveEqualValuesAndNoUnequalKey) {
  Insert(1, 1);
  MapModel other;
  other.Reset(16);
  EXPECT_FALSE(model_.Equals(other));
  other.InsertOrAssign(2, 1, 2, true);
  EXPECT_FALSE(model_.Equals(other));
  other.CopyContents(model_);
  EXPECT_TRUE(model_.Equals(other));
  other.InsertOrAssign(1, 2, 1, true);
  EXPECT_FALSE(model_.Equals(other));
  other.CopyContents(model_);
  model_.InsertUnequal(3);
  other.InsertUnequal(3);
  EXPECT_FALSE(model_.Equals(other));
}

TEST_F(MapModelTest, AMergeMayRespellWhatIsPresent) {
  Insert(0, 1);
  MapModel from;
  from.Reset(16);
  from.InsertOrAssign(0, 2, 1, true);
  model_.Merge(from, false);
  EXPECT_EQ(model_.Spelling(0), 0u);
  model_.Merge(from, true);
  EXPECT_EQ(model_.Spelling(0), 1u);
  EXPECT_EQ(model_.Find(0), 1u);
}

TEST_F(MapModelTest, AKeyThatIsInsertedAgainIsBornAgain) {
  Insert(1, 1);
  const std::uint32_t born = model_.Born(1);
  Insert(1, 2);
  EXPECT_EQ(model_.Born(1), born);
  EXPECT_EQ(model_.insertions(), 1u);
  model_.Erase(1);
  Insert(1, 3);
  EXPECT_NE(model_.Born(1), born);
  EXPECT_EQ(model_.insertions(), 2u);
}

TEST_F(MapModelTest, AnUnequalEntryIsErasedByItsToken) {
  model_.InsertUnequal(2);
  model_.InsertUnequal(4);
  model_.EraseUnequal(2);
  EXPECT_EQ(model_.CountUnequal(2), 0u);
  EXPECT_EQ(model_.CountUnequal(4), 1u);
}

// A copy that a merge brings along does not stand in for the entry that was there before.
TEST_F(MapModelTest, AnIterationSeesFirstWhatWasThereWhenItBegan) {
  MapModel other;
  other.Reset(16);
  model_.InsertUnequal(2);
  other.InsertUnequal(2);
  model_.BeginIteration(0);
  model_.Merge(other, true);
  EXPECT_EQ(model_.YieldUnequal(0, 2), YieldLaw::kKept);
  EXPECT_TRUE(model_.EndIteration(0));
}

// A NaN entry, its copy, and a merge of both.
TEST_F(MapModelTest, UnequalEntriesThatMetAgainAreEachSeenOnce) {
  model_.InsertUnequal(2);
  model_.InsertUnequal(4);
  MapModel copy;
  copy.Reset(16);
  copy.CopyContents(model_);
  model_.Merge(copy, true);
  EXPECT_EQ(copy.size(), 0u);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.YieldUnequal(0, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.YieldUnequal(0, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.YieldUnequal(0, 2), YieldLaw::kTwice);
  EXPECT_EQ(model_.YieldUnequal(0, 4), YieldLaw::kKept);
  EXPECT_FALSE(model_.EndIteration(0)) << "the other 4 was not seen";
}

TEST_F(MapModelTest, RespellingKeepsOrReplacesTheStoredKey) {
  model_.InsertOrAssign(0, 1, 0, true);
  model_.InsertOrAssign(0, 2, 1, true);
  EXPECT_EQ(model_.Spelling(0), 1u);
  model_.InsertOrAssign(0, 3, 0, false);
  EXPECT_EQ(model_.Spelling(0), 1u);
}

TEST_F(MapModelTest, AnIterationMayYieldEachEntryOnce) {
  Insert(1, 1);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kTwice);
  EXPECT_TRUE(model_.EndIteration(0));
}

TEST_F(MapModelTest, AnIterationMustYieldWhatIsPresentThroughout) {
  Insert(1, 1);
  Insert(2, 2);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_FALSE(model_.EndIteration(0));
}

TEST_F(MapModelTest, AnIterationNeedNotYieldWhatWasInsertedMeanwhile) {
  model_.BeginIteration(0);
  Insert(1, 1);
  EXPECT_TRUE(model_.EndIteration(0));
}

TEST_F(MapModelTest, AnIterationNeverYieldsADeletedEntry) {
  Insert(1, 1);
  Insert(2, 2);
  model_.BeginIteration(0);
  model_.Erase(1);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kDeleted);
}

TEST_F(MapModelTest, ADeletedAndReinsertedEntryIsANewOne) {
  Insert(1, 1);
  Insert(2, 2);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  model_.Erase(1);
  Insert(1, 3);
  EXPECT_EQ(model_.Yield(0, 1, 1, 3), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 3), YieldLaw::kTwice);
}

TEST_F(MapModelTest, AYieldedValueIsTheCurrentOne) {
  Insert(1, 1);
  model_.BeginIteration(0);
  Insert(1, 2);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kStaleValue);
}

TEST_F(MapModelTest, AYieldedKeyHasTheStoredSpelling) {
  model_.InsertOrAssign(0, 1, 1, true);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.Yield(0, 0, 0, 1), YieldLaw::kKeySpelling);
}

// After an assignment that threw, until the next one.
TEST_F(MapModelTest, ASpellingCanBeLeftOpen) {
  model_.InsertOrAssign(0, 1, 0, true);
  model_.AllowAnySpelling(0);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.Yield(0, 0, 1, 1), YieldLaw::kKept);
  model_.BeginIteration(1);
  EXPECT_EQ(model_.Yield(1, 0, 0, 1), YieldLaw::kKept);
  model_.InsertOrAssign(0, 2, 0, true);
  model_.BeginIteration(2);
  EXPECT_EQ(model_.Yield(2, 0, 1, 2), YieldLaw::kKeySpelling);
}

TEST_F(MapModelTest, UnequalEntriesAreYieldedOnceEachByToken) {
  model_.InsertUnequal(4);
  model_.InsertUnequal(9);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.YieldUnequal(0, 4), YieldLaw::kKept);
  EXPECT_EQ(model_.YieldUnequal(0, 4), YieldLaw::kTwice);
  EXPECT_EQ(model_.YieldUnequal(0, 5), YieldLaw::kDeleted);
  EXPECT_FALSE(model_.EndIteration(0));
}

TEST_F(MapModelTest, IterationsAreIndependent) {
  Insert(1, 1);
  model_.BeginIteration(0);
  model_.BeginIteration(1);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(1, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.LiveIterations(), 2u);
  EXPECT_TRUE(model_.EndIteration(0));
  EXPECT_TRUE(model_.EndIteration(1));
}

// By the language's promise, none of what the gaps let pass.
TEST_F(MapModelTest, WithoutAGapTheSpecHolds) {
  Insert(0, 1);
  Insert(1, 2);
  model_.BeginIteration(0);
  model_.BeginIteration(1);
  model_.MeetGrowths(0, 1, 2);
  EXPECT_EQ(model_.Yield(0, 0, 0, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 0, 0, 1), YieldLaw::kTwice);
  EXPECT_FALSE(model_.EndIteration(0));
  model_.Clear();
  EXPECT_EQ(model_.Yield(1, 1, 1, 2), YieldLaw::kDeleted);
  Insert(1, 3);
  EXPECT_EQ(model_.Yield(1, 1, 1, 3), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(1, 1, 1, 3), YieldLaw::kTwice);
}

// What one gap lets pass, and what it does not.
class MapGapTest : public testing::Test {
 protected:
  void SetUpFor(MapGap gap) {
    model_ = MapModel({gap});
    model_.Reset(16, /*has_zero_key=*/true);
  }
  bool Insert(MapModel::Key key, MapModel::Token token) {
    return model_.InsertOrAssign(key, token, key, true);
  }
  MapModel model_;
};

TEST_F(MapGapTest, AfterAClearWhatItDeletedIsYieldedAsItWasAndOnce) {
  SetUpFor(MapGap::kCleared);
  Insert(1, 1);
  Insert(2, 2);
  Insert(3, 3);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.Yield(0, 3, 3, 3), YieldLaw::kKept);
  model_.Erase(2);
  model_.Clear();
  EXPECT_EQ(model_.Yield(0, 1, 1, 9), YieldLaw::kDeleted) << "another value";
  EXPECT_EQ(model_.Yield(0, 2, 2, 2), YieldLaw::kDeleted) << "deleted before the clear";
  EXPECT_EQ(model_.Yield(0, 3, 3, 3), YieldLaw::kKept) << "the filter is another now";
  EXPECT_EQ(model_.Yield(0, 3, 3, 3), YieldLaw::kDeleted) << "twice since the clear";
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kDeleted) << "twice";
  model_.BeginIteration(1);
  EXPECT_EQ(model_.Yield(1, 1, 1, 1), YieldLaw::kDeleted) << "an iterator younger than the clear";
}

TEST_F(MapGapTest, AfterAClearAnUnequalEntryIsYieldedOnce) {
  SetUpFor(MapGap::kCleared);
  model_.InsertUnequal(1);
  model_.InsertUnequal(2);
  model_.BeginIteration(0);
  EXPECT_EQ(model_.YieldUnequal(0, 1), YieldLaw::kKept);
  model_.Clear();
  EXPECT_EQ(model_.YieldUnequal(0, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.YieldUnequal(0, 2), YieldLaw::kDeleted);
  EXPECT_EQ(model_.YieldUnequal(0, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.YieldUnequal(0, 1), YieldLaw::kDeleted);
  EXPECT_EQ(model_.YieldUnequal(0, 7), YieldLaw::kDeleted) << "no entry that there ever was";
}

// The old entry is yielded beside the one that took its place; each once.
TEST_F(MapGapTest, AnEntryInsertedAfterAClearIsAnotherOne) {
  SetUpFor(MapGap::kCleared);
  Insert(1, 1);
  model_.BeginIteration(0);
  model_.Clear();
  Insert(1, 2);
  EXPECT_EQ(model_.Yield(0, 1, 1, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kStaleValue);
}

TEST_F(MapGapTest, AfterTwoGrowthsOfTheSameSizeEntriesAreMissedAndTheZeroKeyRepeats) {
  SetUpFor(MapGap::kTwoSameSize);
  Insert(0, 1);
  Insert(1, 2);
  Insert(2, 3);
  model_.Erase(2);
  for (const std::size_t handle : {0u, 1u, 2u, 3u}) model_.BeginIteration(handle);
  model_.MeetGrowths(0, 0, 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(model_.Yield(0, 0, 0, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 2), YieldLaw::kTwice) << "no zero key";
  EXPECT_EQ(model_.Yield(0, 0, 0, 7), YieldLaw::kStaleValue);
  EXPECT_EQ(model_.Yield(0, 2, 2, 3), YieldLaw::kDeleted);
  EXPECT_TRUE(model_.EndIteration(0));
  model_.MeetGrowths(1, 0, 2);
  EXPECT_TRUE(model_.EndIteration(1)) << "entries may be missed";
  model_.MeetGrowths(2, 0, 1);
  EXPECT_FALSE(model_.EndIteration(2)) << "not after one growth";
  model_.MeetGrowths(3, 2, 0);
  EXPECT_FALSE(model_.EndIteration(3)) << "not after doublings";
}

TEST_F(MapGapTest, WithoutAZeroKeyNoneRepeats) {
  SetUpFor(MapGap::kTwoSameSize);
  model_.Reset(16, /*has_zero_key=*/false);
  Insert(0, 1);
  model_.BeginIteration(0);
  model_.MeetGrowths(0, 0, 2);
  EXPECT_EQ(model_.Yield(0, 0, 0, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 0, 0, 1), YieldLaw::kTwice);
}

TEST_F(MapGapTest, AfterAGrowthOfTheSameSizeUnequalEntriesAreMissed) {
  SetUpFor(MapGap::kSameSizeInChain);
  model_.InsertUnequal(1);
  Insert(1, 2);
  for (const std::size_t handle : {0u, 1u, 2u}) model_.BeginIteration(handle);
  model_.MeetGrowths(0, 0, 1);
  EXPECT_EQ(model_.Yield(0, 1, 1, 2), YieldLaw::kKept);
  EXPECT_TRUE(model_.EndIteration(0));
  model_.MeetGrowths(1, 0, 1);
  EXPECT_FALSE(model_.EndIteration(1)) << "an ordinary key may not be";
  EXPECT_EQ(model_.Yield(2, 1, 1, 2), YieldLaw::kKept);
  EXPECT_FALSE(model_.EndIteration(2)) << "nor a NaN without such a growth";
}

TEST_F(MapGapTest, AfterADoublingAndAGrowthOfTheSameSizeEntriesAreMissedAndRepeat) {
  SetUpFor(MapGap::kDoublingAndSameSize);
  Insert(1, 1);
  Insert(2, 2);
  Insert(3, 3);
  model_.Erase(3);
  for (const std::size_t handle : {0u, 1u, 2u}) model_.BeginIteration(handle);
  model_.MeetGrowths(0, 1, 1);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 9), YieldLaw::kStaleValue);
  EXPECT_EQ(model_.Yield(0, 3, 3, 3), YieldLaw::kDeleted);
  EXPECT_TRUE(model_.EndIteration(0));
  model_.MeetGrowths(1, 2, 0);
  EXPECT_FALSE(model_.EndIteration(1)) << "not after doublings alone";
  model_.MeetGrowths(2, 0, 1);
  EXPECT_FALSE(model_.EndIteration(2)) << "nor after a growth of the same size alone";
}

TEST_F(MapGapTest, AfterTheLastEntryWasDeletedAnOlderIteratorSeesAKeyTwice) {
  SetUpFor(MapGap::kEmptied);
  Insert(1, 1);
  model_.BeginIteration(0);
  model_.Erase(1);
  Insert(2, 2);
  model_.BeginIteration(1);
  EXPECT_EQ(model_.Yield(0, 2, 2, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 2, 2, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(0, 1, 1, 1), YieldLaw::kDeleted);
  EXPECT_EQ(model_.Yield(1, 2, 2, 2), YieldLaw::kKept);
  EXPECT_EQ(model_.Yield(1, 2, 2, 2), YieldLaw::kTwice) << "a younger iterator does not";
}

}  // namespace
}  // namespace slotproof
