// Sizes, classes, spans and the places of tiny objects against the Go runtime's own: mallocgc of
// the linked-in runtime is called with the same sizes, and the spans that it cuts its objects from
// are looked at.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/object_type.h"
#include "core/heap/size_classes.h"
#include "models/go/heap_oracle.h"

namespace slotproof {
namespace {

#if __has_feature(address_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr std::uint64_t kSeed = 1;

std::vector<go::Block> AllocateHere(std::span<const go::Layout> layouts) {
  constexpr std::int64_t kMostGarbage = std::int64_t{32} << 20;
  core::Heap<> heap({.arena_pages = 512, .automatic = false});
  core::Mutator& mutator = heap.NewMutator();
  std::vector<go::Block> blocks;
  std::int64_t garbage = 0;
  for (const go::Layout& layout : layouts) {
    const core::ObjectType type(static_cast<std::size_t>(layout.bytes), layout.pointer_map);
    void* const object = heap.New(mutator, type, static_cast<std::size_t>(layout.count));
    const core::Span& span = *heap.FindAllocated(object).span;
    blocks.push_back({.address = reinterpret_cast<std::uintptr_t>(object),
                      .object_bytes = static_cast<std::int64_t>(span.object_bytes()),
                      .size_class = span.span_class() / 2,
                      .has_pointers = span.HasPointers(),
                      .span_pages = static_cast<std::int64_t>(span.pages()),
                      .span_objects = static_cast<std::int64_t>(span.objects())});
    garbage += blocks.back().object_bytes;
    if (garbage <= kMostGarbage) continue;
    garbage = 0;
    heap.Collect();
  }
  return blocks;
}

// What of a block does not depend on where the heap is.
std::string Text(const go::Block& block) {
  std::ostringstream text;
  text << block.object_bytes << " bytes, class " << block.size_class
       << (block.has_pointers ? " with pointers" : "") << ", one of " << block.span_objects
       << " in " << block.span_pages << " pages";
  return text.str();
}

// Where each object of at most 16 bytes without pointers lies in its block, and with which earlier
// one it shares that.
std::vector<std::string> Places(std::span<const go::Block> blocks) {
  std::map<std::uint64_t, std::size_t> first_in;
  std::vector<std::string> places;
  for (const go::Block& block : blocks) {
    if (block.has_pointers || block.object_bytes != std::int64_t{core::kTinyBytes}) {
      places.emplace_back("apart");
      continue;
    }
    const std::size_t first =
        first_in.try_emplace(block.address / core::kTinyBytes, places.size()).first->second;
    places.push_back("at " + std::to_string(block.address % core::kTinyBytes) +
                     " of the block of " + std::to_string(first));
  }
  return places;
}

struct Tally {
  std::size_t compared = 0;
  std::size_t different = 0;
  std::string first_difference;

  void Compare(const std::string& what, const std::string& in_go, const std::string& here) {
    ++compared;
    if (in_go == here || different++ != 0) return;
    first_difference = what + ": Go " + in_go + ", here " + here;
  }
  void ExpectAgreement(const char* of) const {
    std::printf("seed %llu, compared %zu %s\n", static_cast<unsigned long long>(kSeed), compared,
                of);
    EXPECT_GT(compared, 0U);
    EXPECT_EQ(different, 0U) << "first: " << first_difference;
  }
};

using Allocator = std::function<std::vector<go::Block>(std::span<const go::Layout>)>;

Tally CompareSpans(std::span<const go::Layout> layouts, const Allocator& here = AllocateHere) {
  const std::vector<go::Block> theirs = go::Allocate(layouts);
  const std::vector<go::Block> ours = here(layouts);
  Tally tally;
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    std::ostringstream what;
    what << layouts[i];
    tally.Compare(what.str(), Text(theirs[i]), Text(ours[i]));
  }
  return tally;
}

void ComparePlaces(std::span<const go::Layout> layouts, Tally* tally,
                   const Allocator& here = AllocateHere) {
  const std::vector<std::string> theirs = Places(go::Allocate(layouts));
  const std::vector<std::string> ours = Places(here(layouts));
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    std::ostringstream what;
    what << "object " << i << " of";
    for (std::size_t j = 0; j <= i; ++j) what << ' ' << layouts[j].bytes;
    tally->Compare(what.str(), theirs[i], ours[i]);
  }
}

TEST(HeapAllocGoTest, EverySmallSizeWithoutPointers) {
  std::vector<go::Layout> layouts;
  for (std::int64_t bytes = 1; bytes <= std::int64_t{core::kMaxSmallBytes};
       bytes += kSanitized ? 7 : 1) {
    layouts.push_back({.bytes = bytes});
  }
  CompareSpans(layouts).ExpectAgreement("sizes");
}

TEST(HeapAllocGoTest, EverySmallSizeWithPointers) {
  std::vector<go::Layout> layouts;
  for (std::int64_t bytes = 8; bytes <= std::int64_t{core::kMaxSmallBytes}; bytes += 8) {
    layouts.push_back({.bytes = bytes, .pointer_map = 1});
    // As many neighbours of one word.
    layouts.push_back({.count = bytes / 8, .pointer_map = 1});
  }
  CompareSpans(layouts).ExpectAgreement("sizes");
}

TEST(HeapAllocGoTest, LargeSizesAreWholePages) {
  std::mt19937_64 random(kSeed);
  std::vector<go::Layout> layouts;
  for (std::int64_t pages = 4; pages <= 130; ++pages) {
    for (const std::int64_t more : {-8, 0, 1, 8}) {
      const std::int64_t bytes = pages * std::int64_t{core::kPageBytes} + more;
      layouts.push_back({.bytes = bytes});
      if (bytes % 8 == 0) layouts.push_back({.bytes = bytes, .pointer_map = 0b101});
    }
  }
  for (int i = 0; i < 100; ++i) {
    layouts.push_back({.bytes = static_cast<std::int64_t>(32'769 + random() % (4 << 20))});
  }
  CompareSpans(layouts).ExpectAgreement("sizes");
}

// Sequences of tiny sizes, some with objects between them that are not tiny.
std::vector<go::Layout> TinySequence(std::mt19937_64* random) {
  std::vector<go::Layout> layouts;
  const std::uint64_t most_bytes = 2 + (*random)() % 16;
  const std::uint64_t with_pointers = (*random)() % 5;
  for (int i = 0; i < 60; ++i) {
    layouts.push_back({.bytes = static_cast<std::int64_t>(1 + (*random)() % most_bytes)});
    if ((*random)() % 20 < with_pointers) layouts.push_back({.bytes = 8, .pointer_map = 1});
  }
  return layouts;
}

TEST(HeapAllocGoTest, TinyObjectsShareBlocks) {
  std::mt19937_64 random(kSeed);
  Tally tally;
  for (int i = 0; i < (kSanitized ? 100 : 500); ++i) ComparePlaces(TinySequence(&random), &tally);
  tally.ExpectAgreement("places");
}

// Each pair and triple of tiny sizes from a block that is new.
TEST(HeapAllocGoTest, TinyTriples) {
  Tally tally;
  for (std::int64_t a = 1; a < 16; ++a) {
    for (std::int64_t b = 1; b < 16; ++b) {
      const std::int64_t c = 1 + (a * 7 + b) % 15;
      ComparePlaces(std::vector<go::Layout>{{.bytes = a}, {.bytes = b}, {.bytes = c}}, &tally);
    }
  }
  tally.ExpectAgreement("places");
}

// ---- The comparisons find allocators that are wrong.

// With the class of 5120 bytes that older releases had.
std::vector<go::Block> AllocateWithOldClass(std::span<const go::Layout> layouts) {
  std::vector<go::Block> blocks = AllocateHere(layouts);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (layouts[i].bytes > 4864 && layouts[i].bytes <= 5120) blocks[i].object_bytes = 5120;
  }
  return blocks;
}

// Packs tiny objects without regard to their sizes.
std::vector<go::Block> AllocateUnaligned(std::span<const go::Layout> layouts) {
  std::vector<go::Block> blocks;
  std::uint64_t end = 0;
  for (const go::Layout& layout : layouts) {
    const auto bytes = static_cast<std::uint64_t>(layout.bytes);
    if (end % core::kTinyBytes + bytes > core::kTinyBytes) end = (end / 16 + 1) * 16;
    blocks.push_back({.address = end});
    end += bytes;
  }
  return blocks;
}

TEST(HeapAllocGoTest, PlantedAllocatorsAreTold) {
  const std::vector<go::Layout> sizes = {{.bytes = 4864}, {.bytes = 4865}, {.bytes = 5120}};
  EXPECT_EQ(CompareSpans(sizes).different, 0U);
  EXPECT_EQ(CompareSpans(sizes, AllocateWithOldClass).different, 2U);
  std::mt19937_64 random(kSeed);
  Tally tally;
  for (int i = 0; i < 10; ++i) ComparePlaces(TinySequence(&random), &tally, AllocateUnaligned);
  EXPECT_GT(tally.different, 0U);
}

}  // namespace
}  // namespace slotproof
