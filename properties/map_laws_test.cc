// Algebraic laws of the reference map, over the writes of generated traces. They use the map as a
// program would, through its public interface, with no model beside it. Its own assertions are off:
// the laws are to find what is wrong by themselves, and //mutants:map_law_* show that each does.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "harness/engine/property.h"
#include "subjects/elements/elements.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_vocabulary.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

constexpr char kLabel[] = "//properties:map_laws_test";
constexpr PropertyOptions kOptions = {.traces = 300, .max_ops = 300};

template <class Key>
struct UnassertedPolicy : core::DefaultMapPolicy<Key> {
  static constexpr bool kAssertions = false;
};
template <class Key>
using Map = core::HashMap<Key, std::uint64_t, UnassertedPolicy<Key>>;
using Contents = std::map<KeyIndex, std::vector<std::uint64_t>>;

template <class Key>
Map<Key> NewMap(const Trace& trace, std::int64_t hint = 0) {
  return Map<Key>(hint, core::WyRand(MapHeader::From(trace.header).seed));
}

template <class Key>
const Key& KeyOf(const Op& op) {
  return KeyTable<Key>::At(op.a % kMostKeys);
}

// The writes of a trace, in order: what takes a key deletes it or inserts it.
template <class Key>
void Write(const Trace& trace, Map<Key>* map) {
  std::uint64_t value = 0;
  for (const Op& op : trace.ops) {
    switch (static_cast<MapOp>(op.code)) {
      case MapOp::kDelete:
      case MapOp::kDeleteRun:
      case MapOp::kThin:
        for (KeyIndex i = 0; i <= op.b; ++i) {
          map->Erase(KeyTable<Key>::At((op.a + i) % kMostKeys));
        }
        break;
      case MapOp::kClear:
        map->Clear();
        break;
      default:
        for (KeyIndex i = 0; i <= op.b; ++i) {
          map->InsertOrAssign(KeyTable<Key>::At((op.a + i) % kMostKeys), ++value);
        }
        break;
    }
  }
}

template <class Key>
Contents ContentsOf(const Map<Key>& map) {
  Contents contents;
  for (const auto [key, value] : map) contents[IndexOfKey(key)].push_back(value);
  for (auto& [key, values] : contents) std::sort(values.begin(), values.end());
  return contents;
}

Verdict Compare(const Contents& expected, const Contents& actual, const char* law) {
  if (expected == actual) return {};
  Verdict verdict;
  verdict.outcome = Outcome::kMismatch;
  verdict.law = law;
  verdict.expected = std::to_string(expected.size()) + " keys with their values";
  verdict.actual = std::to_string(actual.size()) + " keys, or other values";
  return verdict;
}

template <class Key>
class MapLaws : public testing::Test {
 protected:
  static void Check(const char* statement, const TraceLaw& law) {
    EXPECT_TRUE(CheckLaw(MapTarget(), statement, law, kLabel, kOptions).passed);
  }
};
using KeyTypes = testing::Types<std::uint64_t, std::string, double, Bytes136>;
TYPED_TEST_SUITE(MapLaws, KeyTypes);

// Law: deleting a key that was just inserted where it was absent leaves the contents as they were.
TYPED_TEST(MapLaws, DeleteAfterInsertIsTheIdentityOnContents) {
  this->Check("delete after insert is the identity on contents", [](const Trace& trace) {
    auto map = NewMap<TypeParam>(trace);
    Write(trace, &map);
    const Contents before = ContentsOf(map);
    for (const Op& op : trace.ops) {
      const TypeParam& key = KeyOf<TypeParam>(op);
      if (key != key || map.Contains(key)) continue;
      map.InsertOrAssign(key, std::uint64_t{7});
      map.Erase(key);
    }
    return Compare(before, ContentsOf(map), "delete_after_insert");
  });
}

// Law: the order in which distinct keys are inserted does not change the contents.
TYPED_TEST(MapLaws, InsertionOrderDoesNotChangeContents) {
  this->Check("insertion order does not change contents", [](const Trace& trace) {
    auto map = NewMap<TypeParam>(trace);
    Write(trace, &map);
    std::vector<std::pair<TypeParam, std::uint64_t>> entries;
    for (const auto [key, value] : map) entries.emplace_back(key, value);
    auto backwards = NewMap<TypeParam>(trace);
    for (std::size_t i = entries.size(); i-- > 0;) {
      backwards.InsertOrAssign(entries[i].first, entries[i].second);
    }
    return Compare(ContentsOf(map), ContentsOf(backwards), "insertion_order");
  });
}

// Law: a cleared map behaves as a new one.
TYPED_TEST(MapLaws, ClearEqualsANewMap) {
  this->Check("clear equals a new map", [](const Trace& trace) {
    auto cleared = NewMap<TypeParam>(trace);
    Write(trace, &cleared);
    cleared.Clear();
    if (!cleared.empty()) return Compare({}, ContentsOf(cleared), "clear");
    Write(trace, &cleared);
    auto fresh = NewMap<TypeParam>(trace);
    Write(trace, &fresh);
    return Compare(ContentsOf(fresh), ContentsOf(cleared), "clear_then_write");
  });
}

// Law: a size hint changes nothing that can be observed but the order of iteration.
TYPED_TEST(MapLaws, AHintChangesNothingObservable) {
  this->Check("a hint changes nothing observable", [](const Trace& trace) {
    auto plain = NewMap<TypeParam>(trace);
    auto hinted = NewMap<TypeParam>(trace, MapHeader::From(trace.header).hint + 9);
    Write(trace, &plain);
    Write(trace, &hinted);
    return Compare(ContentsOf(plain), ContentsOf(hinted), "hint");
  });
}

// Law: a copy holds the same entries, and writes to one do not show in the other.
TYPED_TEST(MapLaws, ACopyIsIndependent) {
  this->Check("a copy is independent", [](const Trace& trace) {
    auto original = NewMap<TypeParam>(trace);
    Write(trace, &original);
    const Contents contents = ContentsOf(original);
    auto copy = original;
    if (const Verdict v = Compare(contents, ContentsOf(copy), "copy_equal"); !v.passed()) return v;
    Write(trace, &copy);
    copy.Clear();
    if (const Verdict v = Compare(contents, ContentsOf(original), "copy_written"); !v.passed()) {
      return v;
    }
    copy = original;
    original.Clear();
    return Compare(contents, ContentsOf(copy), "original_cleared");
  });
}

// Law: a moved map holds the entries and goes on as if it had stayed, also where another map was;
// the one it came from is empty and usable.
TYPED_TEST(MapLaws, AMoveTakesTheContents) {
  this->Check("a move takes the contents", [](const Trace& trace) {
    auto original = NewMap<TypeParam>(trace);
    Write(trace, &original);
    const Contents contents = ContentsOf(original);
    auto moved = std::move(original);
    if (const Verdict v = Compare(contents, ContentsOf(moved), "move"); !v.passed()) return v;
    original.InsertOrAssign(KeyTable<TypeParam>::At(0), std::uint64_t{3});
    const Verdict v = Compare({{0, {3}}}, ContentsOf(original), "moved_from");
    if (!v.passed()) return v;
    auto stayed = NewMap<TypeParam>(trace);
    Write(trace, &stayed);
    Write(trace, &stayed);
    Map<TypeParam> elsewhere(0, core::WyRand(~MapHeader::From(trace.header).seed));
    elsewhere = std::move(moved);
    Write(trace, &elsewhere);
    return Compare(ContentsOf(stayed), ContentsOf(elsewhere), "moved_on");
  });
}

// Law: two iterations of one large map begin, as a rule, at different entries.
TYPED_TEST(MapLaws, IterationsBeginAtDifferentEntries) {
  this->Check("iterations begin at different entries", [](const Trace& trace) {
    auto map = NewMap<TypeParam>(trace);
    for (KeyIndex i = 4; i < 104; ++i)
      map.InsertOrAssign(KeyTable<TypeParam>::At(i), std::uint64_t{i});
    Contents first;
    for (int round = 0; round < 24; ++round) {
      auto it = map.Iterate();
      if (it.Next()) first[IndexOfKey(it.key())] = {};
    }
    Verdict verdict;
    if (first.size() < 6) {
      verdict.outcome = Outcome::kMismatch;
      verdict.law = "iteration_start";
      verdict.expected = "24 iterations to begin at 6 entries or more";
      verdict.actual = std::to_string(first.size());
    }
    return verdict;
  });
}

}  // namespace
}  // namespace slotproof
