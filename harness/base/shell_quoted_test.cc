#include "harness/base/shell_quoted.h"

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

TEST(ShellQuoted, LeavesAloneWhatNeedsNoQuotes) {
  EXPECT_EQ(ShellQuoted("/home/me/toy-mismatch_pop.key=1,2@3:4%5+6"),
            "/home/me/toy-mismatch_pop.key=1,2@3:4%5+6");
}

TEST(ShellQuoted, QuotesTheRest) {
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("my corpus"), "'my corpus'");
  EXPECT_EQ(ShellQuoted("it's $HOME"), R"('it'\''s $HOME')");
  EXPECT_EQ(ShellQuoted("a\nb\\'\t1"), R"($'a\nb\\\'\0111')");
}

// What bash makes of it is the text again.
TEST(ShellQuoted, IsOneWordOfOneLine) {
  std::string text = "~a b*?[x]{y}!#&;|<>()`$\"'\\";
  for (char c = 1; c < 32; ++c) text += c;
  text += "\x7f\xc3\xa9";
  const std::string quoted = ShellQuoted(text);
  EXPECT_EQ(quoted.find('\n'), std::string::npos);
  const std::string command = "bash -c " + ShellQuoted("printf %s. " + quoted);
  std::FILE* const bash = ::popen(command.c_str(), "r");
  ASSERT_NE(bash, nullptr);
  char seen[256] = {};
  const std::size_t size = std::fread(seen, 1, sizeof(seen), bash);
  EXPECT_EQ(::pclose(bash), 0);
  EXPECT_EQ(std::string(seen, size), text + ".");
}

}  // namespace
}  // namespace slotproof
