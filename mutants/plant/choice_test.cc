#include "mutants/plant/choice.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace slotproof::mutants {
namespace {

bool one = false;
bool two = false;
constexpr Flag kFlags[] = {{"one", &one}, {"two", &two}};

void ChooseAs(const char* names) {
  setenv("SLOTPROOF_MUTANT", names, 1);
  one = two = false;
  Choose(kFlags, "catalogue.bzl");
}

TEST(Choose, NothingWithoutTheVariable) {
  unsetenv("SLOTPROOF_MUTANT");
  Choose(kFlags, "catalogue.bzl");
  EXPECT_FALSE(Chosen(one) || Chosen(two));
  ChooseAs("");
  EXPECT_FALSE(Chosen(one) || Chosen(two));
}

TEST(Choose, TheNamedOne) {
  ChooseAs("two");
  EXPECT_FALSE(Chosen(one));
  EXPECT_TRUE(Chosen(two));
}

TEST(Choose, SeveralAtOnce) {
  ChooseAs("one,two");
  EXPECT_TRUE(Chosen(one) && Chosen(two));
}

TEST(ChooseDeathTest, AnUnknownNameEndsTheProgram) {
  EXPECT_EXIT(ChooseAs("one,three"), testing::ExitedWithCode(2),
              "SLOTPROOF_MUTANT=one,three: this program has no mutant 'three'; catalogue.bzl");
}

TEST(ChooseDeathTest, TwoBugsOfOneTextEndTheProgram) {
  const auto both = [] {
    ChooseAs("one,two");
    OneText("x.h:3", {&one, &two}, {});
  };
  EXPECT_EXIT(both(), testing::ExitedWithCode(2), "several of them change the text at x.h:3");
}

TEST(OneText, OneBugOfATextMayBeChosen) {
  ChooseAs("one");
  OneText("x.h:3", {&one}, {&two});
  ChooseAs("two");
  OneText("x.h:3", {&one}, {&two});
}

constexpr int Result(bool& mutant) { return Chosen(mutant) ? 2 : 1; }

TEST(Chosen, TheCompilerChoosesNothing) {
  ChooseAs("one");
  static_assert(Result(one) == 1);
  EXPECT_EQ(Result(one), 2);
}

}  // namespace
}  // namespace slotproof::mutants
