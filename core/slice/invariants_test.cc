// Every law of CheckInvariants is broken here, and reported by its name.

#include "core/slice/invariants.h"

#include <cstdint>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"

namespace slotproof::core {
namespace {

struct Nothing {};
using Window = SliceWindow<std::int64_t>;

std::int64_t stray[2];

// Each is done to the window s[2:4:6] of an array of 8 cells, but for elements without size.
struct Damage {
  std::string_view law;
  std::string_view what;
  std::function<void(Window&)> inflict;
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.law << ": " << damage.what; }

const std::vector<Damage>& AllDamage() {
  static const std::vector<Damage> damage = {
      {"len", "negative", [](Window& s) { s.len = -1; }},
      {"len", "above the capacity", [](Window& s) { s.len = 5; }},
      {"len", "a negative capacity", [](Window& s) { s.len = s.cap = -1; }},
      {"nil", "null with an array", [](Window& s) { s = {s.array, nullptr, 0, 0}; }},
      {"nil", "null with a capacity", [](Window& s) { s = {nullptr, nullptr, 0, 1}; }},
      {"base", "no array, not the base", [](Window& s) { s = {nullptr, stray, 0, 0}; }},
      {"base", "the base with a capacity",
       [](Window& s) { s = {nullptr, ZeroBase<std::int64_t>(), 0, 1}; }},
      {"array.cell", "before the array", [](Window& s) { s.data -= 3; }},
      {"array.cell", "between two cells",
       [](Window& s) {
         s.data = reinterpret_cast<std::int64_t*>(reinterpret_cast<std::uintptr_t>(s.data) + 4);
       }},
      {"array.past_end", "a window without capacity at the end",
       [](Window& s) { s = {s.array, s.data + 6, 0, 0}; }},
      {"array.window", "ends after the array", [](Window& s) { s.cap = 7; }},
      {"array.window", "a capacity from afar", [](Window& s) { s.cap = INT64_MAX; }},
  };
  return damage;
}

class DamageTest : public testing::TestWithParam<Damage> {};
TEST_P(DamageTest, IsReportedByItsName) {
  const auto whole = Slice<std::int64_t>::Make(8, 8).value();
  auto s = whole.Sub3(2, 4, 6).value();
  ASSERT_FALSE(s.CheckInvariants().has_value());
  Window& window = SliceTestPeer::Window(s);
  const Window good = window;
  GetParam().inflict(window);
  const auto violation = s.CheckInvariants();
  window = good;
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->law, GetParam().law);
  EXPECT_FALSE(violation->message.empty());
}
INSTANTIATE_TEST_SUITE_P(Laws, DamageTest, testing::ValuesIn(AllDamage()));

TEST(InvariantsTest, ElementsWithoutSizeLieAtTheBase) {
  auto s = Slice<Nothing>::Make(3, 5).value();
  EXPECT_FALSE(s.CheckInvariants().has_value());
  auto& window = SliceTestPeer::Window(s);
  Nothing other;
  window.data = &other;
  EXPECT_EQ(s.CheckInvariants()->law, "zero_size");
}

TEST(InvariantsTest, AnEmptyArrayIsNeverMade) {
  SliceRuntime runtime;
  auto* array = BackingArray<std::int64_t>::Make(runtime, 0, {}, {});
  EXPECT_EQ(BrokenSliceLaw<8>(Window{array, array->cells(), 0, 0}), "array.cells");
  EXPECT_TRUE(array->Release(runtime));
}

TEST(InvariantsTest, TheMessageSaysWhereTheWindowIs) {
  auto s = Slice<std::int64_t>::Make(8, 8)->Sub(2, 4).value();
  auto& window = SliceTestPeer::Window(s);
  window.cap = 7;
  const auto violation = s.CheckInvariants();
  window.cap = 6;
  ASSERT_TRUE(violation.has_value());
  EXPECT_EQ(violation->message, "len 2, cap 7, 16 bytes into 8 cells of 8");
}

TEST(InvariantsTest, EachLawIsBrokenHere) {
  std::set<std::string_view> broken = {"zero_size", "array.cells"};
  for (const Damage& damage : AllDamage()) broken.insert(damage.law);
  std::set<std::string_view> laws;
  for (const SliceLaw& law : kSliceLaws) {
    EXPECT_FALSE(law.statement.empty());
    EXPECT_TRUE(laws.insert(law.name).second) << law.name;
  }
  EXPECT_EQ(broken, laws);
}

// An operation on a broken window goes to the policy.
TEST(InvariantsTest, AnAppendToABrokenWindowIsFatal) {
  auto s = TestSlice<std::int64_t>::Make(2, 4).value();
  auto& window = SliceTestPeer::Window(s);
  const auto good = window;
  window.len = -1;
  window.data += 1;
  EXPECT_THROW(static_cast<void>(s.Append(1)), ThrownFailure);
  window = good;
}

}  // namespace
}  // namespace slotproof::core
