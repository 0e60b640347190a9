#include "harness/trace/codec.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/toy_target.h"
#include "harness/trace/random_trace.h"

namespace slotproof {
namespace {

using testing::RandomBytes;
using testing::RandomTrace;
using testing::ToyVocabulary;

// Decode(Encode(t)) == t
TEST(Codec, IsLossless) {
  std::mt19937_64 rng(5);
  const Codec codec(ToyVocabulary());
  for (int i = 0; i < 5000; ++i) {
    const Trace trace = RandomTrace(ToyVocabulary(), rng, 50);
    ASSERT_EQ(codec.Decode(codec.Encode(trace)), trace);
  }
}

// Decode is total, and Encode(Decode(b)) is a fixed point.
TEST(Codec, EachByteStringIsATraceWithOneCanonicalForm) {
  std::mt19937_64 rng(6);
  const Codec codec(ToyVocabulary());
  Trace reused;
  for (int i = 0; i < 20000; ++i) {
    const std::vector<std::uint8_t> bytes = RandomBytes(rng, 120);
    codec.Decode(bytes, &reused);
    for (const Op& op : reused.ops) {
      ASSERT_LT(op.code, ToyVocabulary().ops.size());
      const OpSpec& spec = ToyVocabulary().ops[op.code];
      Op within = {.code = op.code};
      for (const Operand& operand : spec.operands) {
        const std::uint32_t value = OperandValue(op, operand);
        ASSERT_LT(value, OperandLimit(ToyVocabulary(), operand, reused.header));
        SetOperandValue(&within, operand, value);
      }
      ASSERT_EQ(op, within) << "no bit is set but those of operands";
    }
    const std::vector<std::uint8_t> canonical = codec.Encode(reused);
    ASSERT_EQ(codec.Decode(canonical), reused);
    ASSERT_EQ(codec.Encode(codec.Decode(canonical)), canonical);
  }
}

TEST(Codec, AMutatedByteOfAnOperationChangesThatOperationAlone) {
  std::mt19937_64 rng(7);
  const Codec codec(ToyVocabulary());
  for (int i = 0; i < 2000; ++i) {
    const Trace before = RandomTrace(ToyVocabulary(), rng, 20);
    if (before.ops.empty()) continue;
    std::vector<std::uint8_t> bytes = codec.Encode(before);
    const std::size_t at = rng() % (before.ops.size() * kOpBytes);
    bytes[codec.header_bytes() + at] ^= static_cast<std::uint8_t>(1 + rng() % 255);
    const Trace after = codec.Decode(bytes);
    ASSERT_EQ(after.header, before.header);
    ASSERT_EQ(after.ops.size(), before.ops.size());
    for (std::size_t op = 0; op < before.ops.size(); ++op) {
      if (op != at / kOpBytes) {
        ASSERT_EQ(after.ops[op], before.ops[op]);
      }
    }
  }
}

TEST(Codec, MissingHeaderBytesAreZeroAndAnUnfinishedOperationIsDropped) {
  const Codec codec(ToyVocabulary());
  EXPECT_EQ(codec.Decode({}), Trace{});
  EXPECT_EQ(codec.Decode(std::vector<std::uint8_t>{2, 1, 99, 7}),
            (Trace{.header = {.field = {2, 1, 99, 7}}, .ops = {}}));
  const std::vector<std::uint8_t> bytes = {2, 1, 101, 1, 0, 0, 0, 1, 0, 0, 0, 9, 9, 9};
  EXPECT_EQ(codec.Decode(bytes),
            (Trace{.header = {.field = {2, 1, 1, 1}}, .ops = {{.code = testing::kPop}}}));
}

// A code counts modulo the number of operations, so that every byte is one.
TEST(Codec, EachByteIsAnOperation) {
  const Codec codec(ToyVocabulary());
  const std::size_t op_count = ToyVocabulary().ops.size();
  std::vector<std::uint8_t> bytes(codec.header_bytes());
  for (int code = 0; code < 256; ++code) {
    bytes.insert(bytes.end(), {static_cast<std::uint8_t>(code), 0, 0, 0});
  }
  const Trace trace = codec.Decode(bytes);
  for (std::size_t code = 0; code < 256; ++code) {
    EXPECT_EQ(trace.ops.at(code).code, code % op_count);
  }
}

// The first byte is the code; an operand lies at its shift in the 24 bits after it.
TEST(Codec, OperandsLieWhereTheirShiftSays) {
  const Codec codec(ToyVocabulary());
  std::vector<std::uint8_t> bytes(codec.header_bytes());
  bytes.insert(bytes.end(), {testing::kAim, 0b11'10'01'10, 0b1111'1110, 0xff});
  const Op aim = codec.Decode(bytes).ops.at(0);
  EXPECT_EQ(aim, (Op{.code = testing::kAim, .b = 0b11'10'01'10, .a = 0}));
  std::vector<std::uint32_t> values;
  for (const Operand& operand : ToyVocabulary().ops[testing::kAim].operands) {
    values.push_back(OperandValue(aim, operand));
  }
  EXPECT_EQ(values, (std::vector<std::uint32_t>{2, 1, 2, 3}));
}

// Setting one operand leaves the others alone; bits beyond its limit are dropped.
TEST(Vocabulary, OperandsDoNotTouchEachOther) {
  static constexpr std::string_view kFour[] = {"0", "1", "len", "cap"};
  constexpr OpSpec kSpec = {"five",
                            Packed({{.kind = OperandKind::kHandle, .limit = 4, .prefix = "s"},
                                    {.kind = OperandKind::kKey, .limit = 4096},
                                    ChoiceOf("a place", kFour),
                                    {.kind = OperandKind::kNumber, .limit = 64},
                                    {.kind = OperandKind::kCount, .limit = 4}}),
                            ""};
  EXPECT_EQ(kSpec.operands.size(), kMaxOperands);
  for (std::size_t i = 0; i < kSpec.operands.size(); ++i) {
    Op op = {.code = 1, .b = 0xff, .a = 0xffff};
    SetOperandValue(&op, kSpec.operands[i], 0xffff'fffe);
    for (std::size_t j = 0; j < kSpec.operands.size(); ++j) {
      const std::uint32_t most = kSpec.operands[j].limit - 1;
      EXPECT_EQ(OperandValue(op, kSpec.operands[j]), i == j ? most - 1 : most);
    }
  }
}

TEST(Vocabulary, BrokenTablesAreNamed) {
  Vocabulary broken = ToyVocabulary();
  broken.ops = {};
  EXPECT_TRUE(CheckVocabulary(broken));
  constexpr OpSpec kTwice[] = {{"same", {}, ""}, {"same", {}, ""}};
  broken.ops = kTwice;
  EXPECT_EQ(CheckVocabulary(broken), "same appears twice");
  constexpr OpSpec kReserved[] = {{"header", {}, ""}};
  broken.ops = kReserved;
  EXPECT_EQ(CheckVocabulary(broken), "header: the text form gives this word another meaning");
  broken = ToyVocabulary();
  constexpr FieldSpec kWide[] = {{.name = "wide", .width = 3, .help = ""}};
  broken.fields = kWide;
  broken.universe = std::nullopt;
  EXPECT_EQ(CheckVocabulary(broken), "wide: a field is 1, 2 or 4 bytes wide");
  broken.universe = Universe{.field = 1};
  constexpr FieldSpec kByte[] = {{.name = "byte", .help = ""}};
  broken.fields = kByte;
  EXPECT_EQ(CheckVocabulary(broken), "the field of the universe is missing");
  broken.universe = Universe{.field = 0, .least = 3};
  EXPECT_EQ(CheckVocabulary(broken), "the least universe is a power of two");
  broken.universe = Universe{.field = 0};
  EXPECT_EQ(CheckVocabulary(broken), "byte: a universe has at most 21 sizes");
}

std::optional<std::string> CheckOne(const OperandList& operands) {
  const OpSpec spec = {"odd", operands, ""};
  return CheckVocabulary({.name = "", .version = 1, .fields = {}, .ops = {&spec, 1}});
}

TEST(Vocabulary, BrokenOperandsAreNamed) {
  EXPECT_EQ(CheckOne({{.kind = OperandKind::kCount, .limit = 3}}),
            "odd: an operand's limit is a power of two");
  EXPECT_EQ(CheckOne({{.shift = 20, .limit = 16}}), std::nullopt);
  EXPECT_EQ(CheckOne({{.shift = 20, .limit = 32}}),
            "odd: an operand lies in the payload's 24 bits");
  EXPECT_EQ(CheckOne({{.shift = 0, .limit = 16}, {.shift = 4, .limit = 4}}), std::nullopt);
  EXPECT_EQ(CheckOne({{.shift = 0, .limit = 16}, {.shift = 3, .limit = 4}}),
            "odd: two operands share a bit of the payload");
  for (const std::string_view prefix : {"", "s1", "-"}) {
    EXPECT_EQ(CheckOne({{.kind = OperandKind::kHandle, .limit = 4, .prefix = prefix}}),
              "odd: a handle has a prefix of letters");
  }
}

TEST(Vocabulary, BrokenChoicesAreNamed) {
  constexpr std::string_view kFew[] = {"0", "len", "-1"};
  EXPECT_EQ(CheckOne({ChoiceOf("", kFew)}), "odd: an operand's limit is a power of two");
  EXPECT_EQ(CheckOne({{.kind = OperandKind::kChoice, .limit = 2, .choices = kFew}}),
            "odd: a choice has as many names as values");
  constexpr std::string_view kTwice[] = {"len", "len"};
  EXPECT_EQ(CheckOne({ChoiceOf("", kTwice)}), "odd: the choice \"len\" appears twice");
  for (const std::string_view word : {"", "a b", "#1", "tab\t", "\xc3\xa9"}) {
    const std::string_view names[] = {"fine", word};
    EXPECT_EQ(CheckOne({ChoiceOf("", names)}),
              "odd: the choice \"" + std::string(word) + "\" is not one word");
  }
}

TEST(Vocabulary, TheToyOneIsSound) { EXPECT_EQ(CheckVocabulary(ToyVocabulary()), std::nullopt); }

}  // namespace
}  // namespace slotproof
