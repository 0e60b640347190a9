#include "models/slice_model.h"

#include <array>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

using Int = SliceModel::Int;
using Token = SliceModel::Token;
using Window = SliceModel::Window;

constexpr Int kMax = std::numeric_limits<Int>::max();

std::vector<Token> Visible(const SliceModel& model, const Window& w) {
  const std::span<const Token> cells = model.Cells(w);
  return {cells.begin(), cells.begin() + w.len};
}

Window Appended(SliceModel& model, const Window& s, const std::vector<Token>& tokens) {
  Window out;
  EXPECT_FALSE(model.Append(s, tokens, &out));
  return out;
}

Window Cut(const SliceModel& model, const Window& s, Int i, Int j) {
  Window out;
  EXPECT_FALSE(model.Sub(s, i, j, &out));
  return out;
}

// The capacities that Go 1.19 gives when items are appended to nil one by one.
std::vector<Int> CapacitiesOf(SliceModel model, Int most) {
  std::vector<Int> capacities;
  for (Window s; s.cap < most;) {
    s = Appended(model, s, {1});
    if (capacities.empty() || capacities.back() != s.cap) capacities.push_back(s.cap);
  }
  return capacities;
}

TEST(SliceModel, CapacitiesAreThoseOfTheRuntime) {
  EXPECT_EQ(CapacitiesOf(SliceModel(SliceModel::Rule::kGo118, 8), 9216),
            (std::vector<Int>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408,
                              5120, 7168, 9216}));
  EXPECT_EQ(CapacitiesOf(SliceModel(SliceModel::Rule::kGo118, 1), 64),
            (std::vector<Int>{8, 16, 32, 64}));
  EXPECT_EQ(CapacitiesOf(SliceModel(SliceModel::Rule::kGo117, 8), 4000),
            (std::vector<Int>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1280, 1696, 2304, 3072,
                              4096}));
  SliceModel words(SliceModel::Rule::kGo118, 8);
  EXPECT_EQ(Appended(words, {}, {1, 2, 3, 4, 5}).cap, 6);
  SliceModel strings(SliceModel::Rule::kGo118, 16);
  EXPECT_EQ(Appended(strings, {}, {1, 2, 3}).cap, 3);
}

TEST(SliceModel, AppendInPlaceWritesWhereOthersLook) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2, 3, 4});
  const Window front = Cut(model, s, 0, 2);
  const Window longer = Appended(model, front, {9});
  EXPECT_EQ(Visible(model, s), (std::vector<Token>{1, 2, 9, 4}));
  EXPECT_EQ(longer.array, s.array);
}

TEST(SliceModel, GrowthLeavesTheOldArray) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2, 3, 4});
  const Window longer = Appended(model, s, {5});
  EXPECT_NE(longer.array, s.array);
  ASSERT_FALSE(model.Set(longer, 0, 7));
  EXPECT_EQ(Visible(model, s)[0], 1u);
  EXPECT_EQ(model.allocations(), 2u);
}

TEST(SliceModel, FullSliceExpressionMakesAppendCopy) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2, 3, 4});
  Window front;
  ASSERT_FALSE(model.Sub3(s, 0, 2, 2, &front));
  EXPECT_NE(Appended(model, front, {9}).array, s.array);
  EXPECT_EQ(Visible(model, s), (std::vector<Token>{1, 2, 3, 4}));
}

TEST(SliceModel, NilIsNotEmpty) {
  SliceModel model;
  EXPECT_TRUE(Appended(model, {}, {}).nil);
  EXPECT_TRUE(Cut(model, {}, 0, 0).nil);
  Window empty;
  ASSERT_FALSE(model.Make(0, 0, &empty));
  EXPECT_FALSE(empty.nil);
  EXPECT_EQ(model.allocations(), 0u);
}

TEST(SliceModel, WithoutCapacityThePointerStays) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2});
  const Window end = Cut(model, s, 2, 2);
  EXPECT_EQ(end.offset, 0);
  EXPECT_EQ(end.array, s.array);
}

TEST(SliceModel, CopyReadsTheSourceFirst) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2, 3, 4});
  EXPECT_EQ(model.Copy(Cut(model, s, 1, 4), s), 3);
  EXPECT_EQ(Visible(model, s), (std::vector<Token>{1, 1, 2, 3}));
}

TEST(SliceModel, AppendToItselfReadsTheSourceFirst) {
  SliceModel model;
  Window s = Appended(model, {}, {1, 2, 3});
  ASSERT_FALSE(model.AppendSlice(Cut(model, s, 0, 1), s, &s));
  EXPECT_EQ(Visible(model, s), (std::vector<Token>{1, 1, 2, 3}));
}

TEST(SliceModel, IdiomsAreWhatTheirTextSays) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2, 3, 4, 5});
  Window out;
  ASSERT_FALSE(model.Delete(s, 1, 3, &out));
  EXPECT_EQ(Visible(model, out), (std::vector<Token>{1, 4, 5}));
  EXPECT_EQ(Visible(model, s), (std::vector<Token>{1, 4, 5, 4, 5}));
  ASSERT_FALSE(model.Insert(out, 1, std::vector<Token>{8, 9}, &out));
  EXPECT_EQ(Visible(model, out), (std::vector<Token>{1, 8, 9, 4, 5}));
  ASSERT_FALSE(model.Filter(out, 0, &out));
  EXPECT_EQ(Visible(model, out), (std::vector<Token>{1, 9, 5}));
}

TEST(SliceModel, PanicsSpeakTheRuntimesWords) {
  SliceModel model;
  const Window s = Appended(model, {}, {1, 2, 3, 4, 5});  // capacity 6
  Window out;
  Token token = 0;
  EXPECT_EQ(model.Get(s, 5, &token).text(), "runtime error: index out of range [5] with length 5");
  EXPECT_EQ(model.Get(s, -1, &token).text(), "runtime error: index out of range [-1]");
  EXPECT_EQ(model.Sub(s, 0, 7, &out).text(),
            "runtime error: slice bounds out of range [:7] with capacity 6");
  EXPECT_EQ(model.Sub(s, 0, -1, &out).text(), "runtime error: slice bounds out of range [:-1]");
  EXPECT_EQ(model.Sub(s, 3, 2, &out).text(), "runtime error: slice bounds out of range [3:2]");
  EXPECT_EQ(model.Sub(s, -3, 2, &out).text(), "runtime error: slice bounds out of range [-3:]");
  EXPECT_EQ(model.Sub3(s, 0, 1, 7, &out).text(),
            "runtime error: slice bounds out of range [::7] with capacity 6");
  EXPECT_EQ(model.Sub3(s, 0, 3, 2, &out).text(), "runtime error: slice bounds out of range [:3:2]");
  EXPECT_EQ(model.Sub3(s, 2, 1, 3, &out).text(), "runtime error: slice bounds out of range [2:1:]");
  EXPECT_EQ(model.Sub3(s, -2, 1, 3, &out).text(),
            "runtime error: slice bounds out of range [-2::]");
  EXPECT_EQ(model.ToArray(s, 6).text(),
            "runtime error: cannot convert slice with length 5 to pointer to array with length 6");
  EXPECT_EQ(model.Make(-1, 4, &out).text(), "runtime error: makeslice: len out of range");
  EXPECT_EQ(model.Make(5, 4, &out).text(), "runtime error: makeslice: cap out of range");
}

TEST(SliceModel, ElementsWithoutSizeComeInAnyNumber) {
  SliceModel model(SliceModel::Rule::kGo118, 0);
  Window s;
  ASSERT_FALSE(model.Make(kMax, kMax, &s));
  Window out;
  EXPECT_EQ(model.Append(s, std::vector<Token>{1}, &out).text(),
            "runtime error: growslice: cap out of range");
  EXPECT_EQ(model.AppendSlice(s, s, &out).text(), "runtime error: growslice: cap out of range");
  EXPECT_EQ(model.allocations(), 0u);
}

TEST(SliceModel, AShortWindowKeepsTheWholeArray) {
  SliceModel model;
  Window s = Appended(model, {}, std::vector<Token>(100));
  std::array<Window, 1> windows = {Cut(model, s, 0, 1)};
  EXPECT_EQ(model.Collect(windows), (SliceModel::Reach{.arrays = 1, .cells = 112}));
  ASSERT_FALSE(model.Clone(windows[0], &windows[0]));
  EXPECT_EQ(model.Collect(windows), (SliceModel::Reach{.arrays = 1, .cells = 1}));
}

TEST(SliceModel, AnArrayIsGoneWhenNoWindowNamesIt) {
  SliceModel model;
  std::array<Window, 2> windows;
  for (Token token = 1; token < 1000; ++token) {
    windows[token % 2] = Appended(model, {}, {token});
    const std::size_t expected = token == 1 ? 1 : 2;
    ASSERT_EQ(model.Collect(windows), (SliceModel::Reach{.arrays = expected, .cells = expected}));
    ASSERT_EQ(Visible(model, windows[token % 2]), std::vector<Token>{token});
  }
  EXPECT_EQ(Visible(model, windows[0]), std::vector<Token>{998}) << "it was named all the time";
}

TEST(SliceModel, ItSaysWhenItsArraysWereNotCollected) {
  SliceModel model;
  const auto append_for_ever = [&model] {
    for (;;) Appended(model, {}, {1});
  };
  EXPECT_THROW(append_for_ever(), std::length_error);
}

TEST(SliceModel, AResetModelIsAsNew) {
  SliceModel model;
  Appended(model, {}, {1, 2, 3});
  model.Reset(SliceModel::Rule::kGo117, 1);
  EXPECT_EQ(model.allocations(), 0u);
  Window made;
  ASSERT_FALSE(model.Make(1, 4, &made));
  EXPECT_EQ(Visible(model, made), std::vector<Token>{0});
  EXPECT_EQ(CapacitiesOf(model, 64), (std::vector<Int>{8, 16, 32, 64}));
}

}  // namespace
}  // namespace slotproof
