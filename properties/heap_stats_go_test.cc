// What MemStats say of allocations and collections, against the Go runtime's own: objects of the
// same sizes are allocated in both, some are kept over a collection, none over a second one, and
// all counts must rise by the same numbers.
//
// What is compared is exact: nothing else allocates meanwhile. Bytes of spans are not compared. The
// runtime's heap is never empty, so objects go into what spans are there.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/mem_stats.h"
#include "core/heap/object_type.h"
#include "core/heap/root_table.h"
#include "core/heap/size_classes.h"
#include "models/go/heap_oracle.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kSeed = 1;

go::MemStats StatsOf(const core::Heap<>& heap) {
  const core::MemStats stats = heap.Stats();
  go::MemStats result = {.mallocs = stats.mallocs,
                         .frees = stats.frees,
                         .heap_objects = stats.heap_objects,
                         .heap_alloc = stats.heap_alloc,
                         .total_alloc = stats.total_alloc,
                         .num_gc = stats.num_gc,
                         .num_forced_gc = stats.num_forced_gc};
  for (std::size_t i = 0; i < result.class_frees.size(); ++i) {
    result.class_mallocs[i] = stats.by_size[i].mallocs;
    result.class_frees[i] = stats.by_size[i].frees;
  }
  return result;
}

go::Counts CountHere(std::span<const go::CountedObject> objects) {
  core::Heap<> heap({.arena_pages = 512, .automatic = false});
  core::Mutator& mutator = heap.NewMutator();
  go::Counts counts;
  counts.before = counts.before_again = StatsOf(heap);
  {
    core::RootTable<> roots(heap);
    for (const auto& [layout, is_kept] : objects) {
      const core::ObjectType type(static_cast<std::size_t>(layout.bytes), layout.pointer_map);
      void* const object = heap.New(mutator, type, static_cast<std::size_t>(layout.count));
      if (is_kept) roots.Add(object);
    }
    counts.allocated = StatsOf(heap);
    heap.Collect();
    counts.thinned = StatsOf(heap);
  }
  heap.Collect();
  counts.emptied = StatsOf(heap);
  return counts;
}

// By how much each number has risen, or what is not 0 of it.
std::string Rise(const go::MemStats& from, const go::MemStats& to) {
  std::ostringstream text;
  const auto add = [&text](std::string_view name, std::uint64_t before, std::uint64_t after) {
    if (after != before) text << ' ' << name << ' ' << static_cast<std::int64_t>(after - before);
  };
  add("mallocs", from.mallocs, to.mallocs);
  add("frees", from.frees, to.frees);
  add("objects", from.heap_objects, to.heap_objects);
  add("alloc", from.heap_alloc, to.heap_alloc);
  add("total", from.total_alloc, to.total_alloc);
  add("gc", from.num_gc, to.num_gc);
  add("forced", from.num_forced_gc, to.num_forced_gc);
  for (std::size_t i = 0; i < from.class_frees.size(); ++i) {
    const std::string name = std::to_string(core::kSizeClassBytes[i]);
    add("mallocs of " + name, from.class_mallocs[i], to.class_mallocs[i]);
    add("frees of " + name, from.class_frees[i], to.class_frees[i]);
  }
  return text.str();
}

struct Moment {
  std::string_view name;
  go::MemStats go::Counts::* from;
  go::MemStats go::Counts::* to;
};
constexpr std::array kMoments = std::to_array<Moment>({
    {"after the allocations", &go::Counts::before, &go::Counts::allocated},
    {"after a collection", &go::Counts::before_again, &go::Counts::thinned},
    {"after the second", &go::Counts::before_again, &go::Counts::emptied},
});

void ExpectAgreement(std::span<const go::CountedObject> objects) {
  const go::Counts theirs = go::Count(objects);
  const go::Counts ours = CountHere(objects);
  for (const auto& [name, from, to] : kMoments) {
    ASSERT_EQ(Rise(theirs.*from, theirs.*to), Rise(ours.*from, ours.*to))
        << name << " of " << objects.size() << " objects, the first of " << objects.front().layout;
  }
}

TEST(HeapStatsGoTest, ObjectsOfOneSize) {
  std::size_t compared = 0;
  for (std::size_t size_class = 1; size_class < core::kSizeClassBytes.size(); ++size_class) {
    const auto bytes = static_cast<std::int64_t>(core::kSizeClassBytes[size_class]);
    for (const go::Layout& layout :
         {go::Layout{.bytes = bytes}, {.bytes = bytes - 7}, {.bytes = bytes, .pointer_map = 1}}) {
      std::vector<go::CountedObject> objects;
      for (int i = 0; i < 20; ++i) objects.push_back({.layout = layout, .is_kept = i % 3 == 0});
      ExpectAgreement(objects);
      ++compared;
    }
  }
  std::printf("compared %zu batches of 20 objects\n", compared);
}

// A block counts as one of 16 bytes, and each object that it takes later is counted as freed at
// once.
TEST(HeapStatsGoTest, TinyObjects) {
  for (std::int64_t bytes = 1; bytes < std::int64_t{core::kTinyBytes}; ++bytes) {
    for (const int kept : {1, 3, 50, 51}) {
      std::vector<go::CountedObject> objects;
      for (int i = 0; i < 50; ++i) {
        objects.push_back({.layout = {.bytes = bytes}, .is_kept = i % kept == kept - 1});
      }
      ExpectAgreement(objects);
    }
  }
  std::printf("compared 60 batches of 50 objects\n");
}

go::Layout DrawLayout(std::mt19937_64* random) {
  const std::uint64_t draw = (*random)();
  const std::uint64_t most = draw % 8 < 3   ? 16
                             : draw % 8 < 7 ? 2000
                             : draw % 3 < 2 ? 32'768
                                            : 300'000;
  const auto bytes = static_cast<std::int64_t>(1 + (*random)() % most);
  if (draw % 5 < 2) return {.bytes = (bytes + 7) / 8 * 8, .pointer_map = 1};
  return {.bytes = bytes};
}

TEST(HeapStatsGoTest, RandomBatches) {
  std::mt19937_64 random(kSeed);
  constexpr int kBatches = 300;
  std::size_t allocated = 0;
  for (int i = 0; i < kBatches; ++i) {
    std::vector<go::CountedObject> objects;
    const std::uint64_t kept = random() % 5;
    for (std::uint64_t left = 1 + random() % 150; left != 0; --left) {
      objects.push_back({.layout = DrawLayout(&random), .is_kept = random() % 4 < kept});
    }
    allocated += objects.size();
    ExpectAgreement(objects);
    if (HasFailure()) break;
  }
  std::printf("seed %llu, compared %d batches of %zu objects\n",
              static_cast<unsigned long long>(kSeed), kBatches, allocated);
}

}  // namespace
}  // namespace slotproof
