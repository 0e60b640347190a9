#include "harness/trace/text.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/suggest.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/random_trace.h"

namespace slotproof {
namespace {

using testing::AllToyTargets;
using testing::LawsToyTarget;
using testing::Plant;
using testing::RandomTrace;
using testing::ToyTarget;
using testing::ToyVocabulary;

constexpr std::string_view kStart = "slotproof-trace 1\ntarget toy\n";

Expected<TargetTrace> Parse(std::string_view text) {
  return ParseTrace(text, "f.txt", AllToyTargets());
}

std::string ParseError(std::string_view text) {
  const auto parsed = Parse(text);
  return parsed ? "no error" : parsed.error().message;
}

std::string ErrorOfLine(std::string_view line) {
  return ParseError(std::string(kStart).append(line));
}

// ParseTrace(PrintTrace(t)) == t
TEST(Text, IsLossless) {
  std::mt19937_64 rng(1);
  for (int i = 0; i < 5000; ++i) {
    const Trace trace = RandomTrace(ToyVocabulary(), rng, 40);
    const Target& target = *AllToyTargets()[rng() % AllToyTargets().size()];
    const std::string text = PrintTrace(target, trace, "a comment\nof two lines");
    const auto parsed = Parse(text);
    ASSERT_TRUE(parsed) << parsed.error().message << "\n" << text;
    ASSERT_EQ(parsed->target, &target);
    ASSERT_EQ(parsed->trace, trace) << text;
  }
}

// Whatever is accepted is within its limits: the codec keeps it as it is.
TEST(Text, AcceptsNothingTheCodecWouldChange) {
  std::mt19937_64 rng(2);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = PrintTrace(ToyTarget(), RandomTrace(ToyVocabulary(), rng, 4));
    text[rng() % text.size()] = "0123456789kix= #\n\tpush"[rng() % 22];
    const auto parsed = Parse(text);
    if (!parsed) continue;
    ++accepted;
    Trace canonical = parsed->trace;
    Codec(ToyVocabulary()).Canonicalize(&canonical);
    ASSERT_EQ(parsed->trace, canonical) << text;
  }
  EXPECT_GT(accepted, 1000);
}

Op Aim(std::uint32_t to, std::uint32_t from, std::uint32_t place, std::uint32_t below) {
  const OperandList& operands = ToyVocabulary().ops[testing::kAim].operands;
  Op op = {.code = testing::kAim};
  std::size_t i = 0;
  for (const std::uint32_t value : {to, from, place, below}) {
    SetOperandValue(&op, operands[i++], value);
  }
  return op;
}

TEST(Text, HasThisForm) {
  const Trace trace = {.header = {.field = {3, 1, 99, 0xffffffff}},
                       .ops = {{.code = testing::kPush, .a = 7},
                               {.code = testing::kPop},
                               {.code = testing::kPushMany, .b = 11, .a = 63},
                               {.code = testing::kPopMany, .a = 0},
                               {.code = testing::kPeek, .a = 12},
                               {.code = testing::kMark, .a = 3},
                               {.code = testing::kPushFrom, .b = 1, .a = 0},
                               Aim(2, 1, 3, 7)}};
  EXPECT_EQ(PrintTrace(ToyTarget(), trace, "found by hand"),
            "slotproof-trace 1\n"
            "# found by hand\n"
            "target toy\n"
            "header universe=64 colour=striped level=99 seed=4294967295\n"
            "push k7\n"
            "pop\n"
            "push_many k63 x12\n"
            "pop_many x1\n"
            "peek 12\n"
            "mark i3\n"
            "push_from k0 t1\n"
            "aim i2 i1 at-mark 7\n");
}

TEST(Text, ForgivesWhatAnEditorDoes) {
  const auto parsed = Parse(
      "\xef\xbb\xbf\r\n# a comment first\r\n  slotproof-trace 0x1\r\n\r\n\ttarget toy # why\r\n"
      "header universe=16\r\nheader seed=0x2A\r\npush  k0xf#glued\r\n\r\n   pop\t\r\npush k3");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->trace, (Trace{.header = {.field = {1, 0, 0, 42}},
                                  .ops = {{.code = testing::kPush, .a = 15},
                                          {.code = testing::kPop},
                                          {.code = testing::kPush, .a = 3}}}));
}

// Whatever a file is called.
TEST(Text, IsKnownByItsFirstWord) {
  EXPECT_TRUE(IsTextTrace(kStart));
  EXPECT_TRUE(IsTextTrace("\xef\xbb\xbf\r\n# a comment first\n\n  slotproof-trace 9"));
  for (const char* other : {"", "\n# only a comment\n", "push k1\nslotproof-trace 1\n",
                            "slotproof-tracery 1\n", "#slotproof-trace 1\n"}) {
    EXPECT_FALSE(IsTextTrace(other)) << other;
  }
}

TEST(Text, EachLineOfACommentIsOne) {
  EXPECT_EQ(PrintTrace(ToyTarget(), Trace{}, "one\ntwo\n\nthree").substr(0, 35),
            "slotproof-trace 1\n# one\n# two\n# \n# ");
}

TEST(Text, OmittedFieldsAreZero) {
  const auto parsed = Parse(kStart);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->trace, Trace{});
}

TEST(Text, ErrorsInTheFirstLinesNameThePlaceAndTheRemedy) {
  EXPECT_EQ(ParseError(""), "f.txt:1:1: the first line must be \"slotproof-trace 1\"");
  EXPECT_EQ(ParseError("# only\n#comments\n"),
            "f.txt:2:1: the first line must be \"slotproof-trace 1\"");
  EXPECT_EQ(ParseError("\ntarget toy\n"),
            "f.txt:2:1: the first line must be \"slotproof-trace 1\", this is \"target\"");
  EXPECT_EQ(ParseError("slotproof-trace 2\ntarget toy\n"),
            "f.txt:1:17: text version 2 was written by a newer slotproof, this one reads version "
            "1; use the newer one, or let it convert the file");
  EXPECT_EQ(ParseError("slotproof-trace one\n"),
            "f.txt:1:17: \"one\" is not a version; the first line must be \"slotproof-trace 1\"");
  EXPECT_EQ(ParseError("slotproof-trace 1\n"), "f.txt:1:1: the line \"target NAME\" is missing");
  EXPECT_EQ(ParseError("slotproof-trace 1\npush k1\n"),
            "f.txt:2:1: the line \"target NAME\" must come before \"push\"");
  EXPECT_EQ(ParseError("slotproof-trace 1\ntarget toy_laek\n"),
            "f.txt:2:8: unknown target \"toy_laek\"; did you mean \"toy_leak\"?");
}

TEST(Text, ErrorsInTheHeaderNameThePlaceAndTheRemedy) {
  EXPECT_EQ(ErrorOfLine("header sede=4"),
            "f.txt:3:8: unknown header field \"sede\"; did you mean \"seed\"?");
  EXPECT_EQ(ErrorOfLine("header seed"), "f.txt:3:8: \"seed\" is not FIELD=VALUE");
  EXPECT_EQ(ErrorOfLine("header seed=4 seed=5"), "f.txt:3:15: the field \"seed\" is given twice");
  EXPECT_EQ(ErrorOfLine("header colour=stripped"),
            "f.txt:3:15: unknown colour \"stripped\"; did you mean \"striped\"?");
  EXPECT_EQ(ErrorOfLine("header universe=1000"),
            "f.txt:3:17: unknown universe \"1000\"; known: 8, 16, 32, 64");
  EXPECT_EQ(ErrorOfLine("header level=100"), "f.txt:3:14: level=100 is out of range: 0 to 99");
  EXPECT_EQ(ErrorOfLine("header seed=4294967296"),
            "f.txt:3:13: seed=4294967296 is out of range: 0 to 4294967295");
  EXPECT_EQ(ErrorOfLine("header seed=-1"), "f.txt:3:13: \"-1\" is not a number");
  EXPECT_EQ(ErrorOfLine("pop\nheader seed=1"),
            "f.txt:4:1: the header must come before the first operation");
  EXPECT_EQ(ErrorOfLine("points 0"),
            "f.txt:3:8: the line is \"points N\", with one number from 1 to 65535");
  EXPECT_EQ(ErrorOfLine("points 1\npoints 1"),
            "f.txt:4:1: the version of the points is given twice");
  EXPECT_EQ(ErrorOfLine("pop\npoints 1"),
            "f.txt:4:1: the version of the points must come before the first operation");
}

TEST(Text, LawsAreSaidWhereTheyAreNotTheDefault) {
  const Target& lax = LawsToyTarget();
  const Target* const targets[] = {&lax};
  const std::string strict = PrintTrace(*lax.by_laws[1], Trace{});
  EXPECT_TRUE(strict.starts_with("slotproof-trace 1\ntarget toy_laws\nlaws strict\nheader "));
  EXPECT_EQ(ParseTrace(strict, "f.txt", targets)->target, lax.by_laws[1]);
  EXPECT_EQ(PrintTrace(lax, Trace{}).find("laws "), std::string::npos);
  EXPECT_EQ(ParseTrace(PrintTrace(lax, Trace{}), "f.txt", targets)->target, &lax);
}

TEST(Text, ErrorsInTheLawsNameThePlaceAndTheRemedy) {
  const Target* const targets[] = {&LawsToyTarget()};
  const auto error_of = [&](const std::string& lines) {
    const auto parsed =
        ParseTrace("slotproof-trace 1\ntarget toy_laws\n" + lines, "f.txt", targets);
    return parsed ? "no error" : parsed.error().message;
  };
  EXPECT_EQ(error_of("laws strct"),
            "f.txt:3:6: unknown laws \"strct\"; target \"toy_laws\" has lax and strict");
  EXPECT_EQ(error_of("laws"), "f.txt:3:1: the line is \"laws NAME\", with one name");
  EXPECT_EQ(error_of("laws lax\nlaws lax"), "f.txt:4:1: the laws are given twice");
  EXPECT_EQ(error_of("pop\nlaws lax"), "f.txt:4:1: the laws must come before the first operation");
  EXPECT_EQ(ErrorOfLine("laws strict"),
            "f.txt:3:6: target \"toy\" has no laws to choose from, and so none called \"strict\"; "
            "say no laws, or choose another target");
}

TEST(Text, ErrorsInAnOperationNameThePlaceAndTheRemedy) {
  EXPECT_EQ(ErrorOfLine("  psuh k1"),
            "f.txt:3:3: unknown operation \"psuh\"; did you mean \"push\"?");
  EXPECT_EQ(ErrorOfLine("frobnicate"),
            "f.txt:3:1: unknown operation \"frobnicate\"; known: push, pop, push_many, pop_many, "
            "peek, mark, rewind, push_from, clear, aim");
  EXPECT_EQ(ErrorOfLine("push"), "f.txt:3:1: push takes a key k0 to k7; the line has 0");
  EXPECT_EQ(ErrorOfLine("push k1 k2"), "f.txt:3:9: push takes a key k0 to k7; the line has 2");
  EXPECT_EQ(ErrorOfLine("pop k2"), "f.txt:3:5: pop takes no operand; the line has 1");
  EXPECT_EQ(ErrorOfLine("push_many k1"),
            "f.txt:3:1: push_many takes a key k0 to k7 and a count x1 to x16; the line has 1");
  EXPECT_EQ(ErrorOfLine("push_many x2 k1"),
            "f.txt:3:11: push_many takes a key k0 to k7 here, not \"x2\"");
  EXPECT_EQ(ErrorOfLine("peek k1"), "f.txt:3:6: peek takes a number 0 to 65535 here, not \"k1\"");
  EXPECT_EQ(ErrorOfLine("push k8"),
            "f.txt:3:6: \"k8\" is out of range: push takes a key k0 to k7 under this header");
  EXPECT_EQ(ErrorOfLine("push k99999999999999999999999"),
            "f.txt:3:6: \"k99999999999999999999999\" is out of range: push takes a key k0 to k7 "
            "under this header");
  EXPECT_EQ(ErrorOfLine("pop_many x0"),
            "f.txt:3:10: \"x0\" is out of range: pop_many takes a count x1 to x256 under this "
            "header");
  EXPECT_EQ(ErrorOfLine("push k0x"), "f.txt:3:6: push takes a key k0 to k7 here, not \"k0x\"");
  EXPECT_EQ(ErrorOfLine(std::string_view("pop\x01\0\n", 6)).substr(0, 42),
            "f.txt:3:1: unknown operation \"pop\\x01\\x00\"");
}

TEST(Text, ErrorsInAnOperandOfSeveralNameThePlaceAndTheRemedy) {
  EXPECT_EQ(ErrorOfLine("aim i0 i1"),
            "f.txt:3:1: aim takes a handle i0 to i3, a handle i0 to i3, a place and a number 0 to "
            "7; the line has 2");
  EXPECT_EQ(ErrorOfLine("aim i0 i1 midle 0"),
            "f.txt:3:11: aim takes a place here, not \"midle\"; did you mean \"middle\"?");
  EXPECT_EQ(ErrorOfLine("aim i0 i1 3 0"),
            "f.txt:3:11: aim takes a place here, not \"3\"; known: bottom, top, middle, at-mark");
  EXPECT_EQ(ErrorOfLine("aim i0 s1 top 0"),
            "f.txt:3:8: aim takes a handle i0 to i3 here, not \"s1\"");
  EXPECT_EQ(ErrorOfLine("aim i0 i1 top 8"),
            "f.txt:3:15: \"8\" is out of range: aim takes a number 0 to 7 under this header");
}

TEST(Suggest, CountsASwapAsOneEdit) {
  EXPECT_EQ(EditDistance("insert", "insert"), 0u);
  EXPECT_EQ(EditDistance("inser", "insert"), 1u);
  EXPECT_EQ(EditDistance("isnert", "insert"), 1u);
  EXPECT_EQ(EditDistance("", "insert"), 6u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace slotproof
