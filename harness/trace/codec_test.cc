#include "harness/trace/codec.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/random_trace.h"
#include "harness/testing/toy_target.h"

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
      ASSERT_LT(op.a, OperandLimit(ToyVocabulary(), spec.a, reused.header));
      ASSERT_LT(op.b, OperandLimit(ToyVocabulary(), spec.b, reused.header));
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
  const std::vector<std::uint8_t> bytes = {2, 1, 101, 1, 0, 0, 0, 1, 0, 0, 0, 9, 9, 9};
  EXPECT_EQ(codec.Decode(bytes),
            (Trace{.header = {.field = {2, 1, 1, 1}}, .ops = {{.code = testing::kPop}}}));
}

TEST(Vocabulary, BrokenTablesAreNamed) {
  Vocabulary broken = ToyVocabulary();
  broken.ops = {};
  EXPECT_TRUE(CheckVocabulary(broken));
  constexpr OpSpec kOdd[] = {{"odd", {.kind = OperandKind::kCount, .limit = 3}, {}, ""}};
  broken.ops = kOdd;
  EXPECT_EQ(CheckVocabulary(broken), "odd: an operand's limit is a power of two, at most 65536");
  constexpr OpSpec kTwice[] = {{"same", {}, {}, ""}, {"same", {}, {}, ""}};
  broken.ops = kTwice;
  EXPECT_EQ(CheckVocabulary(broken), "same appears twice");
  constexpr OpSpec kReserved[] = {{"header", {}, {}, ""}};
  broken.ops = kReserved;
  EXPECT_EQ(CheckVocabulary(broken), "header: the text form gives this word another meaning");
  broken = ToyVocabulary();
  constexpr FieldSpec kWide[] = {{.name = "wide", .width = 3, .help = ""}};
  broken.fields = kWide;
  EXPECT_EQ(CheckVocabulary(broken), "wide: a field is 1, 2 or 4 bytes wide");
}

TEST(Vocabulary, TheToyOneIsSound) { EXPECT_EQ(CheckVocabulary(ToyVocabulary()), std::nullopt); }

}  // namespace
}  // namespace slotproof
