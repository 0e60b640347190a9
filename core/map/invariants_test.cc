// Every law of CheckInvariants is broken here, once, and reported by its name.

#include "core/map/invariants.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/map/map_test_util.h"

namespace slotproof::core {
namespace {

using TableType = Table<std::uint64_t, std::uint64_t, PlacedPolicy>;

// 16 buckets; 20 entries in bucket 0 (a main bucket, two spare ones), one in bucket 1, which was
// followed by another that has been deleted; 9 entries in bucket 2 (an allocated overflow bucket).
void FillTable(PlacedMap& map) {
  for (std::uint64_t n = 0; n < 20; ++n) map[PlacedKey(0, n)] = n;
  map[PlacedKey(1, 0)] = 100;
  map[PlacedKey(1, 1)] = 101;
  map.Erase(PlacedKey(1, 1));
  for (std::uint64_t n = 0; n < 9; ++n) map[PlacedKey(2, n)] = n;
}

// The same, and a doubling that has moved old bucket 0 and nothing else.
void FillGrowingTable(PlacedMap& map) {
  FillTable(map);
  auto& table = HashMapTestPeer::Table(map);
  const std::size_t count = std::exchange(table.count, 104);
  HashGrow(table);
  table.count = count;
  Evacuate(table, 0);
}

struct Damage {
  std::string_view law;
  std::string_view what;
  bool growing;
  std::function<void(TableType&)> inflict;
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.law << ": " << damage.what; }

auto* Main(TableType& h, std::size_t index) { return h.buckets->At(index); }
auto* Old(TableType& h, std::size_t index) { return h.old_buckets->At(index); }

const std::vector<Damage>& AllDamage() {
  static const std::vector<Damage> damage = {
      {"count", "one too many", false, [](TableType& h) { ++h.count; }},
      {"count", "one too few while growing", true, [](TableType& h) { --h.count; }},
      {"flags.hash_writing", "left on", false, [](TableType& h) { h.flags.Xor(kHashWriting); }},
      {"flags.same_size", "left on", false, [](TableType& h) { h.flags.Xor(kSameSizeGrow); }},
      {"buckets.size", "B without an array of that size", false, [](TableType& h) { ++h.b; }},
      {"buckets.size", "a doubling taken for a same-size growth", true,
       [](TableType& h) { h.flags.Xor(kSameSizeGrow); }},
      {"load", "no growth at 121 entries in 16 buckets", false,
       [](TableType& h) { h.count = 121; }},
      {"growth.nevacuate", "past a bucket that has not moved", true,
       [](TableType& h) { h.nevacuate = 2; }},
      {"growth.nevacuate", "at the end, but still growing", true,
       [](TableType& h) { h.nevacuate = h.NoldBuckets(); }},
      {"growth.whole_chain", "a live slot left in an evacuated bucket", true,
       [](TableType& h) { Old(h, 0)->tophash[3] = 77; }},
      {"growth.whole_chain", "an evacuated slot in a bucket that is not", true,
       [](TableType& h) { Old(h, 2)->tophash[3] = kEvacuatedX; }},
      {"growth.destination", "a new bucket in use too early", true,
       [](TableType& h) { Main(h, 2 + h.NoldBuckets())->tophash[0] = 33; }},
      {"tophash.state", "an evacuated slot in the new array", false,
       [](TableType& h) { Main(h, 0)->tophash[1] = kEvacuatedY; }},
      {"tophash.hash", "another byte", false, [](TableType& h) { ++Main(h, 0)->tophash[4]; }},
      {"slot.bucket", "a key of another bucket", false,
       [](TableType& h) { *Main(h, 1)->keys.Get(0) = PlacedKey(5, 0); }},
      {"duplicate_key", "in the overflow bucket and in the main one", false,
       [](TableType& h) {
         *Main(h, 0)->overflow->keys.Get(0) = *Main(h, 0)->keys.Get(0);
         Main(h, 0)->overflow->tophash[0] = Main(h, 0)->tophash[0];
       }},
      {"emptyRest.tail", "a slot called the rest, with others behind it", false,
       [](TableType& h) {
         Main(h, 0)->tophash[2] = kEmptyRest;
         *Main(h, 0)->elems.Get(2) = 0;
       }},
      {"emptyRest.tail", "the end of a bucket, with an overflow bucket in use", false,
       [](TableType& h) {
         Main(h, 0)->tophash[7] = kEmptyRest;
         *Main(h, 0)->elems.Get(7) = 0;
       }},
      {"emptyRest.maximal", "emptyOne where nothing follows", false,
       [](TableType& h) { Main(h, 1)->tophash[1] = kEmptyOne; }},
      {"emptyRest.maximal", "emptyOne up to the end of the chain", false,
       [](TableType& h) {
         auto* last = Main(h, 2)->overflow;
         std::fill(std::begin(last->tophash) + 1, std::end(last->tophash), kEmptyOne);
       }},
      {"empty.elem_zeroed", "a deleted element's bytes", false,
       [](TableType& h) { *Main(h, 1)->elems.Get(1) = 101; }},
      {"noverflow", "not counted", false, [](TableType& h) { h.noverflow = 0; }},
      {"overflow.owner", "a bucket from elsewhere", false,
       [](TableType& h) {
         static TableType::Bucket stray{};
         Main(h, 0)->overflow->overflow->overflow = &stray;
       }},
      {"overflow.owner", "a main bucket", false,
       [](TableType& h) { Main(h, 3)->overflow = Main(h, 4); }},
      {"overflow.shared", "in two chains", false,
       [](TableType& h) { Main(h, 3)->overflow = Main(h, 2)->overflow; }},
      {"overflow.lost", "a spare bucket in no chain", true,
       [](TableType& h) { h.buckets->TakeSpare(); }},
      {"overflow.lost", "an allocated bucket in no chain", false,
       [](TableType& h) { h.buckets->AllocateOverflow(); }},
      {"overflow.list", "one too many", false,
       [](TableType& h) { h.buckets->ListOverflow(nullptr); }},
      {"overflow.list", "one too many in the old array", true,
       [](TableType& h) { h.old_buckets->ListOverflow(nullptr); }},
  };
  return damage;
}

class DamageTest : public testing::TestWithParam<Damage> {};

TEST_P(DamageTest, IsReportedByItsLaw) {
  PlacedMap map(104);
  GetParam().growing ? FillGrowingTable(map) : FillTable(map);
  ExpectLawful(map);
  auto& table = HashMapTestPeer::Table(map);
  const auto saved_count = table.count;
  const auto saved_b = table.b;
  GetParam().inflict(table);
  const auto violation = map.CheckInvariants();
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->law, GetParam().law);
  EXPECT_FALSE(violation->message.empty());
  // Plain keys and elements: the destructor frees the arrays and looks at nothing else.
  table.count = saved_count;
  table.b = saved_b;
}
INSTANTIATE_TEST_SUITE_P(AllLaws, DamageTest, testing::ValuesIn(AllDamage()));

TEST(InvariantsTest, SparesInUseAreReported) {
  PlacedMap map(104);
  map[PlacedKey(0, 0)] = 1;
  HashMapTestPeer::Table(map).buckets->At(16)->tophash[3] = 99;
  ASSERT_TRUE(map.CheckInvariants());
  EXPECT_EQ(map.CheckInvariants()->law, "spare.unused");
}

TEST(InvariantsTest, AMissingEndMarkerIsReported) {
  PlacedMap map(104);
  map[PlacedKey(0, 0)] = 1;
  HashMapTestPeer::Table(map).buckets->At(17)->overflow = nullptr;
  ASSERT_TRUE(map.CheckInvariants());
  EXPECT_EQ(map.CheckInvariants()->law, "spare.unused");
}

TEST(InvariantsTest, AStalePointerInAnEmptySlotIsReported) {
  HashMap<const int*, int> map;
  const std::array<int, 2> targets = {1, 2};
  map[&targets[0]] = 1;
  map[&targets[1]] = 1;
  map.Erase(&targets[1]);
  ExpectLawful(map);
  *HashMapTestPeer::Table(map).buckets->At(0)->keys.Get(1) = &targets[0];
  ASSERT_TRUE(map.CheckInvariants());
  EXPECT_EQ(map.CheckInvariants()->law, "empty.key_zeroed");
}

TEST(InvariantsTest, AMissingIndirectObjectIsReported) {
  using Big = std::array<std::uint64_t, 32>;
  HashMap<int, Big> map;
  map[1] = Big{};
  HashMapTestPeer::Table(map).buckets->At(0)->elems.Destroy(0);
  ASSERT_TRUE(map.CheckInvariants());
  EXPECT_EQ(map.CheckInvariants()->law, "slot.object");
}

TEST(InvariantsTest, TheHeadersLawsAreSeenByTheCheapCheck) {
  PlacedMap map(104);
  FillTable(map);
  auto& table = HashMapTestPeer::Table(map);
  EXPECT_TRUE(map.CheckCheapInvariants());
  table.flags.Xor(kHashWriting);
  EXPECT_FALSE(map.CheckCheapInvariants());
  table.flags.Xor(kHashWriting);
  table.flags.Xor(kSameSizeGrow);
  EXPECT_FALSE(map.CheckCheapInvariants());
  table.flags.Xor(kSameSizeGrow);
  EXPECT_TRUE(map.CheckCheapInvariants());
}

TEST(InvariantsTest, EveryLawHasADamageThatBreaksIt) {
  std::set<std::string_view> broken = {"spare.unused", "empty.key_zeroed", "slot.object"};
  for (const Damage& damage : AllDamage()) broken.insert(damage.law);
  std::set<std::string_view> laws;
  for (const MapLaw& law : kMapLaws) EXPECT_TRUE(laws.insert(law.name).second) << law.name;
  EXPECT_EQ(broken, laws);
}

TEST(InvariantsTest, AMessageSaysWhere) {
  PlacedMap map(104);
  FillTable(map);
  ++HashMapTestPeer::Table(map).buckets->At(0)->overflow->tophash[4];
  const auto violation = map.CheckInvariants();
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->message, "new bucket 0, position 1, slot 4: tophash is 23, the key's is 22");
}

}  // namespace
}  // namespace slotproof::core
