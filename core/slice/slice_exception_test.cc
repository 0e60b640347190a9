// What a slice promises when copying an element or getting memory throws: a growth has not
// happened; in place, the slice is as it was and only the target cells may be partly new. Nothing
// leaks and nothing is destroyed twice.

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/idioms.h"
#include "core/slice/slice.h"
#include "core/slice/slice_test_util.h"
#include "core/testing/fuse.h"

namespace slotproof::core {
namespace {

// Whatever makes or changes one may throw; they are counted.
class Fragile {
 public:
  Fragile() {
    Fuse::Step();
    ++Fuse::objects;
  }
  explicit Fragile(int value) : value_(value) { ++Fuse::objects; }
  Fragile(const Fragile& other) : value_(other.value_) {
    Fuse::Step();
    ++Fuse::objects;
  }
  Fragile& operator=(const Fragile& other) {
    Fuse::Step();
    value_ = other.value_;
    return *this;
  }
  ~Fragile() {
    --Fuse::objects;
    value_ = -1;
  }
  int value() const { return value_; }

 private:
  int value_ = 0;
};

using S = TestSlice<Fragile>;

std::vector<int> Values(const S& s) {
  std::vector<int> values;
  for (std::int64_t i = 0; i < s.len(); ++i) values.push_back(s[i].value());
  return values;
}

class ExceptionTest : public CountingTest {
 protected:
  ~ExceptionTest() override { EXPECT_EQ(Fuse::objects, 0) << "leaked or destroyed twice"; }

  // 100, 101, 102 ...
  S Filled(std::int64_t len, std::int64_t cap) {
    S s = Make<Fragile>(len, cap);
    for (std::int64_t i = 0; i < len; ++i) {
      EXPECT_TRUE(s.Set(i, Fragile(static_cast<int>(100 + i))));
    }
    return s;
  }

  // Runs `action` on slices made by `prepare`, with the fuse one step longer each time, until it
  // no longer burns; `check` sees what is left after each fire. Returns how often it burnt.
  template <class Prepare, class Action, class Check>
  std::size_t BurnAtEachStep(Prepare prepare, Action action, Check check) {
    for (std::size_t steps = 0;; ++steps) {
      const std::ptrdiff_t objects = Fuse::objects;
      const std::size_t arrays = counters_.live_arrays;
      bool threw = false;
      {
        S s = prepare();
        Fuse::Arm(steps);
        try {
          action(s);
        } catch (const Thrown&) {
          threw = true;
        }
        Fuse::armed = false;
        ExpectLawful(s);
        if (threw) check(s, steps);
        action(s);
        ExpectLawful(s);
      }
      EXPECT_EQ(Fuse::objects, objects) << "thrown at step " << steps;
      EXPECT_EQ(counters_.live_arrays, arrays) << "thrown at step " << steps;
      if (!threw) return steps;
    }
  }
};

TEST_F(ExceptionTest, AGrowthThatThrowsChangesNothing) {
  const std::vector<Fragile> items(3, Fragile(7));
  const auto unchanged = [](const S& s, std::size_t steps) {
    EXPECT_EQ(Values(s), IotaVector(100, 104)) << "thrown at step " << steps;
    EXPECT_EQ(s.cap(), 4);
    EXPECT_FALSE(s.SharesArray());
  };
  const auto full = [this] { return Filled(4, 4); };
  // 4 old cells, 1 new, 3 zeros; 4 old, 3 new, 1 zero; 4 old twice; 4 old, 4 zeros.
  const auto one = [&items](S& s) { EXPECT_TRUE(s.Append(items[0])); };
  const auto several = [&items](S& s) { EXPECT_TRUE(s.Append(items)); };
  const auto itself = [](S& s) { EXPECT_TRUE(s.Append(s)); };
  const auto zeros = [](S& s) { EXPECT_TRUE(s.AppendZeros(2)); };
  EXPECT_EQ(BurnAtEachStep(full, one, unchanged), 8U);
  EXPECT_EQ(BurnAtEachStep(full, several, unchanged), 8U);
  EXPECT_EQ(BurnAtEachStep(full, itself, unchanged), 8U);
  EXPECT_EQ(BurnAtEachStep(full, zeros, unchanged), 8U);
}

TEST_F(ExceptionTest, AGrowthThatThrowsLeavesASharedArrayAlone) {
  const S whole = Filled(4, 4);
  BurnAtEachStep([&whole] { return whole; }, [](S& s) { EXPECT_TRUE(s.AppendZeros(1)); },
                 [&whole](const S& s, std::size_t) {
                   EXPECT_EQ(s.array_id(), whole.array_id());
                   EXPECT_EQ(Values(whole), IotaVector(100, 104));
                 });
}

TEST_F(ExceptionTest, AnAppendInPlaceThatThrowsKeepsTheLength) {
  const std::vector<Fragile> items(3, Fragile(7));
  const std::size_t burnt = BurnAtEachStep([this] { return Filled(8, 8).Sub(0, 2).value(); },
                                           [&items](S& s) { EXPECT_TRUE(s.Append(items)); },
                                           [](const S& s, std::size_t steps) {
                                             EXPECT_EQ(Values(s), IotaVector(100, 102));
                                             // A prefix of the target is new, the rest is old.
                                             std::vector<int> expected = IotaVector(100, 108);
                                             for (std::size_t i = 0; i < steps; ++i)
                                               expected[2 + i] = 7;
                                             EXPECT_EQ(Values(s.Sub(0, 8).value()), expected)
                                                 << "thrown at step " << steps;
                                           });
  EXPECT_EQ(burnt, 3U);
}

TEST_F(ExceptionTest, SettingThatThrowsKeepsTheElement) {
  const Fragile item(7);
  BurnAtEachStep([this] { return Filled(3, 3); }, [&item](S& s) { EXPECT_TRUE(s.Set(1, item)); },
                 [](const S& s, std::size_t) { EXPECT_EQ(Values(s), IotaVector(100, 103)); });
}

TEST_F(ExceptionTest, ACopyThatThrowsLeavesAPartOfTheTargetNew) {
  // Backward over itself, so the new part is a suffix.
  const std::size_t burnt =
      BurnAtEachStep([this] { return Filled(5, 5); }, [](S& s) { s.Sub(1, 5)->CopyFrom(s); },
                     [](const S& s, std::size_t steps) {
                       std::vector<int> expected = IotaVector(100, 105);
                       for (std::size_t i = 0; i < steps; ++i) --expected[4 - i];
                       EXPECT_EQ(Values(s), expected) << "thrown at step " << steps;
                     });
  EXPECT_EQ(burnt, 4U);
}

TEST_F(ExceptionTest, AClearThatThrowsLeavesAPrefixZero) {
  BurnAtEachStep([this] { return Filled(3, 3); }, [](S& s) { s.Clear(); },
                 [](const S& s, std::size_t steps) {
                   std::vector<int> expected = IotaVector(100, 103);
                   // The first step makes the zero.
                   for (std::size_t i = 1; i < steps; ++i) expected[i - 1] = 0;
                   EXPECT_EQ(Values(s), expected);
                 });
}

TEST_F(ExceptionTest, AMakeThatThrowsLeaksNothing) {
  for (std::size_t steps = 0; steps < 5; ++steps) {
    Fuse::Arm(steps);
    EXPECT_THROW(static_cast<void>(S::Make(2, 5, runtime())), Thrown);
    EXPECT_EQ(counters_.live_arrays, 0U);
    EXPECT_EQ(Fuse::objects, 0);
  }
}

TEST_F(ExceptionTest, IdiomsThatThrowLeaveALawfulSlice) {
  const std::vector<Fragile> items(3, Fragile(7));
  const auto any = [](const S&, std::size_t) {};
  const auto tight = [this] { return Filled(6, 6); };
  const auto roomy = [this] { return Filled(6, 12); };
  const auto insert = [&items](S& s) { EXPECT_TRUE(Insert(s, 2, std::span(items))); };
  EXPECT_GT(BurnAtEachStep(tight, insert, any), 6U);
  EXPECT_GT(BurnAtEachStep(roomy, insert, any), 6U);
  EXPECT_GT(BurnAtEachStep(tight, [](S& s) { EXPECT_TRUE(DeleteRange(s, 0, 2)); }, any), 3U);
  EXPECT_GT(
      BurnAtEachStep(
          tight,
          [](S& s) { EXPECT_TRUE(Filter(s, [](const Fragile& f) { return f.value() % 2 == 1; })); },
          any),
      2U);
}

TEST_F(ExceptionTest, WithoutMemoryNothingChanges) {
  S s = Filled(4, 4);
  counters_.allocations_left = 0;
  EXPECT_THROW(static_cast<void>(s.AppendZeros(1)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(S::Make(1, 1, runtime())), std::bad_alloc);
  EXPECT_EQ(Values(s), IotaVector(100, 104));
  EXPECT_EQ(s.cap(), 4);
  counters_.allocations_left = -1;
  EXPECT_TRUE(s.AppendZeros(1));
}

}  // namespace
}  // namespace slotproof::core
