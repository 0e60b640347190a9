#include "harness/check/death_report.h"

#include <gtest/gtest.h>

namespace slotproof {
namespace {

TEST(DeathReport, OfAddressSanitizerNamesTypeAndOurFunction) {
  const auto verdict = FindSanitizerReport(
      "some log line\n"
      "==41==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000018 at pc 0x55\n"
      "WRITE of size 1 at 0x602000000018 thread T0\n"
      "    #0 0x55d3 in std::vector<int, std::allocator<int>>::operator[](unsigned long) "
      "/usr/include/c++/12/bits/stl_vector.h:1123:9\n"
      "    #1 0x55d4 in slotproof::core::Map<int, slotproof::Hash<int>>::Grow(int (*)(int)) const "
      "core/map/map.cc:12:3\n"
      "    #2 0x55d5 in main main.cc:3:1\n"
      "\n"
      "allocated by thread T0 here:\n"
      "    #0 0x11 in other() other.cc:3:1\n"
      "SUMMARY: AddressSanitizer: heap-buffer-overflow core/map/map.cc:12:3 in slotproof::core::"
      "Map<int, slotproof::Hash<int>>::Grow(int (*)(int)) const\n"
      "Shadow bytes around the buggy address:\n");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->Signature(), "sanitizer/heap-buffer-overflow Map::Grow");
  EXPECT_TRUE(verdict->actual.starts_with("heap-buffer-overflow core/map/map.cc:12:3 in"));
}

TEST(DeathReport, WithoutSymbolsItNamesTheTypeAlone) {
  const auto verdict = FindSanitizerReport(
      "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1 at pc 0x2 bp 0x3 sp 0x4\n"
      "    #0 0x55d3  (/bin/map_test+0x1b2d3) (BuildId: 5a)\n"
      "SUMMARY: AddressSanitizer: heap-use-after-free (/bin/map_test+0x1b2d3) (BuildId: 5a)\n");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->Signature(), "sanitizer/heap-use-after-free");
}

TEST(DeathReport, OfASegvUnderAddressSanitizer) {
  const auto verdict = FindSanitizerReport(
      "AddressSanitizer:DEADLYSIGNAL\n"
      "=================================================================\n"
      "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x1 bp 0x2)\n"
      "    #0 0x1 in slotproof::(anonymous namespace)::Walk(int) a/b.cc:1:2\n"
      "SUMMARY: AddressSanitizer: SEGV a/b.cc:1:2 in slotproof::(anonymous "
      "namespace)::Walk(int)\n");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->Signature(), "sanitizer/SEGV slotproof::Walk");
}

TEST(DeathReport, OfThreadSanitizerIsARace) {
  const auto verdict = FindSanitizerReport(
      "==================\n"
      "WARNING: ThreadSanitizer: data race (pid=43)\n"
      "  Write of size 4 at 0x7ffc by main thread:\n"
      "    #0 memcpy <null> (a.out+0x1)\n"
      "    #1 slotproof::Table::Put(unsigned int) core/table.cc:7:3 (a.out+0xe) (BuildId: 5a)\n"
      "\n"
      "SUMMARY: ThreadSanitizer: data race core/table.cc:7:3 in slotproof::Table::Put(unsigned "
      "int)\n");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->Signature(), "race/data race Table::Put");
}

TEST(DeathReport, OfLeakSanitizerNamesWhoAllocated) {
  const auto verdict = FindSanitizerReport(
      "==7==ERROR: LeakSanitizer: detected memory leaks\n"
      "\n"
      "Direct leak of 64 byte(s) in 1 object(s) allocated from:\n"
      "    #0 0x1 in operator new[](unsigned long) (/a+0x1)\n"
      "    #1 0x2 in slotproof::Arena::Grab() core/arena.cc:3:1\n"
      "SUMMARY: AddressSanitizer: 64 byte(s) leaked in 1 allocation(s).\n");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->Signature(), "leak/leak Arena::Grab");
  EXPECT_EQ(verdict->actual, "64 byte(s) leaked in 1 allocation(s).");
  EXPECT_FALSE(FindSanitizerReport(
      "==7==ERROR: LeakSanitizer: LeakSanitizer has encountered a fatal error.\n"));
}

// Numbers, types and places of a message are not part of its law.
TEST(DeathReport, OfUndefinedBehaviourKeepsTheStableWords) {
  const auto shift = FindSanitizerReport(
      "a/b.cc:9:14: runtime error: shift exponent 40 is too large for 32-bit type 'int'\n"
      "    #0 0x1 in slotproof::ShiftTooFar() a/b.cc:9:14\n");
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->Signature(),
            "sanitizer/undefined: shift exponent is too large for type slotproof::ShiftTooFar");
  const auto overflow = FindSanitizerReport(
      "b.cc:9:14: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in "
      "type 'unsigned long'\n");
  ASSERT_TRUE(overflow);
  EXPECT_EQ(overflow->law, "undefined: signed integer overflow");
  const auto null = FindSanitizerReport(
      "b.cc:9:14: runtime error: load of null pointer of type 'const unsigned char'\n");
  ASSERT_TRUE(null);
  EXPECT_EQ(null->law, "undefined: load of null pointer of type");
}

TEST(DeathReport, OrdinaryOutputIsNone) {
  EXPECT_FALSE(FindSanitizerReport(""));
  EXPECT_FALSE(FindSanitizerReport("error: this is not a sanitizer's\n#0 neither is this\n"));
}

constexpr std::string_view kVectorAssertion =
    "/usr/lib/gcc/x86_64-linux-gnu/12/../include/c++/12/bits/stl_vector.h:1123: "
    "std::vector<int>::reference std::vector<int, std::allocator<int>>::operator[](size_type) "
    "[_Tp = int, _Alloc = std::allocator<int>]: Assertion '__n < this->size()' failed.\n";

// What the library writes of itself is cut to what matters.
TEST(DeathReport, FindsTheAssertion) {
  const auto of_library = FindAssertion(kVectorAssertion);
  ASSERT_TRUE(of_library);
  EXPECT_EQ(of_library->text, "stl_vector.h:1123: vector::operator[]: __n < this->size()");
  EXPECT_EQ(of_library->law, "__n < this->size()");
  const auto of_user =
      FindAssertion("hello\na.out: a/b.c:3: int main(): Assertion `n == 1' failed.");
  ASSERT_TRUE(of_user);
  EXPECT_EQ(of_user->text, "a/b.c:3: main: n == 1");
  EXPECT_EQ(of_user->law, "n == 1");
  EXPECT_EQ(FindAssertion("Assertion 'x' failed.")->text, "x");
  EXPECT_FALSE(FindAssertion("Assertion failed"));
  EXPECT_FALSE(FindAssertion("Assertion 'x"));
}

// What a handler of the signal adds to the stack is not the caller.
TEST(DeathReport, AnAssertionOfTheLibraryNamesTheLineThatCalledIt) {
  const auto assertion = FindAssertion(
      std::string(kVectorAssertion) +
      "    #0 0x55 in slotproof::(anonymous namespace)::Handler(int) harness/check/x.cc:9:1\n"
      "    #1 0x7f  (/lib/x86_64-linux-gnu/libc.so.6+0x3c04f) (BuildId: 5a)\n"
      "    #2 0x7f in raise (/lib/x86_64-linux-gnu/libc.so.6+0x3bfb1)\n"
      "    #3 0x7f in abort (/lib/x86_64-linux-gnu/libc.so.6+0x26471)\n"
      "    #4 0x55 in std::__glibcxx_assert_fail(char const*, int, char const*, char const*) "
      "(/a+0x1)\n"
      "    #5 0x55 in std::vector<int>::operator[](unsigned long) "
      "/usr/include/c++/12/bits/stl_vector.h:1123:2\n"
      "    #6 0x55 in slotproof::Ring::At(unsigned long) const subjects/ring/ring.h:32:5\n"
      "    #7 0x55 in main main.cc:1:1\n");
  ASSERT_TRUE(assertion);
  EXPECT_EQ(assertion->text,
            "stl_vector.h:1123: vector::operator[]: __n < this->size(); called by Ring::At, "
            "subjects/ring/ring.h:32");
  EXPECT_EQ(assertion->law, "__n < this->size() Ring::At");
}

TEST(DeathReport, LastWordsAreNoStackFrames) {
  EXPECT_EQ(LastWords("one\ntwo\n    #0 0x1 in f a.cc:1\n    #1 0x2 in main a.cc:2\n\n"), "two");
  EXPECT_EQ(LastWords(""), "");
}

TEST(DeathReport, ShortensFunctionNames) {
  EXPECT_EQ(ShortFunctionName("main"), "main");
  EXPECT_EQ(ShortFunctionName("slotproof::(anonymous namespace)::Map<int, Less<int>>::Grow(int)"),
            "Map::Grow");
  EXPECT_EQ(ShortFunctionName("void slotproof::core::Map<A<B>>::Visit<C>(D const&) const"),
            "Map::Visit");
  EXPECT_EQ(ShortFunctionName("a::b::operator<(int, int)"), "b::operator<");
  EXPECT_EQ(ShortFunctionName("a::P::operator->() const"), "P::operator->");
  EXPECT_EQ(ShortFunctionName("a::F<int>::operator()(int) const"), "F::operator()");
  EXPECT_EQ(ShortFunctionName("a::f[abi:cxx11](int)"), "a::f");
  EXPECT_EQ(ShortFunctionName("int a::f(T) const [T = int]"), "a::f");
  EXPECT_EQ(ShortFunctionName(""), "");
  EXPECT_EQ(ShortFunctionName("<((("), "");
}

}  // namespace
}  // namespace slotproof
