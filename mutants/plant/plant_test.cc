#include "mutants/plant/plant.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::mutants {
namespace {

constexpr std::string_view kChosenA = "::slotproof::mutants::Chosen(::slotproof::mutants::a)";

Mutant Named(std::string name, std::string find, std::string replace) {
  return {.name = std::move(name), .find = std::move(find), .replace = std::move(replace)};
}

// The copy without its directives and white space, or the error.
std::string Together(std::string_view text, const std::vector<Mutant>& mutants) {
  const auto copy = PlantTogether({.path = "x.h", .text = text}, mutants);
  if (!copy) return copy.error();
  std::string packed;
  bool directive = false;
  bool line_begins = true;
  // What stands before the file's own first line declares the flags.
  const std::string_view own = std::string_view(*copy).substr(copy->find("#line 1 "));
  for (const char c : own) {
    if (line_begins && c == '#') directive = true;
    line_begins = c == '\n';
    if (line_begins) directive = false;
    if (!directive && c != ' ' && c != '\n') packed += c;
  }
  return packed;
}

std::string Chosen(std::string_view text) {
  std::string found(text);
  for (std::size_t at; (at = found.find("CHOSEN")) != std::string::npos;)
    found.replace(at, 6, kChosenA);
  return found;
}

TEST(PlantTogether, AConditionIsSwitchedByItself) {
  EXPECT_EQ(Together("void f(int x) { if (x < 1) g(); }", {Named("a", "x < 1", "x <= 1")}),
            Chosen("voidf(intx){if((CHOSEN?static_cast<bool>(x<=1):static_cast<bool>(x<1)))g();}"));
}

TEST(PlantTogether, AnInitializerIsSwitchedAndItsDeclarationStays) {
  EXPECT_EQ(Together("void f() { int x = g() + 1; h(x); }", {Named("a", "+ 1", "+ 2")}),
            Chosen("voidf(){intx=(CHOSEN?(g()+2):(g()+1));h(x);}"));
}

TEST(PlantTogether, AMemberInitializerIsSwitched) {
  EXPECT_EQ(Together("struct S { S(int x) : x_(x + 1) {} int x_; };", {Named("a", "+ 1", "")}),
            Chosen("structS{S(intx):x_((CHOSEN?(x):(x+1))){}intx_;};"));
}

TEST(PlantTogether, AStatementIsSwitchedWhole) {
  EXPECT_EQ(Together("void f() { g(1); h(); }", {Named("a", "g(1)", "g(2)")}),
            Chosen("voidf(){{if(CHOSEN)[[unlikely]]{g(2);}else{g(1);}}h();}"));
}

TEST(PlantTogether, AStatementMayBeTakenAway) {
  EXPECT_EQ(Together("void f() {\n  g();\n  h();\n}\n", {Named("a", "  g();\n", "")}),
            Chosen("voidf(){{if(CHOSEN)[[unlikely]]{}else{g();}}h();}"));
}

TEST(PlantTogether, BugsOfOneTextAreVariantsOfIt) {
  const std::string copy = Together("void f(int x) { if (x < 1) g(); }",
                                    {Named("a", "x < 1", "x < 2"), Named("b", "x < 1", "x < 3")});
  EXPECT_NE(copy.find("static_cast<bool>(x<2)"), std::string::npos) << copy;
  EXPECT_NE(copy.find("static_cast<bool>(x<3):static_cast<bool>(x<1)"), std::string::npos) << copy;
}

TEST(PlantTogether, TheOuterBugHasTheInnerTextAsItIs) {
  const std::string copy =
      Together("void f(int x) { if (x < 1) { g(); h(); } }",
               {Named("outer", "if (x < 1) { g(); h(); }", "g();"), Named("inner", "h();", "")});
  EXPECT_NE(copy.find("mutants::outer))[[unlikely]]{g();}else{if(x<1){g();{if("), std::string::npos)
      << copy;
}

TEST(PlantTogether, LinesKeepTheirNumbers) {
  const auto copy = PlantTogether({.path = "x.h", .text = "void f() {\n  g(1);\n  h();\n}\n"},
                                  std::vector{Named("a", "g(1);", "g(\n2\n);")});
  ASSERT_TRUE(copy) << copy.error();
  EXPECT_NE(copy->find("#line 2 \"x.h\"\n\n  h();"), std::string::npos) << *copy;
}

struct Refusal {
  std::string_view text;
  std::string find;
  std::string replace;
  std::string_view why;
};

TEST(PlantTogether, WhatNoRunCanChooseIsRefusedWithTheRemedy) {
  const Refusal refusals[] = {
      {"int f(int);\nint x = 1;\n", "= 1", "= 2", "its text is no part of a function's statements"},
      {"struct S { int x = 1; };", "= 1", "= 2", "its text is no part of a function's statements"},
      {"consteval int f() { return 1; }", "return 1", "return 2", "(consteval)"},
      {"#define X 1\nvoid f() {}\n", "X 1", "X 2", "it changes a line of the preprocessor"},
  };
  for (const Refusal& refusal : refusals) {
    const std::string error = Together(refusal.text, {Named("a", refusal.find, refusal.replace)});
    EXPECT_NE(error.find(refusal.why), std::string::npos) << refusal.text << "\n" << error;
    EXPECT_NE(error.find("give it alone = \"why\""), std::string::npos) << error;
  }
}

TEST(PlantTogether, ATextThatIsNotThereOnceIsAnError) {
  EXPECT_NE(Together("void f() { g(); g(); }", {Named("a", "g();", "h();")})
                .find("x.h: the text to replace is there 2 times"),
            std::string::npos);
}

TEST(PlantTogether, TextsCommentsAndDigitsAreNoBrackets) {
  EXPECT_EQ(
      Together("void f() { g('{', \"}\", R\"x({)x\", 1'000); /* { */ h(); // {\n }",
               {Named("a", "h();", "")}),
      Chosen("voidf(){g('{',\"}\",R\"x({)x\",1'000);/*{*/{if(CHOSEN)[[unlikely]]{}else{h();}}//{"
             "}"));
}

TEST(PlantAlone, ReplacesTheText) {
  const auto copy = PlantAlone({.path = "x.h", .text = "int x = 1;\n"}, Named("a", "= 1", "= 2"));
  ASSERT_TRUE(copy);
  EXPECT_EQ(*copy, "#define SLOTPROOF_MUTANT_APPLIED 1\n#line 1 \"x.h\"\nint x = 2;\n");
}

}  // namespace
}  // namespace slotproof::mutants
