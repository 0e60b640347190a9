#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/linear/text/judge.h"
#include "harness/linear/text/recorded.h"

// Both notations of histories: what they come to, and what is said of a bad file.

namespace slotproof::linear {
namespace {

std::string AsText(const Recorded& recorded) {
  std::string text = recorded.model + "\n";
  const auto calls = recorded.history.calls();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    text += std::to_string(recorded.lines[i]) + " " + recorded.processes[calls[i].process] + " [" +
            std::to_string(calls[i].invoked) + ", " +
            (calls[i].pending() ? "-" : std::to_string(calls[i].responded)) + "] " +
            recorded.labels[i] + "\n";
  }
  return text;
}

// What the file comes to, or the error.
std::string Read(std::string_view text, const ReadOptions& options = {}) {
  const auto recorded = ReadHistory("h", text, options);
  return recorded ? AsText(*recorded) : recorded.error().message;
}

Answer AnswerOf(std::string_view text, const ReadOptions& options = {}) {
  const auto recorded = ReadHistory("h", text, options);
  EXPECT_TRUE(recorded) << recorded.error().message;
  return recorded ? JudgeHistory(*recorded, {}, {}).answer : Answer::kUnknown;
}

TEST(TextForm, EventsBecomeCalls) {
  EXPECT_EQ(Read("# a comment\n"
                 "slotproof-history 1\n"
                 "model register  # and one here\n"
                 "\n"
                 "p0 invoke write \"a # b\"\n"
                 "p1 invoke read\n"
                 "  p1 ok \"a # b\"\n"
                 "p0 ok\n"
                 "p2 invoke cas \"a # b\" 2\r\n"
                 "p3 invoke write 3\n"
                 "p3 fail\n"
                 "p2 info\n"
                 "p4 invoke write [1 2]"),
            "register\n"
            "5 p0 [0, 3] write \"a # b\"\n"
            "6 p1 [1, 2] read -> \"a # b\"\n"
            "9 p2 [4, -] cas \"a # b\" 2 -> ?\n"
            "13 p4 [5, -] write [1 2] -> ?\n");
}

std::string ReadRegister(std::string_view events) {
  return Read("slotproof-history 1\nmodel register\n" + std::string(events));
}

TEST(TextForm, ErrorsSayWhereAndWhatToDo) {
  EXPECT_EQ(Read("slotproof-hist 1\n"), "h:1:1: the first line must be \"slotproof-history 1\"");
  EXPECT_EQ(Read("slotproof-history\n"), "h:1:18: the first line must be \"slotproof-history 1\"");
  EXPECT_EQ(Read("slotproof-history 2\n"),
            "h:1:19: version 2 was written by a newer slotproof, this one reads version 1; use the "
            "newer one");
  EXPECT_EQ(Read("slotproof-history 1\n"), "h:1:20: the line \"model NAME\" is missing");
  EXPECT_EQ(Read("slotproof-history 1\np0 ok\n"),
            "h:2:1: the line \"model NAME\" must come before the events");
  EXPECT_EQ(Read("slotproof-history 1\nmodel\n"), "h:2:6: the line is \"model NAME\"");
  EXPECT_EQ(Read("slotproof-history 1\nmodel regsiter\n"),
            "h:2:7: unknown model \"regsiter\"; did you mean \"register\"?");
  EXPECT_EQ(ReadRegister("p0\n"),
            "h:3:1: an event is \"PROCESS invoke OPERATION\" or \"PROCESS ok\"");
  EXPECT_EQ(ReadRegister("p0 invok read\n"),
            "h:3:4: unknown event \"invok\"; did you mean \"invoke\"?");
  EXPECT_EQ(ReadRegister("p0 invoke\n"), "h:3:10: an invocation is \"PROCESS invoke OPERATION\"");
  EXPECT_EQ(ReadRegister("p0 invoke wriet 1\n"),
            "h:3:11: unknown operation \"wriet\" of the model register; did you mean \"write\"?");
  EXPECT_EQ(ReadRegister("p0 invoke write\n"), "h:3:11: \"write\" takes one value and has 0");
  EXPECT_EQ(ReadRegister("p0 invoke read 3\n"), "h:3:11: \"read\" takes nothing and has 1");
  EXPECT_EQ(ReadRegister("p0 invoke write )\n"),
            "h:3:17: ')' closes what was not opened; delete it, or open it before");
  EXPECT_EQ(ReadRegister("p0 ok 1\n"),
            "h:3:1: \"p0\" has begun nothing that could be answered; its invocation must come "
            "before");
  EXPECT_EQ(ReadRegister("p0 invoke read\np0 invoke read\n"),
            "h:4:1: \"p0\" begins an operation while that of line 3 is not answered; if it never "
            "was, write info before");
  EXPECT_EQ(ReadRegister("p0 invoke read\np0 ok\n"),
            "h:4:1: \"read\" is answered with a value; nil if there was none");
  EXPECT_EQ(ReadRegister("p0 invoke cas 1 2\np0 ok 3\n"),
            "h:4:7: \"cas\" is answered with true or false");
  EXPECT_EQ(ReadRegister("p0 invoke read\np0 ok 3 4\n"),
            "h:4:9: an answer is one value; write several as a list: [1 2 3]");
  EXPECT_EQ(
      Read("slotproof-history 1\nmodel map\np0 invoke insert k nil\n"),
      "h:3:20: nil is what a map answers when there is nothing; it cannot hold it as a value");
  EXPECT_EQ(Read("slotproof-history 1\nmodel map\np0 invoke size\np0 ok x\n"),
            "h:4:7: \"size\" is answered with a number of keys");
  EXPECT_EQ(Read("slotproof-history 1\nmodel set\np0 invoke read\np0 ok 3\n"),
            "h:4:7: \"read\" is answered with all elements: [1 2 3] or #{1 2 3}");
  EXPECT_EQ(
      Read("slotproof-history 1\nmodel kv\np0 invoke put k 3\np0 ok\np0 invoke get k\np0 ok [3]\n"),
      "h:3:17: \"3\" is no list, and other values in this history are; write [3]");
  EXPECT_EQ(Read("slotproof-history 1\nmodel set\n", {.model = "bag"}),
            "unknown model \"bag\"; known: register, registers, set, queue, kv, map");
}

TEST(TextForm, EachModelHasItsOperations) {
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel registers\n"
                     "a invoke write x 1\na ok\nb invoke cas x 1 2\nb ok true\n"
                     "a invoke read x\na ok 2\na invoke read y\na ok nil\n"),
            Answer::kLinearizable);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel set\n"
                     "a invoke add x\na ok\na invoke add x\na ok false\na invoke contains x\na ok "
                     "true\na invoke remove x\na ok true\na invoke contains x\na ok false\n"),
            Answer::kLinearizable);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel set\n"
                     "a invoke add x\na ok\na invoke add y\na ok\na invoke read\na ok #{y x}\n"),
            Answer::kLinearizable);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel set\n"
                     "a invoke add x\na ok\na invoke add y\na ok\na invoke read\na ok [y]\n"),
            Answer::kNot);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel queue\n"
                     "a invoke enqueue 1\na ok\na invoke dequeue\na ok 1\na invoke dequeue\na ok "
                     "nil\n"),
            Answer::kLinearizable);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel kv\n"
                     "a invoke append x ab\na ok\na invoke append x 1\na ok\na invoke get x\na ok "
                     "\"ab1\"\na invoke get y\na ok \"\"\na invoke get y\na ok nil\n"),
            Answer::kLinearizable);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel kv\n"
                     "a invoke put x [1]\na ok\na invoke append x 2\na ok\na invoke get x\na ok "
                     "[1 2]\na invoke get y\na ok []\n"),
            Answer::kLinearizable);
  EXPECT_EQ(
      AnswerOf("slotproof-history 1\nmodel map\n"
               "a invoke insert x 1\na ok true\na invoke insert x 2\na ok false\n"
               "a invoke find x\na ok 2\na invoke contains x\na ok true\na invoke cas x 2 3\n"
               "a ok true\na invoke load_or_store x 9\na ok 3\na invoke get_and_delete x\n"
               "a ok 3\na invoke delete x\na ok false\na invoke load_or_store x 9\na ok nil\n"),
      Answer::kLinearizable);
  EXPECT_EQ(AnswerOf("slotproof-history 1\nmodel map\n"
                     "a invoke insert x 1\na ok\na invoke insert y 2\na ok\na invoke size\na ok 2\n"
                     "a invoke clear\na ok\na invoke size\na ok 0\na invoke find x\na ok nil\n"),
            Answer::kLinearizable);
}

TEST(Jepsen, EventsBecomeCalls) {
  EXPECT_EQ(Read("{:process :nemesis, :type :info, :f :start, :value nil}\n"
                 "{:process 0, :type :invoke, :f :write, :value 3, :time 12, :index 0}\n"
                 "{:process 1, :type :invoke, :f :read, :value nil}\n"
                 "{:process 0, :type :ok, :f :write, :value 3}\n"
                 "{:process 1, :type :ok, :f :read, :value 3}\n"
                 "{:process 0, :type :invoke, :f :cas, :value [3 4]}\n"
                 "{:process 0, :type :fail, :f :cas, :value [3 4]}\n"
                 "{:process 0, :type :invoke, :f :cas, :value [3 4]}\n"
                 "{:process 1, :type :invoke, :f :write, :value 5}\n"
                 "{:process 1, :type :info, :f :write, :value 5, :error :timeout}\n"
                 "{:process 0, :type :ok, :f :cas, :value [3 4]}\n"),
            "register\n"
            "2 0 [0, 2] write 3\n"
            "3 1 [1, 3] read -> 3\n"
            "8 0 [4, 6] cas 3 4 -> true\n"
            "9 1 [5, -] write 5 -> ?\n");
}

TEST(Jepsen, TheOperationsSayTheModel) {
  EXPECT_TRUE(Read("{:process 0 :type :invoke :f :r}").starts_with("register\n"));
  EXPECT_TRUE(Read("{:process 0 :type :invoke :f :add :value 1}").starts_with("set\n"));
  EXPECT_TRUE(Read("{:process 0 :type :invoke :f :enqueue :value 1}").starts_with("queue\n"));
  EXPECT_TRUE(Read("({:process 0 :type :invoke :f :put :key \"x\" :value 1})").starts_with("kv\n"));
  EXPECT_TRUE(Read("[#op{:process 0 :type :invoke :f :find :value 1}]").starts_with("map\n"));
  EXPECT_TRUE(
      Read("{:process 0 :type :invoke :f :write :key 1 :value 1}").starts_with("registers\n"));
  EXPECT_TRUE(Read("{:process 0 :type :invoke :f :write :value [1 1]}", {.is_keyed = true})
                  .starts_with("registers\n"));
}

TEST(Jepsen, KeysAreInsideOrBeside) {
  EXPECT_EQ(Read("{:process 0 :type :invoke :f :append :key \"0\" :value \"x 0 y\"}\n"
                 "{:process 0 :type :ok :f :append :key \"0\" :value \"x 0 y\"}\n"
                 "{:process 0 :type :invoke :f :get :key \"0\" :value nil}\n"
                 "{:process 0 :type :ok :f :get :key \"0\" :value \"x 0 y\"}\n"),
            "kv\n"
            "1 0 [0, 1] append \"0\" \"x 0 y\"\n"
            "3 0 [2, 3] get \"0\" -> \"x 0 y\"\n");
  EXPECT_EQ(Read("{:process 0 :type :invoke :f :cas :value [7 [1 2]]}\n"
                 "{:process 0 :type :ok :f :cas :value [7 [1 2]]}\n"
                 "{:process 0 :type :invoke :f :read :value [7 nil]}\n"
                 "{:process 0 :type :ok :f :read :value [7 2]}\n",
                 {.is_keyed = true}),
            "registers\n"
            "1 0 [0, 1] cas 7 1 2 -> true\n"
            "3 0 [2, 3] read 7 -> 2\n");
}

TEST(Jepsen, ErrorsSayWhereAndWhatToDo) {
  EXPECT_EQ(Read(""),
            "h:1:1: no event is here; one is {:process 0 :type :invoke :f :read :value "
            "nil}");
  EXPECT_EQ(Read("{:type :ok}"), "h:1:1: this event names no :process; write its number");
  EXPECT_EQ(Read("{:process 0 :type :done}"),
            "h:1:19: the :type of an event is :invoke, :ok, :fail or :info");
  EXPECT_EQ(Read("{:process 0 :type :invoke}"),
            "h:1:1: this invocation has no :f that names its operation");
  EXPECT_EQ(Read("INFO\tjepsen.util"),
            "h:1:1: \"INFO\" is no event; one is a map: {:process 0 :type :invoke :f :read :value "
            "nil}");
  EXPECT_EQ(Read("{:process 0 :type :invoke :f :txn :value [[:r 1 nil]]}"),
            "h:1:30: no model has the operation \"txn\" and those before it; say which is meant: "
            "--model NAME");
  EXPECT_EQ(Read("{:process 0 :type :invoke :f :txn}", {.model = "kv"}),
            "h:1:30: unknown operation \"txn\" of the model kv; known: get, put, append");
  EXPECT_EQ(Read("{:process 0 :type :invoke :f :cas :value 1}"),
            "h:1:1: the value of \"cas\" is [OLD NEW]");
  EXPECT_EQ(Read("{:process 0 :type :invoke :f :put :value 1}"),
            "h:1:1: the value of \"put\" is [KEY VALUE], or its key is said by :key");
  EXPECT_EQ(
      Read("{:process 0 :type :ok :f :read :value 1}"),
      "h:1:1: \"0\" has begun nothing that could be answered; its invocation must come before");
}

// Whatever the bytes are, there is a history or one error that names its place.
TEST(ReadHistory, IsTotal) {
  constexpr std::string_view kText =
      "slotproof-history 1\nmodel map\np0 invoke insert k1 1\np0 ok true\np1 invoke size\np1 ok 1\n"
      "p2 invoke find k1\np2 info\n";
  constexpr std::string_view kJepsen =
      "{:process 0 :type :invoke :f :cas :value [3 4]}\n{:process 0 :type :ok :f :cas :value [3 "
      "4]}\n"
      "[{:process 1 :type :invoke :f :read} {:process 1 :type :ok :f :read :value nil}]\n";
  std::mt19937_64 random(1);
  std::size_t read = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string text(i % 2 == 0 ? kText : kJepsen);
    const std::size_t changes = 1 + random() % 4;
    for (std::size_t change = 0; change < changes; ++change) {
      const std::size_t at = random() % text.size();
      const std::size_t from = random() % text.size();
      const std::string piece = text.substr(from, random() % 12);
      random() % 2 == 0 ? text.erase(at, random() % 6) : text.insert(at, piece);
      if (text.empty()) text = "x";
    }
    const auto recorded = ReadHistory("h", text);
    if (!recorded) {
      ASSERT_TRUE(recorded.error().message.starts_with("h:")) << recorded.error().message;
      continue;
    }
    ++read;
    EXPECT_NE(JudgeHistory(*recorded, {}, {}).answer, Answer::kUnknown);
  }
  EXPECT_GT(read, 500u);
}

}  // namespace
}  // namespace slotproof::linear
