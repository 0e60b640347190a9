// Runs of pages for a heap's spans, from arenas of address space.
//
//   arena   | used | used | idle | idle | released ...        |   64 MiB, or one large run
//           base                        '- no memory behind it, reads as zero
//
// A page is in use, or free; a free one is idle, which means that memory is behind it and may hold
// anything, or released to the system. An arena begins released. A run is the lowest that fits, as
// the runtime's page allocator chooses, so that what is free gathers at the high end, where Release
// begins.
//
// The pages that memory is behind never exceed the limit: idle ones are released to make room, and
// when that is not enough, Allocate answers nothing, as it does when the system refuses address
// space or the size is beyond all reason. Nothing has changed then, but for idle pages that were
// released and an arena that was mapped.
//
// Free pages are poisoned for AddressSanitizer.
//
// Not for several threads at once, but that OwnerOf and Holds may be asked meanwhile as long as the
// system gives no further arena.
#ifndef SLOTPROOF_CORE_HEAP_PAGE_HEAP_H_
#define SLOTPROOF_CORE_HEAP_PAGE_HEAP_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/poison.h"
#include "core/heap/page_bits.h"
#include "core/heap/size_classes.h"
#include "core/heap/system_pages.h"

namespace slotproof::core {

inline constexpr std::size_t kArenaPages = (std::size_t{64} << 20) / kPageBytes;

struct PageRun {
  std::byte* base = nullptr;
  std::size_t pages = 0;
  bool scavenged = false;  // some of it was in use before, and released since
  bool zeroed = false;     // each byte reads as zero
};

// In pages, but for the last. mapped = in_use + idle + released.
struct PageStats {
  std::size_t mapped = 0;
  std::size_t in_use = 0;
  std::size_t idle = 0;
  std::size_t released = 0;
  std::size_t metadata_bytes = 0;

  bool operator==(const PageStats&) const = default;
};

struct PageHeapLaw {
  std::string_view name;
  std::string_view statement;
};

inline constexpr std::array kPageHeapLaws = std::to_array<PageHeapLaw>({
    {"arena.order", "arenas are sorted by address and do not overlap"},
    {"page.backed", "a page in use is not released"},
    {"stats.in_use", "as many pages are in use as the statistics say"},
    {"stats.idle", "as many are idle"},
    {"stats.released", "as many are released"},
    {"stats.mapped", "each page is in use, idle or released"},
    {"stats.metadata", "the bytes that know of arenas are as many as the statistics say"},
    {"search.lowest", "no page below where an arena's search begins is free"},
    {"search.longest", "no free run of an arena is longer than its search takes for granted"},
    {"limit", "the pages with memory behind them are within the limit"},
    {"poison",
     "the first byte of a free page is poisoned; of one in use, that is its owner's affair"},
});

// Of each page in use it remembers an owner, which whoever allocates sets.
template <class Pages = SystemPages, class Owner = void>
class PageHeap {
 public:
  struct Options {
    std::size_t arena_pages = kArenaPages;  // a power of two
    std::size_t most_backed_pages = std::numeric_limits<std::size_t>::max();
  };

  PageHeap(Options options, Pages pages)
      : options_(options),
        pages_(std::move(pages)),
        block_shift_(static_cast<int>(std::countr_zero(Bytes(options.arena_pages)))) {
    SLOTPROOF_ASSERT(std::has_single_bit(options.arena_pages));
  }
  PageHeap(const PageHeap&) = delete;
  PageHeap& operator=(const PageHeap&) = delete;
  ~PageHeap() {
    for (const Arena& arena : arenas_) {
      UnpoisonMemory(arena.base, Bytes(arena.used.pages()));
      pages_.Unmap(arena.base, Bytes(arena.used.pages()));
    }
  }

  // A run of this many pages, at least 1. Nothing: out of memory.
  std::optional<PageRun> Allocate(std::size_t pages) {
    SLOTPROOF_ASSERT(pages != 0);
    if (pages > options_.most_backed_pages || pages > kMostPages) return std::nullopt;
    Place place = Find(pages);
    if (place.arena == nullptr) {
      if (!Map(pages)) return std::nullopt;
      place = Find(pages);
    }
    Arena& arena = *place.arena;
    // Marked first, so that making room leaves these pages alone.
    arena.used.Set(place.page, pages);
    const std::size_t backed = arena.backed.Count(place.page, pages);
    if (!MakeRoom(pages - backed, backed)) {
      arena.used.Clear(place.page, pages);
      return std::nullopt;
    }
    arena.backed.Set(place.page, pages);
    if (arena.lowest_free == place.page) arena.lowest_free = place.page + pages;
    const std::size_t used_before = std::max(arena.untouched, place.page) - place.page;
    arena.untouched = std::max(arena.untouched, place.page + pages);
    stats_.in_use += pages;
    stats_.idle -= backed;
    stats_.released -= pages - backed;
    std::byte* const base = arena.base + Bytes(place.page);
    UnpoisonMemory(base, Bytes(pages));
    return PageRun{.base = base,
                   .pages = pages,
                   .scavenged = backed < std::min(used_before, pages),
                   .zeroed = backed == 0};
  }

  // The run is a whole one from Allocate. Its pages become idle, as far as the limit lets them.
  void Free(std::byte* base, std::size_t pages) {
    Arena* const arena = ArenaOf(base);
    SLOTPROOF_ASSERT(arena != nullptr && pages != 0);
    const std::size_t first = PageOf(*arena, base);
    SLOTPROOF_ASSERT(arena->used.Count(first, pages) == pages);
    SetOwner(base, pages, nullptr);
    arena->used.Clear(first, pages);
    arena->lowest_free = std::min(arena->lowest_free, first);
    // The run may have joined its neighbours; a search finds out.
    arena->longest_free = arena->used.pages();
    stats_.in_use -= pages;
    stats_.idle += pages;
    PoisonMemory(base, Bytes(pages));
    MakeRoom(0, 0);  // after a limit below what was in use
  }

  // The run is one from Allocate, or a part of it.
  void SetOwner(const std::byte* base, std::size_t pages, Owner* owner) {
    Arena* const arena = ArenaOf(base);
    SLOTPROOF_ASSERT(arena != nullptr);
    const std::size_t first = PageOf(*arena, base);
    SLOTPROOF_ASSERT(arena->used.Count(first, pages) == pages);
    std::fill_n(arena->owners.begin() + static_cast<std::ptrdiff_t>(first), pages, owner);
  }
  // Whose page the address lies in; null for one that is free or in no arena.
  Owner* OwnerOf(const void* address) const {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t block = (at >> block_shift_) - first_block_;
    if (block < blocks_) [[likely]] {
      Owner* const* const owners = owners_by_block_[block];
      if (owners == nullptr) return nullptr;
      return owners[(at / kPageBytes) & (options_.arena_pages - 1)];
    }
    return blocks_ != 0 ? nullptr : SearchOwnerOf(static_cast<const std::byte*>(address));
  }

  // Whether the address lies in an arena, be its page free or not.
  bool Holds(const void* address) const {
    return ArenaOf(static_cast<const std::byte*>(address)) != nullptr;
  }

  // Releases up to this many idle pages to the system, the highest first; how many it was.
  std::size_t Release(std::size_t most) {
    std::size_t released = 0;
    for (auto arena = arenas_.rbegin(); arena != arenas_.rend() && released < most; ++arena) {
      released += ReleaseIn(*arena, most - released);
    }
    return released;
  }

  // A limit below what is in use lets nothing be allocated until enough is freed.
  void SetMostBackedPages(std::size_t pages) {
    options_.most_backed_pages = pages;
    MakeRoom(0, 0);
  }

  const PageStats& stats() const { return stats_; }

  // The name of the first law that does not hold, or nothing.
  std::string_view BrokenLaw() const {
    PageStats counted;
    const std::byte* end = nullptr;
    for (const Arena& arena : arenas_) {
      if (arena.base < end) return "arena.order";
      end = arena.base + Bytes(arena.used.pages());
      const std::string_view law = BrokenLawOf(arena, &counted);
      if (!law.empty()) return law;
    }
    if (counted.in_use != stats_.in_use) return "stats.in_use";
    if (counted.idle != stats_.idle) return "stats.idle";
    if (counted.released != stats_.released) return "stats.released";
    if (counted.mapped != stats_.mapped) return "stats.mapped";
    if (stats_.metadata_bytes != MetadataBytes()) return "stats.metadata";
    const bool within = stats_.in_use + stats_.idle <= options_.most_backed_pages;
    // A limit that was lowered below what is in use.
    if (!within && stats_.idle != 0) return "limit";
    return "";
  }

 private:
  friend struct PageHeapTester;

  struct Arena {
    explicit Arena(std::size_t pages)
        : used(pages), backed(pages), owners(pages), longest_free(pages) {}

    std::byte* base = nullptr;
    PageBits used;
    PageBits backed;  // memory is behind them
    std::vector<Owner*> owners;
    std::size_t lowest_free = 0;
    std::size_t untouched = 0;  // from here on no page has ever been in use
    std::size_t longest_free;   // at least the length of the longest free run
  };
  struct Place {
    Arena* arena = nullptr;
    std::size_t page = 0;
  };

  // A run of 1 TiB. What is known of each page takes memory of the program's own, which a system
  // that promises more than it has would give, and then end the program.
  static constexpr std::size_t kMostPages = (std::size_t{1} << 40) / kPageBytes;

  // 512 KiB for the index, and 4 TiB of address space in large arenas.
  static constexpr std::size_t kMostBlocks = std::size_t{1} << 16;

  static constexpr std::size_t Bytes(std::size_t pages) { return pages * kPageBytes; }
  static std::size_t PageOf(const Arena& arena, const std::byte* address) {
    return static_cast<std::size_t>(address - arena.base) / kPageBytes;
  }

  // The lowest run that fits; its arena is null if there is none.
  Place Find(std::size_t pages) {
    for (Arena& arena : arenas_) {
      if (arena.longest_free < pages) continue;
      arena.lowest_free = arena.used.Next(arena.lowest_free, false);
      std::size_t longest = 0;
      const std::size_t page = arena.used.FindClear(arena.lowest_free, pages, &longest);
      if (page != PageBits::kNone) return {.arena = &arena, .page = page};
      arena.longest_free = longest;
    }
    return {};
  }

  // One more arena, or a larger one for a larger run.
  bool Map(std::size_t pages) {
    const std::size_t arenas = (pages + options_.arena_pages - 1) / options_.arena_pages;
    const std::size_t in_arena = arenas * options_.arena_pages;
    // What can throw comes before the mapping, which would be lost. Where there is none, nothing
    // has moved: threads that share a heap look for an arena without a lock.
    Arena arena(in_arena);
    std::vector<Arena> grown;
    grown.reserve(arenas_.size() + 1);
    void* const memory = pages_.Map(Bytes(in_arena), Bytes(options_.arena_pages));
    if (memory == nullptr) return false;
    std::ranges::move(arenas_, std::back_inserter(grown));
    arenas_.swap(grown);
    arena.base = static_cast<std::byte*>(memory);
    PoisonMemory(memory, Bytes(in_arena));
    const auto above = std::ranges::upper_bound(arenas_, arena.base, {}, &Arena::base);
    arenas_.insert(above, std::move(arena));
    IndexOwners();
    stats_.mapped += in_arena;
    stats_.released += in_arena;
    stats_.metadata_bytes = MetadataBytes();
    return true;
  }

  std::size_t MetadataBytes() const {
    std::size_t bytes = arenas_.size() * sizeof(Arena) + blocks_ * sizeof(Owner* const*);
    for (const Arena& arena : arenas_) {
      bytes += arena.used.MetadataBytes() + arena.backed.MetadataBytes() +
               arena.owners.capacity() * sizeof(Owner*);
    }
    return bytes;
  }

  // So that OwnerOf need not search. Arenas are whole blocks, at multiples of a block's bytes;
  // where they lie too far apart, or memory is short, there is no index.
  void IndexOwners() {
    blocks_ = 0;
    owners_by_block_.reset();
    const std::uintptr_t first = BlockOf(arenas_.front().base);
    const Arena& last = arenas_.back();
    const std::uintptr_t blocks =
        BlockOf(last.base) + last.used.pages() / options_.arena_pages - first;
    if (blocks > kMostBlocks) return;
    owners_by_block_.reset(new (std::nothrow) Owner* const*[blocks]());
    if (owners_by_block_ == nullptr) return;
    for (const Arena& arena : arenas_) {
      for (std::size_t page = 0; page < arena.used.pages(); page += options_.arena_pages) {
        owners_by_block_[BlockOf(arena.base + Bytes(page)) - first] = arena.owners.data() + page;
      }
    }
    first_block_ = first;
    blocks_ = blocks;
  }
  std::uintptr_t BlockOf(const std::byte* address) const {
    return reinterpret_cast<std::uintptr_t>(address) >> block_shift_;
  }

  // Lets `more` pages become backed, beside those in use and `kept` idle ones that are about to be.
  bool MakeRoom(std::size_t more, std::size_t kept) {
    const std::size_t limit = options_.most_backed_pages;
    const std::size_t backed = stats_.in_use + stats_.idle;
    if (backed <= limit && more <= limit - backed) return true;
    const std::size_t firm = stats_.in_use + kept;
    const bool fits = firm <= limit && more <= limit - firm;
    Release(backed - (fits ? limit - more : std::min(limit, backed)));
    return fits;
  }

  std::size_t ReleaseIn(Arena& arena, std::size_t most) {
    std::size_t released = 0;
    std::size_t end = arena.used.pages();
    while (released < most) {
      while (end != 0 && !IsIdle(arena, end - 1)) --end;
      if (end == 0) break;
      std::size_t first = end - 1;
      while (first != 0 && IsIdle(arena, first - 1) && end - first < most - released) --first;
      arena.backed.Clear(first, end - first);
      pages_.Release(arena.base + Bytes(first), Bytes(end - first));
      released += end - first;
      end = first;
    }
    stats_.idle -= released;
    stats_.released += released;
    return released;
  }

  static bool IsIdle(const Arena& arena, std::size_t page) {
    return arena.backed.Test(page) && !arena.used.Test(page);
  }

  const Arena* ArenaOf(const std::byte* address) const {
    const auto above = std::ranges::upper_bound(arenas_, address, {}, &Arena::base);
    if (above == arenas_.begin()) return nullptr;
    const Arena& arena = *std::prev(above);
    return address < arena.base + Bytes(arena.used.pages()) ? &arena : nullptr;
  }
  Arena* ArenaOf(const std::byte* address) {
    return const_cast<Arena*>(std::as_const(*this).ArenaOf(address));
  }

  // Without the index.
  [[gnu::noinline]] Owner* SearchOwnerOf(const std::byte* address) const {
    const Arena* const arena = ArenaOf(address);
    return arena == nullptr ? nullptr : arena->owners[PageOf(*arena, address)];
  }

  static std::string_view BrokenLawOf(const Arena& arena, PageStats* counted) {
    std::size_t free_run = 0;
    for (std::size_t page = 0; page < arena.used.pages(); ++page) {
      const bool used = arena.used.Test(page);
      const bool backed = arena.backed.Test(page);
      if (used && !backed) return "page.backed";
      if (!used && page < arena.lowest_free) return "search.lowest";
      free_run = used ? 0 : free_run + 1;
      if (free_run > arena.longest_free) return "search.longest";
      if (kPoisons && !used && !IsPoisoned(arena.base + Bytes(page))) return "poison";
      ++counted->mapped;
      counted->in_use += used;
      counted->idle += backed && !used;
      counted->released += !backed;
    }
    return "";
  }

  Options options_;
  [[no_unique_address]] Pages pages_;
  std::vector<Arena> arenas_;
  PageStats stats_;
  // The owners of each block of arena_pages pages from the first arena to the last; null where none
  // is. No blocks: there is no index.
  int block_shift_;
  std::uintptr_t first_block_ = 0;
  std::uintptr_t blocks_ = 0;
  std::unique_ptr<Owner* const*[]> owners_by_block_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_PAGE_HEAP_H_
