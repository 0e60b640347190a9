// HashMap, std::unordered_map and absl::flat_hash_map on the work that go/map_bench.go does with
// Go's map: the same keys in the same order, the same number of operations.
//
//   map_bench IMPL KEY ENTRIES [LEAST_OPERATIONS]
//     IMPL  core | std | absl        KEY  uint64 | string (11 to 15 characters)
//
//   insert         into an empty map, which grows; the map's end is not timed
//   hit, miss      each key once, in shuffled order
//   delete_insert  one key goes and another comes, the size stays; a pair counts once
//   iterate        reads each entry
//
// Each is repeated until there were LEAST_OPERATIONS (default 4 million).

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/result.h"
#include "bench/split_mix.h"
#include "core/map/hash_map.h"

namespace slotproof {
namespace {

template <class Key>
Key MakeKey(std::uint64_t n) {
  const std::uint64_t random = SplitMix(n);
  if constexpr (std::is_same_v<Key, std::string>) {
    std::array<char, 15> text{};
    const std::size_t size = 11 + random % 5;
    for (std::size_t i = 0; i < size; ++i) text[i] = "0123456789abcdef"[random >> (4 * i + 4) & 15];
    return std::string(text.data(), size);
  } else {
    return random;
  }
}

// Numbers from first on, in shuffled order, as keys.
template <class Key>
std::vector<Key> ShuffledKeys(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = first + i;
  for (std::size_t i = count - 1; i > 0; --i) {
    std::swap(numbers[i], numbers[SplitMix(first + i) % (i + 1)]);
  }
  std::vector<Key> keys;
  keys.reserve(count);
  for (const std::uint64_t number : numbers) keys.push_back(MakeKey<Key>(number));
  return keys;
}

template <class Key>
class CoreMap {
 public:
  void Insert(const Key& key, std::uint64_t value) { map_.InsertOrAssign(key, value); }
  const std::uint64_t* Find(const Key& key) const { return map_.Find(key); }
  void Erase(const Key& key) { map_.Erase(key); }
  std::size_t Size() const { return map_.size(); }
  template <class Visit>
  void ForEach(Visit visit) const {
    for (auto it = map_.Iterate(); it.Next();) visit(it.key(), it.value());
  }

 private:
  core::HashMap<Key, std::uint64_t> map_;
};

// Both peers have the standard's interface.
template <class Map>
class StandardMap {
  using Key = typename Map::key_type;

 public:
  void Insert(const Key& key, std::uint64_t value) { map_.insert_or_assign(key, value); }
  const std::uint64_t* Find(const Key& key) const {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  void Erase(const Key& key) { map_.erase(key); }
  std::size_t Size() const { return map_.size(); }
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, value] : map_) visit(key, value);
  }

 private:
  Map map_;
};

std::uint64_t WeightOf(std::uint64_t key) { return key; }
std::uint64_t WeightOf(const std::string& key) { return key.size(); }

template <class Map, class Key>
class Bench {
 public:
  Bench(std::size_t entries, std::uint64_t least_operations)
      : entries_(entries), repetitions_((least_operations + entries - 1) / entries) {
    for (std::size_t i = 0; i < entries; ++i) ordered_.push_back(MakeKey<Key>(i));
    present_ = ShuffledKeys<Key>(0, entries);
    absent_ = ShuffledKeys<Key>(entries, entries);
  }

  void Run() {
    Insert();
    Map map;
    Fill(&map);
    Find("hit", map, present_);
    Find("miss", map, absent_);
    Iterate(map);
    DeleteInsert(&map);
  }

 private:
  void Fill(Map* map) const {
    for (std::size_t i = 0; i < entries_; ++i) map->Insert(ordered_[i], i);
  }

  void Insert() const {
    double seconds = 0;
    std::uint64_t sum = 0;
    for (std::uint64_t r = 0; r < repetitions_; ++r) {
      const Stopwatch watch;
      Map map;
      Fill(&map);
      seconds += watch.Seconds();
      sum += map.Size();
    }
    Report("insert", seconds, sum);
  }

  void Find(const char* name, const Map& map, const std::vector<Key>& keys) const {
    const Stopwatch watch;
    std::uint64_t sum = 0;
    for (std::uint64_t r = 0; r < repetitions_; ++r) {
      for (const Key& key : keys) {
        if (const std::uint64_t* value = map.Find(key)) sum += *value + 1;
      }
    }
    Report(name, watch.Seconds(), sum);
  }

  void Iterate(const Map& map) const {
    const Stopwatch watch;
    std::uint64_t sum = 0;
    for (std::uint64_t r = 0; r < repetitions_; ++r) {
      map.ForEach([&sum](const Key& key, std::uint64_t value) { sum += WeightOf(key) ^ value; });
    }
    Report("iterate", watch.Seconds(), sum);
  }

  void DeleteInsert(Map* map) const {
    const std::vector<Key>* gone = &absent_;
    const std::vector<Key>* here = &present_;
    const Stopwatch watch;
    for (std::uint64_t r = 0; r < repetitions_; ++r) {
      for (std::size_t i = 0; i < entries_; ++i) {
        map->Erase((*here)[i]);
        map->Insert((*gone)[i], i);
      }
      std::swap(gone, here);
    }
    const double seconds = watch.Seconds();
    std::uint64_t sum = map->Size();
    for (const Key& key : *here) {
      if (const std::uint64_t* value = map->Find(key)) sum += *value;
    }
    Report("delete_insert", seconds, sum);
  }

  void Report(const char* name, double seconds, std::uint64_t sum) const {
    PrintResult(name, repetitions_ * entries_, seconds, sum);
  }

  std::size_t entries_;
  std::uint64_t repetitions_;
  std::vector<Key> ordered_;
  std::vector<Key> present_;
  std::vector<Key> absent_;
};

template <class Key>
bool RunImplementation(std::string_view name, std::size_t entries, std::uint64_t least_operations) {
  using Std = StandardMap<std::unordered_map<Key, std::uint64_t>>;
  using Absl = StandardMap<absl::flat_hash_map<Key, std::uint64_t>>;
  if (name == "core") {
    Bench<CoreMap<Key>, Key>(entries, least_operations).Run();
  } else if (name == "std") {
    Bench<Std, Key>(entries, least_operations).Run();
  } else if (name == "absl") {
    Bench<Absl, Key>(entries, least_operations).Run();
  } else {
    return false;
  }
  return true;
}

bool Main(int argc, char** argv) {
  if (argc < 4) return false;
  const std::string_view key = argv[2];
  const std::size_t entries = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t least = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1 << 22;
  if (entries == 0 || least == 0) return false;
  if (key == "uint64") return RunImplementation<std::uint64_t>(argv[1], entries, least);
  if (key == "string") return RunImplementation<std::string>(argv[1], entries, least);
  return false;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  if (slotproof::Main(argc, argv)) return 0;
  std::fprintf(stderr, "usage: map_bench core|std|absl uint64|string ENTRIES [LEAST_OPERATIONS]\n");
  return 2;
}
