#include "harness/engine/fuzz/dictionary.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"

namespace slotproof {
namespace {

// Code, then the payload low byte first; the name is a word libFuzzer accepts.
TEST(DictionaryTest, HoldsEachOperationPlainAndWithItsLargestOperands) {
  std::ostringstream out;
  WriteDictionary(testing::ToyVocabulary(), out);
  EXPECT_EQ(out.str(),
            "# The operations of the vocabulary \"toy\", version 3, for libFuzzer's -dict. "
            "Generated; do not edit.\n"
            "push=\"\\x00\\x00\\x00\\x00\"\n"
            "push_most=\"\\x00\\x00\\xFF\\x0F\"\n"
            "pop=\"\\x01\\x00\\x00\\x00\"\n"
            "push_many=\"\\x02\\x00\\x00\\x00\"\n"
            "push_many_most=\"\\x02\\x0F\\xFF\\x0F\"\n"
            "pop_many=\"\\x03\\x00\\x00\\x00\"\n"
            "pop_many_most=\"\\x03\\x00\\xFF\\x00\"\n"
            "peek=\"\\x04\\x00\\x00\\x00\"\n"
            "peek_most=\"\\x04\\x00\\xFF\\xFF\"\n"
            "mark=\"\\x05\\x00\\x00\\x00\"\n"
            "mark_most=\"\\x05\\x00\\x03\\x00\"\n"
            "rewind=\"\\x06\\x00\\x00\\x00\"\n"
            "rewind_most=\"\\x06\\x00\\x03\\x00\"\n"
            "push_from=\"\\x07\\x00\\x00\\x00\"\n"
            "push_from_most=\"\\x07\\x01\\xFF\\x0F\"\n"
            "clear=\"\\x08\\x00\\x00\\x00\"\n"
            "aim=\"\\x09\\x00\\x00\\x00\"\n"
            "aim_most=\"\\x09\\xFF\\x01\\x00\"\n");
}

}  // namespace
}  // namespace slotproof
