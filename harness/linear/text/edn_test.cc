#include "harness/linear/text/edn.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace slotproof::linear {
namespace {

// All forms as Print() has them, a line each; or the error.
std::string ReadAll(std::string_view text) {
  EdnReader reader("h.edn", text);
  std::string all;
  for (;;) {
    const auto form = reader.Next();
    if (!form) return form.error().message;
    if (!form->has_value()) return all;
    all += Print(**form) + "\n";
  }
}

TEST(Edn, ReadsWhatJepsenWrites) {
  EXPECT_EQ(ReadAll("{:process 0, :type :invoke, :f :cas, :value [1 2]}"),
            "{:f :cas :process 0 :type :invoke :value [1 2]}\n");
  EXPECT_EQ(ReadAll("[nil true false -7 1.5 \"a b\" :jepsen/x sym \\a \\newline]"),
            "[nil true false -7 1.5 \"a b\" :jepsen/x sym \\a \\newline]\n");
  EXPECT_EQ(ReadAll("#{3 1 2}\n(1 , 2)"), "#{1 2 3}\n(1 2)\n");
  EXPECT_EQ(ReadAll("#jepsen.history.Op{:index 0} #inst \"2020\" ##NaN"),
            "{:index 0}\n\"2020\"\n##NaN\n");
  EXPECT_EQ(ReadAll("; nothing\n#_ dropped #_ #_ both these 1 ; one\n [#_ 2]"), "1\n[]\n");
  EXPECT_EQ(ReadAll(""), "");
}

// Equal values have one text.
TEST(Edn, PrintsEqualValuesAlike) {
  EXPECT_EQ(ReadAll("+7 007 7N -0"), "7\n7\n7\n0\n");
  EXPECT_EQ(ReadAll("{:b 1 :a 2} {:a 2, :b 1}"), "{:a 2 :b 1}\n{:a 2 :b 1}\n");
  EXPECT_EQ(ReadAll("\"a\\n\\\"\\u0041\\u00e9\""), "\"a\\n\\\"A\xc3\xa9\"\n");
}

TEST(Edn, FindsKeysWhateverTheirNamespace) {
  EdnReader reader("h.edn", "{:op/f :read, \"f\" 1, :value 3}");
  const auto form = reader.Next();
  ASSERT_TRUE(form && form->has_value());
  ASSERT_NE((*form)->Find("f"), nullptr);
  EXPECT_EQ(Print(*(*form)->Find("f")), ":read");
  EXPECT_EQ(Print(*(*form)->Find("value")), "3");
  EXPECT_EQ((*form)->Find("key"), nullptr);
}

TEST(Edn, ErrorsSayWhereAndWhatToDo) {
  EXPECT_EQ(ReadAll("{:a 1}\n  {:b [1 2}"),
            "h.edn:2:11: '}' closes what was not opened; delete it, or open it before");
  EXPECT_EQ(ReadAll("{:a 1}\n {:b 2"),
            "h.edn:2:2: this '{' is not closed; the file may have been cut short");
  EXPECT_EQ(ReadAll("{:a}"), "h.edn:1:1: a key of this map has no value; write nil for none");
  EXPECT_EQ(ReadAll("1 \"abc"), "h.edn:1:3: this string has no end; close it with '\"'");
  EXPECT_EQ(ReadAll("\"\\q\""),
            "h.edn:1:2: unknown escape \"q\" in a string; for a '\\' write '\\\\'");
  EXPECT_EQ(ReadAll(":"), "h.edn:1:1: a keyword needs a name behind its colon");
  EXPECT_EQ(ReadAll("#_"), "h.edn:1:1: nothing follows that #_ could drop; delete it");
  EXPECT_EQ(ReadAll("#tag"), "h.edn:1:1: nothing follows this tag; delete it, or write a value");
  EXPECT_EQ(ReadAll(std::string(1'000'000, '[')),
            "h.edn:1:102: more than 100 brackets in each other; no history needs them");
}

// Whatever the bytes are, it ends, with forms or one error; and what it prints it reads as the
// same.
TEST(Edn, IsTotal) {
  constexpr std::string_view kAlphabet = "{}[]()#_\"\\:;, \nab01-+.^'\x80\xff\0";
  constexpr std::string_view kSeed =
      "{:process 0, :type :ok, :f :read, :value [1 \"a\\n\" #{2 nil} #t {:k 1.5}]}";
  std::mt19937_64 random(1);
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(i % 2 == 0 ? kSeed : "");
    const std::size_t changes = 1 + random() % 8;
    for (std::size_t change = 0; change < changes; ++change) {
      const std::size_t at = random() % (text.size() + 1);
      const char c = kAlphabet[random() % kAlphabet.size()];
      if (random() % 3 == 0 && at < text.size()) {
        text.erase(at, 1 + random() % 5);
      } else {
        text.insert(at, 1, c);
      }
    }
    const std::string once = ReadAll(text);
    if (once.starts_with("h.edn:")) continue;
    ++read;
    ASSERT_EQ(ReadAll(once), once) << text;
  }
  EXPECT_GT(read, 1'000u);
}

}  // namespace
}  // namespace slotproof::linear
