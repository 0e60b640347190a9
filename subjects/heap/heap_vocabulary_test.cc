#include "subjects/heap/heap_vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

const OpSpec& SpecOf(HeapOp op) { return HeapVocabulary().ops[static_cast<std::size_t>(op)]; }

Op WithValues(HeapOp code, std::initializer_list<std::uint32_t> values) {
  Op op{.code = static_cast<std::uint8_t>(code)};
  auto value = values.begin();
  for (const Operand& operand : SpecOf(code).operands) {
    if (value == values.end()) break;
    SetOperandValue(&op, operand, *value++);
  }
  return op;
}

const HeapShape& ShapeCalled(std::string_view name) {
  for (const HeapShape& shape : kHeapShapes) {
    if (shape.name == name) return shape;
  }
  ADD_FAILURE() << "no shape is called " << name;
  return kHeapShapes[0];
}

TEST(HeapVocabulary, ItsTablesAreSound) {
  EXPECT_EQ(CheckVocabulary(HeapVocabulary()), std::nullopt);
  EXPECT_EQ(HeapVocabulary().ops.size(), kHeapOpCount);
  for (const Profile& profile : HeapProfiles()) {
    EXPECT_EQ(profile.ops.size(), kHeapOpCount) << profile.name;
  }
}

// Law: an operation's code is its place in the table. A row too many or too few shows here.
TEST(HeapVocabulary, EachOperationIsCalledAsItsCodeSays) {
  const std::pair<HeapOp, std::string_view> names[] = {
      {HeapOp::kAlloc, "alloc"},
      {HeapOp::kInterior, "interior"},
      {HeapOp::kCopyWithin, "copy_within"},
      {HeapOp::kDrop, "drop"},
      {HeapOp::kSetFinalizer, "set_finalizer"},
      {HeapOp::kForget, "forget"},
      {HeapOp::kBeginCycle, "begin_cycle"},
      {HeapOp::kCollectAt, "collect_at"},
      {HeapOp::kPageLimit, "page_limit"},
      {HeapOp::kList, "list"},
      {HeapOp::kFan, "fan"},
      {HeapOp::kDetach, "detach"},
      {HeapOp::kRenew, "renew"},
      {HeapOp::kMake, "make"},
      {HeapOp::kWipe, "wipe"},
      {HeapOp::kCopyElems, "copy_elems"},
      {HeapOp::kPick, "pick"},
  };
  for (const auto& [code, name] : names) EXPECT_EQ(SpecOf(code).name, name);
}

TEST(HeapVocabulary, BurstsAndTheyAloneComeLastOfTheirKind) {
  for (std::size_t code = 0; code < kHeapOpCount; ++code) {
    const bool of_containers = code >= static_cast<std::size_t>(HeapOp::kMake);
    const bool burst =
        code >= static_cast<std::size_t>(of_containers ? HeapOp::kFill : HeapOp::kList);
    EXPECT_EQ(HeapVocabulary().ops[code].burst, burst) << HeapVocabulary().ops[code].name;
  }
}

// Law: what the session reads of an operation is what the tables say that it holds.
TEST(HeapVocabulary, OperandsLieWhereTheTablesSay) {
  const HeapOperands alloc(WithValues(HeapOp::kAlloc, {3, 9}));
  EXPECT_EQ(alloc.d, 3U);
  EXPECT_EQ(alloc.shape, 9U);

  const HeapOperands load(WithValues(HeapOp::kLoad, {3, 4, 700}));
  EXPECT_EQ(load.d, 3U);
  EXPECT_EQ(load.a, 4U);
  EXPECT_EQ(load.field, 700U);

  const HeapOperands store(WithValues(HeapOp::kStore, {3, 700, 5}));
  EXPECT_EQ(store.a, 3U);
  EXPECT_EQ(store.field, 700U);
  EXPECT_EQ(store.b, 5U);

  const HeapOperands within(WithValues(HeapOp::kCopyWithin, {3, 30, 31, 62}));
  EXPECT_EQ(within.a, 3U);
  EXPECT_EQ(within.to, 30U);
  EXPECT_EQ(within.from, 31U);
  EXPECT_EQ(within.many, 63U) << "a count is stored less one";

  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kSetGlobal, {7, 5})).table, 7U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kKeep, {3, 5})).table, 3U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kKeep, {3, 5})).b, 5U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kWeak, {6, 5})).table, 6U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kStrong, {5, 6})).table, 6U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kStrong, {5, 6})).d, 5U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kMutator, {2})).mutator, 2U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kInterior, {1, 2, 63})).word, 63U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kMark, {7})).few, 8U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kCollectAt, {31})).some, 32U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kGcPercent, {6})).choice, 6U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kMemoryLimit, {6})).choice, 6U);
  EXPECT_EQ(HeapOperands(WithValues(HeapOp::kPageLimit, {6})).choice, 6U);

  const HeapOperands list(WithValues(HeapOp::kList, {5, 2, 255}));
  EXPECT_EQ(list.d, 5U);
  EXPECT_EQ(list.shape, 2U);
  EXPECT_EQ(list.count, 256U);
}

TEST(HeapVocabulary, OperationsMadeByHandAreThoseOfTheTables) {
  EXPECT_EQ(HeapAlloc(3, 9), WithValues(HeapOp::kAlloc, {3, 9}));
  EXPECT_EQ(HeapStore(3, 700, 5), WithValues(HeapOp::kStore, {3, 700, 5}));
  EXPECT_EQ(HeapMove(3, 4), WithValues(HeapOp::kMove, {3, 4}));
  EXPECT_EQ(HeapNil(3), WithValues(HeapOp::kNil, {3}));
  EXPECT_EQ(HeapLoad(3, 4, 700), WithValues(HeapOp::kLoad, {3, 4, 700}));
  EXPECT_EQ(HeapStoreNil(3, 700), WithValues(HeapOp::kStoreNil, {3, 700}));
  EXPECT_EQ(HeapCopy(3, 4), WithValues(HeapOp::kCopy, {3, 4}));
  EXPECT_EQ(HeapClear(3), WithValues(HeapOp::kClear, {3}));
}

TEST(HeapVocabulary, AHeaderSaysHowManyMutatorsWhoBeginsAndHowSmall) {
  Header header{};
  EXPECT_EQ(HeapHeader::From(header).mutators, 1U);
  EXPECT_FALSE(HeapHeader::From(header).automatic);
  EXPECT_TRUE(HeapHeader::From(header).has_small_sizes);
  header.field[0] = 3;
  header.field[1] = 1;
  header.field[2] = 1;
  EXPECT_EQ(HeapHeader::From(header).mutators, 4U);
  EXPECT_TRUE(HeapHeader::From(header).automatic);
  EXPECT_FALSE(HeapHeader::From(header).has_small_sizes);
}

TEST(HeapVocabulary, AFieldIsAWordThatThePointerMapNames) {
  EXPECT_EQ(ShapeCalled("leaf").Fields(), 0U);
  EXPECT_EQ(ShapeCalled("node").WordOf(0), 0U);
  EXPECT_EQ(ShapeCalled("node").WordOf(1), 2U);
  EXPECT_EQ(ShapeCalled("pairs").Fields(), 100U);
  EXPECT_EQ(ShapeCalled("pairs").WordOf(0), 1U);
  EXPECT_EQ(ShapeCalled("pairs").WordOf(99), 199U) << "the second word of the last pair";
  EXPECT_EQ(ShapeCalled("large").WordOf(1), 63U);
  EXPECT_EQ(ShapeCalled("large").WordOf(2), 2500U);

  for (const HeapShape& shape : kHeapShapes) {
    std::set<std::size_t> words;
    for (std::size_t field = 0; field < shape.Fields(); ++field) {
      const std::size_t word = shape.WordOf(field);
      EXPECT_LT(word * 8, shape.bytes()) << shape.name;
      EXPECT_NE(shape.pointers >> (word % (shape.type_bytes / 8)) & 1, 0U) << shape.name;
      words.insert(word);
    }
    EXPECT_EQ(words.size(), shape.Fields()) << shape.name << ": each field has a word of its own";
  }
}

TEST(HeapVocabulary, LeadingFieldsAreThePointersBeforeTheFirstWordThatIsNone) {
  EXPECT_EQ(ShapeCalled("leaf").LeadingFields(), 0U);
  EXPECT_EQ(ShapeCalled("node").LeadingFields(), 1U);
  EXPECT_EQ(ShapeCalled("pair").LeadingFields(), 2U);
  EXPECT_EQ(ShapeCalled("row").LeadingFields(), 640U) << "of all ten neighbours";
  EXPECT_EQ(ShapeCalled("pairs").LeadingFields(), 0U);
}

TEST(HeapVocabulary, TinyIsWhatHasNoPointersAndLessThanSixteenBytes) {
  for (const std::string_view name : {"tiny8", "tiny1", "tiny6", "tiny12"}) {
    EXPECT_TRUE(ShapeCalled(name).IsTiny()) << name;
  }
  for (const std::string_view name : {"cell", "pair", "leaf", "bytes1000"}) {
    EXPECT_FALSE(ShapeCalled(name).IsTiny()) << name;
  }
}

}  // namespace
}  // namespace slotproof
