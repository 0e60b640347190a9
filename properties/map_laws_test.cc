// Algebraic laws of the reference map, over the writes of generated traces. They use the map as a
// program would, through its public interface, with no model beside it. Its own assertions are off:
// the laws are to find what is wrong by themselves, and //mutants:map_law_* show that each does.

#include <algorithm>
#include <cstdint>
#include <functional>
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

// Equal keys as one, which doubles spell in two ways: +0 and -0. An insertion may change that.
template <class Key>
KeyIndex UnspelledIndex(KeyIndex index) {
  return index == 1 && KeyTable<Key>::At(0) == KeyTable<Key>::At(1) ? 0 : index;
}
template <class Key>
Contents Unspelled(const Contents& contents) {
  Contents unspelled;
  for (const auto& [index, values] : contents) {
    std::vector<std::uint64_t>& all = unspelled[UnspelledIndex<Key>(index)];
    all.insert(all.end(), values.begin(), values.end());
    std::sort(all.begin(), all.end());
  }
  return unspelled;
}

Verdict Broken(const char* law, std::string expected, std::string actual) {
  Verdict verdict;
  verdict.outcome = Outcome::kMismatch;
  verdict.law = law;
  verdict.expected = std::move(expected);
  verdict.actual = std::move(actual);
  return verdict;
}

Verdict Compare(const Contents& expected, const Contents& actual, const char* law) {
  if (expected == actual) return {};
  return Broken(law, std::to_string(expected.size()) + " keys with their values",
                std::to_string(actual.size()) + " keys, or other values");
}

// The trace up to its middle, for a map that has some of its keys.
Trace FirstHalf(Trace trace) {
  trace.ops.resize(trace.ops.size() / 2);
  return trace;
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
    if (first.size() >= 6) return Verdict{};
    return Broken("iteration_start", "24 iterations to begin at 6 entries or more",
                  std::to_string(first.size()));
  });
}

// Law: a swap exchanges the contents, and a second one gives them back.
TYPED_TEST(MapLaws, SwapTwiceIsTheIdentity) {
  this->Check("swap twice is the identity", [](const Trace& trace) {
    auto one = NewMap<TypeParam>(trace);
    auto other = NewMap<TypeParam>(trace);
    Write(trace, &one);
    Write(FirstHalf(trace), &other);
    Contents of_one = ContentsOf(one);
    Contents of_other = ContentsOf(other);
    for (const char* const law : {"swap", "swap_back"}) {
      swap(one, other);
      of_one.swap(of_other);
      if (const Verdict v = Compare(of_one, ContentsOf(one), law); !v.passed()) return v;
      if (const Verdict v = Compare(of_other, ContentsOf(other), law); !v.passed()) return v;
    }
    return Verdict{};
  });
}

// Law: a merge makes the union of the keys, in which what was there stays, and leaves behind the
// intersection.
TYPED_TEST(MapLaws, AMergeMakesTheUnionAndLeavesTheIntersection) {
  this->Check("a merge makes the union and leaves the intersection", [](const Trace& trace) {
    auto to = NewMap<TypeParam>(trace);
    auto from = NewMap<TypeParam>(trace);
    Write(FirstHalf(trace), &to);
    Write(trace, &from);
    Contents all = ContentsOf(to);
    Contents left;
    for (const auto [key, value] : from) {
      (to.Contains(key) ? left : all)[IndexOfKey(key)].push_back(value);
    }
    erase_if(from, [&to](const auto& entry) {
      return to.TryEmplace(entry.first, std::as_const(entry.second)).second;
    });
    const Verdict v =
        Compare(Unspelled<TypeParam>(left), Unspelled<TypeParam>(ContentsOf(from)), "merge_left");
    if (!v.passed()) return v;
    return Compare(Unspelled<TypeParam>(all), Unspelled<TypeParam>(ContentsOf(to)), "merge_union");
  });
}

// Law: what erase_if erases and what it leaves are the contents.
TYPED_TEST(MapLaws, ErasingSomeAndErasingTheOthersSplitsTheContents) {
  this->Check("erase_if splits the contents", [](const Trace& trace) {
    auto odd = NewMap<TypeParam>(trace);
    auto even = NewMap<TypeParam>(trace);
    Write(trace, &odd);
    Write(trace, &even);
    const Contents contents = ContentsOf(odd);
    const std::size_t entries = odd.size();
    const auto is_odd = [](const auto& entry) { return entry.second % 2 == 1; };
    const std::size_t erased = erase_if(even, is_odd) + erase_if(odd, std::not_fn(is_odd));
    if (erased != entries || odd.size() + even.size() != entries) {
      return Broken("erase_if_count", std::to_string(entries), std::to_string(erased));
    }
    Contents both = ContentsOf(odd);
    for (const auto& [index, values] : ContentsOf(even)) {
      both[index].insert(both[index].end(), values.begin(), values.end());
      std::sort(both[index].begin(), both[index].end());
    }
    return Compare(contents, both, "erase_if");
  });
}

// Law: a copy is equal to its source, if that has no NaN, and is not while one entry differs.
TYPED_TEST(MapLaws, ACopyIsEqualWhileNoEntryDiffers) {
  this->Check("a copy is equal while no entry differs", [](const Trace& trace) {
    constexpr std::size_t kChanges = 8;  // each is a comparison of all entries
    auto original = NewMap<TypeParam>(trace);
    Write(trace, &original);
    auto copy = original;
    bool has_nan = false;
    for (const auto [key, value] : original) has_nan |= key != key;
    if ((copy == original) == has_nan) {
      return Broken("compare_copy", has_nan ? "unequal, as NaNs are" : "equal", "the contrary");
    }
    for (std::size_t i = 0; i < std::min(trace.ops.size(), kChanges); ++i) {
      const TypeParam& key = KeyOf<TypeParam>(trace.ops[i]);
      if (key != key) continue;
      const bool is_new = !copy.Contains(key);
      ++copy[key];
      if (copy == original || original == copy) {
        return Broken("compare_changed", is_new ? "one entry more" : "another value", "equal");
      }
      --copy[key];
      if (is_new) copy.Erase(key);
    }
    return Verdict{};
  });
}

// Law: load-or-store gives what is there, else stores; done again, it changes nothing.
TYPED_TEST(MapLaws, LoadOrStoreIsIdempotent) {
  this->Check("load-or-store is idempotent", [](const Trace& trace) {
    auto map = NewMap<TypeParam>(trace);
    Write(trace, &map);
    std::uint64_t fresh = 1'000'000;
    for (const Op& op : trace.ops) {
      const TypeParam& key = KeyOf<TypeParam>(op);
      if (key != key) continue;
      const std::uint64_t* const there = map.Find(key);
      const bool is_new = there == nullptr;
      const std::uint64_t expected = is_new ? ++fresh : *there;
      for (const bool stores : {is_new, false}) {
        const auto [value, stored] = map.TryEmplace(key, fresh);
        if (stored != stores || value != expected) {
          return Broken("load_or_store", std::to_string(expected), std::to_string(value));
        }
        ++fresh;
      }
    }
    return Verdict{};
  });
}

// As a program has it, in one look-up.
template <class Key>
bool CompareAndSwap(Map<Key>* map, const Key& key, std::uint64_t expected, std::uint64_t next) {
  std::uint64_t* const value = map->Find(key);
  if (value == nullptr || *value != expected) return false;
  *value = next;
  return true;
}

// Law: compare-and-swap succeeds exactly if the element is the expected one, and replaces it then.
TYPED_TEST(MapLaws, CompareAndSwapSucceedsExactlyIfEqual) {
  this->Check("compare-and-swap succeeds exactly if equal", [](const Trace& trace) {
    auto map = NewMap<TypeParam>(trace);
    Write(trace, &map);
    Contents contents = Unspelled<TypeParam>(ContentsOf(map));
    std::uint64_t next = 1'000'000;
    for (const Op& op : trace.ops) {
      const TypeParam& key = KeyOf<TypeParam>(op);
      if (key != key) continue;
      const auto it = contents.find(UnspelledIndex<TypeParam>(op.a % kMostKeys));
      const bool present = it != contents.end();
      const std::uint64_t value = present ? it->second.at(0) : 0;
      const bool stale = CompareAndSwap(&map, key, value + 1, ++next);
      const bool equal = CompareAndSwap(&map, key, value, ++next);
      if (stale || equal != present) {
        return Broken("compare_and_swap", present ? "the second alone" : "neither",
                      std::to_string(stale) + ", " + std::to_string(equal));
      }
      if (present) it->second = {next};
    }
    return Compare(contents, Unspelled<TypeParam>(ContentsOf(map)), "compare_and_swap_rest");
  });
}

// Law: get-and-delete gives the element, and the key is absent then; all else is as it was.
TYPED_TEST(MapLaws, GetAndDeleteLeavesTheKeyAbsent) {
  this->Check("get-and-delete leaves the key absent", [](const Trace& trace) {
    auto map = NewMap<TypeParam>(trace);
    Write(trace, &map);
    Contents left = Unspelled<TypeParam>(ContentsOf(map));
    for (const Op& op : trace.ops) {
      const TypeParam& key = KeyOf<TypeParam>(op);
      if (key != key) continue;
      const auto entry = left.extract(UnspelledIndex<TypeParam>(op.a % kMostKeys));
      const std::uint64_t* const got = map.Find(key);
      const bool present = got != nullptr;
      if (present == entry.empty() || (present && *got != entry.mapped().at(0))) {
        return Broken("get", entry.empty() ? "nothing" : std::to_string(entry.mapped().at(0)),
                      present ? std::to_string(*got) : "nothing");
      }
      if (map.Erase(key) != present || map.Contains(key) || map.Erase(key)) {
        return Broken("get_and_delete", "absent", "present");
      }
    }
    for (const auto& [index, values] : left) {
      const TypeParam& key = KeyTable<TypeParam>::At(index);
      if (key == key && !map.Contains(key))
        return Broken("get_and_delete_lost", "present", "absent");
    }
    return Compare(left, Unspelled<TypeParam>(ContentsOf(map)), "get_and_delete_rest");
  });
}

}  // namespace
}  // namespace slotproof
