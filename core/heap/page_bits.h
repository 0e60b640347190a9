// A set of an arena's pages, a bit each, and the search for a run that is not in it.
//
//   page       0   1   2   3   4   5   6   7
//   bit        1   1   0   0   1   0   0   0      FindClear(0, 3) is 5
//
// Costs: FindClear and Count look at 64 pages at a time.
#ifndef SLOTPROOF_CORE_HEAP_PAGE_BITS_H_
#define SLOTPROOF_CORE_HEAP_PAGE_BITS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.h"

namespace slotproof::core {

class PageBits {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  explicit PageBits(std::size_t pages) : pages_(pages), words_((pages + 63) / 64) {}

  std::size_t pages() const { return pages_; }
  std::size_t MetadataBytes() const { return words_.capacity() * sizeof(std::uint64_t); }

  bool Test(std::size_t page) const {
    SLOTPROOF_ASSERT(page < pages_);
    return (words_[page / 64] >> (page % 64) & 1) != 0;
  }

  void Set(std::size_t first, std::size_t count) {
    ForEachWord(first, count,
                [this](std::size_t word, std::uint64_t mask) { words_[word] |= mask; });
  }
  void Clear(std::size_t first, std::size_t count) {
    ForEachWord(first, count,
                [this](std::size_t word, std::uint64_t mask) { words_[word] &= ~mask; });
  }

  // How many of these pages are in the set.
  std::size_t Count(std::size_t first, std::size_t count) const {
    std::size_t sum = 0;
    ForEachWord(first, count, [&](std::size_t word, std::uint64_t mask) {
      sum += static_cast<std::size_t>(std::popcount(words_[word] & mask));
    });
    return sum;
  }

  // The first page at or after `from` whose bit is `value`; pages() if there is none.
  std::size_t Next(std::size_t from, bool value) const {
    while (from < pages_) {
      const std::uint64_t word = value ? words_[from / 64] : ~words_[from / 64];
      const std::uint64_t rest = word >> (from % 64);
      if (rest != 0) {
        return std::min(pages_, from + static_cast<std::size_t>(std::countr_zero(rest)));
      }
      from = (from / 64 + 1) * 64;
    }
    return pages_;
  }

  // The lowest run of `count` pages, all at or after `from`, of which none is in the set. kNone:
  // there is none. `longest` becomes the length of the longest run seen on the way.
  std::size_t FindClear(std::size_t from, std::size_t count, std::size_t* longest) const {
    *longest = 0;
    while (from < pages_) {
      const std::size_t first = Next(from, false);
      const std::size_t end = Next(first, true);
      *longest = std::max(*longest, end - first);
      if (end - first >= count) return first;
      from = end;
    }
    return kNone;
  }

 private:
  template <class F>
  void ForEachWord(std::size_t first, std::size_t count, F f) const {
    SLOTPROOF_ASSERT(first <= pages_ && count <= pages_ - first);
    while (count != 0) {
      const std::size_t bit = first % 64;
      const std::size_t here = std::min(count, 64 - bit);
      f(first / 64, (~std::uint64_t{0} >> (64 - here)) << bit);
      first += here;
      count -= here;
    }
  }

  std::size_t pages_;
  std::vector<std::uint64_t> words_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_PAGE_BITS_H_
